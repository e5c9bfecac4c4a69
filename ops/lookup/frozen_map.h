// FrozenMap: keys of one width and their values, built once. A key can be in one slot only, which
// the perfect hash names, and slots are key and value side by side: so finding costs one access to
// memory, known long before it is needed, and no branch.
#ifndef OPGRAFT_OPS_LOOKUP_FROZEN_MAP_H_
#define OPGRAFT_OPS_LOOKUP_FROZEN_MAP_H_

#include <cstdint>
#include <cstring>
#include <type_traits>
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
    virtual uint64_t Hash(const char* row, const HashSeed& seed) const = 0;
    /// Called for rows with equal hashes, `a` added before `b`: false if the keys differ. Equal keys
    /// with values that differ are its business. From several threads at once.
    virtual bool Equal(const char* a, const char* b) = 0;

   protected:
    ~Keys() {}
  };

  FrozenMap() = default;

  /// Takes the rows; values of 8 bytes are kept in 4 if `narrow`, which sign extension must restore.
  /// False if no perfect hash was found. Throws std::bad_alloc.
  bool Build(KernelContext* context, const Rows& rows, bool narrow, const HashSeed& seed,
             Keys* keys);

  int64_t size() const { return size_; }
  int64_t memory_used() const {
    return static_cast<int64_t>(slots_.size()) + hash_.memory_used();
  }
  size_t value_width() const { return stride_ - key_width_; }
  size_t stride() const { return stride_; }
  const HashSeed& seed() const { return seed_; }
  /// All ones, or 0 if there are no keys: then no slot means anything.
  uint64_t mask() const { return size_ == 0 ? 0 : ~uint64_t{0}; }

  const uint16_t* Pilot(uint64_t hash) const { return hash_.Pilot(hash); }
  const char* Slot(uint64_t hash, uint16_t pilot) const {
    return slots_.data() + hash_.Slot(hash, pilot) * stride_;
  }
  void PrefetchSlot(const char* slot) const {
    __builtin_prefetch(slot);
    __builtin_prefetch(slot + stride_ - 1);  // may be on the next line
  }

  /// Calls f(slot) for each key.
  template <class F>
  void ForEach(const F& f) const {
    if (size_ == 0) return;
    const char* const filler = slots_.data() + filler_ * stride_;
    for (uint64_t i = 0; i < hash_.slots(); ++i) {
      const char* const slot = slots_.data() + i * stride_;
      if (i == filler_ || std::memcmp(slot, filler, key_width_) != 0) f(slot);
    }
  }

 private:
  class Placer;

  HashSeed seed_ = {0, 0};
  PerfectHash hash_;
  size_t key_width_ = 0, stride_ = 0;
  // Slots that belong to no key hold the key of the slot filler_: who looks for that key looks
  // there, so it is never found anywhere else.
  Buffer slots_;
  uint64_t filler_ = 0;
  int64_t size_ = 0;
};

/// How many keys ahead of the comparison pilots and slots are prefetched. Pilots are 2 bytes for 3
/// keys and mostly in a cache; slots come from memory, and 32 of them under way are about what a core
/// can have.
constexpr int64_t kPilotsAhead = 8;
constexpr int64_t kSlotsAhead = 32;

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
  /// The value, or `other` if mask is 0: no branch, which could not be predicted.
  static Found Choose(const char* from, uint64_t mask, Found other) {
    using Bits = typename std::make_unsigned<Found>::type;
    const Bits bits = static_cast<Bits>(mask);
    return static_cast<Found>((static_cast<Bits>(Load(from)) & bits) |
                              (static_cast<Bits>(other) & static_cast<Bits>(~bits)));
  }
};

/// Finds n integer keys. K: int32_t or int64_t.
template <class K, class Value>
void FindIntegers(const FrozenMap& map, const K* keys, int64_t n, typename Value::Type other,
                  typename Value::Type* values) {
  constexpr int64_t kRing = 64;
  static_assert(kPilotsAhead + kSlotsAhead <= kRing, "");
  constexpr size_t kStride = sizeof(K) + Value::kWidth;
  constexpr bool kMayStraddle = (kStride & (kStride - 1)) != 0;
  const HashSeed seed = map.seed();
  const uint64_t valid = map.mask();
  uint64_t hashes[kRing];
  const uint16_t* pilots[kRing];
  const char* slots[kRing];
  const auto hash = [&](int64_t i) {
    hashes[i % kRing] = HashKey(static_cast<typename std::make_unsigned<K>::type>(keys[i]), seed);
    pilots[i % kRing] = map.Pilot(hashes[i % kRing]);
    __builtin_prefetch(pilots[i % kRing]);
  };
  const auto locate = [&](int64_t i) {
    const char* const slot = map.Slot(hashes[i % kRing], *pilots[i % kRing]);
    slots[i % kRing] = slot;
    __builtin_prefetch(slot);
    if (kMayStraddle) __builtin_prefetch(slot + kStride - 1);
  };
  const auto compare = [&](int64_t i) {
    const char* const slot = slots[i % kRing];
    K key;
    std::memcpy(&key, slot, sizeof(key));
    const uint64_t mask = -static_cast<uint64_t>(key == keys[i]) & valid;
    values[i] = Value::Choose(slot + sizeof(K), mask, other);
  };
  // Three stages of three different keys in each round.
  int64_t i = 0;
  for (; i < n && i < kPilotsAhead; ++i) hash(i);
  for (; i < n && i < kPilotsAhead + kSlotsAhead; ++i) hash(i), locate(i - kPilotsAhead);
  for (; i < n; ++i) {
    hash(i);
    locate(i - kPilotsAhead);
    compare(i - kPilotsAhead - kSlotsAhead);
  }
  for (int64_t j = n > kPilotsAhead ? n - kPilotsAhead : 0; j < n; ++j) locate(j);
  for (int64_t j = n > kPilotsAhead + kSlotsAhead ? n - kPilotsAhead - kSlotsAhead : 0; j < n; ++j) {
    compare(j);
  }
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FROZEN_MAP_H_
