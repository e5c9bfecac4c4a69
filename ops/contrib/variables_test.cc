// Expected values are those of TensorFlow 1.15.5, except where it crashes.
#include <cstdint>
#include <limits>
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
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;
using Strings = std::vector<std::string>;

Status ScatterAdd(std::vector<int64_t> shape, TestTensor indices, TestTensor deltas, Floats* out) {
  FakeContext context;
  TestTensor variable(DT_FLOAT, shape);
  context.InputRef(variable).Input(std::move(indices)).Input(std::move(deltas));
  const Status status = RunOp("ScatterAddNdim", FakeAttrs(), &context);
  *out = context.variable(0).values<float>();
  return Status(status.code(), status.message());
}

TEST(ScatterAddNdimTest, ElementsSlicesAndDuplicates) {
  Floats out;
  ASSERT_OK(ScatterAdd({2, 3}, TestTensor({2, 2}, Ints{0, 1, 1, 2}), Vector<float>({1, 2}), &out));
  EXPECT_EQ(out, (Floats{0, 1, 0, 0, 0, 2}));
  ASSERT_OK(ScatterAdd({2, 3}, TestTensor({2, 1}, Ints{0, 0}),
                       TestTensor({2, 3}, Floats{1, 2, 3, 4, 5, 6}), &out));
  EXPECT_EQ(out, (Floats{5, 7, 9, 0, 0, 0}));
  ASSERT_OK(ScatterAdd({2, 2, 2}, TestTensor({1, 2}, Ints{1, 0}), TestTensor({1, 2}, Floats{1, 2}),
                       &out));
  EXPECT_EQ(out, (Floats{0, 0, 0, 0, 1, 2, 0, 0}));
}

TEST(ScatterAddNdimTest, NothingToAdd) {
  Floats out;
  ASSERT_OK(ScatterAdd({3}, TestTensor(DT_INT32, {0, 1}), TestTensor(DT_FLOAT, {0}), &out));
  EXPECT_EQ(out, (Floats{0, 0, 0}));
  ASSERT_OK(ScatterAdd({2, 0}, TestTensor({1, 1}, Ints{1}), TestTensor(DT_FLOAT, {1, 0}), &out));
  EXPECT_TRUE(out.empty());
}

TEST(ScatterAddNdimTest, BadIndicesChangeNothing) {
  for (const int32_t bad : {-1, 3, std::numeric_limits<int32_t>::min()}) {
    Floats out;
    EXPECT_ERROR(ScatterAdd({3}, TestTensor({2, 1}, Ints{0, bad}), Vector<float>({1, 2}), &out),
                 Code::kInvalidArgument,
                 "indices[1,0] = " + std::to_string(bad) + " is not in [0, 3)");
    EXPECT_EQ(out, (Floats{0, 0, 0}));
  }
}

TEST(ScatterAddNdimTest, BadShapes) {
  const auto expect = [](TestTensor indices, TestTensor deltas, const char* text) {
    Floats out;
    EXPECT_ERROR(ScatterAdd({2, 3}, std::move(indices), std::move(deltas), &out),
                 Code::kInvalidArgument, text);
  };
  expect(Vector<int32_t>({0, 1}), Vector<float>({1, 2}), "two-dimensional, saw shape: [2]");
  expect(TestTensor({2, 2}, Ints{0, 1, 1, 2}), Vector<float>({1}), "same as number of indices");
  expect(TestTensor({1, 2}, Ints{0, 1}), Scalar<float>(1), "same as number of indices");
  expect(TestTensor({1, 2}, Ints{0, 1}), TestTensor({1, 1}, Floats{1}), "same as input rank");
  expect(TestTensor({1, 1}, Ints{0}), TestTensor({1, 2}, Floats{1, 2}),
         "deltas of shape [1,2] do not fit slices of the input, whose shape is [2,3]");
  FakeContext context;
  context.InputUninitializedRef(DT_FLOAT, {2}).Input(TestTensor(DT_INT32, {0, 1}));
  context.Input(TestTensor(DT_FLOAT, {0}));
  EXPECT_ERROR(RunOp("ScatterAddNdim", FakeAttrs(), &context), Code::kFailedPrecondition,
               "uninitialized value");
}

TEST(ZeroInitializerTest, OnlyTheFirstValue) {
  FakeContext context;
  context.InputUninitializedRef(DT_HALF, {2, 3});
  ASSERT_OK(RunOp("ZeroInitializer", FakeAttrs(), &context));
  EXPECT_EQ(context.variable(0), TestTensor(DT_HALF, {2, 3}));
  EXPECT_EQ(context.output(0), TestTensor(DT_HALF, {2, 3}));
  EXPECT_ERROR(RunOp("ZeroInitializer", FakeAttrs(), &context), Code::kInvalidArgument,
               "input is already initialized");
  EXPECT_EQ(InferShape("ZeroInitializer", FakeAttrs().Type("T", DT_FLOAT), {"[2,?]"}), "[2,?]");
}

