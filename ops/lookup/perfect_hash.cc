#include "ops/lookup/perfect_hash.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>

namespace opgraft {
namespace {

constexpr int64_t kPartition = 65536;  // keys: with their rows, what a second cache holds
constexpr int kMaxBucket = 64;         // keys; three are usual, 20 do not happen by chance
constexpr int64_t kKeyNanoseconds = 25;

/// How tight a hash is: pilots are found faster where there are more slots and buckets.
struct Density {
  double load;  // keys per slot in the fullest partition
  int64_t keys_per_bucket;
};
// A small table takes little memory anyhow, and is built in the time of a few tensor ops.
constexpr int64_t kSmall = 32768;
constexpr Density kSmallDensity = {0.75, 3}, kDensity = {0.93, 3};

}  // namespace

const uint16_t PerfectHash::kNoPilot = 0;

/// Finds the pilots of one partition after another, in the same memory.
class PerfectHash::Partition {
 public:
  /// `largest`: keys of the fullest partition.
  Partition(const PerfectHash& hash, int64_t largest)
      : buckets_(hash.buckets_ / hash.partitions_),
        all_buckets_(hash.buckets_),
        slots_(hash.slots_),
        first_slots_(hash.first_slots_),
        hashes_(new uint64_t[largest]),
        end_(buckets_ + 1),
        grouped_(new Key[largest]),
        order_(new uint32_t[buckets_]),
        taken_(slots_ / 8 + 2 * sizeof(uint64_t)),
        slot_of_(new uint32_t[largest]) {}

  /// Returns the number of keys that it placed; -1 if there is no pilot for some bucket.
  int64_t Build(int64_t number, int64_t begin, int64_t n, uint16_t* pilots, Keys* keys) {
    Group(number, begin, n, keys);
    Order();
    const int64_t placed = FindPilots(begin, pilots, keys);
    if (placed >= 0) keys->Place(begin, n, number * slots_, slots_, slot_of_.get());
    return placed;
  }

 private:
  struct Key {
    uint32_t hash;  // the lower half: all that slots depend on
    uint32_t number;
  };

  /// Sorts keys by bucket: those of bucket b are in grouped_ from end_[b - 1] to end_[b].
  void Group(int64_t number, int64_t begin, int64_t n, Keys* keys) {
    // All partitions count their buckets in one sequence.
    const uint64_t first = number * buckets_, all = all_buckets_;
    std::fill(end_.begin(), end_.end(), 0);
    uint64_t* const hashes = hashes_.get();
    for (int64_t from = 0; from < n; from += kHashed) {
      const int64_t to = std::min(n, from + kHashed);
      keys->Hash(begin + from, to - from, hashes + from);
      for (int64_t i = from; i < to; ++i) ++end_[Reduce(hashes[i], all) - first + 1];
    }
    for (size_t b = 1; b < end_.size(); ++b) end_[b] += end_[b - 1];
    for (int64_t i = 0; i < n; ++i) {
      grouped_[end_[Reduce(hashes[i], all) - first]++] = {static_cast<uint32_t>(hashes[i]),
                                                          static_cast<uint32_t>(i)};
    }
  }

  uint32_t Begin(size_t b) const { return b == 0 ? 0 : end_[b - 1]; }

  /// Buckets from large to small.
  void Order() {
    const auto size = [&](size_t b) { return std::min<uint32_t>(end_[b] - Begin(b), kMaxBucket); };
    uint32_t begin[kMaxBucket + 1] = {};
    for (size_t b = 0; b < buckets_; ++b) ++begin[size(b)];
    uint32_t total = 0;
    for (int of_size = kMaxBucket; of_size >= 0; --of_size) {
      total += begin[of_size];
      begin[of_size] = total - begin[of_size];
    }
    for (size_t b = 0; b < buckets_; ++b) order_[begin[size(b)]++] = static_cast<uint32_t>(b);
  }

  int64_t FindPilots(int64_t begin, uint16_t* pilots, Keys* keys) {
    std::fill(taken_.begin(), taken_.end(), 0);
    int64_t placed = 0;
    for (size_t i = 0; i < buckets_; ++i) {
      const uint32_t b = order_[i];
      Key* const bucket = grouped_.get() + Begin(b);
      int64_t size = end_[b] - Begin(b);
      if (size == 0) break;
      if (size > 1 && !DropEqual(bucket, &size, begin, keys)) return -1;
      if (size > kMaxBucket) return -1;
      const int pilot = FindPilot(bucket, static_cast<int>(size));
      if (pilot < 0) return -1;
      pilots[b] = static_cast<uint16_t>(pilot);
      placed += size;
    }
    return placed;
  }

  /// Keeps the first of equal keys, at the begin of their bucket. False if keys differ of which
  /// slots depend in the same way.
  bool DropEqual(Key* bucket, int64_t* size, int64_t begin, Keys* keys) {
    const bool sort = *size > kMaxBucket;  // otherwise each is compared with all before it
    if (sort) {
      std::sort(bucket, bucket + *size, [](Key a, Key b) {
        return a.hash != b.hash ? a.hash < b.hash : a.number < b.number;
      });
    }
    int64_t kept = 1;
    for (int64_t i = 1; i < *size; ++i) {
      int64_t same = sort ? kept - 1 : 0;
      while (same < kept && bucket[same].hash != bucket[i].hash) ++same;
      if (same == kept) {
        bucket[kept++] = bucket[i];
      } else if (hashes_[bucket[same].number] == hashes_[bucket[i].number] &&
                 keys->Equal(begin + bucket[same].number, begin + bucket[i].number)) {
        slot_of_[bucket[i].number] = kNoSlot;
      } else {
        return false;
      }
    }
    *size = kept;
    return true;
  }

