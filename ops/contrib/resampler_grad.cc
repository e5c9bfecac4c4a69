// ResamplerGrad: the gradients of Resampler with respect to the images and to the points.
#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "ops/contrib/resampler.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

using resampler::Arithmetic;
using resampler::Cells;
using resampler::kBelow;
using resampler::kBlock;
using resampler::kCorners;
using resampler::kRight;
using resampler::Number;
using resampler::Pixels;
using resampler::Sizes;

/// The gradient with respect to a point is a sum over the channels in their order.
template <class T>
struct PointGradient {
  Number<T> x, y;

  /// Adds a channel of point k, whose gradient is g.
  OPGRAFT_INLINE void Add(const Cells<T>& cells, int k, Number<T> g, Number<T> floor_floor,
                          Number<T> ceil_ceil, Number<T> floor_ceil, Number<T> ceil_floor) {
    x = x +
        g * (cells.y[1][k] * (ceil_ceil - floor_ceil) + cells.y[0][k] * (ceil_floor - floor_floor));
    y = y +
        g * (cells.x[1][k] * (ceil_ceil - ceil_floor) + cells.x[0][k] * (floor_ceil - floor_floor));
  }

  OPGRAFT_INLINE void Store(bool found, T* out) const {
    out[0] = Arithmetic<T>::Store(Arithmetic<T>::OrZero(found, x));
    out[1] = Arithmetic<T>::Store(Arithmetic<T>::OrZero(found, y));
  }
};

/// The gradients of one image and of its points. The image's, `sums`, begin with zeros.
struct AddGradients {
  template <class T>
  static OPGRAFT_INLINE void Run(const T* image, const T* warp, const T* grad_output,
                                 const Sizes* sizes, const T* zeros, Number<T>* sums,
                                 T* grad_warp) {
    for (int64_t point = 0; point < sizes->points; point += kBlock) {
      const int n = static_cast<int>(std::min<int64_t>(kBlock, sizes->points - point));
      const T* const gradients = grad_output + point * sizes->channels;
      T* const grad_points = grad_warp + 2 * point;
      Cells<T> cells;
      FindCells(warp + 2 * point, n, *sizes, &cells);
      if constexpr (std::is_same_v<T, Half>) {
        Pixels<T> pixels;
        FindPixels(cells, *sizes, image, zeros, &pixels);
        AddPoints(cells, pixels, gradients, n, sizes->channels, image, zeros, sums, grad_points);
      } else {
        resampler::WithChannels(sizes->channels, [&](int64_t channels) OPGRAFT_INLINE_LAMBDA {
          for (int k = 0; k < n; ++k) {
            const T* pixels[kCorners];
            FindPixels(cells, k, *sizes, image, zeros, pixels);
            AddChannels(cells, k, pixels, gradients + k * channels, channels, image, zeros, sums,
                        grad_points + 2 * k);
          }
        });
      }
    }
  }

  /// n points, a channel at a time.
  template <class T>
  static OPGRAFT_INLINE void AddPoints(const Cells<T>& cells, const Pixels<T>& pixels,
                                       const T* gradients, int n, int64_t channels, const T* image,
                                       const T* zeros, Number<T>* sums, T* grad_points) {
    PointGradient<T> points[kBlock];
    std::fill_n(points, kBlock,
                PointGradient<T>{Arithmetic<T>::FromInt(0), Arithmetic<T>::FromInt(0)});
    for (int64_t c = 0; c < channels; ++c) {
      Number<T> read[kCorners][kBlock], gradient[kBlock], parts[kCorners][kBlock];
      ReadPixels(pixels, c, read);
      T stored[kBlock] = {};
      for (int k = 0; k < n; ++k) stored[k] = gradients[k * channels + c];
      for (int k = 0; k < kBlock; ++k) gradient[k] = Arithmetic<T>::Load(stored[k]);
      for (int k = 0; k < kBlock; ++k) {
        points[k].Add(cells, k, gradient[k], read[0][k], read[1][k], read[2][k], read[3][k]);
      }
      for (int i = 0; i < kCorners; ++i) {
        for (int k = 0; k < kBlock; ++k) {
          parts[i][k] = gradient[k] * cells.x[kRight[i]][k] * cells.y[kBelow[i]][k];
        }
      }
      for (int k = 0; k < n; ++k) {  // one after the other: they share pixels
        for (int i = 0; i < kCorners; ++i) {
          if (pixels.first[k][i] == zeros) continue;
          Number<T>* const sum = sums + (pixels.first[k][i] - image) + c;
          *sum = *sum + parts[i][k];
        }
      }
    }
    for (int k = 0; k < n; ++k) points[k].Store(cells.found[k] != 0, grad_points + 2 * k);
  }

  /// All channels of point k.
  template <class T>
  static OPGRAFT_INLINE void AddChannels(const Cells<T>& cells, int k,
                                         const T* const (&pixels)[kCorners], const T* gradient,
                                         int64_t channels, const T* image, const T* zeros, T* sums,
                                         T* grad_point) {
    PointGradient<T> point = {0, 0};
    for (int64_t c = 0; c < channels; ++c) {
      point.Add(cells, k, gradient[c], pixels[0][c], pixels[1][c], pixels[2][c], pixels[3][c]);
    }
    point.Store(cells.found[k] != 0, grad_point);
    for (int i = 0; i < kCorners; ++i) {
      if (pixels[i] == zeros) continue;
      const T x = cells.x[kRight[i]][k], y = cells.y[kBelow[i]][k];
      T* __restrict__ const sum = sums + (pixels[i] - image);
      for (int64_t c = 0; c < channels; ++c) sum[c] += gradient[c] * x * y;
    }
  }
};

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
  const std::vector<T> zeros(sizes.channels);
  // Points share pixels, and the order of additions is part of the result: no finer units.
  const int64_t channel_cost = sizeof(T) == 2 ? 40 : 5;
  const int64_t cost = sizes.image + sizes.points * (20 + channel_cost * sizes.channels);
  context->ParallelFor(sizes.batch, cost, [&](int64_t begin, int64_t end) {
    std::vector<Number<T>> halves(sizeof(T) == 2 ? sizes.image : 0);
    for (int64_t i = begin; i < end; ++i) {
      T* const grad_image = grad_data.flat<T>() + i * sizes.image;
      Number<T>* sums = halves.data();
      if constexpr (sizeof(T) != 2) sums = grad_image;
      std::fill_n(sums, sizes.image, Arithmetic<T>::FromInt(0));
      Dispatch<AddGradients>(data.flat<T>() + i * sizes.image,
                             warp.flat<T>() + i * sizes.points * 2,
                             grad_output.flat<T>() + i * sizes.points * sizes.channels, &sizes,
                             zeros.data(), sums, grad_warp.flat<T>() + i * sizes.points * 2);
      for (int64_t j = 0; sizeof(T) == 2 && j < sizes.image; ++j) {
        grad_image[j] = Arithmetic<T>::Store(sums[j]);
      }
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
