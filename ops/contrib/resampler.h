// Bilinear sampling at given points, for Resampler and its gradient.
//
// The sampler of spatial transformers: Jaderberg et al. 2015, https://arxiv.org/abs/1506.02025,
// equations 5 to 7. Around the image all is 0; points one pixel or more outside get nothing.
#ifndef OPGRAFT_OPS_CONTRIB_RESAMPLER_H_
#define OPGRAFT_OPS_CONTRIB_RESAMPLER_H_

#include <algorithm>
#include <cstdint>

#include "ops/kernel/half.h"
#include "ops/kernel/kernel.h"

namespace opgraft {
namespace resampler {

/// ToFloat(ToHalf(value)), in fewer steps.
inline float RoundToHalf(float value) {
  using internal::Select;
  const uint32_t bits = internal::FloatBits(value);
  const int32_t magnitude = bits & 0x7fffffff;
  const uint32_t odd = (magnitude >> 13) & 1;
  const uint32_t normal = (magnitude + 0xfffu + odd) & 0xffffe000u;
  // The last bit of 0.5f is worth as much as that of a subnormal Half.
  const uint32_t subnormal = internal::FloatBits(internal::BitsFloat(magnitude) + 0.5f - 0.5f);
  const uint32_t not_finite = Select(magnitude > 0x7f800000, 0x7fc00000u, 0x7f800000u);
  const uint32_t finite = Select(magnitude < (113 << 23), subnormal, normal);
  const uint32_t rounded = Select(magnitude >= 0x477ff000, not_finite, finite);  // 65520
  return internal::BitsFloat(rounded | (bits & 0x80000000u));
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
  static T Load(T value) { return value; }
  static T Store(T number) { return number; }
};
template <>
struct Arithmetic<Half> {
  using Number = HalfNumber;
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

/// The four pixels around a point, in the order in which their shares are added up.
enum { kFloorFloor, kCeilCeil, kFloorCeil, kCeilFloor, kCorners };  // x, then y

template <class T>
struct Cell {
  int64_t offset[kCorners];  // of the first channel, in the image; -1 outside
  bool inside;               // all four are
  Number<T> x[2], y[2];      // shares of floor and ceil
};

inline int64_t Floor(float value) {
  const int64_t integer = static_cast<int64_t>(value);
  return integer - (static_cast<float>(integer) > value);
}

/// False for points that get nothing of the image; NaNs are such points.
template <class T>
bool FindCell(const T* point, const Sizes& sizes, Cell<T>* cell) {
  using N = Number<T>;
  const N x = Arithmetic<T>::Load(point[0]);
  const N y = Arithmetic<T>::Load(point[1]);
  const N outside(-1.0f);
  if (!(outside < x && outside < y && x < N(static_cast<double>(sizes.width)) &&
        y < N(static_cast<double>(sizes.height)))) {
    return false;
  }
  // TensorFlow takes the floor of a float, whatever T is, so that a double just below a whole
  // number has a negative share of the pixel before.
  const int64_t floor_x = Floor(static_cast<float>(x));
  const int64_t floor_y = Floor(static_cast<float>(y));
  const N one(1.0f);
  cell->x[0] = N(static_cast<double>(floor_x + 1)) - x;
  cell->y[0] = N(static_cast<double>(floor_y + 1)) - y;
  cell->x[1] = one - cell->x[0];
  cell->y[1] = one - cell->y[0];
  const bool left = floor_x >= 0 && floor_x < sizes.width, right = floor_x + 1 < sizes.width;
  const bool above = floor_y >= 0 && floor_y < sizes.height, below = floor_y + 1 < sizes.height;
  const int64_t first = (floor_y * sizes.width + floor_x) * sizes.channels;
  const int64_t row = sizes.width * sizes.channels;
  cell->offset[kFloorFloor] = left && above ? first : -1;
  cell->offset[kCeilCeil] = right && below ? first + row + sizes.channels : -1;
  cell->offset[kFloorCeil] = left && below ? first + row : -1;
  cell->offset[kCeilFloor] = right && above ? first + sizes.channels : -1;
  cell->inside = left && right && above && below;
  return true;
}

/// One channel of one of the four pixels.
template <bool kInside, class T>
inline Number<T> Pixel(const Cell<T>& cell, const T* image, int corner, int64_t channel) {
  if (!kInside && cell.offset[corner] < 0) return Number<T>(0.0f);
  return Arithmetic<T>::Load(image[cell.offset[corner] + channel]);
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
