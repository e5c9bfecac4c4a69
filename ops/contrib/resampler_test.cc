// Expected results and messages are those of tf.contrib.resampler in TensorFlow 1.15.5.
#include "ops/contrib/resampler.h"

#include <cmath>
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
using testing::FindOp;
using testing::InferShape;
using testing::RunOp;
using testing::TestTensor;

const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInfinity = std::numeric_limits<float>::infinity();

template <class T>
std::vector<T> Sample(std::vector<int64_t> data_dims, const std::vector<T>& data,
                      const std::vector<T>& points) {
  FakeContext context;
  context.Parallel(2, 2)
      .Input(TestTensor(data_dims, data))
      .Input(TestTensor({data_dims[0], static_cast<int64_t>(points.size()) / 2 / data_dims[0], 2},
                        points));
  EXPECT_OK(RunOp("Resampler", FakeAttrs(), &context));
  return context.has_output(0) ? context.output(0).values<T>() : std::vector<T>();
}

TEST(ResamplerTest, Interpolates) {
  // 2 x 2 pixels: 1 2 / 3 5.
  EXPECT_EQ(Sample<float>({1, 2, 2, 1}, {1, 2, 3, 5}, {0, 0, 1, 0, 0, 1, 1, 1, 0.5, 0.5, 0.25, 1}),
            (std::vector<float>{1, 2, 3, 5, 2.75, 3.5}));
  EXPECT_EQ(Sample<double>({1, 2, 2, 1}, {1, 2, 3, 5}, {0.5, 0.5}), (std::vector<double>{2.75}));
}

TEST(ResamplerTest, FadesToZeroAroundTheImage) {
  EXPECT_EQ(Sample<float>({1, 1, 1, 1}, {8}, {-0.5, 0, 0.5, 0, 0, 0.25, -0.5, -0.5, 0.75, 0.75}),
            (std::vector<float>{4, 4, 6, 2, 0.5}));
  EXPECT_EQ(Sample<float>({1, 1, 1, 1}, {8}, {-1, 0, 1, 0, 0, -1, 0, 1, 9, 9, -9, 0}),
            std::vector<float>(6, 0));
  EXPECT_EQ(Sample<float>({1, 1, 1, 1}, {8}, {kNan, 0, 0, kNan, kInfinity, 0, -kInfinity, 0}),
            std::vector<float>(4, 0));
}

TEST(ResamplerTest, BatchesAndChannels) {
  EXPECT_EQ(Sample<float>({2, 1, 2, 2}, {1, 10, 3, 30, 5, 50, 7, 70}, {0.5, 0, 1, 0, 0, 0, 0.5, 0}),
            (std::vector<float>{2, 20, 3, 30, 5, 50, 6, 60}));
}

TEST(ResamplerTest, HalvesRoundEveryStep) {
  // 1 + 2^-10 is the number after 1: its half plus that of 1 lies between the two, and is even.
  const Half one = ToHalf(1.0f), next = ToHalf(1.0009765625f), half = ToHalf(0.5f);
  const std::vector<Half> result =
      Sample<Half>({1, 1, 2, 1}, {one, next}, {half, ToHalf(0.0f), ToHalf(0.0f), ToHalf(0.0f)});
  EXPECT_EQ(result[0].bits, one.bits);
  EXPECT_EQ(result[1].bits, one.bits);
}

TEST(ResamplerTest, RoundsToHalfAsTheConversionsDo) {
  for (uint32_t bits = 0; bits < 0xffffff00u; bits += 251) {  // more than 2^24 of all floats
    const float value = internal::BitsFloat(bits);
    const float expected = ToFloat(ToHalf(value));
    const float rounded = resampler::RoundToHalf(value);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(rounded));
    } else {
      ASSERT_EQ(internal::FloatBits(rounded), internal::FloatBits(expected)) << value;
    }
  }
}

TEST(ResamplerTest, TheFloorOfADoubleIsThatOfAFloat) {
  // 1 - 2^-40 is 1 as a float, so pixel 1 has a share of 1 + 2^-40 and pixel 2 one of -2^-40.
  const double tiny = std::ldexp(1.0, -40);
  EXPECT_EQ(Sample<double>({1, 1, 3, 1}, {100, 1, 2}, {1 - tiny, 0}),
            (std::vector<double>{1 + tiny - 2 * tiny}));
}

TEST(ResamplerTest, EmptyTensors) {
  EXPECT_TRUE(Sample<float>({2, 3, 3, 0}, {}, {0, 0, 1, 1}).empty());
  EXPECT_EQ(Sample<float>({1, 0, 3, 1}, {}, {-0.5, -0.5}), (std::vector<float>{0}));
  FakeContext context;
  context.Input(TestTensor(DT_FLOAT, {0, 3, 3, 2})).Input(TestTensor(DT_FLOAT, {0, 5, 2}));
  ASSERT_OK(RunOp("Resampler", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (std::vector<int64_t>{0, 5, 2}));
}

TEST(ResamplerTest, InvalidShapes) {
  const auto expect = [](std::vector<int64_t> data, std::vector<int64_t> warp, Code code,
                         const char* text) {
    FakeContext context;
    context.Input(TestTensor(DT_FLOAT, data)).Input(TestTensor(DT_FLOAT, warp));
    EXPECT_ERROR(RunOp("Resampler", FakeAttrs(), &context), code, text);
  };
  expect({2, 3, 3}, {2, 2}, Code::kUnimplemented,
         "[batch_size, data_height, data_width, data_channels], but is: [2,3,3]");
  expect({2, 3, 3, 1}, {2}, Code::kInvalidArgument,
         "warp should be at least a matrix, got shape [2]");
  expect({2, 3, 3, 1}, {2, 3}, Code::kUnimplemented,
         "warp shape last entry should be 2, but shape vector is: [2,3]");
  expect({2, 3, 3, 1}, {3, 2}, Code::kInvalidArgument,
         "Batch size of data and warp tensor must be the same, but input shapes are: [2,3,3,1], "
         "[3,2]");
}

TEST(ResamplerTest, Shapes) {
  const auto infer = [](const char* data, const char* warp) {
    return InferShape("Resampler", FakeAttrs().Type("T", DT_FLOAT), {data, warp});
  };
  EXPECT_EQ(infer("[2,3,4,5]", "[2,7,8,2]"), "[2,7,8,5]");
  EXPECT_EQ(infer("?", "[2,7,2]"), "[2,7,?]");
  EXPECT_EQ(infer("[2,3,4,5]", "?"), "?");
  EXPECT_EQ(infer("[]", "[2,2]"), "Shape must be at least rank 1 but is rank 0");
}

TEST(ResamplerTest, IsAlsoThatOfTensorFlowAddons) {
  EXPECT_STREQ(FindOp("Resampler").alias, "Addons>Resampler");
  EXPECT_STREQ(FindOp("ResamplerGrad").alias, "Addons>ResamplerGrad");
}

}  // namespace
}  // namespace opgraft
