#include "ops/lookup/perfect_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ops/kernel/testing.h"
#include "ops/lookup/hash.h"

namespace opgraft {
namespace testing {
namespace {

/// Keys that are nothing but numbers; records where they are placed.
class Numbers final : public PerfectHash::Keys {
 public:
  explicit Numbers(std::vector<uint64_t> numbers) : numbers_(std::move(numbers)) {}

  bool Equal(uint32_t a, uint32_t b) override {
    EXPECT_LT(a, b);
    return numbers_[a] == numbers_[b];
  }
  void AllocateSlots(uint64_t slots) override {
    keys_.assign(slots, kNone);
  }
  void Place(const uint32_t* keys, const uint64_t* slots, int64_t n) override {
    for (int64_t i = 0; i < n; ++i) {
      EXPECT_EQ(keys_.at(slots[i]), kNone) << "two keys in one slot";
      keys_.at(slots[i]) = keys[i];
    }
  }

  /// The key in a slot, as its index.
  uint32_t key(uint64_t slot) const { return keys_.at(slot); }
  int64_t placed() const { return keys_.size() - std::count(keys_.begin(), keys_.end(), kNone); }
  const std::vector<uint64_t>& numbers() const { return numbers_; }

  static constexpr uint32_t kNone = ~uint32_t{0};

 private:
  const std::vector<uint64_t> numbers_;
  std::vector<uint32_t> keys_;
};

std::vector<uint64_t> Hashes(const std::vector<uint64_t>& numbers, uint64_t seed) {
  std::vector<uint64_t> hashes;
  for (uint64_t number : numbers) hashes.push_back(HashKey(number, HashSeed::From(seed)));
  return hashes;
}

/// Builds, with another seed where one fails, and checks that each key has a slot of its own.
void Check(std::vector<uint64_t> numbers, int64_t distinct, FakeContext* context) {
  Numbers keys(std::move(numbers));
  const int64_t n = static_cast<int64_t>(keys.numbers().size());
  PerfectHash hash;
  std::vector<uint64_t> hashes;
  int tries = 0;
  do {
    ASSERT_LT(tries, 3);
    hashes = Hashes(keys.numbers(), ++tries);
  } while (!hash.Build(context, hashes.data(), n, &keys));
  ASSERT_EQ(keys.placed(), distinct);
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t slot = hash.Slot<false>(hashes[i]);
    ASSERT_LT(slot, hash.slots());
    ASSERT_EQ(keys.numbers()[keys.key(slot)], keys.numbers()[i]);
    ASSERT_LE(keys.key(slot), i) << "not the first of equal keys";
    if (hash.one_partition()) {
      ASSERT_EQ(hash.Slot<true>(hashes[i]), slot);
    }
  }
  if (distinct > 1000) {
    EXPECT_LT(hash.slots(), 1.09 * distinct);
    EXPECT_LT(hash.memory_used(), 0.8 * distinct);
  }
}

TEST(PerfectHash, EveryKeyHasASlotOfItsOwn) {
  FakeContext context;
  for (int64_t n : {0, 1, 2, 3, 4, 5, 7, 10, 50, 1000, 65535, 65536, 65537, 300000}) {
    SCOPED_TRACE(n);
    std::vector<uint64_t> numbers;
    for (int64_t i = 0; i < n; ++i) numbers.push_back(i * 0x9e3779b97f4a7c15);
    Check(std::move(numbers), n, &context);
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
  Check(std::move(numbers), 400000, &context);
}

TEST(PerfectHash, EqualKeys) {
  FakeContext context;
  for (uint64_t different : {1, 2, 1000, 90000}) {
    SCOPED_TRACE(different);
    std::vector<uint64_t> numbers;
    for (uint64_t i = 0; i < 200000; ++i) numbers.push_back(i * 7919 % different);
    Check(std::move(numbers), different, &context);
  }
  // One key that fills a partition, among others.
  std::vector<uint64_t> numbers(100000, 5);
  for (uint64_t i = 0; i < 100000; ++i) numbers.push_back(1000 + i);
  Check(std::move(numbers), 100001, &context);
}

TEST(PerfectHash, GivesUpWhenHashesCrowd) {
  FakeContext context;
  for (int64_t n : {2, 100, 70000, 200000}) {
    SCOPED_TRACE(n);
    std::vector<uint64_t> numbers, equal, close;
    for (int64_t i = 0; i < n; ++i) {
      numbers.push_back(i);
      equal.push_back(12345);
      close.push_back(i);  // the high bits, which pick partition and bucket, are the same
    }
    Numbers keys(numbers);
    PerfectHash hash;
    EXPECT_FALSE(hash.Build(&context, equal.data(), n, &keys));
    if (n > 64) {
      EXPECT_FALSE(hash.Build(&context, close.data(), n, &keys));
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
