#include "ops/kernel/text.h"

#include <cstdio>

namespace opgraft {
namespace {

/// Bytes of the UTF-8 character that a text begins with; 0 if it begins with none.
size_t Utf8Length(const char* text, size_t size) {
  const unsigned char first = text[0];
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length > size) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  if (length < 3) return length;
  // Overlong forms, surrogates and numbers beyond Unicode.
  const unsigned char second = text[1];
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return length;
}

}  // namespace

locale_t PlainLocale() {
  static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

bool ParseDigits(StringView text, uint64_t limit, uint64_t* number) {
  if (text.size == 0) return false;
  *number = 0;
  for (size_t i = 0; i < text.size; ++i) {
    const unsigned digit = static_cast<unsigned char>(text.data[i]) - static_cast<unsigned>('0');
    if (digit > 9 || *number > (limit - digit) / 10) return false;
    *number = *number * 10 + digit;
  }
  return true;
}

std::string Printable(StringView text) {
  constexpr size_t kLimit = 100;
  std::string result;
  size_t i = 0;
  while (i < text.size && result.size() < kLimit) {
    const size_t length = Utf8Length(text.data + i, text.size - i);
    if (length == 0 || text.data[i] == '\0') {
      char escaped[5];
      std::snprintf(escaped, sizeof(escaped), "\\x%02x", text.data[i] & 0xff);
      result += escaped;
      ++i;
    } else {
      result.append(text.data + i, length);
      i += length;
    }
  }
  if (i < text.size) result += "... (" + std::to_string(text.size) + " bytes)";
  return result;
}

}  // namespace opgraft
