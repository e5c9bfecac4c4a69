// Philox 4x32-10 (J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), with
// TensorFlow's use of the two seeds of a random op, so that the same seeds give the same numbers.
#ifndef OPGRAFT_OPS_CONTRIB_PHILOX_H_
#define OPGRAFT_OPS_CONTRIB_PHILOX_H_

#include <cstdint>

namespace opgraft {

/// A place in the stream of a pair of seeds: seed is the key, and seed2 the upper half of the
/// 128-bit counter, whose lower half counts blocks of four numbers.
class Philox {
 public:
  Philox() : Philox(0, 0) {}
  Philox(uint64_t seed, uint64_t seed2) : key_(seed), low_(0), high_(seed2) {}

  /// The next 32 random bits.
  uint32_t Next() {
    if (used_ == 4) {
      Generate();
      used_ = 0;
    }
    return block_[used_++];
  }

  /// Uniform in [0, n), without bias: numbers below 2^32 mod n are drawn again. All 32 bits for 0.
  uint32_t Uniform(uint32_t n) {
    if ((n & (n - 1)) == 0) return Next() & (n - 1);  // a power of two
    const uint32_t rejected = UINT32_MAX % n + 1;
    uint32_t bits;
    do {
      bits = Next();
    } while (bits < rejected);
    return bits % n;
  }

  /// Moves by blocks, as TensorFlow does: only forwards is there a carry.
  void Skip(int64_t blocks) {
    low_ += static_cast<uint64_t>(blocks);
    if (blocks > 0 && low_ < static_cast<uint64_t>(blocks)) ++high_;
    used_ = 4;
  }

 private:
  void Generate() {
    uint32_t c0 = static_cast<uint32_t>(low_), c1 = static_cast<uint32_t>(low_ >> 32);
    uint32_t c2 = static_cast<uint32_t>(high_), c3 = static_cast<uint32_t>(high_ >> 32);
    uint32_t key0 = static_cast<uint32_t>(key_), key1 = static_cast<uint32_t>(key_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const uint64_t product0 = uint64_t{0xD2511F53} * c0;
      const uint64_t product1 = uint64_t{0xCD9E8D57} * c2;
      c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ key0;
      c1 = static_cast<uint32_t>(product1);
      c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ key1;
      c3 = static_cast<uint32_t>(product0);
      key0 += 0x9E3779B9;  // the golden ratio
      key1 += 0xBB67AE85;  // the square root of 3, less 1
    }
    block_[0] = c0, block_[1] = c1, block_[2] = c2, block_[3] = c3;
    if (++low_ == 0) ++high_;
  }

  uint64_t key_, low_, high_;
  uint32_t block_[4];
  int used_ = 4;  // of block_
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_PHILOX_H_
