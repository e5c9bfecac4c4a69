#include "ops/contrib/fingerprint.h"

#include <utility>

#include "ops/contrib/murmur.h"

namespace opgraft {
namespace {

// FarmHash's constants: primes between 2^63 and 2^64.
constexpr uint64_t kPrime0 = 0xc3a5c85c97cb3127;
constexpr uint64_t kPrime1 = 0xb492b66fbe98f273;
constexpr uint64_t kPrime2 = 0x9ae16a3b2f90404f;

using Pair = std::pair<uint64_t, uint64_t>;

uint64_t Rotate(uint64_t value, int bits) { return (value >> bits) | (value << (64 - bits)); }

/// 128 bits to 64.
uint64_t Mix(uint64_t a, uint64_t b, uint64_t multiplier) {
  const uint64_t first = ShiftMix((a ^ b) * multiplier);
  return ShiftMix((b ^ first) * multiplier) * multiplier;
}

uint64_t HashUpTo16(const char* s, size_t n) {
  const uint64_t multiplier = kPrime2 + 2 * n;
  if (n >= 8) {
    const uint64_t head = Word(s) + kPrime2;
    const uint64_t tail = Word(s + n - 8);
    return Mix(Rotate(tail, 37) * multiplier + head, (Rotate(head, 25) + tail) * multiplier,
               multiplier);
  }
  if (n >= 4) return Mix(n + (HalfWord(s) << 3), HalfWord(s + n - 4), multiplier);
  if (n == 0) return kPrime2;
  const uint64_t front = Byte(s) + (Byte(s + n / 2) << 8);
  const uint64_t back = n + (Byte(s + n - 1) << 2);
  return ShiftMix((front * kPrime2) ^ (back * kPrime0)) * kPrime2;
}

/// What strings of 17 to 64 bytes begin with: their first and last 16 bytes, one word times
/// `scale`.
Pair Ends(const char* s, size_t n, uint64_t scale, uint64_t multiplier) {
  const uint64_t a = Word(s) * scale;
  const uint64_t b = Word(s + 8);
  const uint64_t c = Word(s + n - 8) * multiplier;
  const uint64_t d = Word(s + n - 16) * kPrime2;
  return {Rotate(a + b, 43) + Rotate(c, 30) + d, a + Rotate(b + kPrime2, 18) + c};
}

uint64_t HashUpTo32(const char* s, size_t n) {
  const uint64_t multiplier = kPrime2 + 2 * n;
  const Pair ends = Ends(s, n, kPrime1, multiplier);
  return Mix(ends.first, ends.second, multiplier);
}

uint64_t HashUpTo64(const char* s, size_t n) {
  const uint64_t multiplier = kPrime2 + 2 * n;
  const Pair ends = Ends(s, n, kPrime2, multiplier);
  const uint64_t mixed = Mix(ends.first, ends.second, multiplier);
  const uint64_t e = Word(s + 16) * multiplier;
  const uint64_t f = Word(s + 24);
  const uint64_t g = (ends.first + Word(s + n - 32)) * multiplier;
  const uint64_t h = (mixed + Word(s + n - 24)) * multiplier;
  return Mix(Rotate(e + f, 43) + Rotate(g, 30) + h, e + Rotate(f + Word(s) * kPrime2, 18) + g,
             multiplier);
}

/// Stirs 32 bytes into two words.
Pair Stir(const char* s, uint64_t a, uint64_t b) {
  const uint64_t last = Word(s + 24);
  a += Word(s);
  const uint64_t start = a;
  b = Rotate(b + a + last, 21);
  a += Word(s + 8) + Word(s + 16);
  return {a + last, b + Rotate(a, 44) + start};
}

/// The state in which strings of more than 64 bytes are hashed: 56 bytes.
struct State {
  uint64_t x, y, z;
  Pair v, w;

  /// Takes in 64 bytes. The last ones have a multiplier of their own, and count some parts 9 times.
  void Block(const char* s, uint64_t multiplier, uint64_t times) {
    x = Rotate(x + y + v.first + Word(s + 8), 37) * multiplier;
    y = Rotate(y + v.second + Word(s + 48), 42) * multiplier;
    x ^= w.second * times;
    y += v.first * times + Word(s + 40);
    z = Rotate(z + w.first, 33) * multiplier;
    v = Stir(s, v.second * multiplier, x + w.first);
    w = Stir(s + 32, z + w.second, y + Word(s + 16));
    std::swap(z, x);
  }
};

uint64_t HashLong(const char* s, size_t n) {
  constexpr uint64_t kSeed = 81;
  State state = {};
  state.y = kSeed * kPrime1 + 113;
  state.z = ShiftMix(state.y * kPrime2 + 113) * kPrime2;
  state.x = kSeed * kPrime2 + Word(s);
  // All whole blocks but the last 1 to 64 bytes, then the last 64, which overlap.
  const size_t rest = (n - 1) % 64;
  const char* const end = s + (n - 1 - rest);
  for (; s != end; s += 64) state.Block(s, kPrime1, 1);
  const uint64_t multiplier = kPrime1 + ((state.z & 0xff) << 1);
  state.w.first += rest;
  state.v.first += state.w.first;
  state.w.first += state.v.first;
  state.Block(end + rest - 63, multiplier, 9);
  return Mix(Mix(state.v.first, state.w.first, multiplier) + ShiftMix(state.y) * kPrime0 + state.z,
             Mix(state.v.second, state.w.second, multiplier) + state.x, multiplier);
}

}  // namespace

uint64_t Fingerprint64(StringView text) {
  if (text.size <= 16) return HashUpTo16(text.data, text.size);
  if (text.size <= 32) return HashUpTo32(text.data, text.size);
  if (text.size <= 64) return HashUpTo64(text.data, text.size);
  return HashLong(text.data, text.size);
}

}  // namespace opgraft
