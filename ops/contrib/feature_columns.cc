#include "ops/contrib/feature_columns.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "ops/contrib/fingerprint.h"

namespace opgraft {
namespace {

using LongLong = long long;

Status CheckSparse(const TensorView& indices, const TensorView& values, const TensorView& shape,
                   int c) {
  if (indices.rank != 2) {
    return InvalidArgument("Input indices should be a matrix but received shape %s at position %d",
                           ShapeText(indices).c_str(), c);
  }
  if (indices.dims[1] != 2) {
    return InvalidArgument("Expected D2 of index to be 2 got %lld at position %d",
                           static_cast<LongLong>(indices.dims[1]), c);
  }
  if (values.rank != 1) {
    return InvalidArgument("Input values should be a vector but received shape %s at position %d",
                           ShapeText(values).c_str(), c);
  }
  if (indices.dims[0] != values.dims[0]) {
    return InvalidArgument("Expected size of values to be %lld got %lld at position %d",
                           static_cast<LongLong>(indices.dims[0]),
                           static_cast<LongLong>(values.dims[0]), c);
  }
  if (shape.rank != 1) {
    return InvalidArgument("Input shapes should be a vector but received shape %s at position %d",
                           ShapeText(shape).c_str(), c);
  }
  if (shape.count != 2) {
    return InvalidArgument("shape should imply a 2D tensor, but got %s at position %d",
                           ShapeText(shape).c_str(), c);
  }
  return Status();
}

Status CheckDense(const TensorView& values, int64_t batch_size, int i) {
  if (values.rank != 2) {
    return InvalidArgument("Dense inputs should be a matrix but received shape %s at position %d",
                           ShapeText(values).c_str(), i);
  }
  if (values.dims[0] != batch_size) {
    return InvalidArgument("Expected batch size %lld got %lld at dense tensor %d",
                           static_cast<LongLong>(batch_size), static_cast<LongLong>(values.dims[0]),
                           i);
  }
  return Status();
}

struct BatchRun {
  int64_t batch;
  FeatureRun run;
};

/// The runs of a sparse column, as far as its rows ascend and are in the batch.
std::vector<BatchRun> FindRuns(const TensorView& indices, int64_t batch_size) {
  const int64_t* const batch = indices.flat<int64_t>();  // of entry i: batch[2 * i]
  const int64_t n = indices.dims[0];
  std::vector<BatchRun> runs;
  int64_t least = 0;
  for (int64_t i = 0; i < n && batch[2 * i] >= least && batch[2 * i] < batch_size;) {
    const int64_t start = i;
    while (i < n && batch[2 * i] == batch[2 * start]) ++i;
    runs.push_back({batch[2 * start], {start, i - start}});
    least = batch[2 * start] + 1;
  }
  return runs;
}

}  // namespace

Status CheckFeatures(KernelContext* context, int num_sparse, FeatureInputs* inputs) {
  inputs->num_sparse = num_sparse;
  inputs->num_columns = context->num_inputs() - 2 * num_sparse;
  inputs->batch_size = 0;
  for (int c = 0; c < num_sparse; ++c) {
    const TensorView& shape = inputs->shape(context, c);
    OPGRAFT_RETURN_IF_ERROR(
        CheckSparse(inputs->indices(context, c), inputs->values(context, c), shape, c));
    const int64_t batch_size = *shape.flat<int64_t>();
    if (c == 0) inputs->batch_size = batch_size;
    if (batch_size < 0) {
      return InvalidArgument("batch size must be >= 0, is %lld at position %d",
                             static_cast<LongLong>(batch_size), c);
    }
    if (batch_size != inputs->batch_size) {
      return InvalidArgument("Expected batch size %lld got %lld at position %d",
                             static_cast<LongLong>(inputs->batch_size),
                             static_cast<LongLong>(batch_size), c);
    }
  }
  for (int c = num_sparse; c < inputs->num_columns; ++c) {
    const TensorView& values = inputs->values(context, c);
    if (c == 0 && values.rank > 0) inputs->batch_size = values.dims[0];
    OPGRAFT_RETURN_IF_ERROR(CheckDense(values, inputs->batch_size, c - num_sparse));
  }
  return Status();
}

void ReadFeatures(KernelContext* context, const TensorView& values, FeatureColumn<uint64_t>* out) {
  out->features = values.flat<uint64_t>();
  if (values.dtype != DT_STRING) return;
  out->storage.resize(values.count);
  out->features = out->storage.data();
  context->ParallelFor(values.count, /*cost=*/20, [&](int64_t begin, int64_t end) {
    constexpr int64_t kBatch = 256;
    StringView texts[kBatch];
    for (; begin < end; begin += kBatch) {
      const int64_t n = std::min(kBatch, end - begin);
      context->ReadStrings(values, begin, n, texts);
      for (int64_t i = 0; i < n; ++i) out->storage[begin + i] = Fingerprint64(texts[i]);
    }
  });
}

void ReadFeatures(KernelContext* context, const TensorView& values,
                  FeatureColumn<StringView>* out) {
  out->storage.resize(values.count);
  out->features = out->storage.data();
  if (values.dtype == DT_STRING) {
    context->ReadStrings(values, 0, values.count, out->storage.data());
    return;
  }
  constexpr size_t kDigits = 20;  // of the least int64, with its minus
  out->digits.resize(kDigits * values.count);
  const int64_t* const numbers = values.flat<int64_t>();
  for (int64_t i = 0; i < values.count; ++i) {
    char* const text = &out->digits[kDigits * i];
    const char* const end = std::to_chars(text, text + kDigits, numbers[i]).ptr;
    out->storage[i] = {text, static_cast<size_t>(end - text)};
  }
}

Status FindRows(KernelContext* context, const FeatureInputs& inputs, FeatureRows* rows) {
  // Twice 8 bytes of indices for each cross.
  constexpr int64_t kMaxCrosses = std::numeric_limits<int64_t>::max() / 16;
  std::vector<std::vector<BatchRun>> sparse;
  for (int c = 0; c < inputs.num_sparse; ++c) {
    sparse.push_back(FindRuns(inputs.indices(context, c), inputs.batch_size));
  }
  int64_t candidates = sparse.empty() ? inputs.batch_size : sparse[0].size();
  for (int c = inputs.num_sparse; c < inputs.num_columns; ++c) {
    if (inputs.values(context, c).dims[1] == 0) candidates = 0;
  }
  std::vector<size_t> at(inputs.num_sparse);
  std::vector<FeatureRun> runs(inputs.num_columns);
  for (int64_t i = 0; i < candidates; ++i) {
    const int64_t batch = sparse.empty() ? i : sparse[0][i].batch;
    bool complete = true;
    int64_t crosses = 1;
    for (int c = 0; c < inputs.num_columns && complete; ++c) {
      if (c < inputs.num_sparse) {
        while (at[c] < sparse[c].size() && sparse[c][at[c]].batch < batch) ++at[c];
        complete = at[c] < sparse[c].size() && sparse[c][at[c]].batch == batch;
        if (complete) runs[c] = sparse[c][at[c]].run;
      } else {
        const int64_t width = inputs.values(context, c).dims[1];
        runs[c] = {batch * width, width};
      }
      if (complete && __builtin_mul_overflow(crosses, runs[c].count, &crosses)) {
        return InvalidArgument("row %lld has more than %lld crosses", static_cast<LongLong>(batch),
                               static_cast<LongLong>(kMaxCrosses));
      }
    }
    if (!complete) continue;
    if (crosses > kMaxCrosses - rows->crosses) {
      return InvalidArgument("more than %lld crosses up to row %lld",
                             static_cast<LongLong>(kMaxCrosses), static_cast<LongLong>(batch));
    }
    rows->rows.push_back({batch, rows->crosses, crosses});
    rows->runs.insert(rows->runs.end(), runs.begin(), runs.end());
    rows->crosses += crosses;
    rows->max_crosses = std::max(rows->max_crosses, crosses);
  }
  return Status();
}

}  // namespace opgraft
