// BytesLimit, BytesInUse, MaxBytesInUse (tf.contrib.memory_stats): what the device's allocator
// says.
//
// As in TensorFlow 1.15, only BytesLimit has a CPU kernel. The other two are registered without
// any, so that graphs with them load, and what needs no statistics of a GPU in them runs.
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

/// The CPU's allocator has no limit, for which TensorFlow 1.15 says -1.
Status BytesLimit(KernelContext* context) {
  TensorView out;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 0, nullptr, &out));
  *out.flat<int64_t>() = -1;
  return Status();
}

Status ScalarShape(ShapeContext* context) {
  context->set_output(0, context->MakeShape(0, nullptr));
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<BytesLimit>()};

OPGRAFT_REGISTER_OP(
    bytes_limit,
    OpBuilder("BytesLimit").Output("out: int64").Stateful().Shape(ScalarShape).Kernels(kKernels));
OPGRAFT_REGISTER_OP(bytes_in_use,
                    OpBuilder("BytesInUse").Output("out: int64").Stateful().Shape(ScalarShape));
OPGRAFT_REGISTER_OP(max_bytes_in_use,
                    OpBuilder("MaxBytesInUse").Output("out: int64").Stateful().Shape(ScalarShape));

}  // namespace
}  // namespace opgraft
