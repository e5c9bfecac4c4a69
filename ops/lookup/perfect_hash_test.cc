#include "ops/lookup/perfect_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ops/kernel/testing.h"
#include "ops/lookup/hash.h"

namespace opgraft {
namespace testing {
namespace {

/// Keys that are nothing but numbers, sorted by partition; records where they are placed.
class NumberKeys final : public PerfectHash::Keys {
 public:
  /// `hash` is what Hash() gives a number.
  template <class F>
  NumberKeys(const std::vector<uint64_t>& numbers, const F& hash) : numbers_(numbers) {
    const int64_t n = static_cast<int64_t>(numbers.size());
    const int64_t partitions = PerfectHash::Partitions(n);
    std::stable_sort(numbers_.begin(), numbers_.end(), [&](uint64_t a, uint64_t b) {
      return PerfectHash::PartitionOf(hash(a), partitions) <
             PerfectHash::PartitionOf(hash(b), partitions);
    });
    begin_.assign(partitions + 1, 0);
    for (uint64_t number : numbers_) {
      hashes_.push_back(hash(number));
      ++begin_[PerfectHash::PartitionOf(hashes_.back(), partitions) + 1];
    }
    for (int64_t p = 0; p < partitions; ++p) begin_[p + 1] += begin_[p];
  }

  void Hash(int64_t begin, int64_t n, uint64_t* hashes) override {
    std::copy_n(hashes_.begin() + begin, n, hashes);
  }
  bool Equal(int64_t a, int64_t b) override {
    EXPECT_LT(a, b);
    EXPECT_EQ(hashes_.at(a), hashes_.at(b));
    return numbers_[a] == numbers_[b];
  }
  void AllocateSlots(uint64_t slots) override { keys_.assign(slots, kNone); }
  void Place(int64_t begin, int64_t n, uint64_t first_slot, uint64_t num_slots,
             const uint32_t* slots) override {
    for (int64_t i = 0; i < n; ++i) {
      if (slots[i] == PerfectHash::kNoSlot) continue;
      EXPECT_LT(slots[i], num_slots);
      EXPECT_EQ(keys_.at(first_slot + slots[i]), kNone) << "two keys in one slot";
      keys_.at(first_slot + slots[i]) = begin + i;
    }
  }

  const std::vector<int64_t>& begin() const { return begin_; }
  const std::vector<uint64_t>& numbers() const { return numbers_; }
  const std::vector<uint64_t>& hashes() const { return hashes_; }
  /// The key in a slot.
  int64_t key(uint64_t slot) const { return keys_.at(slot); }
  int64_t placed() const { return keys_.size() - std::count(keys_.begin(), keys_.end(), kNone); }

 private:
  static constexpr int64_t kNone = -1;

