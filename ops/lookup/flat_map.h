// A hash map in one array, by open addressing: slots in groups of 16, and for each slot a control
// byte with 7 bits of its key's hash, so that a search compares 16 slots at once and touches few
// keys but its own ("Swiss table": Kulukundis et al., absl::flat_hash_map, 2017).
//
// What is different here:
// - A key's group is the upper bits of its hash, and a full group overflows into the next one. So
//   the entries of a grown map lie in the order of those of the old one, and growth is a pass from
//   the beginning to the end of both instead of a random access per entry.
// - Searches come in blocks: all groups of a block are fetched at once, then all slots.
#ifndef OPGRAFT_OPS_LOOKUP_FLAT_MAP_H_
#define OPGRAFT_OPS_LOOKUP_FLAT_MAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "ops/lookup/buffer.h"
#include "ops/lookup/control_group.h"
#include "ops/lookup/hash.h"

namespace opgraft {

/// Maps keys to numbers. Not copied, and safe from several threads only as long as none changes it.
///
/// The array doubles when 7/8 of its slots are in use. Entries that are removed leave it as it is,
/// until slots are wanting again: then it is made anew for the entries that there are, perhaps
/// smaller. So memory and the time of a pass over all entries follow the most entries there were.
///
/// Traits (flat_keys.h) say how a key is stored:
///   Key       as it is handed over
///   Stored    as it lies in a slot; moved as plain bytes, all zeros where there is none
///   Probe     a key prepared for searching, with its `hash`
///   Prepare(Key, seed) -> Probe;  Hash(Stored, seed) -> the same hash
///   Equal(Stored, Probe)
///   EqualInline(Stored, Probe): false where memory elsewhere would decide, which is never if
///   IsInline(Probe)
///   Own(Probe) -> Stored, may throw;  Release(Stored);  HeapBytes(Stored)
template <class Traits, class Group = ControlGroup>
class FlatMap {
 public:
  using Key = typename Traits::Key;
  using Probe = typename Traits::Probe;
  struct Slot {
    typename Traits::Stored key;
    uint64_t value;
  };
  /// How many keys the block functions take at most.
  static constexpr int kBlock = 64;

  explicit FlatMap(const HashSeed& seed) : seed_(seed) {}
  ~FlatMap() {
    if (heap_bytes_ != 0) ForEach([](Slot* slot) { Traits::Release(slot->key); });
  }
  FlatMap(const FlatMap&) = delete;
  FlatMap& operator=(const FlatMap&) = delete;

  int64_t size() const { return size_; }
  /// Slots, of which at most 7/8 are in use.
  int64_t capacity() const { return static_cast<int64_t>(groups_ * kSlots); }
  /// Of the array and of what keys have outside it.
  int64_t memory_used() const { return static_cast<int64_t>(array_.size() + heap_bytes_); }

  /// Makes room for n entries in all. Throws std::bad_alloc and leaves the map as it was.
  void Reserve(int64_t n) {
    if (n > Limit(groups_)) Rehash(GroupsFor(n));
  }

  Probe Prepare(const Key& key) const { return Traits::Prepare(key, seed_); }
  /// Prepares up to kBlock keys and has the slots fetched that are likely to be theirs, or to
  /// become theirs, if the map is too large for the cache.
  void Prepare(const Key* keys, int n, Probe* probes) const {
    const bool fetch = !IsNear() && n > 1;
    for (int i = 0; i < n; ++i) {
      probes[i] = Traits::Prepare(keys[i], seed_);
      if (fetch) __builtin_prefetch(ControlOf(probes[i]));
    }
    for (int i = 0; fetch && i < n; ++i) {
      const size_t group = GroupOf(probes[i].hash);
      const Group control(control_ + group * kSlots);
      uint32_t places = control.Match(TagOf(probes[i].hash));
      if (places == 0) places = ~control.InUse();
      // Where a group is full, the bit that is always set is one slot further: no matter.
      __builtin_prefetch(slots_ + group * kSlots + __builtin_ctz(places | 1u << kSlots), 1);
    }
  }
  /// Whether the array is small enough to be in a cache near enough for single accesses.
  bool IsNear() const { return array_.size() <= size_t{1} << 20; }

  /// The slot of a key, or null.
  Slot* Find(const Probe& probe) const {
    size_t group = GroupOf(probe.hash);
    const uint8_t tag = TagOf(probe.hash);
    for (;;) {
      const Group control(control_ + group * kSlots);
      for (uint32_t match = control.Match(tag); match != 0; match &= match - 1) {
        Slot* const slot = slots_ + group * kSlots + __builtin_ctz(match);
        if (Traits::Equal(slot->key, probe)) return slot;
      }
      if (control.Match(kEmpty) != 0) return nullptr;
      group = Next(group);
    }
  }

