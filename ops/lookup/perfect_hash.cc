#include "ops/lookup/perfect_hash.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace opgraft {
namespace {

constexpr int64_t kPartition = 65536;   // keys: their entries fit the L2 cache
constexpr double kLoad = 0.95;                 // keys per slot of the fullest partition
constexpr int64_t kKeysPerBucket = 3;
constexpr int64_t kMaxBucket = 64;      // keys; three are usual, 20 do not happen by chance
constexpr int64_t kKeyNanoseconds = 60; // of building

}  // namespace

/// Builds one partition after another in the same memory.
struct PerfectHash::Partition {
  Partition(int64_t buckets, int64_t slots) : start(buckets + 1), used(slots / 64 + 1) {}

  /// Groups the entries by bucket and drops those that equal an earlier one.
  bool Group(uint64_t number, uint64_t all_buckets, const Entry* entries, int64_t n, Keys* keys) {
    const size_t buckets = start.size() - 1;
    const auto bucket = [&](int64_t i) {
      return Reduce(entries[i].hash, all_buckets) - number * buckets;
    };
    std::fill(start.begin(), start.end(), 0);
    if (static_cast<int64_t>(grouped.size()) < n) grouped.resize(n);
    for (int64_t i = 0; i < n; ++i) ++start[bucket(i) + 1];
    for (size_t b = 1; b < start.size(); ++b) start[b] += start[b - 1];
    for (int64_t i = 0; i < n; ++i) grouped[start[bucket(i)]++] = entries[i];
    // start[b] is the end of b now: its begin is the end of the one before.
    std::fill(std::begin(of_size), std::end(of_size), 0);
    sizes.resize(buckets);
    uint32_t begin = 0;
    for (size_t b = 0; b < buckets; ++b) {
      int64_t size = start[b] - begin;
      if (!Distinct(grouped.data() + begin, &size, keys) || size > kMaxBucket) return false;
      sizes[b] = static_cast<uint8_t>(size);
      ++of_size[size];
      begin = start[b];
    }
    Order();
    return true;
  }

  /// Buckets from large to small.
  void Order() {
    uint32_t begin[kMaxBucket + 1];
    uint32_t total = 0;
    for (int64_t size = kMaxBucket; size >= 0; --size) {
      begin[size] = total;
      total += of_size[size];
    }
    order.resize(sizes.size());
    for (size_t b = 0; b < sizes.size(); ++b) order[begin[sizes[b]]++] = static_cast<uint32_t>(b);
  }

  bool FindPilots(uint64_t slots, uint64_t first_slot, uint16_t* pilots) {
    std::fill(used.begin(), used.end(), 0);
    placed_keys.clear();
    placed_slots.clear();
    for (const uint32_t bucket : order) {
      const int64_t size = sizes[bucket];
      if (size == 0) break;
      const Entry* const entries = grouped.data() + (bucket == 0 ? 0 : start[bucket - 1]);
      uint64_t at[kMaxBucket];
      const int pilot = FindPilot(entries, size, slots, at);
      if (pilot < 0) return false;
      pilots[bucket] = static_cast<uint16_t>(pilot);
      for (int64_t i = 0; i < size; ++i) {
        placed_keys.push_back(entries[i].key);
        placed_slots.push_back(first_slot + at[i]);
      }
    }
    return true;
  }

  /// Marks the slots that it finds; -1 if there is no pilot.
  int FindPilot(const Entry* entries, int64_t size, uint64_t slots, uint64_t* at) {
    switch (size) {  // most buckets by far: loops over them are unrolled
      case 1:
        return FindPilotOf<1>(entries, 1, slots, at);
      case 2:
        return FindPilotOf<2>(entries, 2, slots, at);
      case 3:
        return FindPilotOf<3>(entries, 3, slots, at);
      case 4:
        return FindPilotOf<4>(entries, 4, slots, at);
      default:
        return FindPilotOf<0>(entries, size, slots, at);
    }
  }

  template <int kSize>
  int FindPilotOf(const Entry* entries, int64_t n, uint64_t slots, uint64_t* at) {
    const int64_t size = kSize == 0 ? n : kSize;
    for (int pilot = 0; pilot < 65536; ++pilot) {
      // All keys before the branch: whether one is free is as good as random.
      uint64_t taken = 0;
      for (int64_t i = 0; i < size; ++i) {
        at[i] = LocalSlot(entries[i].hash, static_cast<uint16_t>(pilot), slots);
        taken |= used[at[i] / 64] >> at[i] % 64;
      }
      if ((taken & 1) == 0 && Mark(at, size)) return pilot;
    }
    return -1;
  }

  /// False if two of the slots are one.
  bool Mark(const uint64_t* at, int64_t size) {
    for (int64_t i = 0; i < size; ++i) {
      uint64_t& word = used[at[i] / 64];
      const uint64_t bit = uint64_t{1} << at[i] % 64;
      if ((word & bit) != 0) {
        while (i > 0) --i, used[at[i] / 64] &= ~(uint64_t{1} << at[i] % 64);
        return false;
      }
      word |= bit;
    }
    return true;
  }

