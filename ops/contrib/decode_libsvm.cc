// DecodeLibsvm (tf.contrib.libsvm): lines "label index:value index:value ..." as labels and a
// sparse tensor of features (the text format of C.-C. Chang and C.-J. Lin's LIBSVM).
#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "ops/contrib/numeric_text.h"
#include "ops/kernel/op_builder.h"
#include "ops/kernel/text.h"

namespace opgraft {
namespace {

constexpr int64_t kBatch = 64;  // lines read at once

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Takes the next word off the front of `line`; false if there is none.
bool NextWord(StringView* line, StringView* word) {
  const char* at = line->data;
  const char* const end = at + line->size;
  while (at < end && IsSpace(*at)) ++at;
  word->data = at;
  while (at < end && !IsSpace(*at)) ++at;
  word->size = at - word->data;
  *line = {at, static_cast<size_t>(end - at)};
  return word->size > 0;
}

int64_t CountWords(StringView line) {
  int64_t n = 0;
  bool in_word = false;
  for (size_t i = 0; i < line.size; ++i) {
    const bool space = IsSpace(line.data[i]);
    n += !space && !in_word;
    in_word = !space;
  }
  return n;
}

enum class Fault { kNone, kNoLabel, kLabel, kFeature, kFormat, kIndex };

/// Numbers of a type that is chosen while the op runs, rather than a copy of the code for each pair
/// of types.
class Numbers {
 public:
  explicit Numbers(const TensorView& tensor)
      : at_(tensor.flat<char>()), size_(DataTypeSize(tensor.dtype)), parse_(Parser(tensor.dtype)) {}

  Numbers operator+(int64_t n) const {
    Numbers result = *this;
    result.at_ += n * static_cast<int64_t>(size_);
    return result;
  }

  /// Makes the first one that of a text; false if it has none.
  bool Parse(StringView text) const { return parse_(text, at_); }

 private:
  template <class T>
  static bool ParseAs(StringView text, void* value) {
    return ParseNumericText(text, static_cast<T*>(value));
  }

  static bool (*Parser(DataType dtype))(StringView, void*) {
    switch (dtype) {
      case DT_FLOAT:
        return ParseAs<float>;
      case DT_DOUBLE:
        return ParseAs<double>;
      case DT_INT32:
        return ParseAs<int32_t>;
      default:  // the last one that the op's definition allows
        return ParseAs<int64_t>;
    }
  }