  /// Takes the slots that it finds; -1 if there is no pilot.
  int FindPilot(const Key* bucket, int size) {
    const int last = static_cast<int>(slots_ - first_slots_);
    uint64_t first[kMaxBucket];
    for (int upper = 0; upper < 256; ++upper) {
      for (int i = 0; i < size; ++i) {
        first[i] = FirstSlot(bucket[i].hash, upper << 8, first_slots_);
      }
      if (!Distinct(first, size)) continue;
      for (int lower = 0; lower <= last; lower += kAtOnce) {
        uint64_t taken = last - lower < kAtOnce - 1 ? ~uint64_t{1} << (last - lower) : kBeyond;
        for (int i = 0; i < size; ++i) taken |= TakenFrom(first[i] + lower);
        if (~taken == 0) continue;
        lower += __builtin_ctzll(~taken);
        for (int i = 0; i < size; ++i) Take(first[i] + lower, bucket[i].number);
        return upper << 8 | lower;
      }
    }
    return -1;
  }

  static bool Distinct(const uint64_t* numbers, int n) {
    bool distinct = true;
    for (int i = 1; i < n; ++i) {
      for (int j = 0; j < i; ++j) distinct &= numbers[i] != numbers[j];
    }
    return distinct;
  }

  /// Which of the slots from `slot` on are taken, kAtOnce bits.
  uint64_t TakenFrom(uint64_t slot) const {
    uint64_t bits;  // little-endian
    std::memcpy(&bits, taken_.data() + slot / 8, sizeof(bits));
    return bits >> slot % 8;
  }
  void Take(uint64_t slot, uint32_t key) {
    taken_[slot / 8] |= static_cast<uint8_t>(1 << slot % 8);
    slot_of_[key] = static_cast<uint32_t>(slot);
  }

  static constexpr int64_t kHashed = 1024;
  static constexpr int kAtOnce = 57;  // the bits that 8 bytes have from any bit of the first one on
  static constexpr uint64_t kBeyond = ~uint64_t{0} << kAtOnce;

  const uint64_t buckets_, all_buckets_, slots_, first_slots_;
  // Arrays that need no zeros are not vectors: for a small table those would cost a tenth.
  const std::unique_ptr<uint64_t[]> hashes_;
  std::vector<uint32_t> end_;
  const std::unique_ptr<Key[]> grouped_;       // keys by bucket
  const std::unique_ptr<uint32_t[]> order_;    // of buckets
  std::vector<uint8_t> taken_;                 // a bit for each slot
  const std::unique_ptr<uint32_t[]> slot_of_;  // of keys
};

int64_t PerfectHash::Partitions(int64_t n) {
  return std::max<int64_t>((n + kPartition - 1) / kPartition, 1);
}

bool PerfectHash::Build(KernelContext* context, const std::vector<int64_t>& begin, Keys* keys,
                        int64_t* distinct) {
  const int64_t n = begin.back();
  partitions_ = begin.size() - 1;
  const int64_t mean = n / static_cast<int64_t>(partitions_);
  int64_t largest = 0;
  for (size_t p = 0; p < partitions_; ++p) largest = std::max(largest, begin[p + 1] - begin[p]);
  // Chance does not do that, and space would be lost in all partitions.
  if (partitions_ > 1 && largest > mean + mean / 16 + 1024) return false;

  const Density& density = n <= kSmall ? kSmallDensity : kDensity;
  slots_ = static_cast<uint64_t>(largest / density.load) + 1;
  // Pilots displace by up to 255 slots, but by few where there are few.
  first_slots_ = slots_ - std::min<uint64_t>(slots_ / 32, 255);
  const uint64_t buckets = mean / density.keys_per_bucket + 1;
  buckets_ = partitions_ * buckets;
  buffer_ = Buffer(buckets_ * sizeof(uint16_t));
  uint16_t* const pilots = reinterpret_cast<uint16_t*>(buffer_.data());
  pilots_ = pilots;
  keys->AllocateSlots(slots());

  std::atomic<bool> failed{false}, out_of_memory{false};
  std::atomic<int64_t> placed{0};
  const int64_t cost = std::max<int64_t>(mean, 1) * kKeyNanoseconds;
  context->ParallelFor(partitions_, cost, [&](int64_t first, int64_t last) {
    try {
      Partition partition(*this, largest);
      for (int64_t p = first; p < last && !failed.load(std::memory_order_relaxed); ++p) {
        const int64_t count = begin[p + 1] - begin[p];
        const int64_t more = partition.Build(p, begin[p], count, pilots + p * buckets, keys);
        if (more < 0) failed = true;
        placed += more;
      }
    } catch (const std::bad_alloc&) {
      out_of_memory = true;
    }
  });
  if (out_of_memory) throw std::bad_alloc();
  *distinct = placed;
  return !failed;
}

}  // namespace opgraft
