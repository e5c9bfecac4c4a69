// Expected results are those of tf.contrib.nearest_neighbor in TensorFlow 1.15.5.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShapes;
using testing::RunOp;
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Ints = std::vector<int32_t>;

struct Result {
  Ints probes, tables;
};

Status Probe(const TestTensor& products, int32_t num_tables, int32_t num_hyperplanes,
             int32_t num_probes, Result* result) {
  FakeContext context;
  context.Parallel(2, 2).Input(products).Input(Scalar(num_tables));
  context.Input(Scalar(num_hyperplanes)).Input(Scalar(num_probes));
  OPGRAFT_RETURN_IF_ERROR(RunOp("HyperplaneLSHProbes", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (std::vector<int64_t>{products.dims()[0], num_probes}));
  EXPECT_EQ(context.output(1).dims(), context.output(0).dims());
  *result = {context.output(0).values<int32_t>(), context.output(1).values<int32_t>()};
  return Status();
}

template <class T>
Result Probes(const std::vector<T>& point, int32_t num_tables, int32_t num_probes) {
  Result result;
  const int32_t n = static_cast<int32_t>(point.size());
  EXPECT_OK(Probe(TestTensor({1, n}, point), num_tables, n / num_tables, num_probes, &result));
  return result;
}

TEST(HyperplaneLSHProbesTest, OneTable) {
  const Result result = Probes<float>({1, -2, 4}, 1, 8);
  // 1 flips first, then 2, both, then 4 and so on: as the squares 1, 4, 16 add up.
  EXPECT_EQ(result.probes, (Ints{5, 1, 7, 3, 4, 0, 6, 2}));
  EXPECT_EQ(result.tables, Ints(8, 0));
}

TEST(HyperplaneLSHProbesTest, EachTablesOwnBucketComesFirst) {
  const std::vector<double> point = {1, -1.5, 0.5, 8};
  EXPECT_EQ(Probes(point, 2, 1).probes, (Ints{2}));
  EXPECT_EQ(Probes(point, 2, 2).probes, (Ints{2, 3}));
  const Result result = Probes(point, 2, 6);
  EXPECT_EQ(result.probes, (Ints{2, 3, 1, 0, 3, 1}));
  EXPECT_EQ(result.tables, (Ints{0, 1, 1, 0, 0, 0}));
}

TEST(HyperplaneLSHProbesTest, ZeroIsOnThePositiveSide) {
  EXPECT_EQ(Probes<float>({0.0f, -0.0f, -1e-30f}, 1, 1).probes, (Ints{6}));
}

/// By definition: all buckets, in the order of their distances.
TEST(HyperplaneLSHProbesTest, AgreesWithTheDefinition) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  const int num_tables = 3, num_hyperplanes = 5, buckets = 1 << num_hyperplanes;
  for (int round = 0; round < 20; ++round) {
    std::vector<double> point;
    for (int i = 0; i < num_tables * num_hyperplanes; ++i) point.push_back(normal(random));
    std::vector<std::pair<double, std::pair<int32_t, int32_t>>> expected;
    for (int table = 0; table < num_tables; ++table) {
      for (int bucket = 0; bucket < buckets; ++bucket) {
        double score = 0;
        for (int i = 0; i < num_hyperplanes; ++i) {
          const double x = point[table * num_hyperplanes + i];
          if ((x >= 0) != ((bucket >> (num_hyperplanes - 1 - i) & 1) != 0)) score += x * x;
        }
        expected.push_back({score, {table, bucket}});
      }
    }
    std::sort(expected.begin(), expected.end());
    const Result result = Probes(point, num_tables, num_tables * buckets);
    for (int i = 0; i < num_tables * buckets; ++i) {
      const std::pair<int32_t, int32_t> got(result.tables[i], result.probes[i]);
      EXPECT_EQ(got, expected[i].second) << "round " << round << ", probe " << i;
    }
  }
}

