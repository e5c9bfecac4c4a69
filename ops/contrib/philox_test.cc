#include "ops/contrib/philox.h"

#include <map>
#include <vector>

#include "gtest/gtest.h"

namespace opgraft {
namespace {

std::vector<uint32_t> Take(Philox philox, int n) {
  std::vector<uint32_t> result;
  while (n-- > 0) result.push_back(philox.Next());
  return result;
}

// The known answers that come with the authors' library Random123, for philox4x32 of 10 rounds.
TEST(PhiloxTest, KnownAnswers) {
  EXPECT_EQ(Take(Philox(0, 0), 4),
            (std::vector<uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  Philox last(UINT64_MAX, UINT64_MAX);
  last.Skip(-1);
  EXPECT_EQ(Take(last, 4), (std::vector<uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  Philox pi(0x299f31d0a4093822, 0x0370734413198a2e);
  pi.Skip(0x05a308d3243f6a88);
  pi.Skip(0x4000000000000000);
  pi.Skip(0x4000000000000000);
  EXPECT_EQ(Take(pi, 4), (std::vector<uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, SkipsBlocksOfFour) {
  const Philox start(3, 5);
  Philox skipped = start;
  skipped.Skip(2);
  const std::vector<uint32_t> all = Take(start, 12);
  EXPECT_EQ(Take(skipped, 4), std::vector<uint32_t>(all.begin() + 8, all.end()));
  skipped.Skip(-2);
  EXPECT_EQ(Take(skipped, 12), all);
  Philox used = start;
  used.Next();
  used.Skip(0);  // the rest of the block is lost
  EXPECT_EQ(used.Next(), all[4]);
}

TEST(PhiloxTest, CarriesForwardsOnly) {
  Philox back(1, 7);
  back.Skip(-1);
  EXPECT_EQ(Take(back, 8)[4], Take(Philox(1, 8), 1)[0]);  // counts on into the upper half
  back.Skip(1);
  EXPECT_EQ(back.Next(), Philox(1, 8).Next());
}

TEST(PhiloxTest, Uniform) {
  Philox random(1, 2);
  std::map<uint32_t, int> counts;
  for (int i = 0; i < 60000; ++i) ++counts[random.Uniform(6)];
  EXPECT_EQ(counts.size(), 6u);
  for (const auto& [value, count] : counts) {
    EXPECT_LT(value, 6u);
    EXPECT_NEAR(count, 10000, 500);
  }
  EXPECT_EQ(Philox(9, 9).Uniform(1), 0u);
  EXPECT_EQ(Philox(9, 9).Uniform(0x80000000), Philox(9, 9).Next() & 0x7fffffff);
  EXPECT_EQ(Philox(9, 9).Uniform(0), Philox(9, 9).Next());
}

TEST(PhiloxTest, DrawsAgainWhatWouldFavourSmallNumbers) {
  // Of 2^32 numbers the lowest 2^30 - 2 are left over by 3 * 2^30 + 2.
  constexpr uint32_t kChoices = 3u * (1 << 30) + 2, kLeft = (1 << 30) - 2;
  Philox random(1, 2), bits(1, 2);
  for (int i = 0; i < 1000; ++i) {
    uint32_t expected;
    do {
      expected = bits.Next();
    } while (expected < kLeft);
    EXPECT_EQ(random.Uniform(kChoices), expected % kChoices);
  }
}

}  // namespace
}  // namespace opgraft
