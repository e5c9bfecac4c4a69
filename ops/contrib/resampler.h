// Bilinear sampling at given points, for Resampler and its gradient.
//
// The sampler of spatial transformers: Jaderberg et al. 2015, https://arxiv.org/abs/1506.02025,
// equations 5 to 7. Around the image all is 0; points one pixel or more outside get nothing.
#ifndef OPGRAFT_OPS_CONTRIB_RESAMPLER_H_
#define OPGRAFT_OPS_CONTRIB_RESAMPLER_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "ops/kernel/cpu.h"
#include "ops/kernel/half.h"
#include "ops/kernel/kernel.h"

namespace opgraft {
namespace resampler {

/// ToFloat(ToHalf(value)), in fewer steps. A NaN may stay another NaN.
inline float RoundToHalf(float value) {
  constexpr float kSmallestNormal = 1.0f / (1 << 14), kTooLarge = 1 << 16;
  const uint32_t bits = internal::FloatBits(value);
  const float magnitude = internal::BitsFloat(bits & 0x7fffffffu);
  // The last bit of a float 2^13 times as large is worth as much as that of a Half: adding one
  // rounds.
  const float at_least = magnitude > kSmallestNormal ? magnitude : kSmallestNormal;
  const float scale = at_least < kTooLarge ? at_least : kTooLarge;
  const float large = internal::BitsFloat((internal::FloatBits(scale) & 0x7f800000u) + (13u << 23));
  const float rounded = magnitude + large - large;
  const float half = rounded >= kTooLarge ? std::numeric_limits<float>::infinity() : rounded;
  return internal::BitsFloat(internal::FloatBits(half) | (bits & 0x80000000u));
}

/// A Half in computations: every operation rounds to a Half.
struct HalfNumber {
  HalfNumber() = default;
  explicit HalfNumber(float unrounded) : value(RoundToHalf(unrounded)) {}
  explicit operator float() const { return value; }
  float value;
};
inline HalfNumber operator+(HalfNumber a, HalfNumber b) { return HalfNumber(a.value + b.value); }
inline HalfNumber operator-(HalfNumber a, HalfNumber b) { return HalfNumber(a.value - b.value); }
inline HalfNumber operator*(HalfNumber a, HalfNumber b) { return HalfNumber(a.value * b.value); }
inline bool operator<(HalfNumber a, HalfNumber b) { return a.value < b.value; }

/// What elements of type T are computed with.
template <class T>
struct Arithmetic {
  using Number = T;
  static T FromInt(int32_t value) { return static_cast<T>(value); }
  static T OrZero(bool condition, T value) { return condition ? value : 0; }
  static T Load(T value) { return value; }
  static T Store(T number) { return number; }
};
template <>
struct Arithmetic<Half> {
  using Number = HalfNumber;
  static HalfNumber FromInt(int32_t value) { return HalfNumber(static_cast<float>(value)); }
  static HalfNumber OrZero(bool condition, HalfNumber number) {
    number.value =
        internal::BitsFloat(internal::Select(condition, internal::FloatBits(number.value), 0));
    return number;
  }
  static HalfNumber Load(Half half) {
    HalfNumber number;
    number.value = ToFloat(half);
    return number;
  }
  static Half Store(HalfNumber number) { return ToHalf(number.value); }
};
template <class T>
using Number = typename Arithmetic<T>::Number;

/// data: [batch, height, width, channels]; warp: [batch, ..., 2], `points` in each of the batch.
struct Sizes {
  int64_t batch, height, width, channels, points;
  int64_t image;  // elements of one of the batch
};

constexpr int64_t kMaxSide = 1 << 30;  // of an image, in pixels

/// So many points are worked on side by side: all of the way for Half, where arithmetic is what
/// takes time, and until their pixels are known for the other types.
constexpr int kBlock = 32;

/// The four pixels around a point, in the order in which their shares are added up: of the floor
/// and the ceil of x and of y.
constexpr int kCorners = 4;
constexpr int kRight[kCorners] = {0, 1, 0, 1}, kBelow[kCorners] = {0, 1, 1, 0};

/// Where the points of a block lie between pixels.
template <class T>
struct Cells {
  Number<T> x[2][kBlock], y[2][kBlock];  // shares of floor and ceil
  int32_t column[kBlock], row[kBlock];   // floors
  int32_t found[kBlock];                 // 0: the point gets nothing of the image
  int32_t inside[kBlock];                // all four pixels are in the image
};

/// The cells of n points, n <= kBlock; the others are of no use. NaNs are points that get nothing.
template <class T>
OPGRAFT_INLINE void FindCells(const T* points, int n, const Sizes& sizes, Cells<T>* cells) {
  using A = Arithmetic<T>;
  T some[2][kBlock] = {};
  for (int k = 0; k < n; ++k) {
    some[0][k] = points[2 * k];
    some[1][k] = points[2 * k + 1];
  }
  Number<T> given[2][kBlock];
  for (int i = 0; i < 2; ++i) {
    for (int k = 0; k < kBlock; ++k) given[i][k] = A::Load(some[i][k]);
  }
  const int32_t width = static_cast<int32_t>(sizes.width);
  const int32_t height = static_cast<int32_t>(sizes.height);
  const Number<T> one = A::FromInt(1), outside = A::FromInt(-1);
  const Number<T> right = A::FromInt(width), bottom = A::FromInt(height);
  for (int k = 0; k < kBlock; ++k) {
    const bool found = (outside < given[0][k]) & (outside < given[1][k]) & (given[0][k] < right) &
                       (given[1][k] < bottom);
    const Number<T> x = A::OrZero(found, given[0][k]), y = A::OrZero(found, given[1][k]);
    // TensorFlow takes the floor of a float, whatever T is, so that a double just below a whole
    // number has a negative share of the pixel before.
    const float at_x = static_cast<float>(x), at_y = static_cast<float>(y);
    int32_t column = static_cast<int32_t>(at_x), row = static_cast<int32_t>(at_y);
    column -= static_cast<float>(column) > at_x;
    row -= static_cast<float>(row) > at_y;
    cells->x[0][k] = A::FromInt(column + 1) - x;
    cells->y[0][k] = A::FromInt(row + 1) - y;
    cells->x[1][k] = one - cells->x[0][k];
    cells->y[1][k] = one - cells->y[0][k];
    cells->column[k] = column;
    cells->row[k] = row;
    cells->found[k] = found;
    cells->inside[k] =
        found & (column >= 0) & (row >= 0) & (column + 1 < width) & (row + 1 < height);
  }
}

/// The first channels of the pixels around point k. Outside they are `zeros`, as many as there are
/// channels.
template <class T>
OPGRAFT_INLINE void FindPixels(const Cells<T>& cells, int k, const Sizes& sizes, const T* image,
                               const T* zeros, const T* (&pixels)[kCorners]) {
  const int64_t right = sizes.channels, below = sizes.width * sizes.channels;
  const int64_t column = cells.column[k], row = cells.row[k];
  // As numbers: an address outside of the image must not even be computed as a pointer.
  const intptr_t first =
      reinterpret_cast<intptr_t>(image) + (row * below + column * right) * int64_t{sizeof(T)};
  const auto at = [&](int64_t offset) OPGRAFT_INLINE_LAMBDA {
    return reinterpret_cast<const T*>(first + offset * int64_t{sizeof(T)});
  };
  pixels[0] = at(0);
  pixels[1] = at(below + right);
  pixels[2] = at(below);
  pixels[3] = at(right);
  if (cells.inside[k]) return;
  for (int i = 0; i < kCorners; ++i) {
    const int64_t x = column + kRight[i], y = row + kBelow[i];
    const bool in = cells.found[k] && x >= 0 && y >= 0 && x < sizes.width && y < sizes.height;
    if (!in) pixels[i] = zeros;
  }
}

/// The pixels around all points of a block.
template <class T>
struct Pixels {
  const T* first[kBlock][kCorners];
};
template <class T>
OPGRAFT_INLINE void FindPixels(const Cells<T>& cells, const Sizes& sizes, const T* image,
                               const T* zeros, Pixels<T>* pixels) {
  for (int k = 0; k < kBlock; ++k) {
    FindPixels(cells, k, sizes, image, zeros, pixels->first[k]);
  }
}

/// One of their channels.
template <class T>
OPGRAFT_INLINE void ReadPixels(const Pixels<T>& pixels, int64_t channel,
                               Number<T> (&out)[kCorners][kBlock]) {
  T read[kCorners][kBlock];
  for (int k = 0; k < kBlock; ++k) {
    for (int i = 0; i < kCorners; ++i) {
      read[i][k] = pixels.first[k][i][channel];
      __asm__("");  // keeps the compiler from making up a gather, which is larger and no faster
    }
  }
  for (int i = 0; i < kCorners; ++i) {
    for (int k = 0; k < kBlock; ++k) out[i][k] = Arithmetic<T>::Load(read[i][k]);
  }
}

/// Calls f(channels), with a constant for the usual images.
template <class F>
OPGRAFT_INLINE void WithChannels(int64_t channels, const F& f) {
  switch (channels) {
    case 1:
      return f(1);
    case 3:
      return f(3);
    default:
      return f(channels);
  }
}

inline Status FindSizes(const TensorView& data, const TensorView& warp, Sizes* sizes) {
  if (data.rank != 4) {
    return Unimplemented(
        "Only bilinear interpolation is currently supported. The input data shape must be "
        "[batch_size, data_height, data_width, data_channels], but is: %s",
        ShapeText(data).c_str());
  }
  if (warp.rank < 2) {
    return InvalidArgument("warp should be at least a matrix, got shape %s",
                           ShapeText(warp).c_str());
  }
  if (warp.dims[warp.rank - 1] != 2) {
    return Unimplemented(
        "Only bilinear interpolation is supported, warping coordinates must be 2D; warp shape "
        "last entry should be 2, but shape vector is: %s",
        ShapeText(warp).c_str());
  }
  for (int i = 1; i < 3; ++i) {
    if (data.dims[i] > kMaxSide) {
      return InvalidArgument("images must have at most %lld rows and columns, got shape %s",
                             static_cast<long long>(kMaxSide), ShapeText(data).c_str());
    }
  }
  if (data.dims[0] != warp.dims[0]) {
    return InvalidArgument(
        "Batch size of data and warp tensor must be the same, but input shapes are: %s, %s",
        ShapeText(data).c_str(), ShapeText(warp).c_str());
  }
  *sizes = Sizes{data.dims[0], data.dims[1], data.dims[2], data.dims[3], 0, 0};
  if (sizes->batch > 0) {
    sizes->points = warp.count / 2 / sizes->batch;
    sizes->image = data.count / sizes->batch;
  }
  return Status();
}

}  // namespace resampler
}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_RESAMPLER_H_
