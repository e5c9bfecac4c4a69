// A perfect hash: gives each of n known keys a slot of its own, in about 1.08 n slots.
//
// Keys are 64-bit hashes here. Their high bits pick one of n / 3 buckets, and each bucket has a
// 16-bit "pilot", chosen so that all of its keys get slots that are free. The upper byte of a pilot
// is mixed into the hash, which gives each key a first slot; the lower byte says how many slots
// further all keys of the bucket are: so 57 pilots are tried at once, by the bits of the slots from
// the first ones on. Buckets are served from large to small, so that many keys at once are placed
// while there is still space. Partitions of about 65,536 keys have buckets and slots of their own,
// so that they are built while they are in the cache, and by several threads. (Fox, Heath, Chen and
// Daoud, "Practical minimal perfect hash functions", 1992; Pibiri and Trani, "PTHash", 2021; pilots
// that displace: Belazzougui, Botelho and Dietzfelbinger, "Hash, displace, and compress", 2009).
#ifndef OPGRAFT_OPS_LOOKUP_PERFECT_HASH_H_
#define OPGRAFT_OPS_LOOKUP_PERFECT_HASH_H_

#include <cstdint>
#include <vector>

#include "ops/kernel/kernel.h"
#include "ops/lookup/buffer.h"

namespace opgraft {

class PerfectHash {
 public:
  /// The keys, known to who stores them: numbers from 0 on, those of a partition next to one
  /// another. All but AllocateSlots are called from several threads at once and must not throw.
  class Keys {
   public:
    /// The hashes of the keys [begin, begin + n).
    virtual void Hash(int64_t begin, int64_t n, uint64_t* hashes) = 0;
    /// Whether keys `a` and `b` are equal, whose hashes are; a < b.
    virtual bool Equal(int64_t a, int64_t b) = 0;
    /// Called once, before Place.
    virtual void AllocateSlots(uint64_t slots) = 0;
    /// Key begin + i has slot first_slot + slots[i], i < n; of equal keys, the first alone has one
    /// and the others have kNoSlot. No other call has any of the `num_slots` from first_slot on.
    virtual void Place(int64_t begin, int64_t n, uint64_t first_slot, uint64_t num_slots,
                       const uint32_t* slots) = 0;

   protected:
    ~Keys() {}
  };

  static constexpr uint32_t kNoSlot = ~uint32_t{0};

  /// The number of partitions for n keys, and the one that a key belongs to.
  static int64_t Partitions(int64_t n);
  static uint64_t PartitionOf(uint64_t hash, int64_t partitions) {
    return Reduce(hash, static_cast<uint64_t>(partitions));
  }

  /// begin[i] is the first key of partition i, the last element the number of keys. Sets *distinct
  /// to the number of keys that got a slot. False if it did not work, since different keys have
  /// the same hash or hashes crowd in one place: try again with hashes of another seed. Throws
  /// std::bad_alloc.
  bool Build(KernelContext* context, const std::vector<int64_t>& begin, Keys* keys,
             int64_t* distinct);

  /// What Slot reads.
  const uint16_t* Pilot(uint64_t hash) const { return pilots_ + Reduce(hash, buckets_); }
  /// kOne: whether there is but one partition, which saves finding out which.
  template <bool kOne>
  uint64_t Slot(uint64_t hash) const {
    const uint16_t pilot = *Pilot(hash);
    const uint64_t slot = FirstSlot(hash, pilot, first_slots_) + (pilot & 255);
    return kOne ? slot : slot + Reduce(hash, partitions_) * slots_;
  }
  bool one_partition() const { return partitions_ == 1; }
  uint64_t slots() const { return partitions_ * slots_; }
  int64_t memory_used() const { return static_cast<int64_t>(buffer_.size()); }

 private:
  class Partition;

  /// A number below `limit`, mostly from the high bits of the hash.
  static uint64_t Reduce(uint64_t hash, uint64_t limit) {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(hash) * limit >> 64);
  }
  /// Depends on the lower half of the hash and on the upper byte of the pilot alone.
  static uint64_t FirstSlot(uint64_t hash, uint32_t pilot, uint64_t first_slots) {
    return (static_cast<uint32_t>(hash) * (pilot | 255)) * first_slots >> 32;
  }

  static const uint16_t kNoPilot;

  uint64_t partitions_ = 1;
  uint64_t buckets_ = 1;                // of all partitions, which have the same number
  uint64_t slots_ = 1;                  // of each partition
  uint64_t first_slots_ = 1;            // those that FirstSlot gives: as many from the first on
  const uint16_t* pilots_ = &kNoPilot;  // in buffer_
  Buffer buffer_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_PERFECT_HASH_H_