  std::vector<uint32_t> start;
  std::vector<Entry> grouped;
  std::vector<uint8_t> sizes;
  uint32_t of_size[kMaxBucket + 1];
  std::vector<uint32_t> order;
  std::vector<uint64_t> used;  // a bit for each slot
  std::vector<uint32_t> placed_keys;
  std::vector<uint64_t> placed_slots;
};

/// Keeps the first of equal keys. False if different keys have the same hash.
bool PerfectHash::Distinct(Entry* entries, int64_t* n, Keys* keys) {
  if (*n > kMaxBucket) {
    std::sort(entries, entries + *n, [](const Entry& a, const Entry& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.key < b.key;
    });
  }
  const bool sorted = *n > kMaxBucket;
  int64_t kept = 0;
  for (int64_t i = 0; i < *n; ++i) {
    int64_t same = sorted ? std::max<int64_t>(kept - 1, 0) : 0;
    while (same < kept && entries[same].hash != entries[i].hash) ++same;
    if (same == kept) {
      entries[kept++] = entries[i];
    } else if (!keys->Equal(entries[same].key, entries[i].key)) {
      return false;
    }
  }
  *n = kept;
  return true;
}

/// The first of each set of equal keys. False if different keys have the same hash.
static bool FirstOfEqual(const uint64_t* hashes, int64_t n, PerfectHash::Keys* keys,
                         std::vector<uint32_t>* first) {
  std::vector<uint32_t>& order = *first;
  order.resize(n);
  for (int64_t i = 0; i < n; ++i) order[i] = static_cast<uint32_t>(i);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return hashes[a] != hashes[b] ? hashes[a] < hashes[b] : a < b;
  });
  int64_t kept = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (kept > 0 && hashes[order[kept - 1]] == hashes[order[i]]) {
      if (!keys->Equal(order[kept - 1], order[i])) return false;
    } else {
      order[kept++] = order[i];
    }
  }
  order.resize(kept);
  return true;
}

bool PerfectHash::Build(KernelContext* context, const uint64_t* hashes, int64_t n, Keys* keys) {
  if (n >= int64_t{1} << 32) return false;
  int64_t distinct = 0;
  const auto hash_of = [&](int64_t i) { return hashes[i]; };
  const auto key_of = [&](int64_t i) { return static_cast<uint32_t>(i); };
  const bool built = Build(context, hash_of, key_of, n, keys, &distinct);
  if (built && distinct > n - n / 8) return true;
  // Many keys are there more than once: they crowd partitions, and take slots that nobody needs.
  std::vector<uint32_t> first;
  if (!FirstOfEqual(hashes, n, keys, &first)) return false;
  const int64_t kept = static_cast<int64_t>(first.size());
  if (kept == n) return built;
  return Build(
      context, [&](int64_t i) { return hashes[first[i]]; }, [&](int64_t i) { return first[i]; },
      kept, keys, &distinct);
}

template <class HashOf, class KeyOf>
bool PerfectHash::Build(KernelContext* context, const HashOf& hash_of, const KeyOf& key_of,
                        int64_t n, Keys* keys, int64_t* distinct) {
  partitions_ = std::max<int64_t>((n + kPartition - 1) / kPartition, 1);
  std::vector<uint32_t> begin(partitions_ + 1);
  for (int64_t i = 0; i < n; ++i) ++begin[Reduce(hash_of(i), partitions_) + 1];
  const int64_t largest = *std::max_element(begin.begin(), begin.end());
  const int64_t mean = n / partitions_;
  if (partitions_ > 1 && largest > mean + mean / 16 + 1024) return false;
  for (size_t p = 0; p < partitions_; ++p) begin[p + 1] += begin[p];

  Buffer entries_buffer(n * sizeof(Entry));
  Entry* const entries = reinterpret_cast<Entry*>(entries_buffer.data());
  std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t hash = hash_of(i);
    entries[next[Reduce(hash, partitions_)]++] = {hash, key_of(i)};
  }
  slots_ = static_cast<uint64_t>(largest / kLoad + 1);
  const int64_t buckets = mean / kKeysPerBucket + 1;
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
      Partition partition(buckets, slots_);
      for (int64_t p = first; p < last && !failed.load(std::memory_order_relaxed); ++p) {
        if (!partition.Group(p, buckets_, entries + begin[p], begin[p + 1] - begin[p], keys) ||
            !partition.FindPilots(slots_, p * slots_, pilots + p * buckets)) {
          failed = true;
          return;
        }
        const int64_t n = static_cast<int64_t>(partition.placed_keys.size());
        keys->Place(partition.placed_keys.data(), partition.placed_slots.data(), n);
        placed += n;
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
