#include "ops/core/add_half.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/cpu.h"

namespace opgraft {
namespace {

using Span = void (*)(const Half*, int, const Half*, int, Half*, int64_t);

class AddHalfTest : public ::testing::TestWithParam<Span> {
 protected:
  void SetUp() override {
    if (GetParam() == AddHalfF16c && !HasAvx2()) GTEST_SKIP() << "this processor has no F16C";
  }
};
INSTANTIATE_TEST_SUITE_P(Variants, AddHalfTest, ::testing::Values(AddHalfPortably, AddHalfF16c));

TEST_P(AddHalfTest, EveryHalfPlusSome) {
  std::vector<Half> x(65536), z(65536);
  for (int i = 0; i < 65536; ++i) x[i].bits = static_cast<uint16_t>(i);
  for (const float value : {0.0f, 1.0f, -0.37f, 6e-8f, 60000.0f, 1.2e-4f, INFINITY}) {
    const Half y = ToHalf(value);
    for (const bool swap : {false, true}) {
      GetParam()(swap ? &y : x.data(), swap ? 0 : 1, swap ? x.data() : &y, swap ? 1 : 0, z.data(),
                 65536);
      for (int i = 0; i < 65536; ++i) {
        const Half expected = AddHalf()(x[i], y);
        if (std::isnan(ToFloat(expected))) {
          EXPECT_TRUE(std::isnan(ToFloat(z[i]))) << i;
        } else {
          EXPECT_EQ(z[i].bits, expected.bits) << i << " + " << value;
        }
      }
    }
  }
}

TEST_P(AddHalfTest, AnyLengthAndInPlace) {
  for (int n = 0; n < 40; ++n) {
    std::vector<Half> x(n), y(n), z(n);  // of exact size, for the sanitizers
    for (int i = 0; i < n; ++i) {
      x[i] = ToHalf(static_cast<float>(i));
      y[i] = ToHalf(static_cast<float>(100 * i));
    }
    GetParam()(x.data(), 1, y.data(), 1, z.data(), n);
    GetParam()(x.data(), 1, y.data(), 1, x.data(), n);
    for (int i = 0; i < n; ++i) {
      EXPECT_EQ(ToFloat(z[i]), ToFloat(ToHalf(101.0f * static_cast<float>(i))));
      EXPECT_EQ(x[i].bits, z[i].bits);
    }
  }
}

}  // namespace
}  // namespace opgraft
