// Samples an image along a row of a projective transform, for image_projective_transform.cc.
//
// TensorFlow computes in float, whatever the type of the image, and so has to be done here: the
// order of operations below is part of the result.
#ifndef OPGRAFT_OPS_CONTRIB_IMAGE_SAMPLING_H_
#define OPGRAFT_OPS_CONTRIB_IMAGE_SAMPLING_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "ops/kernel/half.h"
#include "ops/kernel/types.h"

namespace opgraft {
namespace image_sampling {

constexpr int64_t kMaxSide = 1 << 30;  // of an image, in pixels
constexpr int kChunk = 64;             // pixels whose coordinates are computed at once

/// A pixel as a float, and a float as a pixel: as x86 converts, whatever the value.
template <class T>
struct Conversion {
  static float Load(T value) { return static_cast<float>(value); }
  static T Store(float value) {
    if (value >= static_cast<float>(std::numeric_limits<T>::min()) &&
        value < -2.0f * static_cast<float>(std::numeric_limits<T>::min() / 2)) {
      return static_cast<T>(value);
    }
    return std::numeric_limits<T>::min();
  }
};
template <>
struct Conversion<uint8_t> {
  static float Load(uint8_t value) { return value; }
  // A mean of bytes, or NaN.
  static uint8_t Store(float value) { return value >= 0 ? static_cast<uint8_t>(value) : 0; }
};
template <>
struct Conversion<Half> {
  static float Load(Half value) { return ToFloat(value); }
  static Half Store(float value) { return ToHalf(value); }
};
template <>
struct Conversion<float> {
  static float Load(float value) { return value; }
  static float Store(float value) { return value; }
};
template <>
struct Conversion<double> {
  static float Load(double value) { return static_cast<float>(value); }
  static double Store(float value) { return value; }
};

/// One image of the batch.
template <class T>
struct Image {
  const T* pixels;
  int32_t height, width;
  int64_t channels;

  const T* at(int32_t x, int32_t y) const {
    return pixels + (static_cast<int64_t>(y) * width + x) * channels;
  }
};

/// Where the output pixels (column + i, row) come from, i < n: outside if k is 0.
inline void MapSpan(const float* transform, int64_t row, int64_t column, int n, float* x,
                    float* y) {
  const float* const t = transform;
  const float out_y = static_cast<float>(row);
  const float x_y = t[1] * out_y, y_y = t[4] * out_y, k_y = t[7] * out_y;
  const int32_t first = static_cast<int32_t>(column);
  for (int i = 0; i < n; ++i) {
    const float out_x = static_cast<float>(first + i);
    const float k = t[6] * out_x + k_y + 1.0f;
    x[i] = k == 0 ? -2.0f : (t[0] * out_x + x_y + t[2]) / k;
    y[i] = k == 0 ? -2.0f : (t[3] * out_x + y_y + t[5]) / k;
  }
}

/// The nearest whole numbers, halves away from zero; -1 unless in [0, size).
inline void RoundSpan(const float* values, int n, int32_t size, int32_t* rounded) {
  const float limit = static_cast<float>(size);
  for (int i = 0; i < n; ++i) {
    const bool in = (values[i] > -0.5f) & (values[i] < limit);
    const float value = in ? values[i] : 0.0f;
    const int32_t whole = static_cast<int32_t>(value);
    const int32_t nearest = whole + (value - static_cast<float>(whole) >= 0.5f);
    rounded[i] = in & (nearest < size) ? nearest : -1;
  }
}

template <class T>
void CopyPixel(const T* from, int64_t channels, T* to) {
  for (int64_t c = 0; c < channels; ++c) to[c] = from[c];
}

template <class T>
void NearestSpan(const Image<T>& image, const float* x, const float* y, int n, T* out) {
  int32_t columns[kChunk], rows[kChunk];
  RoundSpan(x, n, image.width, columns);
  RoundSpan(y, n, image.height, rows);
  const auto copy = [&](int64_t channels) {
    for (int i = 0; i < n; ++i, out += channels) {
      if ((columns[i] | rows[i]) >= 0) {
        CopyPixel(image.at(columns[i], rows[i]), channels, out);
      } else {
        std::fill_n(out, channels, T());
      }
    }
  };
  switch (image.channels) {  // constants, for the compiler
    case 1:
      return copy(1);
    case 3:
      return copy(3);
    case 4:
      return copy(4);
    default:
      return copy(image.channels);
  }
}

inline int32_t Floor(float value) {
  const int32_t integer = static_cast<int32_t>(value);
  return integer - (static_cast<float>(integer) > value);
}

/// Between four pixels; null ones are outside of the image.
template <bool kInside, class T>
void MixPixels(const T* const pixels[4], float x0, float x1, float y0, float y1, int64_t channels,
               T* out) {
  using C = Conversion<T>;
  const auto load = [&](int i, int64_t c) {
    return kInside || pixels[i] != nullptr ? C::Load(pixels[i][c]) : 0.0f;
  };
  for (int64_t c = 0; c < channels; ++c) {
    const float upper = x0 * load(0, c) + x1 * load(1, c);
    const float lower = x0 * load(2, c) + x1 * load(3, c);
    out[c] = C::Store(y0 * upper + y1 * lower);
  }
}

template <class T>
void MixPoint(const Image<T>& image, float x, float y, int64_t channels, T* out) {
  if (!(std::fabs(x) < INFINITY && std::fabs(y) < INFINITY)) {
    // The distance to its own floor is NaN, and so is all that it is multiplied with.
    std::fill_n(out, channels, Conversion<T>::Store(std::numeric_limits<float>::quiet_NaN()));
    return;
  }
  if (!(x >= -1.0f && y >= -1.0f && x < static_cast<float>(image.width) &&
        y < static_cast<float>(image.height))) {
    std::fill_n(out, channels, T());
    return;
  }
  const int32_t column = Floor(x), row = Floor(y);
  const float floor_x = static_cast<float>(column), floor_y = static_cast<float>(row);
  const float x0 = floor_x + 1.0f - x, x1 = x - floor_x;
  const float y0 = floor_y + 1.0f - y, y1 = y - floor_y;
  // The next pixel is found by adding 1 to a float as well.
  const int32_t next_column = static_cast<int32_t>(floor_x + 1.0f);
  const int32_t next_row = static_cast<int32_t>(floor_y + 1.0f);
  const bool left = column >= 0 && column < image.width, right = next_column < image.width;
  const bool above = row >= 0 && row < image.height, below = next_row < image.height;
  const T* const pixels[4] = {
      left && above ? image.at(column, row) : nullptr,
      right && above ? image.at(next_column, row) : nullptr,
      left && below ? image.at(column, next_row) : nullptr,
      right && below ? image.at(next_column, next_row) : nullptr,
  };
  if (left && right && above && below) {
    MixPixels<true>(pixels, x0, x1, y0, y1, channels, out);
  } else {
    MixPixels<false>(pixels, x0, x1, y0, y1, channels, out);
  }
}

template <class T>
void BilinearSpan(const Image<T>& image, const float* x, const float* y, int n, T* out) {
  const auto mix = [&](int64_t channels) {
    for (int i = 0; i < n; ++i) MixPoint(image, x[i], y[i], channels, out + i * channels);
  };
  switch (image.channels) {
    case 1:
      return mix(1);
    case 3:
      return mix(3);
    case 4:
      return mix(4);
    default:
      return mix(image.channels);
  }
}

}  // namespace image_sampling
}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_IMAGE_SAMPLING_H_
