// Expected messages are those of tf.contrib.image.adjust_hsv_in_yiq in TensorFlow 1.15.5.
#include <cmath>
#include <cstdint>
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
using testing::Scalar;
using testing::TestTensor;
using testing::Vector;
using Floats = std::vector<float>;

Floats Adjust(const Floats& pixels, float delta_h, float scale_s, float scale_v) {
  FakeContext context;
  context.Parallel(3, 2)
      .Input(TestTensor({1, static_cast<int64_t>(pixels.size()) / 3, 3}, pixels))
      .Input(Scalar(delta_h))
      .Input(Scalar(scale_s))
      .Input(Scalar(scale_v));
  EXPECT_OK(RunOp("AdjustHsvInYiq", FakeAttrs(), &context));
  return context.has_output(0) ? context.output(0).values<float>() : Floats();
}

/// The same by the definition, one step after the other, in double.
std::vector<double> Reference(const Floats& pixels, double delta_h, double scale_s,
                              double scale_v) {
  std::vector<double> result;
  for (size_t i = 0; i < pixels.size(); i += 3) {
    const double r = pixels[i], g = pixels[i + 1], b = pixels[i + 2];
    const double y = 0.299 * r + 0.587 * g + 0.114 * b;
    const double in_phase = 0.596 * r - 0.274 * g - 0.322 * b;
    const double quadrature = 0.211 * r - 0.523 * g + 0.312 * b;
    const double c = std::cos(delta_h), s = std::sin(delta_h);
    const double turned_i = scale_s * (c * in_phase - s * quadrature);
    const double turned_q = scale_s * (s * in_phase + c * quadrature);
    result.push_back(scale_v * (y + 0.95617069 * turned_i + 0.62143257 * turned_q));
    result.push_back(scale_v * (y - 0.2726886 * turned_i - 0.64681324 * turned_q));
    result.push_back(scale_v * (y - 1.103744 * turned_i + 1.70062309 * turned_q));
  }
  return result;
}

TEST(AdjustHsvInYiqTest, AgreesWithTheDefinition) {
  Floats pixels;
  for (int i = 0; i < 90; ++i) pixels.push_back(std::fmod(i * 0.37f, 1.0f));
  for (const float h : {0.0f, 0.7f, -2.5f, 6.0f}) {
    for (const float s : {0.0f, 1.0f, 1.7f}) {
      for (const float v : {1.0f, 0.4f, -2.0f}) {
        const Floats result = Adjust(pixels, h, s, v);
        const std::vector<double> expected = Reference(pixels, h, s, v);
        ASSERT_EQ(result.size(), expected.size());
        for (size_t i = 0; i < result.size(); ++i) EXPECT_NEAR(result[i], expected[i], 4e-6);
      }
    }
  }
}

TEST(AdjustHsvInYiqTest, GreyStaysGrey) {
  for (const float value : Adjust({0.5, 0.5, 0.5}, 1, 1, 2)) EXPECT_NEAR(value, 1, 2e-3);
}

TEST(AdjustHsvInYiqTest, NoValueIsPositiveZero) {
  for (const float value : Adjust({1, 0.5, 0.25, -1, -0.5, -0.25}, 1, 1, 0)) {
    EXPECT_EQ(value, 0);
    EXPECT_FALSE(std::signbit(value));
  }
}

TEST(AdjustHsvInYiqTest, NotFinite) {
  for (const float value : Adjust({0.5, 0.5, 0.5}, INFINITY, 1, 1)) EXPECT_TRUE(std::isnan(value));
  for (const float value : Adjust({NAN, 0, 0}, 0, 1, 1)) EXPECT_TRUE(std::isnan(value));
}

Status RunAdjust(TestTensor images, TestTensor h, TestTensor s, TestTensor v, TestTensor* output) {
  FakeContext context;
  context.Input(images).Input(h).Input(s).Input(v);
  OPGRAFT_RETURN_IF_ERROR(RunOp("AdjustHsvInYiq", FakeAttrs(), &context));
  *output = context.output(0);
  return Status();
}

TEST(AdjustHsvInYiqTest, AnyRankFromThreeOn) {
  const TestTensor one = Scalar<float>(1);
  TestTensor output;
  ASSERT_OK(RunAdjust(TestTensor(DT_FLOAT, {2, 1, 2, 2, 3}), one, one, one, &output));
  EXPECT_EQ(output.dims(), (std::vector<int64_t>{2, 1, 2, 2, 3}));
  ASSERT_OK(RunAdjust(TestTensor(DT_FLOAT, {0, 2, 3}), one, one, one, &output));
  EXPECT_EQ(output.count(), 0);
}

TEST(AdjustHsvInYiqTest, InvalidShapes) {
  const TestTensor images(DT_FLOAT, {1, 2, 3}), one = Scalar<float>(1), vector = Vector<float>({1});
  const auto expect = [](TestTensor images, TestTensor h, TestTensor s, TestTensor v,
                         const char* text) {
    TestTensor output;
    EXPECT_ERROR(RunAdjust(images, h, s, v, &output), Code::kInvalidArgument, text);
  };
  expect(TestTensor(DT_FLOAT, {2, 3}), one, one, one, "must be at least 3-D, got shape [2,3]");
  expect(images, vector, one, one, "delta_h must be scalar: [1]");
  expect(images, one, vector, one, "scale_s must be scalar: [1]");
  expect(images, one, one, vector, "scale_v must be scalar: [1]");
  expect(TestTensor(DT_FLOAT, {1, 2, 4}), one, one, one,
         "input must have 3 channels but instead has 4 channels.");
}

TEST(AdjustHsvInYiqTest, Definition) {
  const auto infer = [](const char* images) {
    return InferShape("AdjustHsvInYiq", FakeAttrs().Type("T", DT_FLOAT), {images, "?", "?", "?"});
  };
  EXPECT_EQ(infer("[?,5,3]"), "[?,5,3]");
  EXPECT_EQ(infer("[5,3]"), "Shape must be at least rank 3 but is rank 2");
  EXPECT_STREQ(FindOp("AdjustHsvInYiq").alias, "Addons>AdjustHsvInYiq");
}

}  // namespace
}  // namespace opgraft
