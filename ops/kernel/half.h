// Conversions between float and the 16-bit floating point types.
//
// Branch-free, so that loops over them vectorise, and right where a runtime's threads flush
// subnormal floats to zero: a subnormal Half never becomes a subnormal float on the way.
#ifndef OPGRAFT_OPS_KERNEL_HALF_H_
#define OPGRAFT_OPS_KERNEL_HALF_H_

#include <cstdint>
#include <cstring>

#include "ops/kernel/types.h"

namespace opgraft {
namespace internal {

inline uint32_t FloatBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

inline float BitsFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// condition ? a : b, in a way that the compiler does not turn back into a branch.
inline uint32_t Select(bool condition, uint32_t a, uint32_t b) {
  return b ^ ((a ^ b) & (0u - static_cast<uint32_t>(condition)));
}

}  // namespace internal

inline float ToFloat(Half half) {
  const uint32_t magnitude = (half.bits & 0x7fffu) << 13;
  const uint32_t exponent = magnitude & 0x0f800000u;
  // The difference of the two exponent biases; once more turns Half's infinity into float's.
  const uint32_t bias = 112u << 23;
  const uint32_t normal = magnitude + bias + internal::Select(exponent == 0x0f800000u, bias, 0);
  const uint32_t subnormal = internal::FloatBits(internal::BitsFloat(magnitude + (113u << 23)) -
                                                 internal::BitsFloat(113u << 23));
  const uint32_t sign = (half.bits & 0x8000u) << 16;
  return internal::BitsFloat(internal::Select(exponent == 0, subnormal, normal) | sign);
}

/// Rounds to nearest, ties to even. All NaNs become quiet ones without payload.
inline Half ToHalf(float value) {
  const uint32_t bits = internal::FloatBits(value);
  const int32_t magnitude = bits & 0x7fffffff;  // signed: what SSE2 can compare
  const uint32_t odd = (magnitude >> 13) & 1;
  const uint32_t normal = (magnitude - (112u << 23) + 0xfffu + odd) >> 13;
  // Adding 0.5 makes the float unit round at the last bit of a subnormal Half.
  const uint32_t subnormal =
      internal::FloatBits(internal::BitsFloat(magnitude) + 0.5f) - internal::FloatBits(0.5f);
  const uint32_t not_finite = internal::Select(magnitude > 0x7f800000, 0x7e00u, 0x7c00u);
  const uint32_t finite = internal::Select(magnitude < (113 << 23), subnormal, normal);
  const uint32_t half = internal::Select(magnitude >= (143 << 23), not_finite, finite);
  return Half{static_cast<uint16_t>(half | ((bits >> 16) & 0x8000u))};
}

inline float ToFloat(BFloat16 value) {
  return internal::BitsFloat(static_cast<uint32_t>(value.bits) << 16);
}

/// Rounds to nearest, ties to even. All NaNs become quiet ones without payload.
inline BFloat16 ToBFloat16(float value) {
  const uint32_t bits = internal::FloatBits(value);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = 0x7fc0u | ((bits >> 16) & 0x8000u);
  const bool is_nan = static_cast<int32_t>(bits & 0x7fffffff) > 0x7f800000;
  return BFloat16{static_cast<uint16_t>(internal::Select(is_nan, nan, rounded))};
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_HALF_H_
