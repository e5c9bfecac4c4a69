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
using testing::FindOp;
using testing::InferShape;
using testing::RunOp;
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;

template <class T>
std::vector<T> Add(TestTensor x, TestTensor y) {
  FakeContext context;
  context.Input(std::move(x)).Input(std::move(y));
  EXPECT_OK(RunOp("AddV2", FakeAttrs(), &context));
  return context.output(0).values<T>();
}

TEST(AddV2Test, HasAKernelForEveryTypeOfItsSignature) {
  const OpDefinition& op = FindOp("AddV2");
  const std::string types = op.attrs[0];
  EXPECT_EQ(op.num_kernels, 14);
  for (int i = 0; i < op.num_kernels; ++i) {
    const std::string name = DataTypeName(op.kernels[i].constraints[0].dtype);
    EXPECT_NE(types.find(name), std::string::npos) << name;
  }
  EXPECT_TRUE(op.is_commutative);
  EXPECT_TRUE(op.is_aggregate);
}

TEST(AddV2Test, Adds) {
  EXPECT_EQ(Add<float>(Vector<float>({1, 2}), Vector<float>({0.5, -2})),
            (std::vector<float>{1.5, 0}));
  EXPECT_EQ(Add<double>(Vector<double>({1e300}), Scalar<double>(1e300)),
            (std::vector<double>{2e300}));
  using Complex = std::complex<float>;
  EXPECT_EQ(Add<Complex>(Vector<Complex>({{1, 2}}), Vector<Complex>({{3, -5}})),
            (std::vector<Complex>{{4, -3}}));
}

template <class T>
class AddV2IntegerTest : public ::testing::Test {};
using Integers =
    ::testing::Types<uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t, int64_t>;
TYPED_TEST_SUITE(AddV2IntegerTest, Integers);

TYPED_TEST(AddV2IntegerTest, OverflowWraps) {
  using Limits = std::numeric_limits<TypeParam>;
  EXPECT_EQ(Add<TypeParam>(Vector<TypeParam>({Limits::max(), Limits::min(), 3}),
                           Vector<TypeParam>({1, static_cast<TypeParam>(-1), 4})),
            (std::vector<TypeParam>{Limits::min(), Limits::max(), 7}));
}

TEST(AddV2Test, HalfRoundsToNearestEven) {
  const auto add = [](float x, float y) {
    return ToFloat(Add<Half>(Scalar(ToHalf(x)), Scalar(ToHalf(y)))[0]);
  };
  EXPECT_EQ(add(2048, 1), 2048);
  EXPECT_EQ(add(2050, 1), 2052);
  EXPECT_EQ(add(65504, 15), 65504);
  EXPECT_EQ(add(65504, 16), std::numeric_limits<float>::infinity());
}

TEST(AddV2Test, BFloat16RoundsToNearestEven) {
  const auto add = [](float x, float y) {
    return ToFloat(Add<BFloat16>(Scalar(ToBFloat16(x)), Scalar(ToBFloat16(y)))[0]);
  };
  EXPECT_EQ(add(256, 1), 256);
  EXPECT_EQ(add(258, 1), 260);
}

TEST(AddV2Test, Broadcasts) {
  FakeContext context;
  context.Input(TestTensor({2, 1}, std::vector<int32_t>{10, 20})).Input(Vector<int32_t>({1, 2, 3}));
  ASSERT_OK(RunOp("AddV2", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(context.output(0).values<int32_t>(), (std::vector<int32_t>{11, 12, 13, 21, 22, 23}));
}

TEST(AddV2Test, ReusesTheInputThatHasTheOutputsSize) {
  for (const bool swap : {false, true}) {
    FakeContext context;
    TestTensor large({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
    TestTensor small = Vector<float>({10, 20, 30});
    context.Forwarding(true).Input(swap ? small : large).Input(swap ? large : small);
    ASSERT_OK(RunOp("AddV2", FakeAttrs(), &context));
    EXPECT_EQ(context.output(0).values<float>(), (std::vector<float>{11, 22, 33, 14, 25, 36}));
  }
}

TEST(AddV2Test, RunsInParallel) {
  std::vector<int64_t> x(1000), expected(3000);
  for (int i = 0; i < 1000; ++i) x[i] = i;
  for (int i = 0; i < 3000; ++i) expected[i] = i % 1000 + i / 1000;
  FakeContext context;
  context.Parallel(7, 3)
      .Input(TestTensor({3, 1}, std::vector<int64_t>{0, 1, 2}))
      .Input(Vector<int64_t>(x));
  ASSERT_OK(RunOp("AddV2", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).values<int64_t>(), expected);
}

TEST(AddV2Test, EmptyTensors) {
  FakeContext context;
  context.Input(TestTensor(DT_FLOAT, {0, 3})).Input(TestTensor(DT_FLOAT, {1, 3}));
  ASSERT_OK(RunOp("AddV2", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (std::vector<int64_t>{0, 3}));
}

TEST(AddV2Test, Errors) {
  FakeContext context;
  context.Input(TestTensor(DT_FLOAT, {2, 3})).Input(TestTensor(DT_FLOAT, {4}));
  EXPECT_ERROR(RunOp("AddV2", FakeAttrs(), &context), Code::kInvalidArgument,
               "Incompatible shapes: [2,3] vs. [4]");
  FakeContext full;
  full.AllocationLimit(2).Input(TestTensor(DT_FLOAT, {3})).Input(TestTensor(DT_FLOAT, {3}));
  EXPECT_FALSE(RunOp("AddV2", FakeAttrs(), &full).ok());
}

TEST(AddV2Test, Shapes) {
  const auto infer = [](const char* x, const char* y) {
    return InferShape("AddV2", FakeAttrs().Type("T", DT_FLOAT), {x, y});
  };
  EXPECT_EQ(infer("[2,3]", "[3]"), "[2,3]");
  EXPECT_EQ(infer("[3]", "[2,3]"), "[2,3]");
  EXPECT_EQ(infer("[4,1,?]", "[5,1]"), "[4,5,?]");
  EXPECT_EQ(infer("[?]", "[1]"), "[?]");
  EXPECT_EQ(infer("[?]", "[2]"), "[2]");
  EXPECT_EQ(infer("[2,?]", "[4]"), "[2,4]");
  EXPECT_EQ(infer("[0]", "[?]"), "[?]");
  EXPECT_EQ(infer("[0]", "[1]"), "[0]");
  EXPECT_EQ(infer("[]", "[]"), "[]");
  EXPECT_EQ(infer("[]", "?"), "?");
  // The outermost mismatch is the one that is reported.
  EXPECT_EQ(infer("[2,3]", "[4,5,6]"), "Dimensions must be equal, but are 2 and 5");
}

}  // namespace
}  // namespace opgraft
