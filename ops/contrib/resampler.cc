// Resampler (tf.contrib.resampler): images sampled at given points, bilinearly.
#include "ops/contrib/resampler.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

using resampler::Arithmetic;
using resampler::Cells;
using resampler::kBlock;
using resampler::kCorners;
using resampler::Number;
using resampler::Pixels;
using resampler::Sizes;

template <class T>
using Shares = Number<T>[kCorners][kBlock];

/// The points [begin, end) of one image.
struct SamplePoints {
  template <class T>
  static OPGRAFT_INLINE void Run(const T* image, const T* warp, const Sizes* sizes, const T* zeros,
                                 int64_t begin, int64_t end, T* output) {
    for (int64_t point = begin; point < end; point += kBlock) {
      const int n = static_cast<int>(std::min<int64_t>(kBlock, end - point));
      Cells<T> cells;
      FindCells(warp + 2 * point, n, *sizes, &cells);
      Shares<T> shares;
      for (int i = 0; i < kCorners; ++i) {
        const Number<T>* const x = cells.x[resampler::kRight[i]];
        const Number<T>* const y = cells.y[resampler::kBelow[i]];
        for (int k = 0; k < kBlock; ++k) shares[i][k] = x[k] * y[k];
      }
      T* const out = output + point * sizes->channels;
      if constexpr (std::is_same_v<T, Half>) {
        Pixels<T> pixels;
        FindPixels(cells, *sizes, image, zeros, &pixels);
        for (int64_t c = 0; c < sizes->channels; ++c) {
          MixPoints(pixels, shares, c, n, sizes->channels, out + c);
        }
      } else {
        resampler::WithChannels(sizes->channels, [&](int64_t channels) OPGRAFT_INLINE_LAMBDA {
          for (int k = 0; k < n; ++k) {
            const T* pixels[kCorners];
            FindPixels(cells, k, *sizes, image, zeros, pixels);
            MixChannels(pixels, shares, k, channels, out + k * channels);
          }
        });
      }
    }
  }

  /// One channel of n points.
  template <class T>
  static OPGRAFT_INLINE void MixPoints(const Pixels<T>& pixels, const Shares<T>& shares,
                                       int64_t channel, int n, int64_t step, T* out) {
    Number<T> read[kCorners][kBlock], mixed[kBlock];
    ReadPixels(pixels, channel, read);
    for (int k = 0; k < kBlock; ++k) {
      mixed[k] = shares[0][k] * read[0][k] + shares[1][k] * read[1][k] + shares[2][k] * read[2][k] +
                 shares[3][k] * read[3][k];
    }
    T stored[kBlock];
    for (int k = 0; k < kBlock; ++k) stored[k] = Arithmetic<T>::Store(mixed[k]);
    for (int k = 0; k < n; ++k) out[k * step] = stored[k];
  }

  /// All channels of point k.
  template <class T>
  static OPGRAFT_INLINE void MixChannels(const T* const (&pixels)[kCorners],
                                         const Shares<T>& shares, int k, int64_t channels,
                                         T* __restrict__ out) {
    for (int64_t c = 0; c < channels; ++c) {
      out[c] = shares[0][k] * pixels[0][c] + shares[1][k] * pixels[1][c] +
               shares[2][k] * pixels[2][c] + shares[3][k] * pixels[3][c];
    }
  }
};

template <class T>
Status Resampler(KernelContext* context) {
  const TensorView& data = context->input(0);
  const TensorView& warp = context->input(1);
  Sizes sizes;
  OPGRAFT_RETURN_IF_ERROR(resampler::FindSizes(data, warp, &sizes));
  int64_t dims[254];  // as many as a tensor of TensorFlow can have
  std::copy_n(warp.dims, warp.rank, dims);
  dims[warp.rank - 1] = sizes.channels;
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, warp.rank, dims, &output));
  if (output.count == 0) return Status();
  const T* const images = data.flat<T>();
  const T* const points = warp.flat<T>();
  T* const out = output.flat<T>();
  const std::vector<T> zeros(sizes.channels);
  const int64_t cost = 5 + (sizeof(T) == 2 ? 6 : 1) * sizes.channels;
  context->ParallelFor(sizes.batch * sizes.points, cost, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t i = begin / sizes.points, first = i * sizes.points;
      const int64_t limit = std::min(end, first + sizes.points);
      Dispatch<SamplePoints>(images + i * sizes.image, points + 2 * first, &sizes, zeros.data(),
                             begin - first, limit - first, out + first * sizes.channels);
      begin = limit;
    }
  });
  return Status();
}

/// warp's shape with data's channels at the end.
Status ResamplerShape(ShapeContext* context) {
  Shape data, warp;
  OPGRAFT_RETURN_IF_ERROR(context->WithRankAtLeast(context->input(0), 1, &data));
  OPGRAFT_RETURN_IF_ERROR(context->WithRankAtLeast(context->input(1), 1, &warp));
  const int rank = context->Rank(warp);
  Shape output = context->UnknownShape();
  if (rank >= 0) {
    const Dimension channels =
        context->Rank(data) < 0 ? context->MakeDim(-1) : context->Dim(data, -1);
    OPGRAFT_RETURN_IF_ERROR(context->ReplaceDim(warp, rank - 1, channels, &output));
  }
  context->set_output(0, output);
  return Status();
}

constexpr KernelDefinition kResamplerKernels[] = {
    FunctionKernel<Resampler<Half>>({{"T", DT_HALF}}),
    FunctionKernel<Resampler<float>>({{"T", DT_FLOAT}}),
    FunctionKernel<Resampler<double>>({{"T", DT_DOUBLE}}),
};
OPGRAFT_REGISTER_OP(resampler, OpBuilder("Resampler")
                                   .Alias("Addons>Resampler")
                                   .Input("data: T")
                                   .Input("warp: T")
                                   .Output("output: T")
                                   .Attr("T: {half, bfloat16, float, double}")
                                   .Shape(ResamplerShape)
                                   .Kernels(kResamplerKernels));

}  // namespace
}  // namespace opgraft