TEST(HyperplaneLSHProbesTest, PointsDoNotDependOnEachOther) {
  const std::vector<float> points = {3, -1, 2, 5, -4, 0, 1, 1, 1, -2, 9, 7};
  Result batch;
  ASSERT_OK(Probe(TestTensor({4, 3}, points), 1, 3, 8, &batch));
  for (int i = 0; i < 4; ++i) {
    const Result one = Probes(std::vector<float>(&points[3 * i], &points[3 * i] + 3), 1, 8);
    EXPECT_EQ(one.probes, Ints(&batch.probes[8 * i], &batch.probes[8 * i] + 8));
  }
}

TEST(HyperplaneLSHProbesTest, NotFinite) {
  // Every bucket comes once, whatever the scores are.
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& point :
       {std::vector<float>{nan, 1, -2, infinity}, std::vector<float>{nan, nan, nan, nan},
        std::vector<float>{-infinity, infinity, 0, nan}}) {
    Ints probes = Probes(point, 1, 16).probes;
    std::sort(probes.begin(), probes.end());
    for (int i = 0; i < 16; ++i) EXPECT_EQ(probes[i], i);
  }
}

TEST(HyperplaneLSHProbesTest, ThirtyHyperplanes) {
  std::vector<float> point(30);
  for (int i = 0; i < 30; ++i) point[i] = static_cast<float>(30 - i);
  EXPECT_EQ(Probes(point, 1, 3).probes, (Ints{0x3fffffff, 0x3ffffffe, 0x3ffffffd}));
}

TEST(HyperplaneLSHProbesTest, NoPoints) {
  Result result;
  ASSERT_OK(Probe(TestTensor({0, 6}, std::vector<float>()), 2, 3, 1000, &result));
  EXPECT_TRUE(result.probes.empty());
}

TEST(HyperplaneLSHProbesTest, InvalidInputs) {
  const auto expect = [](TestTensor products, int32_t tables, int32_t hyperplanes, int32_t probes,
                         Code code, const char* text) {
    Result result;
    EXPECT_ERROR(Probe(products, tables, hyperplanes, probes, &result), code, text);
  };
  const TestTensor ok(DT_FLOAT, {1, 6});
  const Code invalid = Code::kInvalidArgument;
  expect(ok, 2, 3, 17, Code::kInternal, "num_probes is 17, but 2 tables of 3 hyperplanes");
  expect(ok, 2, 3, 0, invalid, "num_probes is 0, not in [1, 2147483647]");
  expect(ok, 0, 3, 1, invalid, "num_tables is 0, not in [1, 1000]");
  expect(ok, 1001, 3, 1, invalid, "num_tables is 1001, not in [1, 1000]");
  expect(ok, 2, -3, 1, invalid, "num_hyperplanes_per_table is -3, not in [1, 30]");
  expect(ok, 1, 31, 1, invalid, "num_hyperplanes_per_table is 31, not in [1, 30]");
  expect(ok, 2, 4, 1, invalid, "2 tables of 4 hyperplanes each need 8 products per point");
  expect(TestTensor(DT_FLOAT, {6}), 2, 3, 1, invalid, "must be a matrix, saw shape: [6]");
  FakeContext context;
  context.Input(ok).Input(Vector<int32_t>({2})).Input(Scalar(3)).Input(Scalar(1));
  EXPECT_ERROR(RunOp("HyperplaneLSHProbes", FakeAttrs(), &context), invalid,
               "num_tables must be a scalar, saw shape: [1]");
}

TEST(HyperplaneLSHProbesTest, Shapes) {
  using Values = testing::InputValues;
  const auto infer = [](const char* products, const Values& values) {
    std::vector<std::string> shapes;
    EXPECT_OK(InferShapes("HyperplaneLSHProbes", FakeAttrs(), {products, "[]", "[]", "[]"}, &shapes,
                          {}, nullptr, values));
    EXPECT_EQ(shapes.at(0), shapes.at(1));
    return shapes.at(0);
  };
  EXPECT_EQ(infer("[5,6]", {{3, {7}}}), "[5,7]");
  EXPECT_EQ(infer("[5,6]", {}), "[5,?]");
  EXPECT_EQ(infer("?", {{3, {-1}}}), "[?,?]");
  EXPECT_EQ(infer("[6]", {}), "[?,?]");
}

}  // namespace
}  // namespace opgraft
