// Expected results and messages are those of tf.contrib.libsvm in TensorFlow 1.15.5.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShapes;
using testing::RunOp;
using testing::TestTensor;
using Longs = std::vector<int64_t>;
using Strings = std::vector<std::string>;

constexpr char kOp[] = "DecodeLibsvm";

FakeAttrs Attrs(DataType dtype = DT_FLOAT, DataType label = DT_INT64) {
  return FakeAttrs().Int("num_features", 10).Type("dtype", dtype).Type("label_dtype", label);
}

Status Decode(TestTensor lines, FakeAttrs attrs, FakeContext* context) {
  context->Parallel(2, 2).Input(std::move(lines));
  return RunOp(kOp, std::move(attrs), context);
}

TEST(DecodeLibsvmTest, Decodes) {
  FakeContext context;
  ASSERT_OK(Decode(TestTensor({3}, Strings{"1 1:3.5 9:-0.25", "-7", " 2\t3:1\r 3:2 0:5\n"}),
                   Attrs(), &context));
  EXPECT_EQ(context.output(0), TestTensor({3}, Longs{1, -7, 2}));
  EXPECT_EQ(context.output(1), TestTensor({5, 2}, Longs{0, 1, 0, 9, 2, 3, 2, 3, 2, 0}));
  EXPECT_EQ(context.output(2), TestTensor({5}, std::vector<float>{3.5, -0.25, 1, 2, 5}));
  EXPECT_EQ(context.output(3), TestTensor({2}, Longs{3, 10}));
}

TEST(DecodeLibsvmTest, IndicesOfHigherRank) {
  FakeContext context;
  ASSERT_OK(Decode(TestTensor({2, 1, 3}, Strings{"0 1:1", "1 2:2", "2", "3 4:4 5:5", "4", "5 6:6"}),
                   Attrs(), &context));
  EXPECT_EQ(context.output(0), TestTensor({2, 1, 3}, Longs{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(context.output(1),
            TestTensor({5, 4}, Longs{0, 0, 0, 1, 0, 0, 1, 2, 1, 0, 0, 4, 1, 0, 0, 5, 1, 0, 2, 6}));
  EXPECT_EQ(context.output(3), TestTensor({4}, Longs{2, 1, 3, 10}));
}

TEST(DecodeLibsvmTest, EveryPairOfTypes) {
  const std::vector<DataType> types = {DT_FLOAT, DT_DOUBLE, DT_INT32, DT_INT64};
  for (const DataType dtype : types) {
    for (const DataType label : types) {
      FakeContext context;
      ASSERT_OK(Decode(TestTensor({1}, Strings{"-3 2:5"}), Attrs(dtype, label), &context));
      EXPECT_EQ(context.output(0).dtype(), label);
      EXPECT_EQ(context.output(2).dtype(), dtype);
      EXPECT_EQ(std::stod(context.output(0).Text(0)), -3);
      EXPECT_EQ(std::stod(context.output(2).Text(0)), 5);
    }
  }
}

TEST(DecodeLibsvmTest, ManyLines) {
  Strings lines;
  Longs labels;
  for (int i = 0; i < 1000; ++i) {
    labels.push_back(i);
    lines.push_back(std::to_string(i) + " 7:" + std::to_string(i));
  }
  FakeContext context;
  context.Parallel(130, 3).Input(TestTensor({1000}, lines));
  ASSERT_OK(RunOp(kOp, Attrs(DT_INT64), &context));
  EXPECT_EQ(context.output(0), TestTensor({1000}, labels));
  EXPECT_EQ(context.output(2), TestTensor({1000}, labels));
}

TEST(DecodeLibsvmTest, EmptyInput) {
  FakeContext context;
  ASSERT_OK(Decode(TestTensor(DT_STRING, {2, 0}), Attrs(), &context));
  EXPECT_EQ(context.output(0), TestTensor(DT_INT64, {2, 0}));
  EXPECT_EQ(context.output(1), TestTensor(DT_INT64, {0, 3}));
  EXPECT_EQ(context.output(2), TestTensor(DT_FLOAT, {0}));
  EXPECT_EQ(context.output(3), TestTensor({3}, Longs{2, 0, 10}));
}

TEST(DecodeLibsvmTest, MalformedLines) {
  const auto expect = [](const Strings& lines, const char* text) {
    FakeContext context;
    const TestTensor input({static_cast<int64_t>(lines.size())}, lines);
    EXPECT_ERROR(Decode(input, Attrs(), &context), Code::kInvalidArgument, text);
  };
  expect({"1", "  "}, "No label found for input[1]: \"  \"");
  expect({""}, "No label found for input[0]: \"\"");
  expect({"1.5 1:1"}, "Label format incorrect: 1.5");
  expect({"1 2"}, "Invalid feature \"2\"");
  expect({"1 a:2"}, "Feature format incorrect: a:2");
  expect({"1 1:2:3"}, "Feature format incorrect: 1:2:3");
  expect({"1 1:"}, "Feature format incorrect: 1:");
  expect({"1 -4:1"}, "Feature index should be >= 0, got -4");
  expect({"1 \xb2\n"}, "Invalid feature \"\\xb2\"");
  expect({"1 " + std::string(300, 'y')}, (std::string(100, 'y') + "... (300 bytes)\"").c_str());
  // The first of the bad lines, on however many threads.
  expect({"1", "2", "3", "4 bad", "worse", "", "x", "y", "z"}, "Invalid feature \"bad\"");
}

TEST(DecodeLibsvmTest, ScalarInput) {
  FakeContext context;
  EXPECT_ERROR(Decode(TestTensor({}, Strings{"1 1:1"}), Attrs(), &context), Code::kInvalidArgument,
               "input must have at least one dimension, saw shape: []");
}

TEST(DecodeLibsvmTest, NumberOfFeatures) {
  FakeContext context;
  EXPECT_ERROR(
      Decode(TestTensor({1}, Strings{"1"}), Attrs().Int("num_features", int64_t{0}), &context),
      Code::kInvalidArgument, "Invalid number of features \"0\"");
}

TEST(DecodeLibsvmTest, AllocationFails) {
  FakeContext context;
  context.AllocationLimit(3);
  EXPECT_ERROR(Decode(TestTensor({2}, Strings{"1 1:1", "2 2:2"}), Attrs(), &context),
               Code::kResourceExhausted, "OOM");
}

TEST(DecodeLibsvmTest, Shapes) {
  Strings shapes;
  ASSERT_OK(InferShapes(kOp, Attrs(), {"[4,?]"}, &shapes));
  EXPECT_EQ(shapes, (Strings{"[4,?]", "[?,?]", "[?]", "[?]"}));
  ASSERT_OK(InferShapes(kOp, Attrs(), {"?"}, &shapes));
  EXPECT_EQ(shapes, (Strings{"?", "[?,?]", "[?]", "[?]"}));
}

}  // namespace
}  // namespace opgraft
