// Expected results are those of tf.contrib.reduce_slice_ops in TensorFlow 1.15.5, except where it
// reads stray memory or aborts.
#include <complex>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/half.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShape;
using testing::RunOp;
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Dims = std::vector<int64_t>;
using Ints = std::vector<int32_t>;

constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Status Reduce(const std::string& op, TestTensor data, TestTensor indices, int64_t axis,
              TestTensor* output) {
  FakeContext context;
  context.Parallel(2, 2).Input(std::move(data)).Input(std::move(indices));
  context.Input(Scalar<int64_t>(axis));
  OPGRAFT_RETURN_IF_ERROR(RunOp("ReduceSlice" + op, FakeAttrs(), &context));
  *output = context.output(0);
  return Status();
}

/// The result for one vector and 64-bit pairs.
template <class T>
std::vector<T> ReduceVector(const std::string& op, const std::vector<T>& data,
                            const std::vector<int64_t>& pairs) {
  TestTensor output;
  const int64_t n = static_cast<int64_t>(pairs.size()) / 2;
  EXPECT_OK(Reduce(op, Vector<T>(data), TestTensor({n, 2}, pairs), 0, &output));
  return output.values<T>();
}

const TestTensor kMatrix({4, 3}, Ints{1, 2, 30, 40, 50, 6, 7, 8, 9, 10, 11, 12});
const TestTensor kPairs({3, 2}, Ints{0, 1, 1, 1, 0, 2});

TEST(ReduceSliceTest, Rows) {
  const auto expect = [](const char* op, const Ints& values) {
    TestTensor output;
    ASSERT_OK(Reduce(op, kMatrix, kPairs, 0, &output));
    EXPECT_EQ(output, TestTensor({3, 3}, values)) << op;
  };
  expect("Sum", {1, 2, 30, 0, 0, 0, 41, 52, 36});
  expect("Prod", {1, 2, 30, 1, 1, 1, 40, 100, 180});
  expect("Max", {1, 2, 30, kMin, kMin, kMin, 40, 50, 30});
  expect("Min", {1, 2, 30, kMax, kMax, kMax, 1, 2, 6});
}

