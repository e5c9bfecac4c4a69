// FrozenMap: keys of one width and their values, built once. A key can be in one slot only, which
// the perfect hash names, and slots are key and value side by side: so finding costs one access to
// memory, known long before it is needed, and no branch.
#ifndef OPGRAFT_OPS_LOOKUP_FROZEN_MAP_H_
#define OPGRAFT_OPS_LOOKUP_FROZEN_MAP_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "ops/lookup/buffer.h"
#include "ops/lookup/hash.h"
#include "ops/lookup/perfect_hash.h"
#include "ops/lookup/rows.h"

namespace opgraft {

class FrozenMap {
 public:
  /// What Build does with keys, depending on their type.
  class Keys {
   public:
    /// Of `n` rows, one behind the other.
    virtual void Hash(const char* rows, int64_t n, const HashSeed& seed,
                      uint64_t* hashes) const = 0;
    /// Called for rows with equal hashes, `a` added before `b`: false if the keys differ. Equal
    /// keys with values that differ are its business. From several threads at once.
    virtual bool Equal(const char* a, const char* b) = 0;

   protected:
    ~Keys() {}
  };

  FrozenMap() = default;

  /// Takes the rows, whose order it changes; values of 8 bytes are kept in 4 if `narrow`, which
  /// sign extension must restore. False if no perfect hash was found: try another seed. Throws
  /// std::bad_alloc.
  bool Build(KernelContext* context, Rows* rows, bool narrow, const HashSeed& seed, Keys* keys);

  int64_t size() const { return size_; }
  int64_t memory_used() const { return static_cast<int64_t>(slots_.size()) + hash_.memory_used(); }
  size_t value_width() const { return stride_ - key_width_; }
  size_t stride() const { return stride_; }
  const HashSeed& seed() const { return seed_; }

  /// The slot that a key with this hash is in, if it is in any.
  template <bool kOne>
  const char* Slot(uint64_t hash, size_t stride) const {
    return data_ + hash_.Slot<kOne>(hash) * stride;
  }
  const char* Slot(uint64_t hash) const { return Slot<false>(hash, stride_); }
  const void* Pilot(uint64_t hash) const { return hash_.Pilot(hash); }
  bool one_partition() const { return hash_.one_partition(); }

  /// Calls f(slot) for each key.
  template <class F>
  void ForEach(const F& f) const {
    if (size_ == 0) return;
    const char* const filler = data_ + filler_ * stride_;
    for (uint64_t i = 0; i < hash_.slots(); ++i) {
      const char* const slot = data_ + i * stride_;
      if (i == filler_ || std::memcmp(slot, filler, key_width_) != 0) f(slot);
    }
  }

 private:
  class Placer;

  // What is read where there are no keys, instead of asking each time whether there are: a key and
  // a value of any width.
  static const char kNoSlots[128];

  /// Of equal rows keeps the first. False if there are none.
  bool DropEqual(Rows* rows, Keys* keys) const;
  bool SetFiller(const Rows& rows, const Keys& keys);

  HashSeed seed_ = {0, 0};
  PerfectHash hash_;
  size_t key_width_ = 0, stride_ = 0;
  const char* data_ = kNoSlots;  // of slots_
  // Slots that belong to no key hold the key of the slot filler_: who looks for that key looks
  // there, so it is never found anywhere else.
  Buffer slots_;
  uint64_t filler_ = 0;
  int64_t size_ = 0;
};

/// Keys that are found together: all their pilots are prefetched, then all slots, then compared.
/// That is more than the accesses that a core can have under way, and few enough for the first
/// cache.
constexpr int64_t kFindBlock = 256;

/// Into the second cache: more accesses can be under way to it than to the first.
inline void PrefetchFar(const void* address) { __builtin_prefetch(address, 0, 2); }

/// Of the next block: the processor's own prefetching stops at the end of each page. The last lines
/// may be beyond the end of the array.
template <class T>
inline void PrefetchArray(const T* from, int64_t n) {
  for (int64_t i = 0; i < n; i += 64 / sizeof(T)) __builtin_prefetch(from + i);
}

/// Values as they are stored and as they are found.
template <class Stored, class Found>
struct FixedValue {
  using Type = Found;
  static constexpr size_t kWidth = sizeof(Stored);
  static Found Load(const char* from) {
    Stored stored;
    std::memcpy(&stored, from, sizeof(stored));
    return static_cast<Found>(stored);
  }
  /// The value if `found`, otherwise `other`: by arithmetic, since a branch could not be predicted.
  static Found Choose(const char* from, bool found, Found other) {
    return static_cast<Found>(((Load(from) ^ other) & static_cast<Found>(-found)) ^ other);
  }
};

/// Finds n integer keys. K: int32_t or int64_t. kOne: as in PerfectHash.
template <class K, class Value, bool kOne>
void FindIntegers(const FrozenMap& map, const K* keys, int64_t n, typename Value::Type other,
                  typename Value::Type* values) {
  constexpr size_t kStride = sizeof(K) + Value::kWidth;
  constexpr bool kMayStraddle = (kStride & (kStride - 1)) != 0;
  if (map.size() == 0) return std::fill_n(values, n, other), void();
  const HashSeed seed = map.seed();
  uint64_t hashes[kFindBlock];
  const char* slots[kFindBlock];
  for (; n > 0; n -= kFindBlock, keys += kFindBlock, values += kFindBlock) {
    const int64_t block = n < kFindBlock ? n : kFindBlock;
    if (n > kFindBlock) {
      PrefetchArray(keys + kFindBlock, kFindBlock);
      PrefetchArray(values + kFindBlock, kFindBlock);
    }
    if (!kOne) {  // the pilots of one partition are in the cache
      for (int64_t i = 0; i < block; ++i) {
        hashes[i] = QuickHashKey(Unsigned(keys[i]), seed);
        PrefetchFar(map.Pilot(hashes[i]));
      }
    }
    for (int64_t i = 0; i < block; ++i) {
      const uint64_t hash = kOne ? QuickHashKey(Unsigned(keys[i]), seed) : hashes[i];
      slots[i] = map.Slot<kOne>(hash, kStride);
      PrefetchFar(slots[i]);
      if (kMayStraddle && !kOne) PrefetchFar(slots[i] + kStride - 1);
    }
    for (int64_t i = 0; i < block; ++i) {
      K key;
      std::memcpy(&key, slots[i], sizeof(key));
      values[i] = Value::Choose(slots[i] + sizeof(K), key == keys[i], other);
    }
  }
}

template <class K, class Value>
void FindIntegers(const FrozenMap& map, const K* keys, int64_t n, typename Value::Type other,
                  typename Value::Type* values) {
  const auto find =
      map.one_partition() ? FindIntegers<K, Value, true> : FindIntegers<K, Value, false>;
  find(map, keys, n, other, values);
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FROZEN_MAP_H_
