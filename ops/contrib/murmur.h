// MurmurHash64A (A. Appleby, 2008), in the forms that TensorFlow's data and models hold.
#ifndef OPGRAFT_OPS_CONTRIB_MURMUR_H_
#define OPGRAFT_OPS_CONTRIB_MURMUR_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ops/kernel/types.h"

namespace opgraft {

// Numbers in memory are little-endian.
inline uint64_t Word(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}
inline uint64_t HalfWord(const char* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}
inline uint64_t Byte(const char* at) { return static_cast<unsigned char>(*at); }

inline uint64_t ShiftMix(uint64_t value) { return value ^ (value >> 47); }

namespace murmur {

constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995;

inline uint64_t Step(uint64_t state, uint64_t word) {
  return (state ^ (ShiftMix(word * kMultiplier) * kMultiplier)) * kMultiplier;
}
inline uint64_t Finish(uint64_t state) { return ShiftMix(ShiftMix(state) * kMultiplier); }

/// The last `n` bytes, 1 to 7, of a text of `size`, as the low ones of a word.
inline uint64_t Tail(const char* end, size_t n, size_t size) {
  if (size >= 8) return Word(end - 8) >> (64 - 8 * n);
  const char* const s = end - n;
  if (n >= 4) return HalfWord(s) | HalfWord(end - 4) << 8 * (n - 4);
  return Byte(s) | Byte(s + n / 2) << 8 * (n / 2) | Byte(end - 1) << 8 * (n - 1);
}

}  // namespace murmur

/// The fingerprint of two things whose fingerprints are a and b, in this order: one step with its
/// finish, from the state a.
inline uint64_t FingerprintCat64(uint64_t a, uint64_t b) {
  return murmur::Finish(murmur::Step(a ^ murmur::kMultiplier, b));
}

/// With the seed that libstdc++'s std::hash<std::string> has always had. Written out because
/// another C++ library's std::hash is another function.
inline uint64_t StdHash(StringView text) {
  constexpr uint64_t kSeed = 0xc70f6907;
  uint64_t state = kSeed ^ (text.size * murmur::kMultiplier);
  const size_t rest = text.size % 8;
  const char* const end = text.data + text.size;
  for (const char* at = text.data; at != end - rest; at += 8) state = murmur::Step(state, Word(at));
  if (rest > 0) state = (state ^ murmur::Tail(end, rest, text.size)) * murmur::kMultiplier;
  return murmur::Finish(state);
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_MURMUR_H_
