// Resampler (tf.contrib.resampler): images sampled at given points, bilinearly.
#include "ops/contrib/resampler.h"

#include <algorithm>
#include <cstdint>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

using resampler::Arithmetic;
using resampler::Cell;
using resampler::Number;
using resampler::Pixel;
using resampler::Sizes;

template <bool kInside, class T>
void SamplePoint(const Cell<T>& cell, const T* image, int64_t channels, T* __restrict__ output) {
  const Number<T> floor_floor = cell.x[0] * cell.y[0], ceil_ceil = cell.x[1] * cell.y[1];
  const Number<T> floor_ceil = cell.x[0] * cell.y[1], ceil_floor = cell.x[1] * cell.y[0];
  for (int64_t c = 0; c < channels; ++c) {
    output[c] =
        Arithmetic<T>::Store(floor_floor * Pixel<kInside>(cell, image, resampler::kFloorFloor, c) +
                             ceil_ceil * Pixel<kInside>(cell, image, resampler::kCeilCeil, c) +
                             floor_ceil * Pixel<kInside>(cell, image, resampler::kFloorCeil, c) +
                             ceil_floor * Pixel<kInside>(cell, image, resampler::kCeilFloor, c));
  }
}

/// The points [begin, end) of one image.
template <class T>
void SamplePoints(const T* image, const T* warp, const Sizes& sizes, int64_t begin, int64_t end,
                  T* output) {
  const auto sample = [&](int64_t channels) {
    for (int64_t point = begin; point < end; ++point) {
      T* const out = output + point * channels;
      Cell<T> cell;
      if (!FindCell(warp + 2 * point, sizes, &cell)) {
        std::fill_n(out, channels, T());
      } else if (cell.inside) {
        SamplePoint<true>(cell, image, channels, out);
      } else {
        SamplePoint<false>(cell, image, channels, out);
      }
    }
  };
  switch (sizes.channels) {  // constants, for the compiler
    case 1:
      return sample(1);
    case 3:
      return sample(3);
    case 4:
      return sample(4);
    default:
      return sample(sizes.channels);
  }
}

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
  const int64_t cost = 10 + (sizeof(T) == 2 ? 20 : 1) * sizes.channels;
  context->ParallelFor(sizes.batch * sizes.points, cost, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t i = begin / sizes.points, first = i * sizes.points;
      const int64_t limit = std::min(end, first + sizes.points);
      SamplePoints(images + i * sizes.image, points + 2 * first, sizes, begin - first,
                   limit - first, out + first * sizes.channels);
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
