#include "ops/lookup/perfect_hash.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace opgraft {
namespace {

constexpr int64_t kPartition = 65536;  // keys: with their rows, what a second cache holds
constexpr int kMaxBucket = 64;         // keys; three are usual, 20 do not happen by chance
constexpr int kPilots = 65536;
constexpr int64_t kKeyNanoseconds = 60;

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
  Partition(int64_t largest, uint64_t buckets, uint64_t slots, uint64_t partitions)
      : buckets_(buckets),
        all_buckets_(buckets * partitions),
        slots_(slots),
        hashes_(largest),
        end_(buckets + 1),
        grouped_(largest),
        sizes_(buckets),
        order_(buckets),
        used_(slots / 64 + 1),
        placed_keys_(largest),
        placed_slots_(largest) {}

  /// Returns the number of keys that it placed; -1 if there is no pilot for some bucket.
  int64_t Build(int64_t number, int64_t begin, int64_t n, uint16_t* pilots, Keys* keys) {
    keys->Hash(begin, n, hashes_.data());
    Group(number, n);
    if (!DropEqual(begin, keys)) return -1;
    Order();
    const int64_t placed = FindPilots(pilots);
    if (placed >= 0) {
      keys->Place(begin, placed_keys_.data(), number * slots_, placed_slots_.data(), placed);
    }
    return placed;
  }

 private:
  /// Sorts keys by bucket: those of bucket b are in grouped_ from end_[b - 1] to end_[b].
  void Group(int64_t number, int64_t n) {
    // All partitions count their buckets in one sequence.
    const uint64_t first = number * buckets_, all = all_buckets_;
    std::fill(end_.begin(), end_.end(), 0);
    for (int64_t i = 0; i < n; ++i) ++end_[Reduce(hashes_[i], all) - first + 1];
    for (size_t b = 1; b < end_.size(); ++b) end_[b] += end_[b - 1];
    for (int64_t i = 0; i < n; ++i) {
      grouped_[end_[Reduce(hashes_[i], all) - first]++] = static_cast<uint32_t>(i);
    }
  }

  /// Keeps the first of equal keys, at the begin of their bucket.
  bool DropEqual(int64_t begin, Keys* keys) {
    std::fill(std::begin(of_size_), std::end(of_size_), 0);
    uint32_t first = 0;
    for (size_t b = 0; b < buckets_; ++b) {
      uint32_t* const bucket = grouped_.data() + first;
      int64_t size = end_[b] - first;
      if (size > 1 && !Distinct(bucket, &size, begin, keys)) return false;
      if (size > kMaxBucket) return false;
      sizes_[b] = static_cast<uint8_t>(size);
      ++of_size_[size];
      first = end_[b];
    }
    return true;
  }

  bool Distinct(uint32_t* bucket, int64_t* size, int64_t begin, Keys* keys) const {
    const bool sort = *size > kMaxBucket;  // otherwise each is compared with all before it
    if (sort) {
      std::sort(bucket, bucket + *size, [&](uint32_t a, uint32_t b) {
        return hashes_[a] != hashes_[b] ? hashes_[a] < hashes_[b] : a < b;
      });
    }
    int64_t kept = 1;
    for (int64_t i = 1; i < *size; ++i) {
      int64_t same = sort ? kept - 1 : 0;
      while (same < kept && hashes_[bucket[same]] != hashes_[bucket[i]]) ++same;
      if (same == kept) {
        bucket[kept++] = bucket[i];
      } else if (!keys->Equal(begin + bucket[same], begin + bucket[i])) {
        return false;
      }
    }
    *size = kept;
    return true;
  }

  /// Buckets from large to small.
  void Order() {
    uint32_t begin[kMaxBucket + 1];
    uint32_t total = 0;
    for (int size = kMaxBucket; size >= 0; --size) {
      begin[size] = total;
      total += of_size_[size];
    }
    for (size_t b = 0; b < buckets_; ++b) order_[begin[sizes_[b]]++] = static_cast<uint32_t>(b);
  }

  int64_t FindPilots(uint16_t* pilots) {
    std::fill(used_.begin(), used_.end(), 0);
    int64_t placed = 0;
    for (const uint32_t b : order_) {
      const int size = sizes_[b];
      if (size == 0) break;
      const uint32_t* const bucket = grouped_.data() + (b == 0 ? 0 : end_[b - 1]);
      uint32_t* const slots = placed_slots_.data() + placed;
      const int pilot = FindPilot(bucket, size, slots);
      if (pilot < 0) return -1;
      pilots[b] = static_cast<uint16_t>(pilot);
      for (int i = 0; i < size; ++i) placed_keys_[placed++] = bucket[i];
    }
    return placed;
  }

  /// Marks the slots that it finds; -1 if there is no pilot.
  int FindPilot(const uint32_t* bucket, int size, uint32_t* slots) {
    uint64_t hashes[kMaxBucket];
    for (int i = 0; i < size; ++i) hashes[i] = hashes_[bucket[i]];
    switch (size) {  // most buckets by far: loops over them are unrolled
      case 1:
        return FindPilotOf<1>(hashes, 1, slots);
      case 2:
        return FindPilotOf<2>(hashes, 2, slots);
      case 3:
        return FindPilotOf<3>(hashes, 3, slots);
      case 4:
        return FindPilotOf<4>(hashes, 4, slots);
      default:
        return FindPilotOf<0>(hashes, size, slots);
    }
  }

  template <int kSize>
  int FindPilotOf(const uint64_t* hashes, int n, uint32_t* slots) {
    const int size = kSize == 0 ? n : kSize;
    for (int pilot = 0; pilot < kPilots; ++pilot) {
      // All keys before the branch: whether one of them is free is as good as random.
      uint64_t taken = 0;
      for (int i = 0; i < size; ++i) {
        const uint64_t slot = LocalSlot(hashes[i], static_cast<uint16_t>(pilot), slots_);
        slots[i] = static_cast<uint32_t>(slot);
        taken |= used_[slot / 64] >> slot % 64;
      }
      if ((taken & 1) == 0 && Mark(slots, size)) return pilot;
    }
    return -1;
  }

  /// False if two of the slots are one.
  bool Mark(const uint32_t* slots, int size) {
    for (int i = 0; i < size; ++i) {
      uint64_t& word = used_[slots[i] / 64];
      const uint64_t bit = uint64_t{1} << slots[i] % 64;
      if ((word & bit) != 0) {
        while (i > 0) --i, used_[slots[i] / 64] &= ~(uint64_t{1} << slots[i] % 64);
        return false;
      }
      word |= bit;
    }
    return true;
  }

  const uint64_t buckets_, all_buckets_, slots_;
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> end_;
  std::vector<uint32_t> grouped_;  // keys by bucket
  std::vector<uint8_t> sizes_;     // of buckets, without keys that equal others
  uint32_t of_size_[kMaxBucket + 1];
  std::vector<uint32_t> order_;  // of buckets
  std::vector<uint64_t> used_;   // a bit for each slot
  std::vector<uint32_t> placed_keys_, placed_slots_;
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
      Partition partition(largest, buckets, slots_, partitions_);
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
