// The expectations are what TensorFlow 2.21.0 makes of a column of a text file.
#include "ops/lookup/number.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>
#include <string>

#include "ops/kernel/half.h"
#include "ops/lookup/testing.h"

namespace opgraft {
namespace {

template <class T>
bool Parse(const std::string& text, T* value) {
  return ParseNumber({text.data(), text.size()}, DataTypeOf<T>::value, value);
}

template <class T>
void ExpectNumber(const std::string& text, double expected) {
  T value{};
  ASSERT_TRUE(Parse(text, &value)) << text;
  EXPECT_EQ(static_cast<double>(value), expected) << text;
}

template <class T>
void ExpectNoNumber(const std::string& text) {
  T value{};
  EXPECT_FALSE(Parse(text, &value)) << text;
}

template <class T>
void ExpectIntegers() {
  for (const char* text :
       {"1", " 1", "1 ", "+1", "\v1", "1\r", "\t 1 \n", "000000000000000000001"}) {
    ExpectNumber<T>(text, 1);
  }
  ExpectNumber<T>("007", 7);
  ExpectNumber<T>("0", 0);
  ExpectNumber<T>("-0", 0);
  ExpectNumber<T>(std::string("1\0", 2), 1);
  ExpectNumber<T>(std::string("1\0x", 3), 1);
  for (const char* text : {"0x10",
                           "1e2",
                           "1.5",
                           "",
                           " ",
                           "abc",
                           "1a",
                           "inf",
                           "nan",
                           "1_0",
                           "true",
                           "--1",
                           "++1",
                           "+",
                           "-",
                           ".5",
                           "5.",
                           "+ 1",
                           "- 1",
                           "1,5",
                           "1 1",
                           "\uff11",
                           "18446744073709551617",
                           "99999999999999999999999999"}) {
    ExpectNoNumber<T>(text);
  }
  ExpectNoNumber<T>(std::string("\0001", 2));
}

TEST(Number, Integers) {
  ExpectIntegers<int64_t>();
  ExpectIntegers<int32_t>();
  ExpectIntegers<int16_t>();
  ExpectIntegers<int8_t>();
  ExpectIntegers<uint8_t>();
  ExpectNumber<int64_t>("-1", -1);
  ExpectNumber<int64_t>("9223372036854775807", 9223372036854775807.0);
  ExpectNumber<int64_t>("-9223372036854775808", -9223372036854775808.0);
  ExpectNoNumber<int64_t>("9223372036854775808");
  ExpectNoNumber<int64_t>("-9223372036854775809");
  ExpectNumber<int32_t>("2147483647", 2147483647);
  ExpectNumber<int32_t>("-2147483648", -2147483648.0);
  ExpectNoNumber<int32_t>("2147483648");
  ExpectNoNumber<int32_t>("-2147483649");
  ExpectNumber<int16_t>("-32768", -32768);
  ExpectNoNumber<int16_t>("32768");
  ExpectNumber<int8_t>("-128", -128);
  ExpectNoNumber<int8_t>("128");
  ExpectNumber<uint8_t>("255", 255);
  ExpectNoNumber<uint8_t>("256");
  ExpectNoNumber<uint8_t>("-1");
}

/// The rules, one character at a time; 128 bits overflow beyond 38 digits only.
bool ParseSlowly(std::string text, __int128 min, __int128 max, __int128* value) {
  text = text.c_str();
  const char kSpace[] = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string::npos) return false;
  text = text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.erase(0, 1);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return false;
  *value = 0;
  for (char c : text) *value = *value * 10 + (c - '0');
  if (negative) *value = -*value;
  return *value >= min && *value <= max;
}

template <class T>
void ExpectRandomIntegers() {
  testing::Random random(std::numeric_limits<T>::digits);
  const __int128 min = std::numeric_limits<T>::min(), max = std::numeric_limits<T>::max();
  const char alphabet[] = "01234567890123456789012345678901234567890123456789 -+\t\r.ex/:";
  int good = 0;
  for (int round = 0; round < 100000; ++round) {
    std::string text;
    if (round % 2 == 0) {
      // The sign of the alphabet is rare, that in front is not; NUL is its last character.
      if (random.Next(4) == 0) text += '-';
      for (uint64_t n = random.Next(round % 4 == 0 ? 5 : 25); n > 0; --n) {
        text += alphabet[random.Next(sizeof(alphabet))];
      }
    } else {
      // A number close to the limits of some type.
      const int bits = 1 << random.Next(7);
      const __int128 power = static_cast<__int128>(1) << (bits - random.Next(2));
      __int128 number = power - 2 + random.Next(4);
      for (; number > 0; number /= 10) text.insert(0, 1, static_cast<char>('0' + number % 10));
      text.insert(0, random.Next(3), '0');
      text.insert(0, random.Next(2), random.Next(2) == 0 ? '-' : '+');
    }
    __int128 expected = 0;
    T value{};
    const bool is_number = ParseSlowly(text, min, max, &expected);
    ASSERT_EQ(Parse(text, &value), is_number) << text;
    if (!is_number) continue;
    ASSERT_EQ(value, static_cast<T>(expected)) << text;
    ++good;
  }
  EXPECT_GT(good, 10000);
}

TEST(Number, RandomIntegers) {
  ExpectRandomIntegers<int64_t>();
  ExpectRandomIntegers<int32_t>();
  ExpectRandomIntegers<int16_t>();
  ExpectRandomIntegers<uint16_t>();
  ExpectRandomIntegers<int8_t>();
  ExpectRandomIntegers<uint8_t>();
}

template <class T>
void ExpectFloats() {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const char* text : {"1", " 1", "1 ", "+1", "\v1", "1\r", "1.", "01.0", "10e-1"}) {
    ExpectNumber<T>(text, 1);
  }
  ExpectNumber<T>("0x10", 16);
  ExpectNumber<T>("0x1p3", 8);
  ExpectNumber<T>("1e2", 100);
  ExpectNumber<T>(".5", 0.5);
  ExpectNumber<T>("-2147483648", -2147483648.0);
  for (const char* text : {"inf", "INF", "infinity", "1e400"}) ExpectNumber<T>(text, infinity);
  ExpectNumber<T>("-inf", -infinity);
  ExpectNumber<T>("1e-400", 0);
  for (const char* text : {"nan", "NAN", "nan(1)"}) {
    T value = 0;
    ASSERT_TRUE(Parse(text, &value)) << text;
    EXPECT_TRUE(std::isnan(value)) << text;
  }
  for (const char* text : {"", " ", "abc", "1a", "1_0", "true", "--1", "+", "-", "1f", "1e", "++1",
                           "+ 1", "1,5", "1d5", "\uff11"}) {
    ExpectNoNumber<T>(text);
  }
  ExpectNumber<T>(std::string(1000, '0') + "1.5", 1.5);
  ExpectNoNumber<T>(std::string(1000, '0') + "1.5x");
}