Status Next(const Strings& list, int64_t counter, std::string* element, int64_t* after) {
  FakeContext context;
  context.Input(TestTensor({static_cast<int64_t>(list.size())}, list));
  context.InputRef(Scalar<int64_t>(counter));
  OPGRAFT_RETURN_IF_ERROR(RunOp("ObtainNext", FakeAttrs(), &context));
  *element = context.output(0).strings()[0];
  *after = context.variable(1).values<int64_t>()[0];
  return Status();
}

FakeAttrs ZeroVar(DataType dtype, const std::vector<int64_t>& dims) {
  return FakeAttrs().Type("dtype", dtype).Shape("shape", dims);
}

TEST(ZeroVarInitializerTest, GivesAVariableZerosOnce) {
  FakeContext context;
  context.InputVariable();
  ASSERT_OK(RunOp("ZeroVarInitializer", ZeroVar(DT_FLOAT, {2, 3}), &context));
  EXPECT_EQ(context.variable(0).values<float>(), Floats(6, 0));
  EXPECT_EQ(context.output(0).dtype(), DT_RESOURCE);
  EXPECT_ERROR(RunOp("ZeroVarInitializer", ZeroVar(DT_FLOAT, {2, 3}), &context),
               Code::kInvalidArgument, "input is already initialized");
}

TEST(ZeroVarInitializerTest, Shapes) {
  FakeContext scalar, empty, partial;
  scalar.InputVariable();
  ASSERT_OK(RunOp("ZeroVarInitializer", FakeAttrs().Type("dtype", DT_INT32).UnknownShape("shape"),
                  &scalar));
  EXPECT_EQ(scalar.variable(0).values<int32_t>(), Ints(1, 0));
  empty.InputVariable();
  ASSERT_OK(RunOp("ZeroVarInitializer", ZeroVar(DT_INT32, {0, 3}), &empty));
  EXPECT_EQ(empty.variable(0).values<int32_t>(), Ints());
  partial.InputVariable();
  EXPECT_ERROR(RunOp("ZeroVarInitializer", ZeroVar(DT_INT32, {-1, 3}), &partial),
               Code::kInvalidArgument, "shape must be fully defined, got [");
  EXPECT_EQ(InferShape("ZeroVarInitializer", ZeroVar(DT_INT32, {2}), {"?"}), "[]");
}

TEST(ObtainNextTest, InTurn) {
  std::string element;
  int64_t counter = -1;
  for (const char* expected : {"a", "b", "c", "a"}) {
    ASSERT_OK(Next({"a", "b", "c"}, counter, &element, &counter));
    EXPECT_EQ(element, expected);
  }
  EXPECT_EQ(counter, 0);
  ASSERT_OK(Next({"a", "b"}, 7, &element, &counter));
  EXPECT_EQ(element, "a");
  ASSERT_OK(Next({"a", "b"}, -7, &element, &counter));
  EXPECT_EQ(element, "a");
}

TEST(ObtainNextTest, BadCounters) {
  std::string element;
  int64_t after;
  EXPECT_ERROR(Next({"a", "b"}, -2, &element, &after), Code::kInvalidArgument,
               "counter -2 must be at least -1");
  EXPECT_ERROR(Next({"a"}, std::numeric_limits<int64_t>::max(), &element, &after),
               Code::kInvalidArgument, "counter 9223372036854775807 cannot be counted up");
  EXPECT_ERROR(Next({}, 0, &element, &after), Code::kInvalidArgument, "must not be empty");
  FakeContext context;
  context.Input(Vector<std::string>({"a"})).InputRef(TestTensor(DT_INT64, {1}));
  EXPECT_ERROR(RunOp("ObtainNext", FakeAttrs(), &context), Code::kInvalidArgument,
               "counter must be a scalar, saw shape: [1]");
}

TEST(ObtainNextTest, Shapes) {
  EXPECT_EQ(InferShape("ObtainNext", FakeAttrs(), {"?", "?"}), "[]");
  EXPECT_EQ(InferShape("ObtainNext", FakeAttrs(), {"[1,2]", "[]"}),
            "Shape must be rank 1 but is rank 2");
  EXPECT_EQ(InferShape("ObtainNext", FakeAttrs(), {"[2]", "[1]"}),
            "Shape must be rank 0 but is rank 1");
}

TEST(MemoryStatsTest, TheCpuHasNoLimit) {
  FakeContext context;
  ASSERT_OK(RunOp("BytesLimit", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0), Scalar<int64_t>(-1));
  for (const char* op : {"BytesInUse", "MaxBytesInUse"}) {
    EXPECT_EQ(testing::FindOp(op).num_kernels, 0);
    EXPECT_EQ(InferShape(op, FakeAttrs(), {}), "[]");
  }
}

}  // namespace
}  // namespace opgraft
