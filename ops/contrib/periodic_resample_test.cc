// Expected results are those of tf.contrib.periodic_resample in TensorFlow 1.15.5, except where it
// reads stray memory or leaves memory as it was.
#include <complex>
#include <cstdint>
#include <string>
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
using Dims = std::vector<int64_t>;
using Ints = std::vector<int32_t>;

TestTensor Range(const Dims& dims, int32_t first = 0) {
  TestTensor zeros(DT_INT32, dims);
  Ints values(zeros.count());
  for (int32_t& value : values) value = first++;
  return TestTensor(dims, values);
}

Status Resample(const TestTensor& values, const Dims& shape, TestTensor* output) {
  FakeContext context;
  context.Parallel(2, 2).Input(values);
  OPGRAFT_RETURN_IF_ERROR(RunOp("PeriodicResample", FakeAttrs().Shape("shape", shape), &context));
  *output = context.output(0);
  return Status();
}

Status Gradient(const TestTensor& grad, const Dims& original, const Dims& desired,
                TestTensor* values) {
  FakeContext context;
  context.Parallel(2, 2).Input(grad);
  const FakeAttrs attrs =
      FakeAttrs().Shape("original_shape", original).Shape("desired_shape", desired);
  OPGRAFT_RETURN_IF_ERROR(RunOp("PeriodicResampleOpGrad", attrs, &context));
  *values = context.output(0);
  return Status();
}

TestTensor Resampled(const TestTensor& values, const Dims& shape) {
  TestTensor output;
  EXPECT_OK(Resample(values, shape, &output));
  return output;
}

TEST(PeriodicResampleTest, AdjustableColumns) {
  EXPECT_EQ(Resampled(Range({3, 4}), {6, -1}), Range({6, 2}));
  // What does not fit is left out.
  EXPECT_EQ(Resampled(Range({3, 4}), {5, -1}), Range({5, 2}));
  EXPECT_EQ(Resampled(Range({3, 4}), {12, 0}), Range({12, 1}));
}

TEST(PeriodicResampleTest, AdjustableRows) {
  EXPECT_EQ(Resampled(Range({4, 3}), {-1, 6}),
            TestTensor({2, 6}, Ints{0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11}));
}

TEST(PeriodicResampleTest, PeriodicShuffling) {
  // Each group of four channels becomes a square of pixels.
  EXPECT_EQ(Resampled(Range({2, 2, 4}), {4, 4, -1}),
            TestTensor({4, 4, 1}, Ints{0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15}));
}

TEST(PeriodicResampleTest, NothingToMove) {
  EXPECT_EQ(Resampled(Range({5}), {-1}), Range({5}));
  EXPECT_EQ(Resampled(Range({2, 3}), {2, -1}), Range({2, 3}));
}

TEST(PeriodicResampleTest, FactorsThatAreNoIntegers) {
  // Some values of the next row come instead of those beyond the end of their own.
  EXPECT_EQ(Resampled(Range({3, 4}), {4, -1}),
            TestTensor({4, 3}, Ints{0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9}));
}

TEST(PeriodicResampleTest, AllSizesOfElements) {
  const std::vector<std::complex<double>> pairs = {1, {2, 3}, 4, {0, 5}};
  EXPECT_EQ(Resampled(TestTensor({2, 2}, pairs), {-1, 4}),
            TestTensor({1, 4}, std::vector<std::complex<double>>{1, 4, {2, 3}, {0, 5}}));
  EXPECT_EQ(Resampled(TestTensor({2, 2}, std::vector<int8_t>{1, 2, 3, 4}), {-1, 4}),
            TestTensor({1, 4}, std::vector<int8_t>{1, 3, 2, 4}));
  EXPECT_EQ(Resampled(TestTensor({2, 2}, std::vector<uint16_t>{1, 2, 3, 4}), {-1, 4}),
            TestTensor({1, 4}, std::vector<uint16_t>{1, 3, 2, 4}));
  EXPECT_EQ(Resampled(TestTensor({2, 2}, std::vector<double>{1, 2, 3, 4}), {-1, 4}),
            TestTensor({1, 4}, std::vector<double>{1, 3, 2, 4}));
  TestTensor output;
  EXPECT_OK(Resample(TestTensor(DT_QINT32, {2, 2}), {4, -1}, &output));
  EXPECT_EQ(output, TestTensor(DT_QINT32, {4, 1}));
}