  /// For up to kBlock keys at once: the addresses of their values, or `absent`.
  void Find(const Key* keys, int n, const uint64_t* absent, const uint64_t** values) const {
    if (IsNear() || n <= kSample) {
      int hits = 0;
      int i = 0;
      for (; i < std::min(n, kSample); ++i) {
        values[i] = ValueOf(Find(Traits::Prepare(keys[i], seed_)), absent);
        hits += values[i] != absent;
      }
      if (hits == 0 || hits == kSample) {  // as probably all others: branches do well
        for (; i < n; ++i) values[i] = ValueOf(Find(Traits::Prepare(keys[i], seed_)), absent);
      }
      for (; i < n; ++i) {
        const Probe probe = Traits::Prepare(keys[i], seed_);
        const Place place = Search(probe.hash);
        values[i] = Settle(probe, place, slots_ + place.slot, absent);
      }
      return;
    }
    Probe probes[kBlock];
    Place places[kBlock];
    for (int i = 0; i < n; ++i) {
      probes[i] = Traits::Prepare(keys[i], seed_);
      __builtin_prefetch(ControlOf(probes[i]));
    }
    for (int i = 0; i < n; ++i) {
      places[i] = Search(probes[i].hash);
      // Without a match, a line that is there already.
      __builtin_prefetch(Choose(-static_cast<uint64_t>(places[i].match != 0),
                                slots_ + places[i].slot, ControlOf(probes[i])));
    }
    for (int i = 0; i < n; ++i) {
      const Slot* const slot = static_cast<const Slot*>(
          Choose(-static_cast<uint64_t>(places[i].match != 0), slots_ + places[i].slot, &none_));
      values[i] = Settle(probes[i], places[i], slot, absent);
    }
  }

  /// The slot of a key, which is added with value 0 if it is not there.
  /// Throws std::bad_alloc and leaves the map as it was.
  Slot* FindOrAdd(const Probe& probe, bool* added) {
    Slot* const found = Find(probe);
    *added = found == nullptr;
    return *added ? Add(probe) : found;
  }

  /// A slot that Find or FindOrAdd has returned since the last change.
  void Erase(Slot* slot) {
    heap_bytes_ -= Traits::HeapBytes(slot->key);
    Traits::Release(slot->key);
    const size_t place = slot - slots_;
    // A group with an empty slot was never full: no search has gone beyond it, so none has to.
    const bool was_full = Group(control_ + place / kSlots * kSlots).Match(kEmpty) == 0;
    control_[place] = was_full ? kRemoved : kEmpty;
    room_ += !was_full;
    --size_;
  }

  /// Calls f(Slot*) for each entry, in no order that means anything.
  template <class F>
  void ForEach(const F& f) const {
    for (size_t group = 0; group < groups_; ++group) {
      uint32_t used = Group(control_ + group * kSlots).InUse();
      for (; used != 0; used &= used - 1) f(slots_ + group * kSlots + __builtin_ctz(used));
    }
  }

  /// The most groups that finding any of the entries takes.
  int64_t LongestSearch() const {
    int64_t longest = 0;
    ForEach([&](Slot* slot) {
      const size_t group = (slot - slots_) / kSlots;
      const size_t first = GroupOf(Traits::Hash(slot->key, seed_));
      longest = std::max<int64_t>(longest, ((group - first) & (groups_ - 1)) + 1);
    });
    return longest;
  }

 private:
  static constexpr size_t kSlots = Group::kSlots;
  static constexpr uint32_t kAllSlots = (1u << kSlots) - 1;
  static constexpr uint8_t kEmpty = 0;
  static constexpr uint8_t kRemoved = 1;

  /// Where the array is in a cache: by the outcome for some keys of a block, the others are
  /// searched for with branches on the outcome, or without.
  static constexpr int kSample = 8;

  static const uint64_t* ValueOf(const Slot* slot, const uint64_t* absent) {
    return slot == nullptr ? absent : &slot->value;
  }

  /// What the group of a hash says.
  struct Place {
    size_t slot;     // the first with its tag, or the one behind the group
    uint32_t match;  // the slots of the group with its tag
    uint32_t empty;  // its empty slots
  };
  Place Search(uint64_t hash) const {
    const size_t group = GroupOf(hash);
    const Group control(control_ + group * kSlots);
    const uint32_t match = control.Match(TagOf(hash));
    return {group * kSlots + __builtin_ctz(match | 1u << kSlots), match, control.Match(kEmpty)};
  }
  /// The end of a search, without a branch on whether `slot`, the one of the place, is the key's.
  const uint64_t* Settle(const Probe& probe, const Place& place, const Slot* slot,
                         const uint64_t* absent) const {
    const uint64_t equal = (place.match != 0) & Traits::EqualInline(slot->key, probe);
    // No slot has the tag but one that is another key's.
    const uint64_t absent_here = (place.match & (place.match - Traits::IsInline(probe))) == 0;
    const uint64_t settled = equal | (place.empty & -absent_here);
    if (__builtin_expect(settled == 0, 0)) return ValueOf(Find(probe), absent);
    return static_cast<const uint64_t*>(Choose(-equal, &slot->value, absent));
  }
  /// `first` is all ones or zero.
  static const void* Choose(uint64_t first, const void* a, const void* b) {
    asm("" : "+r"(first));  // or g++ makes it a branch
    return reinterpret_cast<const void*>((reinterpret_cast<uintptr_t>(a) & first) |
                                         (reinterpret_cast<uintptr_t>(b) & ~first));
  }

