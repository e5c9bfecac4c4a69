// Expected pairs are those of tf.contrib.text in TensorFlow 1.15.5 with the same seeds.
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::FindOp;
using testing::InferShapes;
using testing::MakeKernel;
using testing::RunOp;
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Ints = std::vector<int32_t>;
using Strings = std::vector<std::string>;

constexpr char kOp[] = "SkipGramGenerateCandidates";

struct Window {
  int32_t min_skips = 1, max_skips = 5, start = 0, limit = -1;
  bool emit_self = false;
};

void AddInputs(const TestTensor& words, const Window& window, FakeContext* context) {
  context->Parallel(3, 2)
      .Input(words)
      .Input(Scalar(window.min_skips))
      .Input(Scalar(window.max_skips))
      .Input(Scalar(window.start))
      .Input(Scalar(window.limit))
      .Input(Scalar(window.emit_self));
}

Status RunSkipGram(const TestTensor& words, const Window& window, FakeContext* context) {
  AddInputs(words, window, context);
  return RunOp(kOp, FakeAttrs().Int("seed", 42).Int("seed2", 7), context);
}

/// A generator that runs several times.
class Generator {
 public:
  Generator(int64_t seed, int64_t seed2) {
    EXPECT_OK(MakeKernel(kOp, FakeAttrs().Type("T", DT_INT32).Int("seed", seed).Int("seed2", seed2),
                         &kernel_));
  }
  Ints Labels(const Ints& words, const Window& window) {
    FakeContext context;
    context.output_dtypes = {DT_INT32, DT_INT32};
    AddInputs(Vector(words), window, &context);
    EXPECT_OK(kernel_->Compute(&context));
    return context.output(1).values<int32_t>();
  }

 private:
  std::unique_ptr<Kernel> kernel_;
};

const Ints kWords = {0, 1, 2, 3, 4, 5, 6, 7};

TEST(SkipGramTest, FixedWindow) {
  FakeContext context;
  ASSERT_OK(RunSkipGram(Vector<int32_t>({7, 8, 9}), {1, 1}, &context));
  EXPECT_EQ(context.output(0), Vector<int32_t>({7, 8, 8, 9}));
  EXPECT_EQ(context.output(1), Vector<int32_t>({8, 7, 9, 8}));
}

TEST(SkipGramTest, EmitsSelf) {
  FakeContext context;
  ASSERT_OK(RunSkipGram(Vector<int16_t>({7, 8, 9}), {1, 1, 0, -1, true}, &context));
  EXPECT_EQ(context.output(0), Vector<int16_t>({7, 7, 8, 8, 8, 9, 9}));
  EXPECT_EQ(context.output(1), Vector<int16_t>({7, 8, 7, 8, 9, 8, 9}));
}

TEST(SkipGramTest, Strings) {
  FakeContext context;
  ASSERT_OK(RunSkipGram(TestTensor({3}, Strings{"the", "", "fox"}), {2, 2}, &context));
  EXPECT_EQ(context.output(0).strings(), (Strings{"the", "the", "", "", "fox", "fox"}));
  EXPECT_EQ(context.output(1).strings(), (Strings{"", "fox", "the", "fox", "the", ""}));
}

TEST(SkipGramTest, PartOfTheTokens) {
  const auto labels = [](Window window) {
    FakeContext context;
    EXPECT_OK(RunSkipGram(Vector<int64_t>({0, 1, 2, 3, 4}), window, &context));
    return context.output(1).values<int64_t>();
  };
  using Longs = std::vector<int64_t>;
  EXPECT_EQ(labels({9, 9, 3, -1}), (Longs{4, 3}));
  EXPECT_EQ(labels({9, 9, 1, 2}), (Longs{2, 1}));
  EXPECT_EQ(labels({9, 9, 3, 100}), (Longs{4, 3}));
  EXPECT_EQ(labels({1, 1, 0, INT32_MAX}).size(), 8u);
  EXPECT_EQ(labels({1, 1, 0, 0}), Longs());
  EXPECT_EQ(labels({1, 1, 5, -1}), Longs());
  EXPECT_EQ(labels({1, 1, 99, 3}), Longs());
  EXPECT_EQ(labels({0, 0, 0, -1}), Longs());
  EXPECT_EQ(labels({0, INT32_MAX, 4, INT32_MIN, true}), (Longs{4}));
}

