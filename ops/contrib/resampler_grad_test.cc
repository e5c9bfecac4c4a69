// Gradients against those of a bilinear function, and against differences of Resampler itself.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/half.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShapes;
using testing::RunOp;
using testing::TestTensor;

template <class T>
struct Gradients {
  std::vector<T> data, warp;
};

template <class T>
Gradients<T> Differentiate(std::vector<int64_t> dims, const std::vector<T>& data,
                           const std::vector<T>& points, const std::vector<T>& grad_output) {
  const int64_t n = static_cast<int64_t>(points.size()) / 2 / dims[0];
  FakeContext context;
  context.Parallel(1, 2)
      .Input(TestTensor(dims, data))
      .Input(TestTensor({dims[0], n, 2}, points))
      .Input(TestTensor({dims[0], n, dims[3]}, grad_output));
  EXPECT_OK(RunOp("ResamplerGrad", FakeAttrs(), &context));
  if (!context.has_output(1)) return {};
  return {context.output(0).values<T>(), context.output(1).values<T>()};
}

TEST(ResamplerGradTest, OnePoint) {
  // f = 1 + x + 2 y + x y between the pixels 1 2 / 3 5; at (0.5, 0.25).
  const Gradients<float> g = Differentiate<float>({1, 2, 2, 1}, {1, 2, 3, 5}, {0.5, 0.25}, {8});
  EXPECT_EQ(g.data, (std::vector<float>{3, 3, 1, 1}));
  EXPECT_EQ(g.warp, (std::vector<float>{8 * 1.25f, 8 * 2.5f}));
}

TEST(ResamplerGradTest, PointsAddUp) {
  const Gradients<float> g =
      Differentiate<float>({1, 1, 2, 2}, {1, 2, 3, 4}, {0, 0, 0, 0, 0.5, 0}, {1, 2, 3, 4, 8, 16});
  EXPECT_EQ(g.data, (std::vector<float>{8, 14, 4, 8}));
}

TEST(ResamplerGradTest, OutsideIsZero) {
  const float nan = std::nanf("");
  const Gradients<float> g =
      Differentiate<float>({1, 1, 1, 1}, {4}, {-1, 0, 1, 0, nan, 0, 0, -3}, {1, 2, 4, 8});
  EXPECT_EQ(g.data, (std::vector<float>{0}));
  EXPECT_EQ(g.warp, std::vector<float>(8, 0));
}

TEST(ResamplerGradTest, AgreesWithDifferences) {
  const std::vector<int64_t> dims = {2, 3, 4, 2};
  std::vector<double> data, points, grad;
  for (int i = 0; i < 48; ++i) data.push_back(std::sin(i * 1.7));
  for (int i = 0; i < 12; ++i) {
    points.push_back(std::fmod(i * 0.713, 4.5) - 0.7);
    points.push_back(std::fmod(i * 0.377, 3.5) - 0.7);
    grad.push_back(std::cos(i * 0.9));
    grad.push_back(std::cos(i * 1.3));
  }
  const auto loss = [&] {
    FakeContext context;
    context.Input(TestTensor(dims, data)).Input(TestTensor({2, 6, 2}, points));
    EXPECT_OK(RunOp("Resampler", FakeAttrs(), &context));
    const std::vector<double> values = context.output(0).values<double>();
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[i] * grad[i];
    return sum;
  };
  const Gradients<double> g = Differentiate(dims, data, points, grad);
  const auto check = [&](std::vector<double>* variable, const std::vector<double>& gradient) {
    for (size_t i = 0; i < variable->size(); ++i) {
      const double value = (*variable)[i], step = 1e-5;
      (*variable)[i] = value + step;
      const double above = loss();
      (*variable)[i] = value - step;
      EXPECT_NEAR((above - loss()) / (2 * step), gradient[i], 1e-8) << i;
      (*variable)[i] = value;
    }
  };
  check(&data, g.data);
  check(&points, g.warp);
}

TEST(ResamplerGradTest, HalvesRoundEveryStep) {
  // 2048 + 1 is no Half, and the next even one is 2048, as often as 1 is added.
  const Half one = ToHalf(1), zero = ToHalf(0);
  const Gradients<Half> g = Differentiate<Half>(
      {1, 1, 1, 1}, {one}, {zero, zero, zero, zero, zero, zero}, {ToHalf(2048), one, one});
  EXPECT_EQ(ToFloat(g.data[0]), 2048);
}

TEST(ResamplerGradTest, EmptyTensors) {
  // TensorFlow 1.15.5 leaves grad_data as it found the memory, or divides by zero.
  EXPECT_EQ(Differentiate<float>({1, 1, 2, 1}, {1, 2}, {}, {}).data, (std::vector<float>{0, 0}));
  EXPECT_EQ(Differentiate<float>({1, 1, 2, 0}, {}, {0, 0}, {}).warp, (std::vector<float>{0, 0}));
  FakeContext context;
  context.Input(TestTensor(DT_FLOAT, {0, 3, 3, 2}))
      .Input(TestTensor(DT_FLOAT, {0, 5, 2}))
      .Input(TestTensor(DT_FLOAT, {0, 5, 2}));
  EXPECT_OK(RunOp("ResamplerGrad", FakeAttrs(), &context));
}

TEST(ResamplerGradTest, InvalidShapes) {
  const auto expect = [](std::vector<int64_t> data, std::vector<int64_t> warp,
                         std::vector<int64_t> grad, const char* text) {
    FakeContext context;
    context.Input(TestTensor(DT_FLOAT, data))
        .Input(TestTensor(DT_FLOAT, warp))
        .Input(TestTensor(DT_FLOAT, grad));
    EXPECT_ERROR(RunOp("ResamplerGrad", FakeAttrs(), &context), Code::kInvalidArgument, text);
  };
  expect({2, 3, 3, 1}, {2, 4, 2}, {2, 4, 2}, "it should be [2,4,1] but is [2,4,2]");
  expect({2, 3, 3, 1}, {2, 4, 2}, {2, 4}, "it should be [2,4,1] but is [2,4]");
  // TensorFlow 1.15.5 reads and writes outside of the tensors.
  expect({2, 3, 3, 1}, {4, 2}, {4, 1}, "must be the same, but input shapes are: [2,3,3,1], [4,2]");
}

TEST(ResamplerGradTest, Shapes) {
  std::vector<std::string> shapes;
  ASSERT_OK(InferShapes("ResamplerGrad", FakeAttrs().Type("T", DT_FLOAT),
                        {"[2,3,?,5]", "[2,7,2]", "?"}, &shapes));
  EXPECT_EQ(shapes, (std::vector<std::string>{"[2,3,?,5]", "[2,7,2]"}));
}

}  // namespace
}  // namespace opgraft
