#include "ops/lookup/number.h"

#include <stdlib.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>

#include "ops/kernel/half.h"
#include "ops/kernel/text.h"

namespace opgraft {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

StringView Strip(StringView text) {
  if (text.size == 0) return text;
  const void* const zero = std::memchr(text.data, 0, text.size);
  if (zero != nullptr) text.size = static_cast<const char*>(zero) - text.data;
  while (text.size > 0 && IsSpace(text.data[text.size - 1])) --text.size;
  while (text.size > 0 && IsSpace(*text.data)) ++text.data, --text.size;
  return text;
}

/// Any integer with its white space.
template <class T>
bool ParseAnyInt(StringView text, void* value) {
  text = Strip(text);
  const bool negative = text.size > 0 && *text.data == '-';
  if (negative || (text.size > 0 && *text.data == '+')) ++text.data, --text.size;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<T>::max()) +
                         (negative && std::numeric_limits<T>::is_signed ? 1 : 0);
  uint64_t magnitude;
  if (!ParseDigits(text, limit, &magnitude)) return false;
  if (negative && !std::numeric_limits<T>::is_signed && magnitude != 0) return false;
  const T parsed = static_cast<T>(negative ? 0 - magnitude : magnitude);
  std::memcpy(value, &parsed, sizeof(parsed));
  return true;
}

template <class T>
bool ParseInt(StringView text, void* value) {
  // Nearly all are a few digits and nothing else; so few of them that uint64_t cannot overflow.
  constexpr size_t kDigits = 18;
  const char* const end = text.data + text.size;
  if (text.size == 0 || text.size > kDigits) return ParseAnyInt<T>(text, value);
  uint64_t number = 0;
  for (const char* at = text.data; at < end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - static_cast<unsigned>('0');
    if (digit > 9) return ParseAnyInt<T>(text, value);
    number = number * 10 + digit;
  }
  if (number > static_cast<uint64_t>(std::numeric_limits<T>::max())) return false;
  const T parsed = static_cast<T>(number);
  std::memcpy(value, &parsed, sizeof(parsed));
  return true;
}

template <class T>
bool ParseFloat(StringView text, T (*parse)(const char*, char**, locale_t), T* value) {
  text = Strip(text);
  if (text.size == 0) return false;
  char small[64];
  std::unique_ptr<char[]> large;
  char* copy = small;
  if (text.size >= sizeof(small)) {
    large.reset(new char[text.size + 1]);
    copy = large.get();
  }
  std::memcpy(copy, text.data, text.size);
  copy[text.size] = 0;
  char* end = nullptr;
  *value = parse(copy, &end, PlainLocale());
  return end == copy + text.size;
}

}  // namespace

bool IsParsable(DataType dtype) {
  switch (dtype) {
    case DT_INT8:
    case DT_UINT8:
    case DT_INT16:
    case DT_UINT16:
    case DT_INT32:
    case DT_INT64:
    case DT_HALF:
    case DT_BFLOAT16:
    case DT_FLOAT:
    case DT_DOUBLE:
      return true;
    default:
      return false;
  }
}

bool ParseNumber(StringView text, DataType dtype, void* value) {
  float number;
  switch (dtype) {
    case DT_INT8:
      return ParseInt<int8_t>(text, value);
    case DT_UINT8:
      return ParseInt<uint8_t>(text, value);
    case DT_INT16:
      return ParseInt<int16_t>(text, value);
    case DT_UINT16:
      return ParseInt<uint16_t>(text, value);
    case DT_INT32:
      return ParseInt<int32_t>(text, value);
    case DT_INT64:
      return ParseInt<int64_t>(text, value);
    case DT_DOUBLE:
      return ParseFloat(text, strtod_l, static_cast<double*>(value));
    case DT_FLOAT:
      return ParseFloat(text, strtof_l, static_cast<float*>(value));
    case DT_HALF:
      if (!ParseFloat(text, strtof_l, &number)) return false;
      *static_cast<Half*>(value) = ToHalf(number);
      return true;
    case DT_BFLOAT16:
      if (!ParseFloat(text, strtof_l, &number)) return false;
      *static_cast<BFloat16*>(value) = ToBFloat16(number);
      return true;
    default:
      return false;
  }
}

}  // namespace opgraft
