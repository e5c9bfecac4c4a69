#include "ops/lookup/dense_layout.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace opgraft {
namespace {

size_t Bytes(int64_t buckets) {
  size_t bytes;
  if (__builtin_mul_overflow(buckets, sizeof(uint32_t), &bytes)) throw std::bad_alloc();
  return bytes;
}

}  // namespace

uint64_t DenseHash(StringView text) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  uint64_t hash = 0xDECAFCAFFEu ^ (text.size * kMultiplier);
  size_t i = 0;
  for (; i + 8 <= text.size; i += 8) {
    uint64_t block;  // little-endian, as every platform of TensorFlow's tables is
    std::memcpy(&block, text.data + i, 8);
    block *= kMultiplier;
    block ^= block >> kShift;
    hash = (hash ^ (block * kMultiplier)) * kMultiplier;
  }
  if (i < text.size) {
    uint64_t block = 0;
    std::memcpy(&block, text.data + i, text.size - i);
    hash = (hash ^ block) * kMultiplier;
  }
  hash ^= hash >> kShift;
  hash *= kMultiplier;
  return hash ^ (hash >> kShift);
}

DenseLayout::DenseLayout(int64_t buckets)
    : mask_(static_cast<uint64_t>(buckets) - 1),
      memory_(Bytes(buckets)),
      cells_(reinterpret_cast<uint32_t*>(memory_.data())) {}

int64_t DenseLayout::Place(uint64_t hash) {
  const uint64_t first = hash & mask_;
  uint64_t step = cells_[first] & ~kTaken;
  uint64_t bucket = (first + step * (step + 1) / 2) & mask_;
  while (IsTaken(static_cast<int64_t>(bucket))) bucket = (bucket + ++step) & mask_;
  const uint64_t most = ~kTaken;  // beyond it, a search repeats steps
  cells_[first] = (cells_[first] & kTaken) | static_cast<uint32_t>(std::min(step, most));
  cells_[bucket] |= kTaken;
  return static_cast<int64_t>(bucket);
}

}  // namespace opgraft
