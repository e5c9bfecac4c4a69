// Strings as keys of frozen maps: one map for each length, so that slots need neither a length nor
// padding; and one for long strings, which lie elsewhere.
#ifndef OPGRAFT_OPS_LOOKUP_FROZEN_STRINGS_H_
#define OPGRAFT_OPS_LOOKUP_FROZEN_STRINGS_H_

#include <cstdint>
#include <cstring>
#include <vector>

#include "ops/lookup/arena.h"
#include "ops/lookup/frozen_map.h"
#include "ops/lookup/hash.h"
#include "ops/lookup/traits.h"

namespace opgraft {

class FrozenStrings {
 public:
  /// Bytes of the longest key that lies in its slot.
  static constexpr size_t kLongest = 64;
  static constexpr size_t kMaps = kLongest + 2;

  FrozenStrings() : maps_(kMaps) {}

  /// The number of the map that a key belongs to; the last one is that of long keys, whose slots
  /// have a reference to arena() instead of the key.
  static size_t MapOf(size_t length) { return length <= kLongest ? length : kLongest + 1; }
  static bool IsLong(size_t map) { return map > kLongest; }
  static size_t KeyWidth(size_t map) { return IsLong(map) ? sizeof(Arena::Ref) : map; }

  FrozenMap& map(size_t i) { return maps_[i]; }
  const FrozenMap& map(size_t i) const { return maps_[i]; }
  Arena& arena() { return arena_; }

  /// The key at the beginning of a row or slot.
  StringView Key(size_t map, const char* slot) const {
    return IsLong(map) ? arena_.Get(LoadWord(slot)) : StringView{slot, map};
  }
  int64_t memory_used() const {
    int64_t bytes = arena_.memory_used();
    for (const FrozenMap& map : maps_) bytes += map.memory_used();
    return bytes;
  }

  /// Finds the keys [begin, begin + n).
  template <class Value>
  void Find(KernelContext* context, const TensorView& keys, int64_t begin, int64_t n,
            typename Value::Type other, typename Value::Type* values) const {
    StringView block[kFindBlock];
    uint64_t hashes[kFindBlock];
    const char* slots[kFindBlock];
    for (int64_t done = 0; done < n; done += kFindBlock, values += kFindBlock) {
      const int64_t size = n - done < kFindBlock ? n - done : kFindBlock;
      ReadStrings(context, keys, begin + done, size, block);
      for (int64_t i = 0; i < size; ++i) __builtin_prefetch(block[i].data);
      for (int64_t i = 0; i < size; ++i) {
        const FrozenMap& map = maps_[MapOf(block[i].size)];
        hashes[i] = HashKey(block[i], map.seed());
        PrefetchFar(map.Pilot(hashes[i]));
      }
      for (int64_t i = 0; i < size; ++i) {
        const FrozenMap& map = maps_[MapOf(block[i].size)];
        slots[i] = map.Slot(hashes[i]);
        PrefetchFar(slots[i]);
        PrefetchFar(slots[i] + map.stride());  // may be on the next line
      }
      for (int64_t i = 0; i < size; ++i) {
        const size_t number = MapOf(block[i].size);
        const bool found = Equal(block[i], slots[i]) & (maps_[number].size() != 0);
        values[i] = Value::Choose(slots[i] + KeyWidth(number), found, other);
      }
    }
  }

 private:
  bool Equal(StringView key, const char* slot) const {
    if (key.size >= 8 && key.size <= 32) {
      const ShortWords a = LoadShort(key.data, key.size), b = LoadShort(slot, key.size);
      return ((a.w[0] ^ b.w[0]) | (a.w[1] ^ b.w[1]) | (a.w[2] ^ b.w[2]) | (a.w[3] ^ b.w[3])) == 0;
    }
    if (key.size < 8) return LoadTiny(key.data, key.size) == LoadTiny(slot, key.size);
    if (key.size <= kLongest) return std::memcmp(key.data, slot, key.size) == 0;
    const Arena::Ref ref = LoadWord(slot);
    return arena_.Get(ref) == key;
  }

  std::vector<FrozenMap> maps_;
  Arena arena_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FROZEN_STRINGS_H_
