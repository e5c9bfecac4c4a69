// Expected results are those of tf.contrib.factorization in TensorFlow 1.15.5, except where it
// reads or writes stray memory or aborts.
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
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
using Dims = std::vector<int64_t>;
using Floats = std::vector<float>;
using Indices = std::vector<int64_t>;

/// Inputs, by default of two entries.
struct Problem {
  TestTensor factors = TestTensor({2, 2}, Floats{1, 2, 3, 4});
  TestTensor factor_weights = Vector<float>({});
  TestTensor unobserved_weight = Scalar(0.5f);
  TestTensor input_weights = Vector<float>({});
  TestTensor indices = TestTensor({2, 2}, Indices{2, 0, 0, 1});
  TestTensor values = Vector<float>({10, 2});
  TestTensor entry_weights = Vector<float>({4, 1});
  TestTensor block_size = Scalar<int64_t>(3);
  TestTensor is_transpose = Scalar(false);

  Status Run(Floats* lhs, Floats* rhs) const {
    FakeContext context;
    context.Parallel(1, 2).Input(factors).Input(factor_weights).Input(unobserved_weight);
    context.Input(input_weights).Input(indices).Input(values).Input(entry_weights);
    context.Input(block_size).Input(is_transpose);
    OPGRAFT_RETURN_IF_ERROR(RunOp("WALSComputePartialLhsAndRhs", FakeAttrs(), &context));
    const int64_t n = block_size.values<int64_t>()[0], k = factors.dims()[1];
    EXPECT_EQ(context.output(0).dims(), (Dims{n, k, k}));
    EXPECT_EQ(context.output(1).dims(), (Dims{n, k}));
    *lhs = context.output(0).values<float>();
    *rhs = context.output(1).values<float>();
    return Status();
  }
};

TEST(WalsTest, WeightsOfEntries) {
  Floats lhs, rhs;
  ASSERT_OK(Problem().Run(&lhs, &rhs));
  EXPECT_EQ(lhs, (Floats{9, 12, 12, 16, 0, 0, 0, 0, 4, 8, 8, 16}));
  EXPECT_EQ(rhs, (Floats{9, 12, 0, 0, 45, 90}));
}

TEST(WalsTest, WeightsOfRowsAndColumns) {
  Problem problem;
  problem.entry_weights = Vector<float>({});
  problem.factor_weights = Vector<float>({4, 0.25f});
  problem.input_weights = Vector<float>({4, 7, 1});
  Floats lhs, rhs;
  ASSERT_OK(problem.Run(&lhs, &rhs));
  EXPECT_EQ(lhs, (Floats{9, 12, 12, 16, 0, 0, 0, 0, 4, 8, 8, 16}));
  EXPECT_EQ(rhs, (Floats{9, 12, 0, 0, 45, 90}));
}

TEST(WalsTest, Transposed) {
  Problem problem;
  problem.is_transpose = Scalar(true);
  problem.indices = TestTensor({2, 2}, Indices{0, 2, 1, 0});
  Floats lhs, rhs;
  ASSERT_OK(problem.Run(&lhs, &rhs));
  EXPECT_EQ(lhs, (Floats{9, 12, 12, 16, 0, 0, 0, 0, 4, 8, 8, 16}));
  EXPECT_EQ(rhs, (Floats{9, 12, 0, 0, 45, 90}));
}

/// Small integers and square weights, so that all sums are exact.
TEST(WalsTest, AgreesWithTheDefinition) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> digit(-3, 3), root(0, 3);
  for (const int64_t k : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33}) {
    const int64_t num_factors = 40, rows = 3, n = 600;  // more than one batch per row
    Problem problem;
    Floats factors, values, weights, lhs, rhs;
    Indices indices;
    for (int64_t i = 0; i < num_factors * k; ++i) {
      factors.push_back(static_cast<float>(digit(random)));
    }
    std::vector<double> expected_lhs(rows * k * k), expected_rhs(rows * k);
    for (int64_t e = 0; e < n; ++e) {
      const int64_t row = random() % rows, factor = random() % num_factors;
      indices.insert(indices.end(), {row, factor});
      values.push_back(static_cast<float>(digit(random)));
      weights.push_back(static_cast<float>(std::pow(root(random), 2)));
      for (int64_t i = 0; i < k; ++i) {
        const double x = factors[factor * k + i];
        expected_rhs[row * k + i] += values[e] * (0.5 + weights[e]) * x;
        for (int64_t j = 0; j < k; ++j) {
          expected_lhs[(row * k + i) * k + j] += weights[e] * x * factors[factor * k + j];
        }
      }
    }
    problem.factors = TestTensor({num_factors, k}, factors);
    problem.indices = TestTensor({n, 2}, indices);
    problem.values = Vector(values);
    problem.entry_weights = Vector(weights);
    ASSERT_OK(problem.Run(&lhs, &rhs));
    EXPECT_EQ(lhs, Floats(expected_lhs.begin(), expected_lhs.end())) << k << " factors";
    EXPECT_EQ(rhs, Floats(expected_rhs.begin(), expected_rhs.end())) << k << " factors";
  }
}

TEST(WalsTest, NotFinite) {
  Problem problem;
  problem.entry_weights = Vector<float>({std::numeric_limits<float>::infinity(), 1});
  problem.values = Vector<float>({10, std::numeric_limits<float>::quiet_NaN()});
  Floats lhs, rhs;
  ASSERT_OK(problem.Run(&lhs, &rhs));
  EXPECT_EQ(lhs[0], 9);
  EXPECT_EQ(lhs[8], std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(rhs[0]));
  EXPECT_EQ(rhs[4], std::numeric_limits<float>::infinity());
}

