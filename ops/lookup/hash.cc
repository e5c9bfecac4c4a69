#include "ops/lookup/hash.h"

#include <sys/auxv.h>
#include <time.h>

#include <atomic>

namespace opgraft {

HashSeed HashSeed::Random() {
  static std::atomic<uint64_t> calls{0};
  // 16 bytes that the kernel has drawn for this process.
  const char* const random = reinterpret_cast<const char*>(getauxval(AT_RANDOM));
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t number = static_cast<uint64_t>(now.tv_nsec) ^ calls.fetch_add(1) << 32;
  HashSeed seed = From(number);
  if (random == nullptr) return seed;
  seed.a ^= FoldedMultiply(LoadWord(random) ^ number, 0xc0ac29b7c97c50dd);
  seed.b ^= FoldedMultiply(LoadWord(random + 8) ^ number, 0x3f84d5b5b5470917);
  seed.b |= 1;
  return seed;
}

uint64_t HashLong(const char* s, size_t n, const HashSeed& seed) {
  uint64_t first = seed.a, second = seed.b;
  const char* const last = s + n - 32;
  for (const char* at = s; at < last; at += 32) {
    first = FoldedMultiply(LoadWord(at) ^ seed.a, LoadWord(at + 8) ^ first);
    second = FoldedMultiply(LoadWord(at + 16) ^ seed.b, LoadWord(at + 24) ^ second);
  }
  const HashSeed state = {seed.a ^ first, seed.b ^ second};
  return HashShort(LoadShort(last, 32), n, state);
}

}  // namespace opgraft
