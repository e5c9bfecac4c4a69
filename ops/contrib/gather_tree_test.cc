// Expected results and messages are those of tf.contrib.seq2seq.gather_tree in TensorFlow 1.15.5.
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
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Ints = std::vector<int32_t>;

// max_time 4, batch_size 1, beam_width 3.
const Ints kSteps = {1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1};
const Ints kParents = {0, 0, 0, 0, 1, 1, 2, 1, 2, -1, -1, -1};

TestTensor Beams(const Ints& values) { return TestTensor({4, 1, 3}, values); }

Status RunGatherTree(TestTensor steps, TestTensor parents, TestTensor lengths, TestTensor end,
                     Ints* beams) {
  FakeContext context;
  context.Parallel(2, 2)
      .Input(std::move(steps))
      .Input(std::move(parents))
      .Input(std::move(lengths))
      .Input(std::move(end));
  OPGRAFT_RETURN_IF_ERROR(RunOp("GatherTree", FakeAttrs(), &context));
  *beams = context.output(0).values<int32_t>();
  return Status();
}

Ints Gather(const Ints& steps, const Ints& parents, int32_t length) {
  Ints beams;
  EXPECT_OK(RunGatherTree(Beams(steps), Beams(parents), Vector<int32_t>({length}),
                          Scalar<int32_t>(10), &beams));
  return beams;
}

TEST(GatherTreeTest, WalksBackFromTheLastStep) {
  EXPECT_EQ(Gather(kSteps, kParents, 3), (Ints{2, 2, 2, 6, 5, 6, 7, 8, 9, 10, 10, 10}));
}

TEST(GatherTreeTest, OneStepHasNoParents) {
  EXPECT_EQ(Gather(kSteps, Ints(12, -7), 1), (Ints{1, 2, 3, 10, 10, 10, 10, 10, 10, 10, 10, 10}));
}

TEST(GatherTreeTest, NothingToWalk) {
  EXPECT_EQ(Gather(kSteps, kParents, 0), Ints(12, 10));
  EXPECT_EQ(Gather(kSteps, kParents, -5), Ints(12, 10));
}

TEST(GatherTreeTest, EverythingAfterTheEndTokenIsOne) {
  EXPECT_EQ(
      Gather({1, 2, 10, 10, 5, 10, 7, 10, 9, 4, 5, 6}, {0, 0, 0, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 4),
      (Ints{1, 2, 10, 10, 5, 10, 10, 10, 10, 10, 10, 10}));
}

TEST(GatherTreeTest, Batches) {
  // Two batches of one beam; lengths beyond max_time are cut.
  Ints beams;
  ASSERT_OK(RunGatherTree(TestTensor({2, 2, 1}, Ints{1, 2, 3, 4}),
                          TestTensor({2, 2, 1}, Ints{0, 0, 0, 0}), Vector<int32_t>({1, 99}),
                          Scalar<int32_t>(0), &beams));
  EXPECT_EQ(beams, (Ints{1, 2, 0, 4}));
}

TEST(GatherTreeTest, EmptyTensors) {
  for (const std::vector<int64_t>& dims :
       {std::vector<int64_t>{0, 1, 3}, std::vector<int64_t>{2, 0, 3},
        std::vector<int64_t>{2, 2, 0}}) {
    Ints beams;
    EXPECT_OK(RunGatherTree(TestTensor(DT_INT32, dims), TestTensor(DT_INT32, dims),
                            TestTensor(DT_INT32, {dims[1]}), Scalar<int32_t>(0), &beams));
    EXPECT_TRUE(beams.empty());
  }
}

TEST(GatherTreeTest, InvalidParents) {
  const auto expect = [](Ints parents, int32_t length, const char* text) {
    Ints beams;
    EXPECT_ERROR(RunGatherTree(Beams(kSteps), Beams(parents), Vector<int32_t>({length}),
                               Scalar<int32_t>(10), &beams),
                 Code::kInvalidArgument, text);
  };
  expect(kParents, 4, "Saw invalid parent id -1 at (batch, time, beam) == (0, 2, 0)");
  expect(Ints(12, -3), 3, "Saw invalid parent id -3 at (batch, time, beam) == (0, 1, 0)");
  Ints parents = kParents;
  parents[7] = 77;
  expect(parents, 3, "Saw invalid parent id 77 at (batch, time, beam) == (0, 1, 1)");
  // TensorFlow lets beam_width itself pass and reads past the row.
  parents[7] = 3;
  expect(parents, 3, "Saw invalid parent id 3 at (batch, time, beam) == (0, 1, 1)");
}

TEST(GatherTreeTest, InvalidShapes) {
  const TestTensor ok = Beams(kSteps), flat = TestTensor({4, 3}, kSteps);
  const TestTensor lengths = Vector<int32_t>({3}), end = Scalar<int32_t>(10);
  const auto expect = [](TestTensor steps, TestTensor parents, TestTensor lengths, TestTensor end,
                         const char* text) {
    Ints beams;
    EXPECT_ERROR(RunGatherTree(steps, parents, lengths, end, &beams), Code::kInvalidArgument, text);
  };
  expect(flat, ok, lengths, end, "step_ids must be a 3-tensor, saw shape: [4,3]");
  expect(ok, ok, end, end, "max_sequence_lengths must be a vector, saw shape: []");
  expect(ok, ok, lengths, lengths, "end_token must be a scalar, saw shape: [1]");
  expect(ok, flat, lengths, end,
         "step_ids.shape must match parent_ids.shape.  but shapes are: [4,1,3] and [4,3]");
  expect(ok, ok, Vector<int32_t>({3, 3}), end,
         "batch size dimensions step_ids.shape[1] and max_sequence_lengths.shape[0] must match.  "
         "but shapes are: [4,1,3] and [2]");
}

TEST(GatherTreeTest, Shapes) {
  const auto infer = [](const char* steps, const char* parents, const char* lengths,
                        const char* end) {
    return InferShape("GatherTree", FakeAttrs().Type("T", DT_INT32),
                      {steps, parents, lengths, end});
  };
  EXPECT_EQ(infer("?", "?", "?", "?"), "[?,?,?]");
  EXPECT_EQ(infer("?", "[4,?,3]", "[7]", "?"), "[4,7,3]");
  EXPECT_EQ(infer("[4,?,?]", "[?,?,3]", "[7]", "[]"), "[4,7,3]");
  EXPECT_NE(infer("[4,2,?]", "[?,3,3]", "[7]", "[]").find("must be equal, but are 2 and 3"),
            std::string::npos);
  EXPECT_EQ(infer("[4,2,?]", "[?,2,3]", "[7]", "[]"), "Dimensions must be equal, but are 2 and 7");
  EXPECT_EQ(infer("[4,2]", "?", "?", "?"), "Shape must be rank 3 but is rank 2");
  EXPECT_EQ(infer("?", "?", "?", "[1]"), "Shape must be rank 0 but is rank 1");
}

}  // namespace
}  // namespace opgraft