TEST(ReduceSliceTest, OtherAxes) {
  TestTensor output;
  ASSERT_OK(Reduce("Sum", kMatrix, TestTensor({2, 2}, Ints{0, 2, 1, 3}), 1, &output));
  EXPECT_EQ(output, TestTensor({4, 2}, Ints{3, 32, 90, 56, 15, 17, 21, 23}));
  const TestTensor cube({2, 3, 2}, Ints{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  ASSERT_OK(Reduce("Sum", cube, TestTensor({2, 2}, Ints{0, 3, 2, 3}), 1, &output));
  EXPECT_EQ(output, TestTensor({2, 2, 2}, Ints{9, 12, 5, 6, 27, 30, 11, 12}));
}

TEST(ReduceSliceTest, AListOfBounds) {
  TestTensor output;
  ASSERT_OK(Reduce("Sum", kMatrix, Vector<int64_t>({0, 1, 4}), 0, &output));
  EXPECT_EQ(output, TestTensor({2, 3}, Ints{1, 2, 30, 57, 69, 27}));
  for (const TestTensor& none : {Vector<int64_t>({}), Vector<int64_t>({3})}) {
    ASSERT_OK(Reduce("Sum", kMatrix, none, 0, &output));
    EXPECT_EQ(output, TestTensor({0, 3}, Ints{}));
  }
  // A column is a list too; the shape function refuses it, if it is known by then.
  ASSERT_OK(Reduce("Sum", kMatrix, TestTensor({2, 1}, Ints{1, 3}), 0, &output));
  EXPECT_EQ(output, TestTensor({1, 3}, Ints{47, 58, 15}));
}

TEST(ReduceSliceTest, BeyondTheEndAndReversed) {
  EXPECT_EQ(ReduceVector<int32_t>("Sum", {1, 2, 4, 8}, {2, 99, 4, 5, 9, 12, 3, 1, 2, -7, -3, -5}),
            (Ints{12, 0, 0, 0, 0, 0}));
  TestTensor output;
  const TestTensor far_apart({1, 2}, std::vector<int64_t>{2, INT64_MIN});
  ASSERT_OK(Reduce("Sum", kMatrix, far_apart, 0, &output));
  EXPECT_EQ(output, TestTensor({1, 3}, Ints{0, 0, 0}));
}

TEST(ReduceSliceTest, EmptyData) {
  TestTensor output;
  ASSERT_OK(Reduce("Prod", TestTensor({0, 2}, Ints{}), kPairs, 0, &output));
  EXPECT_EQ(output, TestTensor({3, 2}, Ints(6, 1)));
  ASSERT_OK(Reduce("Prod", TestTensor({4, 0}, Ints{}), kPairs, 0, &output));
  EXPECT_EQ(output, TestTensor({3, 0}, Ints{}));
}

TEST(ReduceSliceTest, IntegersWrap) {
  EXPECT_EQ(ReduceVector<int8_t>("Sum", {127, 1, -128}, {0, 2, 0, 3}),
            (std::vector<int8_t>{-128, 0}));
  EXPECT_EQ(ReduceVector<uint16_t>("Prod", {65535, 65535, 3}, {0, 2, 1, 3}),
            (std::vector<uint16_t>{1, 65533}));
  EXPECT_EQ(ReduceVector<int32_t>("Sum", {kMax, 1}, {0, 2}), (Ints{kMin}));
  EXPECT_EQ(ReduceVector<int32_t>("Prod", {kMin, kMin, 3}, {0, 1, 0, 3}), (Ints{kMin, 0}));
}

TEST(ReduceSliceTest, NeutralElements) {
  EXPECT_EQ(ReduceVector<uint8_t>("Max", {7}, {0, 0, 0, 1}), (std::vector<uint8_t>{0, 7}));
  EXPECT_EQ(ReduceVector<uint8_t>("Min", {7}, {0, 0, 0, 1}), (std::vector<uint8_t>{255, 7}));
  EXPECT_EQ(ReduceVector<int64_t>("Max", {7}, {0, 0})[0], std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ReduceVector<float>("Max", {7}, {0, 0})[0], -kInfinity);
  EXPECT_EQ(ReduceVector<double>("Min", {7}, {0, 0})[0], kInfinity);
  EXPECT_EQ(ToFloat(ReduceVector<Half>("Max", {Half{0}}, {0, 0})[0]), -kInfinity);
  // TensorFlow takes bfloat16 for a type without infinity, and its largest number for 0.
  const std::vector<BFloat16> two = {ToBFloat16(2)};
  EXPECT_EQ(ReduceVector<BFloat16>("Max", two, {0, 0})[0].bits, 0x8000);
  EXPECT_EQ(ReduceVector<BFloat16>("Min", two, {0, 1})[0].bits, 0);
  EXPECT_EQ(ToFloat(ReduceVector<Half>("Prod", {Half{0}}, {0, 0})[0]), 1);
  using Complex = std::complex<float>;
  EXPECT_EQ(ReduceVector<Complex>("Prod", {Complex(0, 1), Complex(2, 3)}, {0, 0, 0, 2}),
            (std::vector<Complex>{1, Complex(-3, 2)}));
}

TEST(ReduceSliceTest, EveryStepRounds) {
  // 2048 + 1 is a tie in half precision, which goes to the even 2048.
  const std::vector<Half> halves = {ToHalf(2048), ToHalf(1), ToHalf(1), ToHalf(1)};
  EXPECT_EQ(ToFloat(ReduceVector<Half>("Sum", halves, {0, 4})[0]), 2048);
  const std::vector<BFloat16> shorter = {ToBFloat16(256), ToBFloat16(1), ToBFloat16(1)};
  EXPECT_EQ(ToFloat(ReduceVector<BFloat16>("Sum", shorter, {0, 3})[0]), 256);
  EXPECT_EQ(ReduceVector<float>("Sum", {16777216, 1, 1}, {0, 3})[0], 16777216);
}

TEST(ReduceSliceTest, NanIsForgottenByTheNextElement) {
  const std::vector<float> data = {3, kNan, 1};
  for (const char* op : {"Max", "Min"}) {
    const std::vector<float> result = ReduceVector<float>(op, data, {0, 2, 0, 3});
    EXPECT_TRUE(result[0] != result[0]);
    EXPECT_EQ(result[1], 1);
  }
}

TEST(ReduceSliceTest, BlocksOfColumns) {
  const int64_t n = 2500;  // more than two blocks
  std::vector<int32_t> data(3 * n);
  for (int64_t i = 0; i < 3 * n; ++i) data[i] = static_cast<int32_t>(i);
  TestTensor output;
  ASSERT_OK(Reduce("Sum", TestTensor({3, n}, data), Vector<int32_t>({0, 2, 3}), 0, &output));
  std::vector<int32_t> expected;
  for (int64_t i = 0; i < n; ++i) expected.push_back(static_cast<int32_t>(n + 2 * i));
  for (int64_t i = 0; i < n; ++i) expected.push_back(static_cast<int32_t>(2 * n + i));
  EXPECT_EQ(output.values<int32_t>(), expected);
}

TEST(ReduceSliceTest, InvalidInputs) {
  const auto expect = [](TestTensor data, TestTensor indices, int64_t axis, const char* text) {
    TestTensor output;
    EXPECT_ERROR(Reduce("Sum", data, indices, axis, &output), Code::kInvalidArgument, text);
  };
  expect(kMatrix, Vector<int32_t>({0, -2, 3}), 0, "slice 1 begins at -2; indices must not be");
  expect(kMatrix, kPairs, 2, "axis 2 is not in [0, 2)");
  expect(kMatrix, kPairs, -1, "axis -1 is not in [0, 2)");
  expect(Scalar<int32_t>(1), kPairs, 0, "axis 0 is not in [0, 0)");
  const char* const shape = "indices must have the shape [n] or [n,2], saw shape: ";
  expect(kMatrix, Scalar<int32_t>(1), 0, shape);
  expect(kMatrix, TestTensor({2, 3}, Ints(6)), 0, shape);
  expect(kMatrix, TestTensor({2, 0}, Ints()), 0, shape);
  expect(kMatrix, TestTensor({1, 2, 1}, Ints(2)), 0, shape);
  FakeContext context;
  context.Input(kMatrix).Input(kPairs).Input(Vector<int64_t>({0, 1}));
  EXPECT_ERROR(RunOp("ReduceSliceMax", FakeAttrs(), &context), Code::kInvalidArgument,
               "axis must be a scalar, saw shape: [2]");
}

TEST(ReduceSliceTest, TooManyElements) {
  const TestTensor data(DT_INT8, {int64_t{1} << 60, 0});
  TestTensor output;
  EXPECT_ERROR(Reduce("Sum", data, TestTensor(DT_INT32, {8, 2}), 1, &output),
               Code::kInvalidArgument, "are more than 2^63 elements");
}

TEST(ReduceSliceTest, Shapes) {
  const auto infer = [](const char* data, const char* indices, int64_t axis) {
    return InferShape("ReduceSliceMin", FakeAttrs(), {data, indices, "[]"}, {{2, {axis}}});
  };
  EXPECT_EQ(infer("[4,3]", "[7,2]", 0), "[7,3]");
  EXPECT_EQ(infer("[4,3]", "[7]", 1), "[4,6]");
  EXPECT_EQ(infer("[4,3]", "[0]", 1), "[4,0]");
  EXPECT_EQ(infer("[4,3]", "[?]", 1), "[4,?]");
  EXPECT_EQ(infer("[4,3]", "[7,?]", 1), "[4,?]");
  EXPECT_EQ(infer("?", "[7,2]", 0), "?");
  EXPECT_EQ(infer("[4,3]", "?", 2), "axis 2 is not in [0, 2), the dimensions of data");
  EXPECT_EQ(infer("[4,3]", "?", -1), "axis -1 is not in [0, 2), the dimensions of data");
}

TEST(ReduceSliceTest, ShapesWithoutAxis) {
  const auto infer = [](const char* data, const char* indices, const char* axis) {
    return InferShape("ReduceSliceMin", FakeAttrs(), {data, indices, axis});
  };
  EXPECT_EQ(infer("[4,3]", "[?,?]", "?"), "[?,?]");
  EXPECT_EQ(infer("[4,3]", "?", "[]"), "[?,?]");
  EXPECT_EQ(infer("[]", "?", "?"), "Shape must be at least rank 1 but is rank 0");
  EXPECT_EQ(infer("?", "[]", "?"), "Shape must be at least rank 1 but is rank 0");
  EXPECT_EQ(infer("?", "[1,2,3]", "?"), "Shape must be at most rank 2 but is rank 3");
  EXPECT_EQ(infer("?", "[1,3]", "?"), "Dimensions must be equal, but are 3 and 2");
  EXPECT_EQ(infer("?", "?", "[1]"), "Shape must be rank 0 but is rank 1");
}

}  // namespace
}  // namespace opgraft
