// A perfect hash: gives each of n known keys a slot of its own, in about 1.05 n slots.
//
// Keys are 64-bit hashes here. Their high half picks a partition of about 65,536 keys, which is
// built on its own while it fits the cache. Within it, the low half picks a bucket of about three
// keys, and each bucket has a 16-bit "pilot", chosen so that hashing its keys with it leads all of
// them to slots that are free. Buckets are served from large to small, so that many keys at once are
// placed while there is still space (Fox, Heath, Chen and Daoud, "Practical minimal perfect hash
// functions", 1992; Pibiri and Trani, "PTHash", 2021).
#ifndef OPGRAFT_OPS_LOOKUP_PERFECT_HASH_H_
#define OPGRAFT_OPS_LOOKUP_PERFECT_HASH_H_

#include <cstdint>
#include <vector>

#include "ops/kernel/kernel.h"
#include "ops/lookup/buffer.h"

namespace opgraft {

class PerfectHash {
 public:
  /// What a key is besides its hash: known to who has the keys.
  class Keys {
   public:
    /// Whether keys `a` and `b` are equal, whose hashes are; a < b.
    virtual bool Equal(uint32_t a, uint32_t b) = 0;
    /// Called before the first Place.
    virtual void AllocateSlots(uint64_t slots) = 0;
    /// Called for the first of each set of equal keys. The slots of one call lie close together.
    virtual void Place(const uint32_t* keys, const uint64_t* slots, int64_t n) = 0;

   protected:
    ~Keys() {}
  };

  /// Equal and Place are called from several threads at once and must not throw. False if it did
  /// not work, since different keys have the same hash, or hashes crowd in one place, or there are
  /// 2^32 keys: try again with hashes of another seed. Throws std::bad_alloc.
  bool Build(KernelContext* context, const uint64_t* hashes, int64_t n, Keys* keys);

  /// Where the pilot of a key lies: prefetch it, then ask for the slot.
  const uint16_t* Pilot(uint64_t hash) const {
    return pilots_ + (Reduce(hash >> 32, partitions_) * buckets_ + Reduce(Low(hash), buckets_));
  }
  uint64_t Slot(uint64_t hash, uint16_t pilot) const {
    return Reduce(hash >> 32, partitions_) * slots_ + LocalSlot(hash, pilot, slots_);
  }
  uint64_t slots() const { return uint64_t{partitions_} * slots_; }
  int64_t memory_used() const { return static_cast<int64_t>(buffer_.size()); }

 private:
  struct Entry {
    uint64_t hash;
    uint32_t key;
  };
  struct Partition;

  static uint64_t Low(uint64_t hash) { return hash & 0xffffffff; }
  /// A number below `limit` from 32 random bits.
  static uint64_t Reduce(uint64_t bits, uint64_t limit) { return bits * limit >> 32; }
  static uint64_t LocalSlot(uint64_t hash, uint16_t pilot, uint64_t slots) {
    return Reduce((hash ^ pilot) * 0x9fb21c651e98df25 >> 32, slots);
  }

  template <class HashOf, class KeyOf>
  bool Build(KernelContext* context, const HashOf& hash_of, const KeyOf& key_of, int64_t n,
             Keys* keys, int64_t* distinct);
  static bool Distinct(Entry* entries, int64_t* n, Keys* keys);

  uint32_t partitions_ = 1;
  uint32_t buckets_ = 1;  // per partition
  uint32_t slots_ = 1;    // per partition
  const uint16_t* pilots_ = nullptr;
  Buffer buffer_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_PERFECT_HASH_H_
