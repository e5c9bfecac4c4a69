#include "ops/kernel/half.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace opgraft {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// What the bits of a Half stand for, straight from the definition.
float Reference(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const float sign = bits >> 15 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction == 0 ? sign * kInfinity : kNan;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

TEST(HalfTest, EveryHalfSurvivesTheRoundTrip) {
  for (int bits = 0; bits < 65536; ++bits) {
    const Half half = {static_cast<uint16_t>(bits)};
    const float expected = Reference(half.bits);
    const float value = ToFloat(half);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      EXPECT_EQ(ToHalf(value).bits, (bits & 0x8000) | 0x7e00);
    } else {
      EXPECT_EQ(value, expected) << bits;
      EXPECT_EQ(std::signbit(value), bits >> 15 == 1) << bits;
      EXPECT_EQ(ToHalf(value).bits, bits);
    }
  }
}

TEST(HalfTest, RoundsToNearestEven) {
  // Between each pair of neighbours: just below, at and just above the middle.
  for (int bits = 0; bits < 0x7bff; ++bits) {
    const float low = Reference(static_cast<uint16_t>(bits));
    const float high = Reference(static_cast<uint16_t>(bits + 1));
    const float middle = (low + high) / 2;
    EXPECT_EQ(ToHalf(std::nextafter(middle, low)).bits, bits);
    EXPECT_EQ(ToHalf(middle).bits, bits + bits % 2);
    EXPECT_EQ(ToHalf(std::nextafter(middle, high)).bits, bits + 1);
  }
  EXPECT_EQ(ToHalf(65519.996f).bits, 0x7bff);
  EXPECT_EQ(ToHalf(65520.0f).bits, 0x7c00);
  EXPECT_EQ(ToHalf(-kInfinity).bits, 0xfc00);
  EXPECT_EQ(ToHalf(1e-45f).bits, 0);
}

TEST(BFloat16Test, RoundsToNearestEven) {
  for (int bits = 0; bits < 65536; ++bits) {
    const BFloat16 value = {static_cast<uint16_t>(bits)};
    if (std::isnan(ToFloat(value))) {
      EXPECT_EQ(ToBFloat16(ToFloat(value)).bits, (bits & 0x8000) | 0x7fc0);
    } else {
      EXPECT_EQ(ToBFloat16(ToFloat(value)).bits, bits);
    }
  }
  EXPECT_EQ(ToBFloat16(internal::BitsFloat(0x3f808000)).bits, 0x3f80);
  EXPECT_EQ(ToBFloat16(internal::BitsFloat(0x3f808001)).bits, 0x3f81);
  EXPECT_EQ(ToBFloat16(internal::BitsFloat(0x3f818000)).bits, 0x3f82);
  EXPECT_EQ(ToBFloat16(std::numeric_limits<float>::max()).bits, 0x7f80);
  EXPECT_EQ(ToBFloat16(internal::BitsFloat(0x7f800001)).bits, 0x7fc0);  // a NaN stays one
}

}  // namespace
}  // namespace opgraft
