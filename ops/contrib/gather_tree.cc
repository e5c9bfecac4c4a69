// GatherTree (tf.contrib.seq2seq): the full beams of a beam search, walked back from its last step.
#include <algorithm>
#include <atomic>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

Status GatherTree(KernelContext* context) {
  const TensorView& step_ids = context->input(0);
  const TensorView& parent_ids = context->input(1);
  const TensorView& max_sequence_lengths = context->input(2);
  const TensorView& end_token = context->input(3);
  if (step_ids.rank != 3) {
    return InvalidArgument("step_ids must be a 3-tensor, saw shape: %s",
                           ShapeText(step_ids).c_str());
  }
  if (max_sequence_lengths.rank != 1) {
    return InvalidArgument("max_sequence_lengths must be a vector, saw shape: %s",
                           ShapeText(max_sequence_lengths).c_str());
  }
  if (end_token.rank != 0) {
    return InvalidArgument("end_token must be a scalar, saw shape: %s",
                           ShapeText(end_token).c_str());
  }
  if (!SameShape(step_ids, parent_ids)) {
    return InvalidArgument("step_ids.shape must match parent_ids.shape.  but shapes are: %s and %s",
                           ShapeText(step_ids).c_str(), ShapeText(parent_ids).c_str());
  }
  const int64_t max_time = step_ids.dims[0];
  const int64_t batch_size = step_ids.dims[1];
  const int64_t beam_width = step_ids.dims[2];
  if (batch_size != max_sequence_lengths.dims[0]) {
    return InvalidArgument(
        "batch size dimensions step_ids.shape[1] and max_sequence_lengths.shape[0] must match.  "
        "but shapes are: %s and %s",
        ShapeText(step_ids).c_str(), ShapeText(max_sequence_lengths).c_str());
  }
  TensorView beams;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 3, step_ids.dims, &beams));

  const int32_t* const steps = step_ids.flat<int32_t>();
  const int32_t* const parents = parent_ids.flat<int32_t>();
  const int32_t* const lengths = max_sequence_lengths.flat<int32_t>();
  const int32_t end = *end_token.flat<int32_t>();
  int32_t* const out = beams.flat<int32_t>();

  // A unit of work is one beam of one batch, whose tokens lie `stride` apart. So many are walked
  // side by side, a step at a time: they do not wait for one another, and are neighbours in memory.
  constexpr int64_t kTogether = 64;
  const int64_t stride = batch_size * beam_width;
  std::atomic<int64_t> first_bad(stride);
  const auto report = [&](int64_t unit) {
    int64_t seen = first_bad;
    while (unit < seen && !first_bad.compare_exchange_weak(seen, unit)) {
    }
  };
  const auto gather = [&](int64_t begin, int64_t limit) {
    for (; begin < limit; begin += kTogether) {
      const int n = static_cast<int>(std::min(kTogether, limit - begin));
      int64_t row[kTogether], beam[kTogether];  // the batch's first unit, and where the walk is
      int32_t length[kTogether];
      int64_t batch = begin / beam_width, at = begin % beam_width;
      for (int k = 0; k < n; ++k) {
        row[k] = batch * beam_width;
        beam[k] = at;
        length[k] = lengths[batch];
        if (++at == beam_width) at = 0, ++batch;
      }
      for (int64_t time = max_time - 1; time >= 0; --time) {
        const int32_t* const step = steps + time * stride;
        const int32_t* const parent = parents + time * stride;
        for (int k = 0; k < n; ++k) {
          int32_t token = end;
          if (time < length[k]) {
            const int64_t from = row[k] + beam[k];
            token = step[from];
            beam[k] = parent[from];
            if (time > 0 && (beam[k] < 0 || beam[k] >= beam_width)) {
              report(begin + k);
              length[k] = 0;  // walks no further
            }
          }
          out[time * stride + begin + k] = token;
        }
      }
      // All is `end` behind the first one.
      int32_t finished[kTogether];
      std::fill_n(finished, n, 0);
      for (int64_t time = 0; time < max_time; ++time) {
        int32_t* const token = out + time * stride + begin;
        for (int k = 0; k < n; ++k) {
          finished[k] |= token[k] == end ? -1 : 0;
          token[k] = finished[k] != 0 ? end : token[k];
        }
      }
    }
  };
  context->ParallelFor(stride, /*cost=*/5 * max_time, gather);
  if (first_bad == stride) return Status();

  // Walk the first bad beam again for the message.
  const int64_t unit = first_bad;
  const int64_t row = unit - unit % beam_width;
  int64_t time = std::min<int64_t>(max_time, lengths[unit / beam_width]) - 1;
  int64_t beam = unit % beam_width;
  for (; beam >= 0 && beam < beam_width; --time) beam = parents[time * stride + row + beam];
  return InvalidArgument("Saw invalid parent id %lld at (batch, time, beam) == (%lld, %lld, %lld)",
                         static_cast<long long>(beam), static_cast<long long>(unit / beam_width),
                         static_cast<long long>(time), static_cast<long long>(unit % beam_width));
}

Status GatherTreeShape(ShapeContext* context) {
  Shape step_ids, parent_ids, max_sequence_lengths, end_token;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(0), 3, &step_ids));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(1), 3, &parent_ids));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(2), 1, &max_sequence_lengths));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(3), 0, &end_token));
  Shape beams;
  OPGRAFT_RETURN_IF_ERROR(context->Merge(step_ids, parent_ids, &beams));
  Dimension batch_size;
  OPGRAFT_RETURN_IF_ERROR(context->MergeDim(context->Dim(beams, 1),
                                            context->Dim(max_sequence_lengths, 0), &batch_size));
  OPGRAFT_RETURN_IF_ERROR(context->ReplaceDim(beams, 1, batch_size, &beams));
  context->set_output(0, beams);
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<GatherTree>({{"T", DT_INT32}})};

OPGRAFT_REGISTER_OP(gather_tree, OpBuilder("GatherTree")
                                     .Input("step_ids: T")
                                     .Input("parent_ids: T")
                                     .Input("max_sequence_lengths: int32")
                                     .Input("end_token: T")
                                     .Output("beams: T")
                                     .Attr("T: {int32}")
                                     .Alias("Addons>GatherTree")
                                     .Shape(GatherTreeShape)
                                     .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
