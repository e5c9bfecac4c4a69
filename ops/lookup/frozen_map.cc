#include "ops/lookup/frozen_map.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace opgraft {
namespace {

constexpr size_t kBlock = 1 << 15;
constexpr int64_t kAhead = 16;  // rows that are prefetched while others are copied

}  // namespace

/// Copies rows into the slots that the perfect hash gives them.
class FrozenMap::Placer final : public PerfectHash::Keys {
 public:
  Placer(FrozenMap* map, const Rows& rows, FrozenMap::Keys* keys)
      : map_(map), rows_(rows), keys_(keys) {}

  bool Equal(uint32_t a, uint32_t b) override { return keys_->Equal(rows_.At(a), rows_.At(b)); }

  void AllocateSlots(uint64_t slots) override {
    size_t bytes;
    if (__builtin_mul_overflow(slots, map_->stride_, &bytes)) throw std::bad_alloc();
    map_->slots_ = Buffer(bytes);
    placed_ = 0;
    if (rows_.size() == 0) return;
    // The filler everywhere, in copies that double up to what the cache holds.
    char* const data = map_->slots_.data();
    std::memcpy(data, rows_.At(0), map_->key_width_);
    size_t filled = map_->stride_;
    while (filled < bytes) {
      const size_t more = std::min({filled, bytes - filled, kBlock});
      std::memcpy(data + filled, data, more / map_->stride_ * map_->stride_);
      filled += more / map_->stride_ * map_->stride_;
    }
  }

  void Place(const uint32_t* rows, const uint64_t* slots, int64_t n) override {
    const size_t key_width = map_->key_width_, stride = map_->stride_;
    const bool narrow = map_->value_width() != rows_.value_width();
    // Moves of constant length for the most usual widths, calls of memcpy for others.
    if (narrow && key_width == 8) {
      Copy(rows, slots, n, [&](const char* row, char* slot) { CopyNarrow(row, slot, 8); });
    } else if (narrow) {
      Copy(rows, slots, n, [&](const char* row, char* slot) { CopyNarrow(row, slot, key_width); });
    } else if (stride == 16) {
      Copy(rows, slots, n, [&](const char* row, char* slot) { std::memcpy(slot, row, 16); });
    } else {
      Copy(rows, slots, n, [&](const char* row, char* slot) { std::memcpy(slot, row, stride); });
    }
    placed_ += n;
  }

  int64_t placed() const { return placed_; }

 private:
  template <class F>
  void Copy(const uint32_t* rows, const uint64_t* slots, int64_t n, const F& copy) {
    char* const data = map_->slots_.data();
    for (int64_t i = 0; i < n; ++i) {
      if (i + kAhead < n) {
        const char* const next = rows_.At(rows[i + kAhead]);
        __builtin_prefetch(next);
        __builtin_prefetch(next + map_->key_width_);
      }
      copy(rows_.At(rows[i]), data + slots[i] * map_->stride_);
    }
  }
  static void CopyNarrow(const char* row, char* slot, size_t key_width) {
    int64_t value;
    std::memcpy(&value, row + key_width, sizeof(value));
    const int32_t low = static_cast<int32_t>(value);
    std::memcpy(slot, row, key_width);
    std::memcpy(slot + key_width, &low, sizeof(low));
  }

  FrozenMap* const map_;
  const Rows& rows_;
  FrozenMap::Keys* const keys_;
  std::atomic<int64_t> placed_{0};
};

bool FrozenMap::Build(KernelContext* context, const Rows& rows, bool narrow, const HashSeed& seed,
                      Keys* keys) {
  seed_ = seed;
  key_width_ = rows.key_width();
  stride_ = key_width_ + (narrow ? sizeof(int32_t) : rows.value_width());
  const int64_t n = rows.size();
  Buffer buffer(n * sizeof(uint64_t));
  uint64_t* const hashes = reinterpret_cast<uint64_t*>(buffer.data());
  for (int64_t i = 0; i < n; ++i) hashes[i] = keys->Hash(rows.At(i), seed);
  Placer placer(this, rows, keys);
  if (!hash_.Build(context, hashes, n, &placer)) return false;
  size_ = placer.placed();
  if (size_ != 0) filler_ = hash_.Slot<false>(hashes[0]);
  return true;
}

}  // namespace opgraft
