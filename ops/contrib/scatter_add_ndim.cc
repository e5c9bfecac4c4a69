// ScatterAddNdim (tf.contrib.tensor_forest): adds deltas to places of a float variable.
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

/// Whether all indices are in the variable.
Status CheckIndices(const TensorView& variable, const TensorView& indices) {
  const int64_t depth = indices.dims[1];
  const int32_t* index = indices.flat<int32_t>();
  for (int64_t row = 0; row < indices.dims[0]; ++row) {
    for (int64_t d = 0; d < depth; ++d, ++index) {
      // TensorFlow drops some of these in silence and writes beside the variable for others.
      if (*index < 0 || *index >= variable.dims[d]) {
        return InvalidArgument("indices[%lld,%lld] = %d is not in [0, %lld)",
                               static_cast<long long>(row), static_cast<long long>(d), *index,
                               static_cast<long long>(variable.dims[d]));
      }
    }
  }
  return Status();
}

Status ScatterAddNdim(KernelContext* context) {
  TensorView variable;
  OPGRAFT_RETURN_IF_ERROR(context->MutableInput(0, &variable));
  const TensorView& indices = context->input(1);
  const TensorView& deltas = context->input(2);
  if (indices.rank != 2) {
    return InvalidArgument("indices should be two-dimensional, saw shape: %s",
                           ShapeText(indices).c_str());
  }
  const int64_t rows = indices.dims[0], depth = indices.dims[1];
  if (deltas.rank < 1 || deltas.dims[0] != rows) {
    return InvalidArgument(
        "Number of updates should be same as number of indices. Shapes are: %s and %s",
        ShapeText(deltas).c_str(), ShapeText(indices).c_str());
  }
  if (depth + deltas.rank - 1 != variable.rank) {
    return InvalidArgument(
        "Number of indices dimensions should be the same as input rank. Shapes are: input %s, "
        "indices %s, deltas %s",
        ShapeText(variable).c_str(), ShapeText(indices).c_str(), ShapeText(deltas).c_str());
  }
  int64_t size = 1;  // of the slice that one row of indices names
  for (int d = static_cast<int>(depth); d < variable.rank; ++d) {
    if (deltas.dims[1 + d - depth] != variable.dims[d]) {
      return InvalidArgument("deltas of shape %s do not fit slices of the input, whose shape is %s",
                             ShapeText(deltas).c_str(), ShapeText(variable).c_str());
    }
    size *= variable.dims[d];
  }
  // A variable is changed as a whole or not at all.
  OPGRAFT_RETURN_IF_ERROR(CheckIndices(variable, indices));
  // In order, on one thread: rows may name the same place, and sums of floats depend on order.
  const int32_t* index = indices.flat<int32_t>();
  const float* delta = deltas.flat<float>();
  for (int64_t row = 0; row < rows; ++row, delta += size) {
    int64_t slice = 0;
    for (int64_t d = 0; d < depth; ++d) slice = slice * variable.dims[d] + *index++;
    float* const out = variable.flat<float>() + slice * size;
    for (int64_t i = 0; i < size; ++i) out[i] += delta[i];
  }
  return Status();
}

Status NoOutputs(ShapeContext*) { return Status(); }

constexpr KernelDefinition kKernels[] = {FunctionKernel<ScatterAddNdim>()};

OPGRAFT_REGISTER_OP(scatter_add_ndim, OpBuilder("ScatterAddNdim")
                                          .Input("input: Ref(float)")
                                          .Input("indices: int32")
                                          .Input("deltas: float")
                                          .Shape(NoOutputs)
                                          .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