  std::vector<uint64_t> numbers_, hashes_;
  std::vector<int64_t> begin_, keys_;
};

/// Builds, with another seed where one fails, and checks that each key has a slot of its own.
void Check(const std::vector<uint64_t>& numbers, int64_t distinct, FakeContext* context) {
  const int64_t n = static_cast<int64_t>(numbers.size());
  for (uint64_t number = 1;; ++number) {
    ASSERT_LE(number, 3u);
    const HashSeed seed = HashSeed::From(number);
    NumberKeys keys(numbers, [&](uint64_t key) { return QuickHashKey(key, seed); });
    PerfectHash hash;
    int64_t placed = -1;
    if (!hash.Build(context, keys.begin(), &keys, &placed)) continue;
    ASSERT_EQ(placed, distinct);
    ASSERT_EQ(keys.placed(), distinct);
    for (int64_t i = 0; i < n; ++i) {
      const uint64_t slot = hash.Slot<false>(keys.hashes()[i]);
      ASSERT_LT(slot, hash.slots());
      ASSERT_EQ(keys.numbers()[keys.key(slot)], keys.numbers()[i]);
      ASSERT_LE(keys.key(slot), i) << "not the first of equal keys";
      if (hash.one_partition()) {
        ASSERT_EQ(hash.Slot<true>(keys.hashes()[i]), slot);
      }
    }
    if (distinct == n && n > 32768) {
      EXPECT_LT(hash.slots(), 1.1 * n);
      EXPECT_LT(hash.memory_used(), 0.7 * n);
    }
    return;
  }
}

TEST(PerfectHash, EveryKeyHasASlotOfItsOwn) {
  FakeContext context;
  for (int64_t n : {0, 1, 2, 3, 4, 5, 7, 10, 50, 1000, 65535, 65536, 65537, 300000}) {
    SCOPED_TRACE(n);
    std::vector<uint64_t> numbers;
    for (int64_t i = 0; i < n; ++i) numbers.push_back(i * 0x9e3779b97f4a7c15);
    Check(numbers, n, &context);
  }
}

TEST(PerfectHash, KeysWithAPattern) {
  FakeContext context;
  for (int shift = 0; shift <= 48; shift += 4) {
    SCOPED_TRACE(shift);
    std::vector<uint64_t> up, down;
    for (uint64_t i = 0; i < 40000; ++i) {
      up.push_back(i << shift);
      down.push_back(~(i << shift));
    }
    Check(up, 40000, &context);
    Check(down, 40000, &context);
  }
}

TEST(PerfectHash, InParallel) {
  FakeContext context;
  context.Parallel(1, 3);
  std::vector<uint64_t> numbers;
  for (uint64_t i = 0; i < 400000; ++i) numbers.push_back(i * i);
  Check(numbers, 400000, &context);
}

TEST(PerfectHash, EqualKeys) {
  FakeContext context;
  for (uint64_t different : {1, 2, 1000, 60000}) {
    SCOPED_TRACE(different);
    std::vector<uint64_t> numbers;
    for (uint64_t i = 0; i < 65000; ++i) numbers.push_back(i * 7919 % different);
    Check(numbers, different, &context);
  }
}

TEST(PerfectHash, GivesUpWhenHashesCrowd) {
  FakeContext context;
  for (int64_t n : {2, 100, 70000, 200000}) {
    SCOPED_TRACE(n);
    std::vector<uint64_t> numbers;
    for (int64_t i = 0; i < n; ++i) numbers.push_back(i);
    NumberKeys equal(numbers, [](uint64_t) { return 12345; });
    // The high bits, which pick partition and bucket, are the same.
    NumberKeys close(numbers, [](uint64_t number) { return number; });
    PerfectHash hash;
    int64_t placed;
    EXPECT_FALSE(hash.Build(&context, equal.begin(), &equal, &placed));
    if (n > 64) {
      EXPECT_FALSE(hash.Build(&context, close.begin(), &close, &placed));
    }
  }
}

TEST(HashSeed, DiffersFromCallToCall) {
  const HashSeed a = HashSeed::Random(), b = HashSeed::Random();
  EXPECT_NE(a.a, b.a);
  EXPECT_NE(a.b, b.b);
  EXPECT_EQ(a.b % 2, 1u);
}

TEST(HashKey, EveryByteOfAStringCounts) {
  const HashSeed seed = HashSeed::From(3);
  for (size_t n = 0; n <= 130; ++n) {
    std::string text(n, 'x');
    const uint64_t hash = HashKey(StringView{text.data(), n}, seed);
    for (size_t i = 0; i < n; ++i) {
      text[i] = 'y';
      EXPECT_NE(HashKey(StringView{text.data(), n}, seed), hash) << n << " bytes, byte " << i;
      text[i] = 'x';
    }
    const std::string longer(n + 1, 'x'), zeros(n, '\0'), more_zeros(n + 1, '\0');
    EXPECT_NE(HashKey(StringView{longer.data(), n + 1}, seed), hash);
    EXPECT_NE(HashKey(StringView{zeros.data(), n}, seed),
              HashKey(StringView{more_zeros.data(), n + 1}, seed));
  }
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