TEST(SkipGramTest, SameSeedsSameWindows) {
  Generator generator(42, 7);
  const Window window = {0, 3};
  EXPECT_EQ(generator.Labels(kWords, window), (Ints{1, 3, 0, 1, 2, 4, 5, 6, 3, 4, 6, 7, 5, 7, 6}));
  EXPECT_EQ(generator.Labels(kWords, window), (Ints{1, 2, 1, 3, 1, 2, 4, 5, 3, 5, 4, 6, 4, 5, 6}));
  EXPECT_EQ(generator.Labels(kWords, window),
            (Ints{1, 0, 1, 3, 4, 5, 2, 3, 5, 6, 2, 3, 4, 6, 7, 4, 5, 7, 5, 6}));
}

TEST(SkipGramTest, RangesThatEndBeforeTheyStartGoBack) {
  Generator generator(3, 4);
  EXPECT_EQ(generator.Labels(kWords, {0, 3, 0}),
            (Ints{1, 1, 3, 1, 2, 4, 5, 1, 2, 3, 5, 6, 7, 5, 7, 6}));
  EXPECT_EQ(generator.Labels(kWords, {0, 3, 40}), (Ints{}));
  EXPECT_EQ(generator.Labels(kWords, {0, 3, 0}),
            (Ints{0, 2, 0, 1, 3, 4, 5, 2, 3, 5, 6, 4, 6, 3, 4, 5, 7}));
  EXPECT_EQ(generator.Labels(kWords, {0, 3, 0}),
            (Ints{1, 2, 0, 2, 0, 1, 3, 4, 1, 2, 4, 5, 1, 2, 3, 5, 6, 7, 3, 4, 6, 7, 6}));
  EXPECT_EQ(generator.Labels(kWords, {0, 3, 0}),
            (Ints{1, 2, 0, 2, 0, 1, 3, 4, 5, 1, 2, 3, 5, 6, 7, 3, 4, 6, 7, 5, 7, 5, 6}));
}

TEST(SkipGramTest, NoSeedsDiffer) {
  Generator one(0, 0), other(0, 0);
  Ints words(200);
  EXPECT_NE(one.Labels(words, {0, 100}).size(), other.Labels(words, {0, 100}).size());
}

TEST(SkipGramTest, BadInput) {
  const auto expect = [](Window window, const char* text) {
    FakeContext context;
    EXPECT_ERROR(RunSkipGram(Vector(kWords), window, &context), Code::kInvalidArgument, text);
  };
  expect({-1, 2}, "Both min_skips and max_skips must be >= 0. They are -1 and 2");
  expect({0, -2}, "Both min_skips and max_skips must be >= 0. They are 0 and -2");
  expect({3, 2}, "min_skips must be <= max_skips. They are 3 and 2");
  // TensorFlow reads in front of the input, and adds with overflow.
  expect({1, 2, -1}, "start must be >= 0, is -1");
  expect({1, 2, 1, INT32_MAX}, "start + limit must be at most 2147483647, is 1 + 2147483647");
}

TEST(SkipGramTest, InputsThatAreNoScalars) {
  FakeContext context;
  context.Input(Vector(kWords))
      .Input(Vector<int32_t>({1}))  // one element will do
      .Input(Vector<int32_t>({1, 2}))
      .Input(Scalar<int32_t>(0))
      .Input(Scalar<int32_t>(-1))
      .Input(Scalar(false));
  EXPECT_ERROR(RunOp(kOp, FakeAttrs(), &context), Code::kInvalidArgument,
               "max_skips must be a scalar, saw shape: [2]");
}

TEST(SkipGramTest, AllocationFails) {
  FakeContext context;
  context.AllocationLimit(5);
  EXPECT_ERROR(RunSkipGram(Vector(kWords), {2, 2}, &context), Code::kResourceExhausted, "OOM");
}

TEST(SkipGramTest, Definition) {
  EXPECT_STREQ(FindOp(kOp).alias, "Addons>SkipGramGenerateCandidates");
  EXPECT_TRUE(FindOp(kOp).is_stateful);
}

TEST(SkipGramTest, Shapes) {
  Strings shapes;
  const FakeAttrs attrs = FakeAttrs().Type("T", DT_INT64);
  ASSERT_OK(InferShapes(kOp, attrs, {"?", "?", "[]", "[]", "[]", "[3]"}, &shapes));
  EXPECT_EQ(shapes, (Strings{"[?]", "[?]"}));
  EXPECT_ERROR(InferShapes(kOp, attrs, {"[2,3]", "[]", "[]", "[]", "[]", "[]"}, &shapes),
               Code::kInvalidArgument, "must be rank 1 but is rank 2");
  EXPECT_ERROR(InferShapes(kOp, attrs, {"[2]", "[]", "[]", "[]", "[1]", "[]"}, &shapes),
               Code::kInvalidArgument, "must be rank 0 but is rank 1");
}

}  // namespace
}  // namespace opgraft
