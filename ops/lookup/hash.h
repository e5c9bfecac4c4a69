// Seeded hashes of keys: who chooses the keys does not know the seed, so cannot choose keys that
// collide.
//
// The mixing step is the 128-bit product of two words, folded: the high half xor the low one
// (Wang Yi et al., "wyhash", 2019).
#ifndef OPGRAFT_OPS_LOOKUP_HASH_H_
#define OPGRAFT_OPS_LOOKUP_HASH_H_

#include <cstdint>
#include <cstring>

#include "ops/kernel/types.h"

namespace opgraft {

inline uint64_t FoldedMultiply(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// Reads 8 or 4 bytes anywhere.
inline uint64_t LoadWord(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}
inline uint32_t LoadHalfWord(const char* from) {
  uint32_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

struct HashSeed {
  uint64_t a, b;

  /// Another one at each call and in each process (hash.cc).
  static HashSeed Random();
  /// Always the same from the same number, for tests.
  static HashSeed From(uint64_t number) {
    return {FoldedMultiply(number ^ 0x243f6a8885a308d3, 0x9e3779b97f4a7c15),
            FoldedMultiply(number ^ 0x13198a2e03707344, 0xa4093822299f31d1) | 1};
  }
};

inline uint64_t HashKey(uint64_t key, const HashSeed& seed) {
  return FoldedMultiply(FoldedMultiply(key ^ seed.a, seed.b), 0x9e3779b97f4a7c15 ^ seed.a);
}
/// Half the work. With some seeds (2 % of them, measured) keys with a pattern, such as multiples of
/// 2^12, crowd: for those who notice that and take another seed.
inline uint64_t QuickHashKey(uint64_t key, const HashSeed& seed) {
  return FoldedMultiply(key ^ seed.a, seed.b);
}

/// Integer keys are hashed as numbers without a sign, so that both widths are one case.
inline uint64_t Unsigned(int32_t key) { return static_cast<uint32_t>(key); }
inline uint64_t Unsigned(int64_t key) { return static_cast<uint64_t>(key); }

/// The words of a short string, overlapping where it is no multiple of 8 bytes long: of two strings
/// of one length up to 32, all words are equal if and only if the strings are.
struct ShortWords {
  uint64_t w[4];
};

/// 8 <= n <= 32; without a branch, since the lengths of keys follow no pattern.
inline ShortWords LoadShort(const char* s, size_t n) {
  const size_t second = n < 16 ? n - 8 : 8;
  const size_t third = n < 16 ? 0 : n - 16;
  return {{LoadWord(s), LoadWord(s + second), LoadWord(s + third), LoadWord(s + n - 8)}};
}

/// n < 8.
inline uint64_t LoadTiny(const char* s, size_t n) {
  if (n >= 4) return LoadHalfWord(s) | static_cast<uint64_t>(LoadHalfWord(s + n - 4)) << 32;
  if (n == 0) return 0;
  return static_cast<unsigned char>(s[0]) |
         static_cast<uint64_t>(static_cast<unsigned char>(s[n / 2])) << 8 |
         static_cast<uint64_t>(static_cast<unsigned char>(s[n - 1])) << 16;
}

inline uint64_t HashShort(const ShortWords& words, size_t n, const HashSeed& seed) {
  const uint64_t first = FoldedMultiply(words.w[0] ^ seed.a, words.w[1] ^ seed.b);
  const uint64_t second =
      FoldedMultiply(words.w[2] ^ seed.a ^ 0x452821e638d01377, words.w[3] ^ seed.b ^ n);
  return FoldedMultiply(first ^ seed.b, second ^ seed.a ^ 0xbe5466cf34e90c6c);
}

/// n > 32 (hash.cc).
uint64_t HashLong(const char* s, size_t n, const HashSeed& seed);

inline uint64_t HashKey(StringView key, const HashSeed& seed) {
  if (key.size > 32) return HashLong(key.data, key.size, seed);
  if (key.size >= 8) return HashShort(LoadShort(key.data, key.size), key.size, seed);
  return HashKey(LoadTiny(key.data, key.size) ^ static_cast<uint64_t>(key.size) << 60, seed);
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_HASH_H_
