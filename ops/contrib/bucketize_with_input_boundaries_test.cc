// Expected results are those of tf.contrib.boosted_trees' op in TensorFlow 1.15.5.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShape;
using testing::RunOp;
using testing::TestTensor;
using testing::Vector;
using Ints = std::vector<int32_t>;
using Floats = std::vector<float>;

constexpr char kOp[] = "BucketizeWithInputBoundaries";

template <class T>
Ints Bucketize(const std::vector<T>& input, const Floats& boundaries) {
  FakeContext context;
  context.Parallel(7, 2).Input(Vector(input)).Input(Vector(boundaries));
  EXPECT_OK(RunOp(kOp, FakeAttrs(), &context));
  return context.output(0).values<int32_t>();
}

template <class T>
class BucketizeTest : public ::testing::Test {};
using Numbers = ::testing::Types<int32_t, int64_t, float, double>;
TYPED_TEST_SUITE(BucketizeTest, Numbers);

TYPED_TEST(BucketizeTest, CountsBoundariesNotAbove) {
  EXPECT_EQ(Bucketize<TypeParam>({-5, 10000, 150, 10, 5, 100, 0}, {0, 10, 100}),
            (Ints{0, 3, 3, 2, 1, 3, 1}));
  EXPECT_EQ(Bucketize<TypeParam>({0, 1, 2}, {1, 1, 1, 2}), (Ints{0, 3, 4}));
}

TYPED_TEST(BucketizeTest, NoBoundariesOrNoInput) {
  EXPECT_EQ(Bucketize<TypeParam>({-5, 7}, {}), (Ints{0, 0}));
  EXPECT_EQ(Bucketize<TypeParam>({}, {1, 2}), Ints());
}

TYPED_TEST(BucketizeTest, FewAndManyBoundariesAgreeWithASearch) {
  std::mt19937 random(5);
  for (const int n : {1, 2, 15, 16, 17, 18, 100}) {
    Floats boundaries(n);
    for (float& b : boundaries) b = static_cast<float>(random() % 200) - 100;
    std::sort(boundaries.begin(), boundaries.end());
    std::vector<TypeParam> input(3000);
    Ints expected;
    for (TypeParam& x : input) {
      x = static_cast<TypeParam>(random() % 220) - 110;
      const auto found = std::upper_bound(boundaries.begin(), boundaries.end(), x);
      expected.push_back(static_cast<int32_t>(found - boundaries.begin()));
    }
    EXPECT_EQ(Bucketize(input, boundaries), expected) << n;
  }
}

TEST(BucketizeTest, IntegersCutBoundariesOff) {
  EXPECT_EQ(Bucketize<int32_t>({-2, -1, 0, 1, 2}, {-1.5, -0.5, 0.5, 1.5}), (Ints{0, 1, 3, 4, 4}));
  EXPECT_EQ(Bucketize<int32_t>({0, 1}, {0.75, 0.25}), (Ints{2, 2}));
}

TEST(BucketizeTest, BoundariesThatNoIntegerHolds) {
  // They become the least integer, as the processor converts them, whatever their sign.
  EXPECT_EQ(Bucketize<int32_t>({INT32_MIN, 0, INT32_MAX}, {1e30f}), (Ints{1, 1, 1}));
  EXPECT_EQ(Bucketize<int32_t>({INT32_MIN, 0}, {-1e30f, 0}), (Ints{1, 2}));
  EXPECT_EQ(Bucketize<int64_t>({0, 2999999999, 3000000000}, {0, 3e9f}), (Ints{1, 1, 2}));
  EXPECT_EQ(Bucketize<int64_t>({INT64_MIN}, {NAN}), (Ints{1}));
}

TEST(BucketizeTest, NotANumber) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Bucketize<float>({NAN, inf, -inf}, {-inf, 0, inf}), (Ints{3, 3, 1}));
  EXPECT_EQ(Bucketize<double>({NAN, 1}, {0, 5}), (Ints{2, 1}));
  // A NaN is neither above nor below: the search looks at the middle first.
  EXPECT_EQ(Bucketize<float>({-1, 1, 6}, {0, NAN, 5}), (Ints{2, 2, 3}));
}

TEST(BucketizeTest, UnsortedBoundaries) {
  const auto expect = [](TestTensor input, const char* text) {
    FakeContext context;
    context.Input(std::move(input)).Input(Vector<float>({0, 10, 5}));
    EXPECT_ERROR(RunOp(kOp, FakeAttrs(), &context), Code::kInvalidArgument, text);
  };
  expect(Vector<float>({1}), "Expected sorted boundaries, but boundaries[2] = 5 is after 10");
  expect(Vector<int64_t>({}), "Expected sorted boundaries");
}

TEST(BucketizeTest, Shapes) {
  FakeContext context;
  context.Input(TestTensor({2, 1, 2}, Floats{1, 2, 3, 4}));
  context.Input(TestTensor({2, 1}, Floats{2, 3}));  // of any shape
  ASSERT_OK(RunOp(kOp, FakeAttrs(), &context));
  EXPECT_EQ(context.output(0), TestTensor({2, 1, 2}, Ints{0, 1, 2, 2}));
  EXPECT_EQ(InferShape(kOp, FakeAttrs().Type("T", DT_FLOAT), {"[2,?]", "[3]"}), "[2,?]");
  EXPECT_EQ(InferShape(kOp, FakeAttrs().Type("T", DT_FLOAT), {"?", "?"}), "?");
}

}  // namespace
}  // namespace opgraft
