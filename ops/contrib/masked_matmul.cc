// MaskedMatmul (tf.contrib.factorization): chosen elements of a matrix product.
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

/// A matrix as the product sees it: its vectors (rows of a, columns of b) and their elements.
struct Vectors {
  Vectors(const TensorView& matrix, bool by_row)
      : data(matrix.flat<float>()),
        count(matrix.dims[by_row ? 0 : 1]),
        size(matrix.dims[by_row ? 1 : 0]),
        stride(by_row ? matrix.dims[1] : 1),
        step(by_row ? 1 : matrix.dims[1]) {}

  const float* data;
  int64_t count, size;
  int64_t stride;  // between vectors
  int64_t step;    // between elements
};

/// Four dot products at once, each in the order of its elements: an addition has to wait for the
/// one before, but not for those of the other three.
constexpr int kTogether = 4;
void DotInOrder(const float* const* x, int64_t x_step, const float* const* y, int64_t y_step,
                int64_t n, float* dots) {
  float sums[kTogether];
  for (int k = 0; k < kTogether; ++k) sums[k] = x[k][0] * y[k][0];
  for (int64_t i = 1; i < n; ++i) {
    for (int k = 0; k < kTogether; ++k) sums[k] += x[k][i * x_step] * y[k][i * y_step];
  }
  for (int k = 0; k < kTogether; ++k) dots[k] = sums[k];
}

/// One dot product of two contiguous vectors, added up in two sums of eight lanes each, which is
/// how TensorFlow 1.15.5 does it: results are equal to the last bit.
float DotInLanes(const float* x, const float* y, int64_t n) {
  constexpr int kLanes = 8;
  if (n < kLanes) {
    float dot = x[0] * y[0];
    for (int64_t i = 1; i < n; ++i) dot += x[i] * y[i];
    return dot;
  }
  float even[kLanes], odd[kLanes];
  for (int k = 0; k < kLanes; ++k) even[k] = x[k] * y[k];
  int64_t i = kLanes;
  if (n >= 2 * kLanes) {
    for (int k = 0; k < kLanes; ++k) odd[k] = x[i + k] * y[i + k];
    for (i = 2 * kLanes; i + 2 * kLanes <= n; i += 2 * kLanes) {
      for (int k = 0; k < kLanes; ++k) even[k] += x[i + k] * y[i + k];
      for (int k = 0; k < kLanes; ++k) odd[k] += x[i + kLanes + k] * y[i + kLanes + k];
    }
    for (int k = 0; k < kLanes; ++k) even[k] += odd[k];
    if (i + kLanes <= n) {
      for (int k = 0; k < kLanes; ++k) even[k] += x[i + k] * y[i + k];
      i += kLanes;
    }
  }
  for (int k = 0; k < 4; ++k) even[k] += even[k + 4];
  float dot = (even[0] + even[2]) + (even[1] + even[3]);
  for (; i < n; ++i) dot += x[i] * y[i];
  return dot;
}

Status CheckInputs(KernelContext* context) {
  static const char* const kNames[] = {"a", "b", "mask_indices", "transpose_a", "transpose_b"};
  for (int i = 0; i < 5; ++i) {
    const TensorView& input = context->input(i);
    if (input.rank != (i < 3 ? 2 : 0)) {
      return InvalidArgument("%s must be a %s, saw shape: %s", kNames[i],
                             i < 3 ? "matrix" : "scalar", ShapeText(input).c_str());
    }
  }
  const TensorView& mask_indices = context->input(2);
  if (mask_indices.dims[1] != 2) {
    return InvalidArgument("mask_indices must have the shape [nnz,2], saw shape: %s",
                           ShapeText(mask_indices).c_str());
  }
  return Status();
}

Status MaskedMatmul(KernelContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckInputs(context));
  const TensorView& mask_indices = context->input(2);
  const bool transpose_a = *context->input(3).flat<bool>();
  const bool transpose_b = *context->input(4).flat<bool>();
  const Vectors a(context->input(0), !transpose_a), b(context->input(1), transpose_b);
  if (a.size != b.size) {
    return InvalidArgument("a of shape %s%s and b of shape %s%s cannot be multiplied",
                           ShapeText(context->input(0)).c_str(), transpose_a ? ", transposed," : "",
                           ShapeText(context->input(1)).c_str(),
                           transpose_b ? ", transposed," : "");
  }
  const int64_t n = mask_indices.dims[0];
  const int64_t* const indices = mask_indices.flat<int64_t>();
  for (int64_t i = 0; i < n; ++i) {
    const int64_t row = indices[2 * i], column = indices[2 * i + 1];
    if (row < 0 || row >= a.count || column < 0 || column >= b.count) {
      return InvalidArgument("mask_indices[%lld] is (%lld, %lld), but the product is %lld by %lld",
                             static_cast<long long>(i), static_cast<long long>(row),
                             static_cast<long long>(column), static_cast<long long>(a.count),
                             static_cast<long long>(b.count));
    }
  }
  TensorView prod_values;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 1, &n, &prod_values));
  float* const out = prod_values.flat<float>();
  const bool in_lanes = a.step == 1 && b.step == 1 && !transpose_a && transpose_b;
  context->ParallelFor(n, 10 + (in_lanes ? a.size / 4 : a.size), [&](int64_t begin, int64_t end) {
    if (a.size == 0) {
      for (int64_t i = begin; i < end; ++i) out[i] = 0;
      return;
    }
    if (in_lanes) {
      for (int64_t i = begin; i < end; ++i) {
        out[i] = DotInLanes(a.data + indices[2 * i] * a.stride,
                            b.data + indices[2 * i + 1] * b.stride, a.size);
      }
      return;
    }
    for (int64_t i = begin; i < end; i += kTogether) {
      const float *x[kTogether], *y[kTogether];
      float dots[kTogether];
      for (int k = 0; k < kTogether; ++k) {
        const int64_t at = i + k < end ? i + k : i;  // what is left over computes one in vain
        x[k] = a.data + indices[2 * at] * a.stride;
        y[k] = b.data + indices[2 * at + 1] * b.stride;
      }
      DotInOrder(x, a.step, y, b.step, a.size, dots);
      for (int k = 0; k < kTogether && i + k < end; ++k) out[i + k] = dots[k];
    }
  });
  return Status();
}

/// As in TensorFlow, wrong shapes come up in the kernel only.
Status MaskedMatmulShape(ShapeContext* context) {
  const Shape mask_indices = context->input(2);
  const Dimension n =
      context->Rank(mask_indices) == 2 ? context->Dim(mask_indices, 0) : context->MakeDim(-1);
  context->set_output(0, context->MakeShape(1, &n));
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<MaskedMatmul>()};

OPGRAFT_REGISTER_OP(masked_matmul, OpBuilder("MaskedMatmul")
                                       .Input("a: float")
                                       .Input("b: float")
                                       .Input("mask_indices: int64")
                                       .Input("transpose_a: bool")
                                       .Input("transpose_b: bool")
                                       .Output("prod_values: float")
                                       .Shape(MaskedMatmulShape)
                                       .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