  static uint8_t TagOf(uint64_t hash) { return static_cast<uint8_t>(hash | 0x80); }
  size_t GroupOf(uint64_t hash) const { return hash >> 1 >> shift_; }
  size_t Next(size_t group) const { return (group + 1) & (groups_ - (groups_ != 0)); }
  const uint8_t* ControlOf(const Probe& probe) const {
    return control_ + GroupOf(probe.hash) * kSlots;
  }

  static int64_t Limit(size_t groups) { return static_cast<int64_t>(groups * (kSlots / 8 * 7)); }
  static size_t GroupsFor(int64_t n) {
    size_t groups = 1;
    while (Limit(groups) < n) {
      groups *= 2;
      if (groups > SIZE_MAX / 4 / (kSlots * (sizeof(Slot) + 1))) throw std::bad_alloc();
    }
    return groups;
  }

  /// For a key that is not there.
  __attribute__((noinline)) Slot* Add(const Probe& probe) {
    if (groups_ == 0) Rehash(1);
    size_t free = FreeSlot(probe.hash);
    if (control_[free] == kEmpty && room_ == 0) {
      // Entries that were removed count as well until here: this drops their slots, and grows only
      // if less than a seventh of what is in use was theirs. It may also shrink.
      Rehash(GroupsFor(size_ + size_ / 6 + 1));
      free = FreeSlot(probe.hash);
    }
    const typename Traits::Stored owned = Traits::Own(probe);
    room_ -= control_[free] == kEmpty;
    heap_bytes_ += Traits::HeapBytes(owned);
    ++size_;
    control_[free] = TagOf(probe.hash);
    slots_[free] = {owned, 0};
    return slots_ + free;
  }

  size_t FreeSlot(uint64_t hash) const {
    for (size_t group = GroupOf(hash);; group = Next(group)) {
      const uint32_t unused = ~Group(control_ + group * kSlots).InUse() & kAllSlots;
      if (unused != 0) return group * kSlots + __builtin_ctz(unused);
    }
  }

  /// Moves all entries to a new array.
  void Rehash(size_t groups) {
    Buffer array(groups * kSlots * (sizeof(Slot) + 1) + sizeof(Slot));
    // How many slots of each new group are in use. The control bytes say so too, but reading 16 of
    // them after one was written stalls, and entries of one group come one after the other.
    Buffer counts(groups);
    uint8_t* const count = reinterpret_cast<uint8_t*>(counts.data());
    const Slot* const old_slots = slots_;
    const uint8_t* const old_control = control_;
    const size_t old_groups = groups_;
    slots_ = reinterpret_cast<Slot*>(array.data());
    control_ = reinterpret_cast<uint8_t*>(slots_ + groups * kSlots);
    groups_ = groups;
    shift_ = 63 - __builtin_ctzll(groups);
    room_ = Limit(groups) - size_;
    std::swap(array_, array);
    for (size_t group = 0; group < old_groups; ++group) {
      uint32_t used = Group(old_control + group * kSlots).InUse();
      for (; used != 0; used &= used - 1) {
        const Slot& slot = old_slots[group * kSlots + __builtin_ctz(used)];
        const uint64_t hash = Traits::Hash(slot.key, seed_);
        size_t target = GroupOf(hash);
        while (count[target] == kSlots) target = Next(target);
        const size_t free = target * kSlots + count[target]++;
        control_[free] = TagOf(hash);
        slots_[free] = slot;
      }
    }
  }

  static constexpr Slot none_ = {};
  alignas(16) static constexpr uint8_t kNoControl[kSlots] = {};

  const HashSeed seed_;
  // The array is all slots, then all control bytes. A map without one has a group that is empty.
  Buffer array_;
  Slot* slots_ = const_cast<Slot*>(&none_);
  uint8_t* control_ = const_cast<uint8_t*>(kNoControl);
  size_t groups_ = 0;  // a power of 2
  int shift_ = 63;
  int64_t size_ = 0;
  int64_t room_ = 0;  // how many empty slots may still be used
  size_t heap_bytes_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FLAT_MAP_H_
