// ZeroInitializer and ZeroVarInitializer (tf.contrib.framework): give a variable zeros for its
// first value, in place.
#include <cstring>
#include <memory>
#include <vector>

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

class ZeroVarInitializer final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(attrs->Type("dtype", &dtype_));
    int rank;
    const int64_t* dims;
    OPGRAFT_RETURN_IF_ERROR(attrs->Shape("shape", &rank, &dims));
    // TensorFlow takes an unknown rank for a scalar.
    if (rank > 0) dims_.assign(dims, dims + rank);
    for (const int64_t dim : dims_) {
      if (dim < 0) {
        return InvalidArgument("shape must be fully defined, got %s",
                               ShapeText(rank, dims).c_str());
      }
    }
    return Status();
  }

  Status Compute(KernelContext* context) override {
    OPGRAFT_RETURN_IF_ERROR(
        context->ZeroVariable(0, dtype_, static_cast<int>(dims_.size()), dims_.data()));
    const TensorView& handle = context->input(0);
    TensorView output;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, handle.rank, handle.dims, &output));
    Object* copy;
    OPGRAFT_RETURN_IF_ERROR(context->ReadObject(handle, 0, &copy));
    const std::unique_ptr<Object> owner(copy);
    context->WriteObject(output, 0, *copy);
    return Status();
  }

 private:
  DataType dtype_;
  std::vector<int64_t> dims_;
};

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
                        .TakesUninitialized()
                        .Shape(SameShapeAsVariable)
                        .Kernels(kKernels));

Status ScalarShape(ShapeContext* context) {
  context->set_output(0, context->MakeShape(0, nullptr));
  return Status();
}

constexpr KernelDefinition kVariableKernels[] = {
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_FLOAT}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_DOUBLE}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_INT32}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_UINT8}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_INT16}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_INT8}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_INT64}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_BFLOAT16}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_UINT16}}),
    ClassKernel<ZeroVarInitializer>({{"dtype", DT_HALF}}),
};

OPGRAFT_REGISTER_OP(zero_var_initializer, OpBuilder("ZeroVarInitializer")
                                              .Input("var: resource")
                                              .Output("output_var: resource")
                                              .Attr("dtype: type")
                                              .Attr("shape: shape")
                                              .Stateful()
                                              .TakesUninitialized()
                                              .TakesVariable()
                                              .Shape(ScalarShape)
                                              .Kernels(kVariableKernels));

}  // namespace
}  // namespace opgraft