TEST(WalsTest, NoFactorDimensions) {
  Problem problem;
  problem.factors = TestTensor({2, 0}, Floats());
  Floats lhs, rhs;
  ASSERT_OK(problem.Run(&lhs, &rhs));
  EXPECT_TRUE(lhs.empty() && rhs.empty());
}

TEST(WalsTest, InvalidIndices) {
  const auto expect = [](const Indices& indices, bool transpose, const char* text) {
    Problem problem;
    problem.indices = TestTensor({2, 2}, indices);
    problem.is_transpose = Scalar(transpose);
    Floats lhs, rhs;
    EXPECT_ERROR(problem.Run(&lhs, &rhs), Code::kInvalidArgument, text);
  };
  expect({0, 0, 3, 0}, false, "input_indices[1] has the row 3, not in [0, 3)");
  expect({-1, 0, 0, 0}, false, "input_indices[0] has the row -1, not in [0, 3)");
  expect({0, 2, 0, 0}, false, "input_indices[0] has the column 2, not in [0, 2)");
  expect({0, -5, 0, 0}, false, "input_indices[0] has the column -5, not in [0, 2)");
  expect({0, 3, 0, 0}, true, "input_indices[0] has the column 3, not in [0, 3)");
  expect({2, 0, 0, 0}, true, "input_indices[0] has the row 2, not in [0, 2)");
}

TEST(WalsTest, InvalidWeights) {
  const auto expect = [](int64_t factors, int64_t inputs, const Floats& entries, const char* text) {
    Problem problem;
    problem.factor_weights = Vector(Floats(factors, 1));
    problem.input_weights = Vector(Floats(inputs, 1));
    problem.entry_weights = Vector(entries);
    Floats lhs, rhs;
    EXPECT_ERROR(problem.Run(&lhs, &rhs), Code::kInvalidArgument, text);
  };
  expect(0, 0, {1, -1}, "the weight of entry 1 is -1; it must not be negative");
  expect(0, 0, {std::nanf(""), 1}, "the weight of entry 0 is");
  expect(0, 0, {}, "but they have 0, 0 and 0");
  expect(0, 0, {1, 2, 3}, "but they have 3, 0 and 0");
  expect(2, 3, {1, 2}, "but they have 2, 2 and 3");
  expect(3, 3, {}, "but they have 0, 3 and 3");
  expect(2, 0, {}, "but they have 0, 2 and 0");
  expect(2, 2, {}, "input_indices[0] has the row 2, not in [0, 2)");
}

TEST(WalsTest, InvalidShapes) {
  const auto expect = [](TestTensor Problem::* input, const TestTensor& tensor, const char* text) {
    Problem problem;
    problem.*input = tensor;
    FakeContext context;
    context.Input(problem.factors).Input(problem.factor_weights).Input(problem.unobserved_weight);
    context.Input(problem.input_weights).Input(problem.indices).Input(problem.values);
    context.Input(problem.entry_weights).Input(problem.block_size).Input(problem.is_transpose);
    EXPECT_ERROR(RunOp("WALSComputePartialLhsAndRhs", FakeAttrs(), &context),
                 Code::kInvalidArgument, text);
  };
  expect(&Problem::factors, Vector<float>({1}), "factors must have rank 2, saw shape: [1]");
  expect(&Problem::factor_weights, Scalar(1.0f), "factor_weights must have rank 1");
  expect(&Problem::unobserved_weight, Vector<float>({1}), "unobserved_weights must have rank 0");
  expect(&Problem::input_weights, Scalar(1.0f), "input_weights must have rank 1");
  expect(&Problem::indices, Vector<int64_t>({0, 0}), "input_indices must have rank 2");
  expect(&Problem::indices, TestTensor(DT_INT64, {2, 3}), "must have the shape [nnz,2]");
  expect(&Problem::indices, TestTensor(DT_INT64, {0, 2}), "with nnz > 0, saw shape: [0,2]");
  expect(&Problem::values, Vector<float>({1}), "input_values must have 2 elements");
  expect(&Problem::entry_weights, Scalar(1.0f), "entry_weights must have rank 1");
  expect(&Problem::block_size, Vector<int64_t>({3}), "input_block_size must have rank 0");
  expect(&Problem::block_size, Scalar<int64_t>(-3), "input_block_size is -3");
  expect(&Problem::block_size, Scalar<int64_t>(int64_t{1} << 62), "no size for equations of 2");
  expect(&Problem::is_transpose, TestTensor(DT_BOOL, {1}), "input_is_transpose must have rank 0");
}

TEST(WalsTest, Shapes) {
  const auto infer = [](const char* factors, const testing::InputValues& values) {
    std::vector<std::string> shapes;
    EXPECT_OK(InferShapes("WALSComputePartialLhsAndRhs", FakeAttrs(),
                          {factors, "?", "?", "?", "?", "?", "?", "[]", "?"}, &shapes, {}, nullptr,
                          values));
    return shapes.at(0) + shapes.at(1);
  };
  EXPECT_EQ(infer("[5,4]", {{7, {7}}}), "[7,4,4][7,4]");
  EXPECT_EQ(infer("[5,4]", {{7, {int64_t{1} << 40}}}), "[?,4,4][?,4]");
  EXPECT_EQ(infer("?", {}), "[?,?,?][?,?]");
  EXPECT_EQ(infer("[5]", {{7, {-7}}}), "[?,?,?][?,?]");
}

}  // namespace
}  // namespace opgraft
