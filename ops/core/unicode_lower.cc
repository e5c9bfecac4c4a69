#include "ops/core/unicode_lower.h"

#include <algorithm>
#include <iterator>

namespace opgraft {
namespace {

struct Mapping {
  uint32_t first, last;
  int32_t stride, delta;
};
struct Range {
  uint32_t first, last;
};

#include "ops/core/unicode_lower.inc"

constexpr uint32_t kReplacement = 0xfffd;
constexpr uint32_t kSigma = 0x3a3;
constexpr uint32_t kSmallSigma = 0x3c3;
constexpr uint32_t kSmallFinalSigma = 0x3c2;
constexpr uint32_t kIWithDot = 0x130;
constexpr uint32_t kDotAbove = 0x307;

/// The only element of a sorted table that may hold c, or its end.
template <class T, size_t N>
const T* Find(const T (&table)[N], uint32_t c) {
  const T* const found =
      std::partition_point(table, table + N, [c](const T& range) { return range.last < c; });
  return found != table + N && found->first <= c ? found : table + N;
}

/// Lowercases characters one by one. A text stays within few ranges: the last one is tried first.
class Mapper {
 public:
  uint32_t Lower(uint32_t c) {
    if (c > slot_->last || (slot_ != kMappings && c <= (slot_ - 1)->last)) {
      slot_ = std::partition_point(kMappings, std::end(kMappings) - 1,
                                   [c](const Mapping& mapping) { return mapping.last < c; });
    }
    if (c < slot_->first || c > slot_->last || (c - slot_->first) % slot_->stride != 0) return c;
    return c + slot_->delta;
  }

 private:
  const Mapping* slot_ = kMappings;  // the first that does not end before c, or the last of all
};

bool IsCased(uint32_t c) { return Find(kCased, c) != std::end(kCased); }
bool IsCaseIgnorable(uint32_t c) { return Find(kCaseIgnorable, c) != std::end(kCaseIgnorable); }

/// Takes one character, or one maximal invalid sequence, off the front of [*begin, end).
uint32_t Decode(const unsigned char** begin, const unsigned char* end) {
  const unsigned char*& p = *begin;
  const uint32_t lead = *p++;
  if (lead < 0x80) return lead;
  if (lead < 0xc2 || lead > 0xf4) return kReplacement;
  const int length = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;  // bytes to come
  // What the second byte may be, to rule out surrogates, overlong forms and what is past U+10FFFF.
  const uint32_t min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint32_t max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  uint32_t c = lead & (0x3f >> length);
  for (int i = 0; i < length; ++i) {
    if (p == end || *p < (i == 0 ? min : 0x80) || *p > (i == 0 ? max : 0xbf)) return kReplacement;
    c = c << 6 | (*p++ & 0x3f);
  }
  return c;
}

void Append(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x800) {
    out->push_back(static_cast<char>(0xc0 | c >> 6));
  } else {
    if (c < 0x10000) {
      out->push_back(static_cast<char>(0xe0 | c >> 12));
    } else {
      out->push_back(static_cast<char>(0xf0 | c >> 18));
      out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    }
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
  }
  out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
}

/// Whether a sigma ends a word: a letter before it, in the valid UTF-8 of `lower`, and none behind.
bool IsFinal(const std::string& lower, const unsigned char* next, const unsigned char* end) {
  const unsigned char* const text = reinterpret_cast<const unsigned char*>(lower.data());
  for (size_t i = lower.size();;) {
    if (i == 0) return false;
    do {
      --i;
    } while ((text[i] & 0xc0) == 0x80);
    const unsigned char* before = text + i;
    const uint32_t c = Decode(&before, text + lower.size());
    if (IsCaseIgnorable(c)) continue;
    if (!IsCased(c)) return false;
    break;
  }
  while (next != end) {
    const uint32_t c = Decode(&next, end);
    if (!IsCaseIgnorable(c)) return !IsCased(c);
  }
  return true;
}

}  // namespace

void LowerUtf8(StringView text, std::string* lower) {
  const unsigned char* next = reinterpret_cast<const unsigned char*>(text.data);
  const unsigned char* const end = std::find(next, next + text.size, '\0');
  lower->clear();
  Mapper mapper;
  while (next != end) {
    if (*next < 0x80) {
      const unsigned char c = *next++;
      lower->push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
      continue;
    }
    const uint32_t c = Decode(&next, end);
    if (c == kSigma) {
      Append(IsFinal(*lower, next, end) ? kSmallFinalSigma : kSmallSigma, lower);
    } else if (c == kIWithDot) {
      Append('i', lower);
      Append(kDotAbove, lower);
    } else {
      Append(mapper.Lower(c), lower);
    }
  }
}

}  // namespace opgraft
