// A convolution of bytes with a bias and an activation, for FusedConv2DBiasActivation.
#ifndef OPGRAFT_OPS_CONTRIB_QINT8_CONVOLUTION_H_
#define OPGRAFT_OPS_CONTRIB_QINT8_CONVOLUTION_H_

#include <emmintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ops/kernel/status.h"
#include "ops/kernel/tensor.h"

namespace opgraft {
namespace qint8 {

constexpr int kBlock = 16;  // output channels computed at once

/// Rows or columns: sizes, and where windows are.
struct Axis {
  int64_t input, filter, output, stride, padding;

  Status Fit(const char* what, bool same) {
    if (filter < 1) {
      return InvalidArgument("filter must have at least 1 of %s, got %lld", what,
                             static_cast<long long>(filter));
    }
    if (same) {
      output = input / stride + (input % stride != 0);
      padding = output == 0 ? 0 : std::max<int64_t>((output - 1) * stride + filter - input, 0) / 2;
      return Status();
    }
    padding = 0;
    if (input + stride < filter) {
      return InvalidArgument("conv_input has %lld %s, too few for the %lld of filter",
                             static_cast<long long>(input), what, static_cast<long long>(filter));
    }
    output = (input - filter + stride) / stride;
    return Status();
  }
  /// The part of the filter that lies on the input where the window is number i.
  int64_t Begin(int64_t i) const { return std::max<int64_t>(padding - i * stride, 0); }
  int64_t End(int64_t i) const { return std::min(filter, input + padding - i * stride); }
};

/// Filters as pairs of int16 along the input depth, 16 output channels side by side.
inline std::vector<int16_t> Pack(const TensorView& filter) {
  const int64_t depth = filter.dims[2], channels = filter.dims[3], pairs = (depth + 1) / 2;
  const int64_t places = filter.dims[0] * filter.dims[1];
  const int64_t blocks = (channels + kBlock - 1) / kBlock;
  std::vector<int16_t> packed(blocks * places * pairs * kBlock * 2);
  const int8_t* from = filter.flat<int8_t>();
  for (int64_t place = 0; place < places; ++place) {
    for (int64_t d = 0; d < depth; ++d) {
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t pair = ((c / kBlock) * places + place) * pairs + d / 2;
        packed[(pair * kBlock + c % kBlock) * 2 + d % 2] = *from++;
      }
    }
  }
  return packed;
}

/// a * b + c, rounded once: TensorFlow's kernel has fused multiply-add, and products of floats are
/// exact in double.
inline __m128 MultiplyAdd(__m128 a, __m128 b, __m128 c) {
  const auto half = [](__m128 x, __m128 y, __m128 z) {
    const __m128d product = _mm_mul_pd(_mm_cvtps_pd(x), _mm_cvtps_pd(y));
    return _mm_cvtpd_ps(_mm_add_pd(product, _mm_cvtps_pd(z)));
  };
  return _mm_movelh_ps(half(a, b, c),
                       half(_mm_movehl_ps(a, a), _mm_movehl_ps(b, b), _mm_movehl_ps(c, c)));
}

/// What is done to the sums of 16 channels.
struct Finish {
  float scale, side_scale, low;

  void operator()(const __m128i sums[4], const float* bias, const int8_t* side, int8_t* out) const {
    __m128i rounded[4];
    for (int i = 0; i < 4; ++i) {
      __m128 x =
          MultiplyAdd(_mm_cvtepi32_ps(sums[i]), _mm_set1_ps(scale), _mm_loadu_ps(bias + 4 * i));
      if (side != nullptr) {
        const int8_t* const s = side + 4 * i;
        const __m128 sides = _mm_set_ps(s[3], s[2], s[1], s[0]);
        x = MultiplyAdd(sides, _mm_set1_ps(side_scale), x);
      }
      x = _mm_and_ps(x, _mm_cmpord_ps(x, x));  // 0 for what is not a number
      x = _mm_min_ps(_mm_max_ps(x, _mm_set1_ps(low)), _mm_set1_ps(127));
      rounded[i] = _mm_cvtps_epi32(x);
    }
    const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(rounded[0], rounded[1]),
                                          _mm_packs_epi32(rounded[2], rounded[3]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  }
};

/// Adds the products of one place of the filter to the sums of 16 channels.
inline void AddPlace(const int8_t* pixel, int64_t depth, const int16_t* filter, __m128i sums[4]) {
  const __m128i* pair = reinterpret_cast<const __m128i*>(filter);
  for (int64_t d = 0; d < depth; d += 2, pair += 4) {
    const int high = d + 1 < depth ? pixel[d + 1] : 0;
    const __m128i both = _mm_set1_epi32((pixel[d] & 0xffff) | static_cast<int>(high * 65536u));
    for (int i = 0; i < 4; ++i) {
      sums[i] = _mm_add_epi32(sums[i], _mm_madd_epi16(both, _mm_loadu_si128(pair + i)));
    }
  }
}

struct Convolution {
  Axis rows, columns;
  int64_t depth, channels;
  Finish finish;
  std::vector<int16_t> filter;
  std::vector<float> bias;  // of whole blocks

  void Row(const int8_t* image, const int8_t* side, int64_t y, int8_t* out) const {
    for (int64_t x = 0; x < columns.output; ++x, out += channels) {
      for (int64_t c = 0; c < channels; c += kBlock) {
        __m128i sums[4];
        std::memset(sums, 0, sizeof(sums));
        Window(image, y, x, c / kBlock, sums);
        const size_t n = std::min<int64_t>(kBlock, channels - c);
        int8_t sides[kBlock] = {}, bytes[kBlock];
        if (side != nullptr) std::memcpy(sides, side + x * channels + c, n);
        finish(sums, bias.data() + c, side == nullptr ? nullptr : sides, bytes);
        std::memcpy(out + c, bytes, n);
      }
    }
  }

 private:
  void Window(const int8_t* image, int64_t y, int64_t x, int64_t block, __m128i sums[4]) const {
    const int64_t step = (depth + 1) / 2 * 2 * kBlock;
    for (int64_t j = rows.Begin(y); j < rows.End(y); ++j) {
      const int64_t row = y * rows.stride + j - rows.padding;
      for (int64_t i = columns.Begin(x); i < columns.End(x); ++i) {
        const int64_t column = x * columns.stride + i - columns.padding;
        const int64_t place = (block * rows.filter + j) * columns.filter + i;
        AddPlace(image + (row * columns.input + column) * depth, depth,
                 filter.data() + place * step, sums);
      }
    }
  }
};

}  // namespace qint8
}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_QINT8_CONVOLUTION_H_
