// ReinterpretStringToFloat (tf.contrib.tensor_forest): a number for each string, its std::hash as a
// float. Forests that were trained on strings split by these numbers.
#include <algorithm>

#include "ops/contrib/murmur.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

/// As static_cast<float>, without a branch on the highest bit, which is random in a hash.
float ToFloat(uint64_t hash) {
  // Signed numbers are what the processor converts. The bit shifted out stays, for rounding.
  const uint64_t high = hash >> 63;
  const int64_t half = static_cast<int64_t>(hash >> high | (hash & high));
  return static_cast<float>(half) * static_cast<float>(1 + static_cast<int>(high));
}

Status ReinterpretStringToFloat(KernelContext* context) {
  const TensorView& input = context->input(0);
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, input.rank, input.dims, &output));
  float* const out = output.flat<float>();
  context->ParallelFor(input.count, /*cost=*/15, [&](int64_t begin, int64_t end) {
    constexpr int64_t kBatch = 256;
    StringView strings[kBatch];
    while (begin < end) {
      const int64_t n = std::min(kBatch, end - begin);
      context->ReadStrings(input, begin, n, strings);
      for (int64_t i = 0; i < n; ++i) out[begin + i] = ToFloat(StdHash(strings[i]));
      begin += n;
    }
  });
  return Status();
}

Status ReinterpretStringToFloatShape(ShapeContext* context) {
  context->set_output(0, context->input(0));
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<ReinterpretStringToFloat>()};

OPGRAFT_REGISTER_OP(reinterpret_string_to_float, OpBuilder("ReinterpretStringToFloat")
                                                     .Input("input_data: string")
                                                     .Output("output_data: float")
                                                     .Shape(ReinterpretStringToFloatShape)
                                                     .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
