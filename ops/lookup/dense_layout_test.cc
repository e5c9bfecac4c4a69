#include "ops/lookup/dense_layout.h"

#include <gtest/gtest.h>

#include <vector>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

/// Whether TensorFlow's table finds each key: where it looks before there is a free bucket.
void CheckFound(int64_t buckets, const std::vector<uint64_t>& hashes) {
  DenseLayout layout(buckets);
  std::vector<int64_t> places;
  std::vector<bool> taken(buckets);
  for (uint64_t hash : hashes) {
    places.push_back(layout.Place(hash));
    ASSERT_FALSE(taken.at(places.back()));
    taken[places.back()] = true;
  }
  for (int64_t i = 0; i < buckets; ++i) ASSERT_EQ(layout.IsTaken(i), taken[i]);
  for (size_t i = 0; i < hashes.size(); i += hashes.size() / 200 + 1) {
    int64_t bucket = static_cast<int64_t>(hashes[i] % buckets);
    for (int64_t step = 1; bucket != places[i]; ++step) {
      ASSERT_TRUE(taken[bucket]);
      bucket = (bucket + step) % buckets;
    }
  }
}

TEST(DenseLayout, EveryKeyIsFound) {
  Random random(1);
  for (int64_t buckets = 4; buckets <= 65536; buckets *= 2) {
    for (uint64_t range : {1, 2, 7, 1000, 1 << 30}) {
      for (double load : {0.3, 0.8, 1.0}) {
        const int64_t n = std::min(static_cast<int64_t>(buckets * load), buckets - 1);
        std::vector<uint64_t> hashes;
        for (int64_t i = 0; i < n; ++i) hashes.push_back(random.Next(range) * 8 - 3);
        CheckFound(buckets, hashes);
      }
    }
  }
}

// TensorFlow's way, from the beginning for each, would take 10^11 steps.
TEST(DenseLayout, KeysOfOneBucketTakeLinearTime) {
  CheckFound(1 << 20, std::vector<uint64_t>(800000, 77));
}

TEST(DenseLayout, TooManyBuckets) {
  EXPECT_THROW(DenseLayout(int64_t{1} << 62), std::bad_alloc);
  EXPECT_THROW(DenseLayout(int64_t{1} << 50), std::bad_alloc);
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