  char* at_;
  size_t size_;
  bool (*parse_)(StringView, void*);
};

/// What a line is written to.
struct Line {
  Numbers label, values;
  int64_t* indices;  // of `columns` numbers each; the last is the feature's own
  int columns;
};

/// Parses a line. Stops at the first fault, and leaves the word there in `word`.
Fault ParseLine(StringView line, Line out, StringView* word, int64_t* index) {
  if (!NextWord(&line, word)) return Fault::kNoLabel;
  if (!out.label.Parse(*word)) return Fault::kLabel;
  for (; NextWord(&line, word); out.values = out.values + 1, out.indices += out.columns) {
    const void* const found = std::memchr(word->data, ':', word->size);
    if (found == nullptr) return Fault::kFeature;
    const size_t colon = static_cast<const char*>(found) - word->data;
    if (!ParseNumericText(StringView{word->data, colon}, index)) return Fault::kFormat;
    if (*index < 0) return Fault::kIndex;
    const StringView number = {word->data + colon + 1, word->size - colon - 1};
    if (!out.values.Parse(number)) return Fault::kFormat;
    out.indices[out.columns - 1] = *index;
  }
  return Fault::kNone;
}

Status Describe(Fault fault, int64_t i, StringView line, StringView word, int64_t index) {
  const std::string text = Printable(fault == Fault::kNoLabel ? line : word);
  switch (fault) {
    case Fault::kNone:
      return Status();
    case Fault::kNoLabel:
      return InvalidArgument("No label found for input[%lld]: \"%s\"", static_cast<long long>(i),
                             text.c_str());
    case Fault::kLabel:
      return InvalidArgument("Label format incorrect: %s", text.c_str());
    case Fault::kFeature:
      return InvalidArgument("Invalid feature \"%s\"", text.c_str());
    case Fault::kFormat:
      return InvalidArgument("Feature format incorrect: %s", text.c_str());
    case Fault::kIndex:
      break;
  }
  return InvalidArgument("Feature index should be >= 0, got %lld", static_cast<long long>(index));
}

/// Calls f(i, line) for the lines [begin, end).
template <class F>
void ForLines(KernelContext* context, int64_t begin, int64_t end, const F& f) {
  StringView lines[kBatch];
  for (; begin < end; begin += kBatch) {
    const int64_t n = std::min(kBatch, end - begin);
    context->ReadStrings(context->input(0), begin, n, lines);
    for (int64_t i = 0; i < n; ++i) f(begin + i, lines[i]);
  }
}

class DecodeLibsvm final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("num_features", &num_features_));
    if (num_features_ >= 1) return Status();
    return InvalidArgument("Invalid number of features \"%lld\"",
                           static_cast<long long>(num_features_));
  }

  Status Compute(KernelContext* context) override {
    const TensorView& input = context->input(0);
    if (input.rank == 0) {
      return InvalidArgument("input must have at least one dimension, saw shape: []");
    }
    // Where the features of each line begin.
    std::vector<int64_t> first(input.count + 1);
    context->ParallelFor(input.count, /*cost=*/100, [&](int64_t begin, int64_t end) {
      ForLines(context, begin, end, [&](int64_t i, StringView line) {
        first[i + 1] = std::max<int64_t>(CountWords(line) - 1, 0);
      });
    });
    for (int64_t i = 0; i < input.count; ++i) first[i + 1] += first[i];
    const int64_t total = first[input.count];
    const int columns = input.rank + 1;

    TensorView label, indices, values, shape;
    const int64_t indices_dims[] = {total, columns};
    const int64_t rank = columns;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, input.rank, input.dims, &label));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, 2, indices_dims, &indices));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(2, 1, &total, &values));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(3, 1, &rank, &shape));
    std::copy_n(input.dims, input.rank, shape.flat<int64_t>());
    shape.flat<int64_t>()[input.rank] = num_features_;

    const auto line_at = [&](int64_t i) {
      return Line{Numbers(label) + i, Numbers(values) + first[i],
                  indices.flat<int64_t>() + first[i] * columns, columns};
    };
    std::atomic<int64_t> first_bad(input.count);
    const int64_t cost = 50 + 40 * (total / std::max<int64_t>(input.count, 1));
    context->ParallelFor(input.count, cost, [&](int64_t begin, int64_t end) {
      ForLines(context, begin, end, [&](int64_t i, StringView line) {
        const Line out = line_at(i);
        StringView word;
        int64_t index;
        if (ParseLine(line, out, &word, &index) != Fault::kNone) {
          int64_t seen = first_bad;
          while (i < seen && !first_bad.compare_exchange_weak(seen, i)) {
          }
          return;
        }
        WritePosition(input, i, first[i + 1] - first[i], out);
      });
    });
    if (first_bad == input.count) return Status();

    // Parse the first bad line again for the message.
    StringView line, word;
    int64_t index = 0;
    context->ReadStrings(input, first_bad, 1, &line);
    const Fault fault = ParseLine(line, line_at(first_bad), &word, &index);
    return Describe(fault, first_bad, line, word, index);
  }

 private:
  /// The indices of line i in the input, in front of each of its n features.
  static void WritePosition(const TensorView& input, int64_t i, int64_t n, const Line& out) {
    for (int d = input.rank - 1; d >= 0; --d) {
      const int64_t position = i % input.dims[d];
      i /= input.dims[d];
      for (int64_t k = 0; k < n; ++k) out.indices[k * out.columns + d] = position;
    }
  }

  int64_t num_features_;
};

Status DecodeLibsvmShape(ShapeContext* context) {
  const Dimension unknown[] = {context->MakeDim(-1), context->MakeDim(-1)};
  const Dimension values = context->MakeDim(-1), rank = context->MakeDim(-1);
  context->set_output(0, context->input(0));
  context->set_output(1, context->MakeShape(2, unknown));
  context->set_output(2, context->MakeShape(1, &values));
  context->set_output(3, context->MakeShape(1, &rank));
  return Status();
}

constexpr KernelDefinition KernelOf(DataType dtype, DataType label) {
  return ClassKernel<DecodeLibsvm>({{"dtype", dtype}, {"label_dtype", label}});
}

constexpr KernelDefinition kKernels[] = {
    KernelOf(DT_FLOAT, DT_FLOAT),  KernelOf(DT_FLOAT, DT_DOUBLE), KernelOf(DT_FLOAT, DT_INT32),
    KernelOf(DT_FLOAT, DT_INT64),  KernelOf(DT_DOUBLE, DT_FLOAT), KernelOf(DT_DOUBLE, DT_DOUBLE),
    KernelOf(DT_DOUBLE, DT_INT32), KernelOf(DT_DOUBLE, DT_INT64), KernelOf(DT_INT32, DT_FLOAT),
    KernelOf(DT_INT32, DT_DOUBLE), KernelOf(DT_INT32, DT_INT32),  KernelOf(DT_INT32, DT_INT64),
    KernelOf(DT_INT64, DT_FLOAT),  KernelOf(DT_INT64, DT_DOUBLE), KernelOf(DT_INT64, DT_INT32),
    KernelOf(DT_INT64, DT_INT64),
};

OPGRAFT_REGISTER_OP(decode_libsvm,
                    OpBuilder("DecodeLibsvm")
                        .Input("input: string")
                        .Output("label: label_dtype")
                        .Output("feature_indices: int64")
                        .Output("feature_values: dtype")
                        .Output("feature_shape: int64")
                        .Attr("dtype: {float, double, int32, int64} = DT_FLOAT")
                        .Attr("label_dtype: {float, double, int32, int64} = DT_INT64")
                        .Attr("num_features: int >= 1")
                        .Shape(DecodeLibsvmShape)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