TEST(Number, Floats) {
  ExpectFloats<float>();
  ExpectFloats<double>();
  ExpectNumber<float>("1e39", std::numeric_limits<double>::infinity());
  ExpectNumber<double>("1e39", 1e39);
  ExpectNumber<float>("1e-42", static_cast<double>(1e-42f));
  ExpectNumber<double>("1e-320", 1e-320);
  Half half{};
  ASSERT_TRUE(Parse(" 1.5", &half));
  EXPECT_EQ(ToFloat(half), 1.5f);
  EXPECT_FALSE(Parse("x", &half));
  BFloat16 bfloat16{};
  ASSERT_TRUE(Parse("-256", &bfloat16));
  EXPECT_EQ(ToFloat(bfloat16), -256.0f);
  EXPECT_FALSE(Parse("", &bfloat16));
}

TEST(Number, LocaleDoesNotMatter) {
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) GTEST_SKIP() << "no locale de_DE.UTF-8";
  ExpectNumber<double>("1.5", 1.5);
  ExpectNoNumber<double>("1,5");
  std::setlocale(LC_ALL, "C");
}

TEST(Number, Types) {
  EXPECT_TRUE(IsParsable(DT_INT8));
  EXPECT_TRUE(IsParsable(DT_BFLOAT16));
  bool value;
  for (DataType dtype : {DT_BOOL, DT_STRING, DT_VARIANT, DT_COMPLEX64}) {
    EXPECT_FALSE(IsParsable(dtype));
    EXPECT_FALSE(ParseNumber({"1", 1}, dtype, &value));
  }
}

}  // namespace
}  // namespace opgraft
