// Dense tables against what they should hold, and with keys that are hard on TensorFlow's.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "ops/lookup/dense_testing.h"

namespace opgraft {
namespace testing {
namespace {

// Some with the same parts cut elsewhere, zeros or nothing in them.
TEST(Dense, VectorsOfStringsAgainstAModel) {
  const auto table = Dense(W({"", ""}), W({"~", "~"}), {{}, 4, 0.8f});
  const Strings parts = {
      "", "a", "b", "ab", std::string("\0", 1), std::string(40, 'x'), "~", std::string("a\0b", 3)};
  Strings keys;
  Ints values;
  for (const std::string& first : parts) {
    for (const std::string& second : parts) {
      if ((first == "" && second == "") || (first == "~" && second == "~")) continue;
      keys.push_back(first);
      keys.push_back(second);
      values.push_back(static_cast<int64_t>(values.size()));
    }
  }
  const TestTensor all({62, 2}, keys);
  ASSERT_OK(Insert(table.get(), all, N(values)));
  EXPECT_EQ(Size(table.get()), 62);
  EXPECT_EQ(Find(table.get(), all, One(-1)), N(values));
  EXPECT_ERROR(FindStatus(table.get(), TestTensor({1, 2}, Strings{"~", "~"}), One(0)),
               Code::kInvalidArgument, "deleted_key");
  TestTensor k, v;
  ASSERT_OK(Export(table.get(), DT_STRING, DT_INT64, &k, &v));
  EXPECT_EQ(k.dims(), (Ints{128, 2}));
  ASSERT_OK(Remove(table.get(), all));
  EXPECT_EQ(Find(table.get(), all, One(-1)), N(Ints(62, -1)));
  ASSERT_OK(Import(table.get(), k, v));
  EXPECT_EQ(Find(table.get(), all, One(-1)), N(values));
}

TEST(Dense, VectorsOfIntegersAgainstAModel) {
  for (int64_t width : {2, 3, 8}) {
    const auto table = Dense(Vector<int32_t>(std::vector<int32_t>(width, 0)),
                             Vector<int32_t>(std::vector<int32_t>(width, -1)), {{2}, 4, 0.9f});
    std::vector<int32_t> keys;
    Ints values;
    for (int32_t i = 1; i <= 1000; ++i) {
      for (int64_t j = 0; j < width; ++j) keys.push_back(j == i % width ? i : 0);
      values.push_back(i);
      values.push_back(i * i);
    }
    const TestTensor all({1000, width}, keys);
    ASSERT_OK(Insert(table.get(), all, TestTensor({1000, 2}, values)));
    EXPECT_EQ(Size(table.get()), 1000);
    EXPECT_EQ(Find(table.get(), all, N({0, 0})), TestTensor({1000, 2}, values));
    TestTensor k, v;
    ASSERT_OK(Export(table.get(), DT_INT32, DT_INT64, &k, &v));
    ASSERT_OK(Remove(table.get(), all));
    EXPECT_EQ(Size(table.get()), 0);
    ASSERT_OK(Import(table.get(), k, v));
    EXPECT_EQ(Find(table.get(), all, N({0, 0})), TestTensor({1000, 2}, values));
  }
}

// An integer is its own hash in TensorFlow's table, so these are all of one of its buckets: there,
// an insertion of n keys takes n * n / 2 steps, and each of its finds n.
TEST(Dense, KeysOfOneBucket) {
  constexpr int64_t kKeys = 200000;
  const auto table = Dense(One(-1), One(-2), {{}, 4, 0.8f});
  Ints keys;
  for (int64_t i = 1; i <= kKeys; ++i) keys.push_back(i << 32);
  ASSERT_OK(Insert(table.get(), N(keys), N(keys)));
  EXPECT_EQ(Find(table.get(), N(keys), One(-1)), N(keys));
  Ints values;
  const Ints buckets = Buckets(table.get(), &values);
  ASSERT_EQ(buckets.size(), 262144u);
  // It is where TensorFlow finds all of them: from the one bucket on there is no gap.
  int64_t bucket = 0;
  for (int64_t step = 1; step <= kKeys; ++step) {
    ASSERT_NE(buckets[bucket], -1);
    ASSERT_EQ(values[bucket], buckets[bucket]);
    bucket = (bucket + step) % static_cast<int64_t>(buckets.size());
  }
  EXPECT_EQ(std::count(buckets.begin(), buckets.end(), -1), 262144 - kKeys);
}

TEST(Dense, RandomOperationsAgainstAModel) {
  for (uint64_t seed : {1, 2, 3, 4}) {
    Random random(seed);
    const DataType key = seed % 2 == 0 ? DT_STRING : DT_INT64;
    auto table = Dense(Numbers(key, Ints{}, {1000}), Numbers(key, Ints{}, {1001}),
                       {{}, 4, seed < 3 ? 0.8f : 0.95f});
    std::map<int64_t, int64_t> model;
    for (int step = 0; step < 3000; ++step) {
      Ints keys, values;
      for (uint64_t n = random.Next(4); n > 0; --n) {
        keys.push_back(static_cast<int64_t>(random.Next(60)));
        values.push_back(static_cast<int64_t>(random.Next(1000)));
      }
      switch (random.Next(8)) {
        case 0:
        case 1:
        case 2:
          ASSERT_OK(Insert(table.get(), Numbers(key, keys), N(values)));
          for (size_t i = 0; i < keys.size(); ++i) model[keys[i]] = values[i];
          break;
        case 3:
        case 4:
        case 5:
          ASSERT_OK(Remove(table.get(), Numbers(key, keys)));
          for (int64_t k : keys) model.erase(k);
          break;
        case 6: {
          Ints expected;
          for (int64_t k : keys) expected.push_back(model.count(k) ? model[k] : -1);
          ASSERT_EQ(Find(table.get(), Numbers(key, keys), One(-1)), N(expected));
          break;
        }
        default:
          if (random.Next(20) == 0) {
            TestTensor k, v;
            ASSERT_OK(Export(table.get(), key, DT_INT64, &k, &v));
            ASSERT_OK(Import(table.get(), k, v));
          }
      }
      ASSERT_EQ(Size(table.get()), static_cast<int64_t>(model.size()));
    }
  }
}

TEST(Dense, FindWhileInsertingAndRemoving) {
  const auto table = IntTable(4);
  std::thread writer([&] {
    for (int round = 0; round < 200; ++round) {
      Ints keys;
      for (int64_t i = 0; i < 50; ++i) keys.push_back(round % 2 * 50 + i);
      EXPECT_OK(Insert(table.get(), N(keys), N(keys)));
      EXPECT_OK(Remove(table.get(), N(keys)));
    }
  });
  for (int round = 0; round < 200; ++round) {
    FakeContext context;
    context.Parallel(7, 1).InputTable(table.get());
    Ints keys;
    for (int64_t i = 0; i < 50; ++i) keys.push_back(i);
    context.Input(N(keys)).Input(One(-1));
    ASSERT_OK(RunOp("LookupTableFindV2", FakeAttrs(), &context));
    const Ints values = context.output(0).values<int64_t>();
    // All of an insert or nothing.
    EXPECT_TRUE(values == keys || values == Ints(50, -1));
  }
  writer.join();
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
