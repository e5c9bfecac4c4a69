// Expected results are those of tf.contrib.factorization's masked_matmul in TensorFlow 1.15.5,
// except where it aborts.
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
using testing::InferShape;
using testing::RunOp;
using testing::Scalar;
using testing::TestTensor;
using Floats = std::vector<float>;
using Indices = std::vector<int64_t>;

TestTensor Mask(const Indices& indices) {
  return TestTensor({static_cast<int64_t>(indices.size()) / 2, 2}, indices);
}

Status Multiply(const TestTensor& a, const TestTensor& b, const TestTensor& mask, bool transpose_a,
                bool transpose_b, Floats* products) {
  FakeContext context;
  context.Parallel(3, 2).Input(a).Input(b).Input(mask);
  context.Input(Scalar(transpose_a)).Input(Scalar(transpose_b));
  OPGRAFT_RETURN_IF_ERROR(RunOp("MaskedMatmul", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (Indices{mask.dims()[0]}));
  *products = context.output(0).values<float>();
  return Status();
}

TestTensor Transposed(const TestTensor& matrix) {
  const int64_t rows = matrix.dims()[0], columns = matrix.dims()[1];
  const Floats values = matrix.values<float>();
  Floats result;
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t i = 0; i < rows; ++i) result.push_back(values[i * columns + j]);
  }
  return TestTensor({columns, rows}, result);
}

TEST(MaskedMatmulTest, AllTransposes) {
  const TestTensor a({2, 3}, Floats{1, 2, 3, 4, 5, 6}), b({3, 2}, Floats{1, 10, 2, 20, 3, 30});
  const TestTensor mask = Mask({1, 1, 0, 0, 1, 0, 0, 1, 1, 1});
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      Floats products;
      ASSERT_OK(Multiply(transpose_a ? Transposed(a) : a, transpose_b ? Transposed(b) : b, mask,
                         transpose_a, transpose_b, &products));
      EXPECT_EQ(products, (Floats{320, 14, 32, 140, 320}));
    }
  }
}

TEST(MaskedMatmulTest, AllSizes) {
  // Integers, whose sums are exact in any order.
  std::mt19937 random(1);
  std::uniform_int_distribution<int> digit(-9, 9);
  for (int64_t size = 0; size <= 70; ++size) {
    Floats x, y;
    double expected = 0;
    for (int64_t i = 0; i < size; ++i) {
      x.push_back(static_cast<float>(digit(random)));
      y.push_back(static_cast<float>(digit(random)));
      expected += x[i] * y[i];
    }
    const TestTensor a({1, size}, x), b({1, size}, y), mask = Mask({0, 0});
    Floats products;
    ASSERT_OK(Multiply(a, b, mask, false, true, &products));
    EXPECT_EQ(products, (Floats{static_cast<float>(expected)})) << size;
    ASSERT_OK(Multiply(a, Transposed(b), mask, false, false, &products));
    EXPECT_EQ(products, (Floats{static_cast<float>(expected)})) << size;
  }
}

TEST(MaskedMatmulTest, OrderOfAdditions) {
  // 2^24 + 1 rounds to 2^24, so a sum shows which of its terms met before they met 2^24.
  const auto multiply = [](std::vector<int> ones, bool transpose_b) {
    Floats x(35, 0);
    x[0] = 16777216;
    for (const int i : ones) x[i] = 1;
    const TestTensor a({1, 35}, x), b({1, 35}, Floats(35, 1));
    Floats products;
    EXPECT_OK(
        Multiply(a, transpose_b ? b : Transposed(b), Mask({0, 0}), false, transpose_b, &products));
    return products[0] - 16777216;
  };
  EXPECT_EQ(multiply({8, 24}, false), 0);  // one after another
  EXPECT_EQ(multiply({8, 24}, true), 2);   // the same lane of the second sum
  EXPECT_EQ(multiply({8, 16}, true), 0);   // a lane of either
  EXPECT_EQ(multiply({1, 5}, true), 2);    // lanes four apart add up first
  EXPECT_EQ(multiply({1, 3}, true), 2);    // then 0 and 2, and 1 and 3
  EXPECT_EQ(multiply({2, 4}, true), 0);
  EXPECT_EQ(multiply({33, 34}, true), 0);  // the rest, one after another
}

