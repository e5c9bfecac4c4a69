// How a FlatMap stores keys: integers as they are, strings in 24 bytes, the longer ones outside.
#ifndef OPGRAFT_OPS_LOOKUP_FLAT_KEYS_H_
#define OPGRAFT_OPS_LOOKUP_FLAT_KEYS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "ops/kernel/types.h"
#include "ops/lookup/hash.h"

namespace opgraft {

template <class Int>
struct IntegerKey {
  using Key = Int;
  using Stored = Int;
  struct Probe {
    Int key;
    uint64_t hash;
  };
  static Probe Prepare(Int key, const HashSeed& seed) { return {key, Hash(key, seed)}; }
  static uint64_t Hash(Int key, const HashSeed& seed) {
    return HashKey(static_cast<uint64_t>(key), seed);
  }
  static bool Equal(Int stored, const Probe& probe) { return stored == probe.key; }
  static bool EqualInline(Int stored, const Probe& probe) { return stored == probe.key; }
  static bool IsInline(const Probe&) { return true; }
  static Int Own(const Probe& probe) { return probe.key; }
  static void Release(Int) {}
  static size_t HeapBytes(Int) { return 0; }
  /// The key; for strings, `space` has place for one that is stored inline.
  static Int View(Int stored, char*) { return stored; }
};

struct StringKey {
  using Key = StringView;
  static constexpr size_t kInline = 23;  // bytes of a string that needs no memory of its own

  /// Two words with the first 16 bytes or as many as there are, and one with the last 7 bytes and
  /// the length below them. The words overlap where the string is no multiple of 8 long: it is
  /// equal to another one if and only if all words are. A string that is longer has its hash, its
  /// address and its length, with 255 below it.
  struct Stored {
    uint64_t words[3];
  };
  struct Probe {
    Stored key;  // of a long string without the address
    uint64_t hash;
    const char* data;
  };

  static Probe Prepare(StringView key, const HashSeed& seed) {
    Stored stored;
    if (key.size > kInline) {
      const uint64_t hash = HashKey(key, seed);
      return {{{hash, 0, key.size << 8 | kLong}}, hash, key.data};
    }
    if (key.size >= 8) {
      const size_t second = std::min<size_t>(key.size - 8, 8);
      const uint64_t last = LoadWord(key.data + key.size - 8);
      stored = {{LoadWord(key.data), LoadWord(key.data + second), (last & ~kLong) | key.size}};
    } else {
      stored = {{LoadTiny(key.data, key.size), 0, key.size}};
    }
    return {stored, Hash(stored, seed), key.data};
  }

  static uint64_t Hash(const Stored& stored, const HashSeed& seed) {
    if (IsLong(stored)) return stored.words[0];
    return HashShort({{stored.words[0], stored.words[1], stored.words[2], 0}}, 0, seed);
  }

  static bool EqualInline(const Stored& stored, const Probe& probe) {
    return ((stored.words[0] ^ probe.key.words[0]) | (stored.words[1] ^ probe.key.words[1]) |
            (stored.words[2] ^ probe.key.words[2])) == 0;
  }
  static bool IsInline(const Probe& probe) { return !IsLong(probe.key); }
  static bool Equal(const Stored& stored, const Probe& probe) {
    if (EqualInline(stored, probe)) return true;
    return IsLong(stored) && stored.words[0] == probe.key.words[0] &&
           stored.words[2] == probe.key.words[2] &&
           std::memcmp(Address(stored), probe.data, Length(stored)) == 0;
  }

  static Stored Own(const Probe& probe) {
    Stored stored = probe.key;
    if (!IsLong(stored)) return stored;
    char* const copy = new char[Length(stored)];
    std::memcpy(copy, probe.data, Length(stored));
    stored.words[1] = reinterpret_cast<uintptr_t>(copy);
    return stored;
  }
  static void Release(const Stored& stored) {
    if (IsLong(stored)) delete[] Address(stored);
  }
  static size_t HeapBytes(const Stored& stored) { return IsLong(stored) ? Length(stored) : 0; }

  static StringView View(const Stored& stored, char* space) {
    const size_t length = Length(stored);
    if (IsLong(stored)) return {Address(stored), length};
    if (length >= 8) {
      std::memcpy(space, &stored.words[0], 8);
      std::memcpy(space + (length < 16 ? length - 8 : 8), &stored.words[1], 8);
      const uint64_t last = stored.words[2] >> 8;
      std::memcpy(space + length - 7, &last, 7);
    } else if (length >= 4) {
      std::memcpy(space, &stored.words[0], 4);
      std::memcpy(space + length - 4, reinterpret_cast<const char*>(&stored.words[0]) + 4, 4);
    } else if (length != 0) {
      space[0] = static_cast<char>(stored.words[0]);
      space[length / 2] = static_cast<char>(stored.words[0] >> 8);
      space[length - 1] = static_cast<char>(stored.words[0] >> 16);
    }
    return {space, length};
  }

 private:
  static constexpr uint64_t kLong = 255;
  static bool IsLong(const Stored& stored) { return (stored.words[2] & 255) == kLong; }
  static size_t Length(const Stored& stored) {
    return IsLong(stored) ? stored.words[2] >> 8 : stored.words[2] & 255;
  }
  static char* Address(const Stored& stored) {
    return reinterpret_cast<char*>(static_cast<uintptr_t>(stored.words[1]));
  }
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FLAT_KEYS_H_
