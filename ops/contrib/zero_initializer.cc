// ZeroInitializer (tf.contrib.framework): gives a variable zeros for its first value, in place.
#include <cstring>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

Status ZeroInitializer(KernelContext* context) {
  TensorView variable;
  OPGRAFT_RETURN_IF_ERROR(context->InitializeInput(0, &variable));
  // All bits zero is zero in every type that has a kernel.
  if (variable.count > 0)
    std::memset(variable.data, 0, variable.count * DataTypeSize(variable.dtype));
  return context->ForwardRef(0, 0);
}

Status SameShapeAsVariable(ShapeContext* context) {
  context->set_output(0, context->input(0));
  return Status();
}

constexpr KernelDefinition kKernels[] = {
    FunctionKernel<ZeroInitializer>({{"T", DT_FLOAT}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_DOUBLE}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_INT32}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_UINT8}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_INT16}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_INT8}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_INT64}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_BFLOAT16}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_UINT16}}),
    FunctionKernel<ZeroInitializer>({{"T", DT_HALF}}),
};

OPGRAFT_REGISTER_OP(zero_initializer,
                    OpBuilder("ZeroInitializer")
                        .Input("ref: Ref(T)")
                        .Output("output_ref: Ref(T)")
                        .Attr("T: {float, double, int32, uint8, int16, int8, int64, bfloat16, "
                              "uint16, half, uint32, uint64}")
                        .Shape(SameShapeAsVariable)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
