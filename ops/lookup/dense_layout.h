// The array of buckets that TensorFlow's MutableDenseHashTable has, and exports.
#ifndef OPGRAFT_OPS_LOOKUP_DENSE_LAYOUT_H_
#define OPGRAFT_OPS_LOOKUP_DENSE_LAYOUT_H_

#include <cstdint>

#include "ops/kernel/types.h"
#include "ops/lookup/buffer.h"

namespace opgraft {

/// TensorFlow's hash of a key that is a scalar.
inline uint64_t DenseHash(int64_t key) { return static_cast<uint64_t>(key); }
uint64_t DenseHash(StringView key);

/// TensorFlow's hash of a key that is a vector: `so_far` begins with 0.
inline uint64_t AddToDenseHash(uint64_t so_far, uint64_t part) {
  return so_far ^ (part + 0x9e3779b97f4a7800 + (so_far << 10) + (so_far >> 4));
}

/// Finds each key its bucket: the first free one at 0, 1, 3, 6, 10 ... from that of its hash.
///
/// TensorFlow takes time quadratic in the number of keys of one hash. Here all keys with the same
/// first bucket take time linear in their number: where their search has come, it goes on.
class DenseLayout {
 public:
  /// A power of 2, and more than there are keys. Throws std::bad_alloc.
  explicit DenseLayout(int64_t buckets);

  /// The first bucket that Place will look at, soon.
  int64_t Prefetch(uint64_t hash) const {
    __builtin_prefetch(cells_ + (hash & mask_), 1);
    return static_cast<int64_t>(hash & mask_);
  }
  int64_t Place(uint64_t hash);
  bool IsTaken(int64_t bucket) const { return (cells_[bucket] & kTaken) != 0; }

 private:
  static constexpr uint32_t kTaken = uint32_t{1} << 31;

  const uint64_t mask_;
  // Of a bucket: whether it is taken, and how many steps the searches that begin there have made.
  Buffer memory_;
  uint32_t* const cells_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_DENSE_LAYOUT_H_
