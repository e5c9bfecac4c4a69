// Expected results and messages are those of tf.contrib.image.bipartite_match in TensorFlow 1.15.5.
#include <cmath>
#include <cstdint>
#include <queue>
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
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Ints = std::vector<int32_t>;

struct Matches {
  Ints rows, columns;
};
bool operator==(const Matches& a, const Matches& b) {
  return a.rows == b.rows && a.columns == b.columns;
}

Matches Match(int64_t rows, int64_t columns, const std::vector<float>& distances,
              float num_valid_rows = -1, int64_t top_k = -1) {
  FakeContext context;
  context.Input(TestTensor({rows, columns}, distances)).Input(Scalar<float>(num_valid_rows));
  EXPECT_OK(RunOp("BipartiteMatch", FakeAttrs().Int("top_k", top_k), &context));
  if (!context.has_output(1)) return {};
  return {context.output(0).values<int32_t>(), context.output(1).values<int32_t>()};
}

TEST(BipartiteMatchTest, NearestPairsFirst) {
  const std::vector<float> distances = {0.5, 0.1, 0.8, 0.4, 0.2, 0.6};
  EXPECT_EQ(Match(2, 3, distances), (Matches{{1, 0}, {1, 0, -1}}));
  EXPECT_EQ(Match(3, 2, distances), (Matches{{1, -1, 0}, {2, 0}}));
}

TEST(BipartiteMatchTest, ValidRows) {
  const std::vector<float> distances = {5, 6, 1, 2, 3, 4};
  EXPECT_EQ(Match(3, 2, distances, 1), (Matches{{0, -1, -1}, {0, -1}}));
  EXPECT_EQ(Match(3, 2, distances, 1.95f), (Matches{{1, 0, -1}, {1, 0}}));
  EXPECT_EQ(Match(3, 2, distances, 0), (Matches{{-1, -1, -1}, {-1, -1}}));
  EXPECT_EQ(Match(3, 2, distances, -INFINITY), Match(3, 2, distances));
  EXPECT_EQ(Match(3, 2, distances, NAN), Match(3, 2, distances));
}

TEST(BipartiteMatchTest, TopK) {
  const std::vector<float> distances = {5, 6, 1, 2, 3, 4};
  EXPECT_EQ(Match(3, 2, distances, -1, 1), (Matches{{-1, 0, -1}, {1, -1}}));
  EXPECT_EQ(Match(3, 2, distances, -1, 0), Match(3, 2, distances));
  EXPECT_EQ(Match(3, 2, distances, -1, 99), Match(3, 2, distances));
}

TEST(BipartiteMatchTest, TiesAreThoseOfAStandardPriorityQueue) {
  struct Nearer {
    const std::vector<float>* distances;
    bool operator()(int a, int b) const { return (*distances)[b] < (*distances)[a]; }
  };
  for (int seed = 1; seed < 200; ++seed) {
    const int rows = seed % 7 + 1, columns = seed % 5 + 1;
    std::vector<float> distances;
    uint32_t random = seed;
    for (int i = 0; i < rows * columns; ++i) {
      random = random * 1664525 + 1013904223;
      const int level = random >> 30;
      distances.push_back(level == 3 && seed % 3 == 0 ? NAN : level);
    }
    std::priority_queue<int, Ints, Nearer> queue(Nearer{&distances});
    for (int i = 0; i < rows * columns; ++i) queue.push(i);
    Matches expected = {Ints(rows, -1), Ints(columns, -1)};
    for (; !queue.empty(); queue.pop()) {
      const int row = queue.top() / columns, column = queue.top() % columns;
      if (expected.rows[row] >= 0 || expected.columns[column] >= 0) continue;
      expected.rows[row] = column;
      expected.columns[column] = row;
    }
    EXPECT_EQ(Match(rows, columns, distances), expected) << seed;
  }
}

TEST(BipartiteMatchTest, EmptyTensors) {
  EXPECT_EQ(Match(0, 2, {}), (Matches{{}, {-1, -1}}));
  EXPECT_EQ(Match(2, 0, {}), (Matches{{-1, -1}, {}}));
}

TEST(BipartiteMatchTest, InvalidArguments) {
  const auto expect = [](TestTensor distances, TestTensor rows, const char* text) {
    FakeContext context;
    context.Input(distances).Input(rows);
    EXPECT_ERROR(RunOp("BipartiteMatch", FakeAttrs(), &context), Code::kInvalidArgument, text);
  };
  const TestTensor matrix(DT_FLOAT, {3, 2});
  expect(Vector<float>({1}), Scalar<float>(1), "distance_mat should be 2-dimensional, but got [1]");
  expect(matrix, Vector<float>({}), "should be a tensor with 1 element, but got 0");
  expect(matrix, Scalar<float>(4), "at least 4 rows in distance_mat, but only got 3 rows.");
  expect(matrix, Scalar<float>(3.95f), "but only got 3 rows.");
  expect(matrix, Scalar<float>(INFINITY),
         "at least inf rows in distance_mat, but only got 3 rows.");
  expect(TestTensor(DT_FLOAT, {0, int64_t{1} << 40}), Scalar<float>(-1),
         "at most 2147483647 rows and columns, but got [0,1099511627776]");
}

TEST(BipartiteMatchTest, Shapes) {
  std::vector<std::string> shapes;
  ASSERT_OK(InferShapes("BipartiteMatch", FakeAttrs(), {"[3,?]", "?"}, &shapes));
  EXPECT_EQ(shapes, (std::vector<std::string>{"[3]", "[?]"}));
  EXPECT_ERROR(InferShapes("BipartiteMatch", FakeAttrs(), {"[3]", "?"}, &shapes),
               Code::kInvalidArgument, "Shape must be rank 2 but is rank 1");
}

}  // namespace
}  // namespace opgraft