TEST(MaskedMatmulTest, NegativeZero) {
  Floats products;
  ASSERT_OK(Multiply(TestTensor({1, 2}, Floats{-0.0f, -0.0f}), TestTensor({1, 2}, Floats{1, 1}),
                     Mask({0, 0}), false, true, &products));
  EXPECT_TRUE(std::signbit(products[0]));
}

TEST(MaskedMatmulTest, NotFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  Floats products;
  ASSERT_OK(Multiply(TestTensor({2, 1}, Floats{infinity, 1}), TestTensor({1, 2}, Floats{0, -2}),
                     Mask({0, 0, 0, 1, 1, 1}), false, false, &products));
  EXPECT_TRUE(std::isnan(products[0]));
  EXPECT_EQ(products[1], -infinity);
  EXPECT_EQ(products[2], -2);
}

TEST(MaskedMatmulTest, Empty) {
  Floats products;
  ASSERT_OK(Multiply(TestTensor({2, 3}, Floats(6)), TestTensor({3, 0}, Floats()), Mask({}), false,
                     false, &products));
  EXPECT_TRUE(products.empty());
  ASSERT_OK(Multiply(TestTensor({2, 0}, Floats()), TestTensor({0, 4}, Floats()), Mask({1, 3}),
                     false, false, &products));
  EXPECT_EQ(products, Floats{0});
}

TEST(MaskedMatmulTest, InvalidInputs) {
  const TestTensor a(DT_FLOAT, {2, 3}), b(DT_FLOAT, {3, 4});
  const auto expect = [](const TestTensor& a, const TestTensor& b, const TestTensor& mask,
                         const char* text) {
    Floats products;
    EXPECT_ERROR(Multiply(a, b, mask, false, false, &products), Code::kInvalidArgument, text);
  };
  expect(a, b, Mask({0, 0, 2, 0}), "mask_indices[1] is (2, 0), but the product is 2 by 4");
  expect(a, b, Mask({0, 4}), "mask_indices[0] is (0, 4), but the product is 2 by 4");
  expect(a, b, Mask({0, -1}), "mask_indices[0] is (0, -1)");
  expect(a, b, Mask({-1, 0}), "mask_indices[0] is (-1, 0)");
  expect(a, a, Mask({0, 0}), "a of shape [2,3] and b of shape [2,3] cannot be multiplied");
  expect(TestTensor(DT_FLOAT, {3}), b, Mask({0, 0}), "a must be a matrix, saw shape: [3]");
  expect(a, TestTensor(DT_FLOAT, {}), Mask({0, 0}), "b must be a matrix, saw shape: []");
  expect(a, b, TestTensor(DT_INT64, {2}), "mask_indices must be a matrix, saw shape: [2]");
  expect(a, b, TestTensor(DT_INT64, {1, 3}), "mask_indices must have the shape [nnz,2]");
  FakeContext context;
  context.Input(a).Input(b).Input(Mask({0, 0})).Input(TestTensor(DT_BOOL, {1}));
  context.Input(Scalar(false));
  EXPECT_ERROR(RunOp("MaskedMatmul", FakeAttrs(), &context), Code::kInvalidArgument,
               "transpose_a must be a scalar, saw shape: [1]");
}

TEST(MaskedMatmulTest, Shapes) {
  const auto infer = [](const char* mask) {
    return InferShape("MaskedMatmul", FakeAttrs(), {"?", "?", mask, "?", "?"});
  };
  EXPECT_EQ(infer("[5,2]"), "[5]");
  EXPECT_EQ(infer("?"), "[?]");
  EXPECT_EQ(infer("[5]"), "[?]");
}

}  // namespace
}  // namespace opgraft
