#include "ops/contrib/numeric_text.h"

#include <stdlib.h>

#include <cstring>
#include <limits>
#include <type_traits>

#include "ops/kernel/text.h"

namespace opgraft {
namespace {

// TensorFlow refuses to read longer floats.
constexpr size_t kMaxFloatText = 31;

unsigned Digit(char c) { return static_cast<unsigned char>(c) - static_cast<unsigned>('0'); }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsHexDigit(char c) { return Digit(c) <= 9 || (Lower(c) >= 'a' && Lower(c) <= 'f'); }

template <class T>
bool ParseInt(StringView text, T* value) {
  const bool negative = text.size > 0 && *text.data == '-';
  if (negative) ++text.data, --text.size;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<T>::max()) + negative;
  uint64_t magnitude;
  if (!ParseDigits(text, limit, &magnitude)) return false;
  *value = static_cast<T>(negative ? 0 - magnitude : magnitude);
  return true;
}

bool Equals(const char* at, const char* end, const char* word) {
  for (; *word != 0; ++at, ++word) {
    if (at == end || Lower(*at) != *word) return false;
  }
  return at == end;
}

/// Decimal digits with a point and an exponent, read as m * 10^e while m has up to 19 digits.
struct Decimal {
  uint64_t mantissa = 0;
  int64_t exponent = 0;
  bool exact = true;
};

bool ScanDecimal(const char* at, const char* end, Decimal* out) {
  int digits = 0;
  bool point = false;
  for (; at < end; ++at) {
    if (*at == '.' && !point) {
      point = true;
      continue;
    }
    const unsigned digit = Digit(*at);
    if (digit > 9) break;
    ++digits;
    out->exact = out->exact && out->mantissa <= (UINT64_MAX - 9) / 10;
    if (out->exact) out->mantissa = out->mantissa * 10 + digit;
    out->exponent -= point;
  }
  if (digits == 0) return false;
  if (at == end) return true;
  if (Lower(*at) != 'e') return false;
  ++at;
  const bool negative = at < end && *at == '-';
  if (negative || (at < end && *at == '+')) ++at;
  if (at == end) return false;
  int64_t exponent = 0;
  for (; at < end; ++at) {
    if (Digit(*at) > 9) return false;
    if (exponent < 100000) exponent = exponent * 10 + Digit(*at);
  }
  out->exponent += negative ? -exponent : exponent;
  return true;
}

/// Numbers that a product or quotient of two exact numbers gives correctly rounded (W. Clinger,
/// "How to read floating point numbers accurately", 1990).
template <class T>
bool FastDecimal(const Decimal& decimal, T* value) {
  static constexpr T kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};
  constexpr uint64_t kExact = uint64_t{1} << std::numeric_limits<T>::digits;
  if (!decimal.exact || decimal.mantissa > kExact) return false;
  if (decimal.exponent < -10 || decimal.exponent > 10) return false;
  const T mantissa = static_cast<T>(decimal.mantissa);
  *value = decimal.exponent < 0 ? mantissa / kPowers[-decimal.exponent]
                                : mantissa * kPowers[decimal.exponent];
  return true;
}

template <class T>
bool ParseFloat(StringView text, T (*parse)(const char*, char**, locale_t), T* value) {
  if (text.size == 0 || text.size > kMaxFloatText) return false;
  const char* at = text.data;
  const char* const end = at + text.size;
  const bool negative = *at == '-';
  if (negative || *at == '+') ++at;
  if (Equals(at, end, "inf")) {
    *value = std::numeric_limits<T>::infinity();
  } else if (Equals(at, end, "nan")) {
    *value = std::numeric_limits<T>::quiet_NaN();
  } else {
    Decimal decimal;
    if (end - at > 2 && at[0] == '0' && Lower(at[1]) == 'x') {
      for (const char* digit = at + 2; digit < end; ++digit) {
        if (!IsHexDigit(*digit)) return false;
      }
      decimal.exact = false;
    } else if (!ScanDecimal(at, end, &decimal)) {
      return false;
    }
    if (!FastDecimal(decimal, value)) {
      char copy[kMaxFloatText + 1] = {};
      std::memcpy(copy, at, end - at);
      *value = parse(copy, nullptr, PlainLocale());
    }
  }
  // TensorFlow gets its floats, unlike its doubles, by arithmetic: in a thread that flushes
  // denormals to zero, as the runtime's do, they become zero here too.
  if (std::is_same_v<T, float>) {
    volatile T one = 1;
    *value *= one;
  }
  if (negative) *value = -*value;
  return true;
}

}  // namespace

bool ParseNumericText(StringView text, int32_t* value) { return ParseInt(text, value); }
bool ParseNumericText(StringView text, int64_t* value) { return ParseInt(text, value); }
bool ParseNumericText(StringView text, float* value) { return ParseFloat(text, strtof_l, value); }
bool ParseNumericText(StringView text, double* value) { return ParseFloat(text, strtod_l, value); }

}  // namespace opgraft
