// The rules are those of tf.strings.to_number in TensorFlow 1.15.5, which tests/conformance
// compares.
#include "ops/contrib/numeric_text.h"

#include <locale.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace opgraft {
namespace {

template <class T>
bool Parse(const std::string& text, T* value) {
  return ParseNumericText(StringView{text.data(), text.size()}, value);
}

template <class T>
T Parsed(const std::string& text) {
  T value = 99;
  EXPECT_TRUE(Parse(text, &value)) << text;
  return value;
}

template <class T>
void ExpectNone(const std::string& text) {
  T value;
  EXPECT_FALSE(Parse(text, &value)) << text;
}

template <class T>
class IntegerTextTest : public ::testing::Test {};
using Integers = ::testing::Types<int32_t, int64_t>;
TYPED_TEST_SUITE(IntegerTextTest, Integers);

TYPED_TEST(IntegerTextTest, Limits) {
  using Limits = std::numeric_limits<TypeParam>;
  EXPECT_EQ(Parsed<TypeParam>(std::to_string(Limits::max())), Limits::max());
  EXPECT_EQ(Parsed<TypeParam>(std::to_string(Limits::min())), Limits::min());
  ExpectNone<TypeParam>(std::to_string(static_cast<uint64_t>(Limits::max()) + 1));
  ExpectNone<TypeParam>("-" + std::to_string(static_cast<uint64_t>(Limits::max()) + 2));
  ExpectNone<TypeParam>("99999999999999999999999999");
}

TYPED_TEST(IntegerTextTest, Forms) {
  EXPECT_EQ(Parsed<TypeParam>("007"), 7);
  EXPECT_EQ(Parsed<TypeParam>("-0"), 0);
  for (const char* text : {"", "-", "+5", "--5", "5 ", " 5", "1e3", "1.0", "0x10", "5x"}) {
    ExpectNone<TypeParam>(text);
  }
  ExpectNone<TypeParam>(std::string("5\0", 2));
}

template <class T>
class FloatTextTest : public ::testing::Test {};
using Floats = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FloatTextTest, Floats);

TYPED_TEST(FloatTextTest, Forms) {
  using T = TypeParam;
  EXPECT_EQ(Parsed<T>("1.5"), T(1.5));
  EXPECT_EQ(Parsed<T>("+1.5"), T(1.5));
  EXPECT_EQ(Parsed<T>("-.5"), T(-0.5));
  EXPECT_EQ(Parsed<T>("5."), T(5));
  EXPECT_EQ(Parsed<T>("1E+3"), T(1000));
  EXPECT_EQ(Parsed<T>("0x1A"), T(26));
  EXPECT_EQ(Parsed<T>("-0Xff"), T(-255));
  EXPECT_TRUE(std::signbit(Parsed<T>("-0")));
  EXPECT_EQ(Parsed<T>("-iNf"), -std::numeric_limits<T>::infinity());
  EXPECT_TRUE(std::isnan(Parsed<T>("NaN")));
  EXPECT_EQ(Parsed<T>("1e99999999999999999999"), std::numeric_limits<T>::infinity());
  EXPECT_EQ(Parsed<T>("1e-99999999999999999999"), T(0));
  for (const char* text :
       {"",      "-",   ".",  "e5", "1e", "1e+", "infinity", "nan(1)", "0x",    "0x1p3",
        "0x1.8", "1,5", " 1", "1 ", "1f", "1_0", "--1",      "00x1",   "1.2.3", "in"}) {
    ExpectNone<T>(text);
  }
  ExpectNone<T>(std::string("5\0", 2));
}

TYPED_TEST(FloatTextTest, Length) {
  EXPECT_EQ(Parsed<TypeParam>(std::string(31, '0')), TypeParam(0));
  ExpectNone<TypeParam>(std::string(32, '0'));
}

TEST(FloatTextTest, RoundsOnce) {
  EXPECT_EQ(Parsed<float>("16777217"), 16777216.0f);
  EXPECT_EQ(Parsed<float>("16777219"), 16777220.0f);
  EXPECT_EQ(Parsed<float>("0x1000001"), 16777216.0f);
  EXPECT_EQ(Parsed<double>("9007199254740993"), 9007199254740992.0);
  // Just above the middle of two floats: by way of double it would be the lower one.
  EXPECT_EQ(Parsed<float>("1.000000059604644775390626"), 1.00000012f);
  EXPECT_EQ(Parsed<float>("3.4028236e38"), std::numeric_limits<float>::infinity());
  EXPECT_EQ(Parsed<float>("1e-45"), std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(Parsed<double>("5e-324"), std::numeric_limits<double>::denorm_min());
}

#ifdef __SSE__
TEST(FloatTextTest, FloatsAreFlushedWhereTheThreadDoesIt) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);  // results and operands
  float small = Parsed<float>("-1e-40");
  double double_small = Parsed<double>("5e-324");
  _mm_setcsr(before);
  EXPECT_EQ(small, 0.0f);
  EXPECT_TRUE(std::signbit(small));
  EXPECT_EQ(double_small, std::numeric_limits<double>::denorm_min());
}
#endif

TEST(FloatTextTest, AsTheCLibrary) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    char text[64];
    const int digits = static_cast<int>(random() % 17);
    const double number = static_cast<double>(random()) / 1e9 - 9e9;
    std::snprintf(text, sizeof(text), i % 2 ? "%.*e" : "%.*g", digits, number);
    EXPECT_EQ(Parsed<double>(text), std::strtod(text, nullptr)) << text;
    EXPECT_EQ(Parsed<float>(text), std::strtof(text, nullptr)) << text;
  }
}

}  // namespace
}  // namespace opgraft
