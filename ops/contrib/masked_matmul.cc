// MaskedMatmul (tf.contrib.factorization): chosen elements of a matrix product.
#include "ops/kernel/cpu.h"
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

/// Dot products of the pairs of vectors that `indices` names, each in the order of its elements.
struct DotInOrder {
  static OPGRAFT_INLINE void Run(const Vectors* a, const Vectors* b, const int64_t* indices,
                                 int64_t count, float* out) {
    // Four at once: an addition has to wait for the one before, but not for those of the others.
    constexpr int kTogether = 4;
    for (int64_t i = 0; i < count; i += kTogether) {
      const float *x[kTogether], *y[kTogether];
      float sums[kTogether];
#pragma GCC unroll 4
      for (int k = 0; k < kTogether; ++k) {
        const int64_t at = i + k < count ? i + k : i;  // what is left over computes one in vain
        x[k] = a->data + indices[2 * at] * a->stride;
        y[k] = b->data + indices[2 * at + 1] * b->stride;
        sums[k] = x[k][0] * y[k][0];
      }
      for (int64_t j = 1; j < a->size; ++j) {
#pragma GCC unroll 4
        for (int k = 0; k < kTogether; ++k) sums[k] += x[k][j * a->step] * y[k][j * b->step];
      }
      for (int k = 0; k < kTogether && i + k < count; ++k) out[i + k] = sums[k];
    }
  }
};

/// The same of contiguous vectors, added up in two sums of eight lanes each, which is how
/// TensorFlow 1.15.5 does it: results are equal to the last bit.
struct DotInLanes {
  static constexpr int kLanes = 8;
  typedef float Lanes __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

  static OPGRAFT_INLINE void Run(const Vectors* a, const Vectors* b, const int64_t* indices,
                                 int64_t count, float* out) {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = Dot(a->data + indices[2 * i] * a->stride, b->data + indices[2 * i + 1] * b->stride,
                   a->size);
    }
  }

  static OPGRAFT_INLINE const Lanes& At(const float* x) {
    return *reinterpret_cast<const Lanes*>(x);
  }

  static OPGRAFT_INLINE float Dot(const float* x, const float* y, int64_t n) {
    float dot;
    int64_t i = kLanes;
    if (n < kLanes) {
      dot = x[0] * y[0];
      i = 1;
    } else {
      Lanes even = At(x) * At(y);
      if (n >= 2 * kLanes) {
        Lanes odd = At(x + i) * At(y + i);
        for (i = 2 * kLanes; i + 2 * kLanes <= n; i += 2 * kLanes) {
          even += At(x + i) * At(y + i);
          odd += At(x + i + kLanes) * At(y + i + kLanes);
        }
        even += odd;
        if (i + kLanes <= n) {
          even += At(x + i) * At(y + i);
          i += kLanes;
        }
      }
      float sums[4];
      for (int k = 0; k < 4; ++k) sums[k] = even[k] + even[k + 4];
      dot = (sums[0] + sums[2]) + (sums[1] + sums[3]);
    }
    for (; i < n; ++i) dot += x[i] * y[i];
    return dot;
  }
};

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
    } else if (in_lanes) {
      Dispatch<DotInLanes>(&a, &b, indices + 2 * begin, end - begin, out + begin);
    } else {
      Dispatch<DotInOrder>(&a, &b, indices + 2 * begin, end - begin, out + begin);
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
