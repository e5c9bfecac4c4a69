#include "ops/lookup/frozen_map.h"

#include <algorithm>
#include <new>
#include <vector>

namespace opgraft {
namespace {

constexpr size_t kCopy = 1 << 15;  // bytes, in the first cache
constexpr int64_t kHashed = 256;   // rows that are hashed at once

/// Calls f(i, hash) for the rows [0, n).
template <class F>
void ForEachHash(const Rows& rows, const HashSeed& seed, const FrozenMap::Keys& keys, const F& f) {
  uint64_t hashes[kHashed];
  for (int64_t begin = 0; begin < rows.size(); begin += kHashed) {
    const int64_t n = std::min(kHashed, rows.size() - begin);
    keys.Hash(rows.At(begin), n, seed, hashes);
    for (int64_t i = 0; i < n; ++i) f(begin + i, hashes[i]);
  }
}

/// Sets `begin` to the first row of each partition, and sorts the rows by partition.
void SortByPartition(Rows* rows, const HashSeed& seed, const FrozenMap::Keys& keys,
                     std::vector<int64_t>* begin, Buffer* spare) {
  const int64_t partitions = PerfectHash::Partitions(rows->size());
  begin->assign(partitions + 1, 0);
  if (partitions == 1) {
    (*begin)[1] = rows->size();
    return;
  }
  ForEachHash(*rows, seed, keys, [&](int64_t, uint64_t hash) {
    ++(*begin)[PerfectHash::PartitionOf(hash, partitions) + 1];
  });
  for (int64_t p = 0; p < partitions; ++p) (*begin)[p + 1] += (*begin)[p];
  std::vector<int64_t> next(begin->begin(), begin->end() - 1);
  const size_t stride = rows->stride();
  if (spare->size() < rows->size() * stride) *spare = Buffer(rows->size() * stride, false);
  char* const to = spare->data();
  const auto sort = [&](auto width) {
    ForEachHash(*rows, seed, keys, [&](int64_t i, uint64_t hash) {
      const int64_t place = next[PerfectHash::PartitionOf(hash, partitions)]++;
      std::memcpy(to + place * stride, rows->At(i), width);
    });
  };
  WithWidth(stride, sort);
  rows->Swap(spare);
}

}  // namespace

const char FrozenMap::kNoSlots[128] = {};

/// The rows as keys of the perfect hash; copies them into the slots that it gives them.
class FrozenMap::Placer final : public PerfectHash::Keys {
 public:
  Placer(FrozenMap* map, const Rows& rows, FrozenMap::Keys* keys, Buffer* spare)
      : map_(map), rows_(rows), keys_(keys), spare_(spare) {}

  void Hash(int64_t begin, int64_t n, uint64_t* hashes) override {
    keys_->Hash(rows_.At(begin), n, map_->seed_, hashes);
  }
  bool Equal(int64_t a, int64_t b) override { return keys_->Equal(rows_.At(a), rows_.At(b)); }

  void AllocateSlots(uint64_t slots) override {
    const size_t stride = map_->stride_;
    size_t bytes;
    if (__builtin_mul_overflow(slots, stride, &bytes)) throw std::bad_alloc();
    // Where rows have been sorted, their former place is free: to touch new memory costs more than
    // all else.
    map_->slots_ = Buffer();
    if (spare_->Truncate(bytes)) {
      map_->slots_ = std::move(*spare_);
    } else {
      *spare_ = Buffer();
      map_->slots_ = Buffer(bytes, false);
    }
    map_->data_ = map_->slots_.data();
  }

  void Place(int64_t begin, int64_t n, uint64_t first_slot, uint64_t num_slots,
             const uint32_t* slots) override {
    const size_t key_width = map_->key_width_, stride = map_->stride_, row = rows_.stride();
    const char* const from = rows_.At(begin);
    char* const to = map_->slots_.data() + first_slot * stride;
    Fill(to, num_slots * stride);
    const auto for_each = [&](auto copy) {
      for (int64_t i = 0; i < n; ++i) {
        if (slots[i] != PerfectHash::kNoSlot) copy(to + slots[i] * stride, from + i * row);
      }
    };
    if (map_->value_width() == rows_.value_width()) {
      WithWidth(stride, [&](auto width) {
        for_each([=](char* slot, const char* row) { std::memcpy(slot, row, width); });
      });
      return;
    }
    WithWidth(key_width, [&](auto width) {
      for_each([=](char* slot, const char* row) {
        int64_t value;
        std::memcpy(&value, row + width, sizeof(value));
        const int32_t low = static_cast<int32_t>(value);
        std::memcpy(slot, row, width);
        std::memcpy(slot + width, &low, sizeof(low));
      });
    });
  }

 private:
  /// The key of the filler everywhere, in copies that double up to what the cache holds.
  void Fill(char* to, size_t bytes) const {
    const size_t stride = map_->stride_;
    std::memset(to, 0, stride);
    if (rows_.size() != 0) std::memcpy(to, rows_.At(0), map_->key_width_);
    for (size_t filled = stride; filled < bytes;) {
      const size_t more = std::min({filled, bytes - filled, kCopy}) / stride * stride;
      std::memcpy(to + filled, to, more);
      filled += more;
    }
  }

  FrozenMap* const map_;
  const Rows& rows_;
  FrozenMap::Keys* const keys_;
  Buffer* const spare_;
};

bool FrozenMap::Build(KernelContext* context, Rows* rows, bool narrow, const HashSeed& seed,
                      Keys* keys) {
  seed_ = seed;
  key_width_ = rows->key_width();
  stride_ = key_width_ + (narrow ? sizeof(int32_t) : rows->value_width());
  std::vector<int64_t> begin;
  Buffer spare;
  SortByPartition(rows, seed, *keys, &begin, &spare);
  Placer placer(this, *rows, keys, &spare);
  const bool built = hash_.Build(context, begin, &placer, &size_);
  if (built && size_ > rows->size() - rows->size() / 8) return SetFiller(*rows, *keys);
  // Many keys are there more than once: they crowd partitions, and take slots that nobody needs.
  if (!DropEqual(rows, keys)) return built && SetFiller(*rows, *keys);
  return Build(context, rows, narrow, seed, keys);
}

bool FrozenMap::SetFiller(const Rows& rows, const Keys& keys) {
  if (size_ == 0) return true;
  uint64_t hash;
  keys.Hash(rows.At(0), 1, seed_, &hash);
  filler_ = hash_.Slot<false>(hash);
  return true;
}

bool FrozenMap::DropEqual(Rows* rows, Keys* keys) const {
  std::vector<uint64_t> hashes(rows->size());
  ForEachHash(*rows, seed_, *keys, [&](int64_t i, uint64_t hash) { hashes[i] = hash; });
  std::vector<int64_t> order(rows->size());
  for (int64_t i = 0; i < rows->size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return hashes[a] != hashes[b] ? hashes[a] < hashes[b] : a < b;
  });
  size_t kept = 0;
  for (const int64_t i : order) {
    if (kept > 0 && hashes[order[kept - 1]] == hashes[i] &&
        keys->Equal(rows->At(order[kept - 1]), rows->At(i))) {
      continue;
    }
    order[kept++] = i;
  }
  if (kept == order.size()) return false;
  order.resize(kept);
  rows->Keep(order);
  return true;
}

}  // namespace opgraft
