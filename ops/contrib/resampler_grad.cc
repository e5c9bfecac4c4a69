// ResamplerGrad: the gradients of Resampler with respect to the images and to the points.
#include <algorithm>
#include <cstdint>

#include "ops/contrib/resampler.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

using resampler::Arithmetic;
using resampler::Cell;
using resampler::Number;
using resampler::Pixel;
using resampler::Sizes;

/// The gradient with respect to a point, summed up over the channels in their order.
template <bool kInside, class T>
void PointGradient(const Cell<T>& cell, const T* image, const T* gradient, int64_t channels,
                   T* grad_point) {
  using N = Number<T>;
  N sum_x(0.0f), sum_y(0.0f);
  for (int64_t c = 0; c < channels; ++c) {
    const N g = Arithmetic<T>::Load(gradient[c]);
    const N floor_floor = Pixel<kInside>(cell, image, resampler::kFloorFloor, c);
    const N ceil_ceil = Pixel<kInside>(cell, image, resampler::kCeilCeil, c);
    const N floor_ceil = Pixel<kInside>(cell, image, resampler::kFloorCeil, c);
    const N ceil_floor = Pixel<kInside>(cell, image, resampler::kCeilFloor, c);
    sum_x =
        sum_x + g * (cell.y[1] * (ceil_ceil - floor_ceil) + cell.y[0] * (ceil_floor - floor_floor));
    sum_y =
        sum_y + g * (cell.x[1] * (ceil_ceil - ceil_floor) + cell.x[0] * (floor_ceil - floor_floor));
  }
  grad_point[0] = Arithmetic<T>::Store(sum_x);
  grad_point[1] = Arithmetic<T>::Store(sum_y);
}

/// Adds what a point gives to one of its four pixels.
template <class T>
void AddToPixel(const T* gradient, Number<T> x_share, Number<T> y_share, int64_t channels,
                T* __restrict__ grad_pixel) {
  for (int64_t c = 0; c < channels; ++c) {
    const Number<T> part = Arithmetic<T>::Load(gradient[c]) * x_share * y_share;
    grad_pixel[c] = Arithmetic<T>::Store(Arithmetic<T>::Load(grad_pixel[c]) + part);
  }
}

template <class T>
void AddGradients(const T* image, const T* warp, const T* grad_output, const Sizes& sizes,
                  T* grad_image, T* grad_warp) {
  constexpr int kXShare[] = {0, 1, 0, 1}, kYShare[] = {0, 1, 1, 0};
  const int64_t channels = sizes.channels;
  std::fill_n(grad_image, sizes.image, T());
  for (int64_t point = 0; point < sizes.points; ++point) {
    const T* const gradient = grad_output + point * channels;
    T* const grad_point = grad_warp + 2 * point;
    Cell<T> cell;
    if (!FindCell(warp + 2 * point, sizes, &cell)) {
      grad_point[0] = grad_point[1] = T();
      continue;
    }
    if (cell.inside) {
      PointGradient<true>(cell, image, gradient, channels, grad_point);
    } else {
      PointGradient<false>(cell, image, gradient, channels, grad_point);
    }
    for (int i = 0; i < resampler::kCorners; ++i) {
      if (cell.offset[i] < 0) continue;
      AddToPixel(gradient, cell.x[kXShare[i]], cell.y[kYShare[i]], channels,
                 grad_image + cell.offset[i]);
    }
  }
}

template <class T>
Status ResamplerGrad(KernelContext* context) {
  const TensorView& data = context->input(0);
  const TensorView& warp = context->input(1);
  const TensorView& grad_output = context->input(2);
  Sizes sizes;
  OPGRAFT_RETURN_IF_ERROR(resampler::FindSizes(data, warp, &sizes));
  int64_t dims[254];
  std::copy_n(warp.dims, warp.rank, dims);
  dims[warp.rank - 1] = sizes.channels;
  if (grad_output.rank != warp.rank || !std::equal(dims, dims + warp.rank, grad_output.dims)) {
    return InvalidArgument(
        "grad_output shape is not consistent with data and warp shapes; it should be %s but is %s",
        ShapeText(warp.rank, dims).c_str(), ShapeText(grad_output).c_str());
  }
  TensorView grad_data, grad_warp;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, data.rank, data.dims, &grad_data));
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, warp.rank, warp.dims, &grad_warp));
  // Points share pixels, and the order of additions is part of the result: no finer units.
  const int64_t channel_cost = sizeof(T) == 2 ? 90 : 5;
  const int64_t cost = sizes.image + sizes.points * (20 + channel_cost * sizes.channels);
  context->ParallelFor(sizes.batch, cost, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      AddGradients(data.flat<T>() + i * sizes.image, warp.flat<T>() + i * sizes.points * 2,
                   grad_output.flat<T>() + i * sizes.points * sizes.channels, sizes,
                   grad_data.flat<T>() + i * sizes.image,
                   grad_warp.flat<T>() + i * sizes.points * 2);
    }
  });
  return Status();
}

Status ResamplerGradShape(ShapeContext* context) {
  context->set_output(0, context->input(0));
  context->set_output(1, context->input(1));
  return Status();
}

constexpr KernelDefinition kGradKernels[] = {
    FunctionKernel<ResamplerGrad<Half>>({{"T", DT_HALF}}),
    FunctionKernel<ResamplerGrad<float>>({{"T", DT_FLOAT}}),
    FunctionKernel<ResamplerGrad<double>>({{"T", DT_DOUBLE}}),
};
OPGRAFT_REGISTER_OP(resampler_grad, OpBuilder("ResamplerGrad")
                                        .Alias("Addons>ResamplerGrad")
                                        .Input("data: T")
                                        .Input("warp: T")
                                        .Input("grad_output: T")
                                        .Output("grad_data: T")
                                        .Output("grad_warp: T")
                                        .Attr("T: {half, bfloat16, float, double}")
                                        .Shape(ResamplerGradShape)
                                        .Kernels(kGradKernels));

}  // namespace
}  // namespace opgraft