TEST(PeriodicResampleTest, InvalidShapes) {
  const auto expect = [](const Dims& dims, const Dims& shape, const char* text) {
    TestTensor output;
    EXPECT_ERROR(Resample(TestTensor(DT_INT32, dims), shape, &output), Code::kInvalidArgument,
                 text);
  };
  expect({3, 4}, {-1}, "values have rank 2, but the desired shape has 1 dimensions");
  expect({3, 4}, {6, 4}, "no dimension of the desired shape [6,4] is adjustable");
  expect({}, {}, "no dimension of the desired shape [] is adjustable");
  expect({3, 4}, {-1, 0}, "dimensions 0 and 1 of the desired shape are both adjustable");
  expect({3, 4}, {2, -1}, "dimension 0 of the desired shape is 2, but that of values is 3");
  expect({3, 4}, {13, -1}, "12 values are too few");
  expect({0, 4}, {13, -1}, "0 values are too few");
  const int64_t huge = int64_t{1} << 62;
  expect({3, 4, 1}, {huge, huge, -1}, "12 values are too few");
  // TensorFlow reads what lies behind the values.
  expect({4, 3}, {-1, 4}, "needs values beyond the 12 there are");
}

TEST(PeriodicResampleTest, UnknownShape) {
  FakeContext context;
  context.Input(Range({3, 4}));
  EXPECT_ERROR(RunOp("PeriodicResample", FakeAttrs().UnknownShape("shape"), &context),
               Code::kInvalidArgument, "the rank of the attr shape is unknown");
}

TEST(PeriodicResampleTest, Shapes) {
  const auto infer = [](const char* values, const Dims& shape) {
    return InferShape("PeriodicResample", FakeAttrs().Shape("shape", shape), {values});
  };
  EXPECT_EQ(infer("[3,4]", {6, -1}), "[6,2]");
  EXPECT_EQ(infer("[3,4]", {0, 5}), "[2,5]");
  EXPECT_EQ(infer("[?,4]", {6, -1}), "[6,?]");
  EXPECT_EQ(infer("?", {-1, 6}), "[?,6]");
  EXPECT_EQ(infer("[3,4]", {-1}), "[?]");
  EXPECT_EQ(InferShape("PeriodicResample", FakeAttrs().UnknownShape("shape"), {"[3,4]"}), "?");
}

TEST(PeriodicResampleOpGradTest, UndoesTheResampling) {
  for (const auto& [dims, shape] : std::vector<std::pair<Dims, Dims>>{{{3, 4}, {6, -1}},
                                                                      {{4, 3}, {-1, 6}},
                                                                      {{2, 2, 4}, {4, 4, -1}},
                                                                      {{2, 8, 3}, {4, -1, 6}}}) {
    const TestTensor values = Range(dims, 1);
    TestTensor gradient;
    ASSERT_OK(Gradient(Resampled(values, shape), dims, shape, &gradient));
    EXPECT_EQ(gradient, values);
  }
}

TEST(PeriodicResampleOpGradTest, ValuesLeftOutHaveNone) {
  TestTensor gradient;
  ASSERT_OK(Gradient(Range({5, 2}, 1), {3, 4}, {5, -1}, &gradient));
  EXPECT_EQ(gradient, TestTensor({3, 4}, Ints{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0}));
}

TEST(PeriodicResampleOpGradTest, TheLastOfSeveralUsesCounts) {
  TestTensor gradient;
  ASSERT_OK(Gradient(Range({4, 3}, 1), {3, 4}, {4, -1}, &gradient));
  EXPECT_EQ(gradient, TestTensor({3, 4}, Ints{1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 0, 0}));
}

TEST(PeriodicResampleOpGradTest, InvalidShapes) {
  const auto expect = [](const Dims& grad, const Dims& original, const Dims& desired,
                         const char* text) {
    TestTensor values;
    EXPECT_ERROR(Gradient(TestTensor(DT_INT32, grad), original, desired, &values),
                 Code::kInvalidArgument, text);
  };
  expect({6, 1}, {3, 4}, {6, -1}, "grad of shape [6,1] has not the rank 2 and the 12 elements");
  expect({12}, {3, 4}, {6, -1}, "grad of shape [12] has not the rank 2 and the 12 elements");
  expect({6, 2}, {3, -1}, {6, -1}, "original_shape must be fully known");
  expect({6, 2}, {3, 4}, {-1}, "values have rank 2, but the desired shape has 1 dimensions");
  const int64_t huge = int64_t{1} << 40;
  expect({6, 2}, {huge, huge}, {huge, -1}, "are more than 2^63 elements");
}

TEST(PeriodicResampleOpGradTest, Shapes) {
  const auto infer = [](const Dims& original) {
    return InferShape("PeriodicResampleOpGrad",
                      FakeAttrs().Shape("original_shape", original).Shape("desired_shape", {6, -1}),
                      {"?"});
  };
  EXPECT_EQ(infer({3, 4}), "[3,4]");
  EXPECT_EQ(infer({3, -1}), "original_shape [3,-1] is not fully known");
}

}  // namespace
}  // namespace opgraft
