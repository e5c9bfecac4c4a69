// Expected results and messages are those of tf.contrib.image in TensorFlow 1.15.5.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/half.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShape;
using testing::RunOp;
using testing::TestTensor;
using testing::Vector;
using Dims = std::vector<int64_t>;
using Floats = std::vector<float>;

const Floats kIdentity = {1, 0, 0, 0, 1, 0, 0, 0};

TestTensor Transforms(const Floats& values) {
  return TestTensor({static_cast<int64_t>(values.size()) / 8, 8}, values);
}

template <class T>
std::vector<T> Transform(const char* interpolation, Dims dims, const std::vector<T>& images,
                         const Floats& transforms) {
  FakeContext context;
  context.Parallel(2, 2).Input(TestTensor(dims, images)).Input(Transforms(transforms));
  EXPECT_OK(RunOp("ImageProjectiveTransform", FakeAttrs().String("interpolation", interpolation),
                  &context));
  return context.has_output(0) ? context.output(0).values<T>() : std::vector<T>();
}

/// One row of pixels, moved to the left.
template <class T>
std::vector<T> Shift(const char* interpolation, const std::vector<T>& row, float by) {
  return Transform(interpolation, {1, 1, static_cast<int64_t>(row.size()), 1}, row,
                   {1, 0, by, 0, 1, 0, 0, 0});
}

TEST(ImageProjectiveTransformTest, Nearest) {
  const std::vector<int32_t> image = {1, 2, 3, 4, 5, 6};
  const auto transform = [&](const Floats& t) {
    return Transform("NEAREST", {1, 2, 3, 1}, image, t);
  };
  EXPECT_EQ(transform(kIdentity), image);
  EXPECT_EQ(transform({1, 0, 1, 0, 1, -1, 0, 0}), (std::vector<int32_t>{0, 0, 0, 2, 3, 0}));
  EXPECT_EQ(transform({-1, 0, 2, 0, -1, 1, 0, 0}), (std::vector<int32_t>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(transform({0, 1, 0, 1, 0, 0, 0, 0}), (std::vector<int32_t>{1, 4, 0, 2, 5, 0}));
}

TEST(ImageProjectiveTransformTest, NearestRoundsHalvesAwayFromZero) {
  const Floats row = {1, 2, 3};
  EXPECT_EQ(Shift("NEAREST", row, 0.5f), (Floats{2, 3, 0}));
  EXPECT_EQ(Shift("NEAREST", row, -0.5f), (Floats{0, 2, 3}));  // -0.5 is -1
  EXPECT_EQ(Shift("NEAREST", row, 0.49999997f), (Floats{1, 3, 0}));
  EXPECT_EQ(Shift("NEAREST", row, -0.49999997f), (Floats{1, 2, 3}));
}

TEST(ImageProjectiveTransformTest, Bilinear) {
  const Floats row = {1, 2, 4};
  EXPECT_EQ(Shift("BILINEAR", row, 0.25f), (Floats{1.25, 2.5, 3}));
  EXPECT_EQ(Shift("BILINEAR", row, -0.25f), (Floats{0.75, 1.75, 3.5}));
  EXPECT_EQ(Transform<float>("BILINEAR", {1, 2, 2, 1}, {1, 2, 3, 8}, {0, 0, 0.5, 0, 0, 0.5, 0, 0}),
            Floats(4, 3.5));
  EXPECT_EQ(Shift<uint8_t>("BILINEAR", {10, 21}, 0.5f), (std::vector<uint8_t>{15, 10}));
  EXPECT_EQ(Shift<int32_t>("BILINEAR", {-10, -21}, 0.5f), (std::vector<int32_t>{-15, -10}));
}

TEST(ImageProjectiveTransformTest, BilinearComputesInFloat) {
  const int64_t large = (int64_t{1} << 40) + 1;
  EXPECT_EQ(Shift<int64_t>("BILINEAR", {large, -large}, 0),
            (std::vector<int64_t>{large - 1, 1 - large}));
  EXPECT_EQ(Shift<double>("BILINEAR", {1 + 1e-12}, 0), (std::vector<double>{1}));
  // 2^31 - 1 becomes 2^31, which no int32 holds.
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max(), kMin = -kMax - 1;
  EXPECT_EQ(Shift<int32_t>("BILINEAR", {kMax, kMin}, 0), (std::vector<int32_t>{kMin, kMin}));
  constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Shift<int64_t>("BILINEAR", {kMax64}, 0), (std::vector<int64_t>{-kMax64 - 1}));
}

TEST(ImageProjectiveTransformTest, FarOutside) {
  for (const float far : {-2.0f, 3.0f, 1e9f, -1e9f, 3e9f, 1e20f, -3e38f}) {
    EXPECT_EQ(Shift<float>("NEAREST", {1, 2}, far), Floats(2, 0)) << far;
    EXPECT_EQ(Shift<float>("BILINEAR", {1, 2}, far), Floats(2, 0)) << far;
  }
}

TEST(ImageProjectiveTransformTest, NotFinite) {
  for (const float bad : {INFINITY, -INFINITY, NAN}) {
    EXPECT_EQ(Shift<float>("NEAREST", {1, 2}, bad), Floats(2, 0));
    for (const float value : Shift<float>("BILINEAR", {1, 2}, bad)) EXPECT_TRUE(std::isnan(value));
    for (const Half value : Shift<Half>("BILINEAR", {ToHalf(1)}, bad)) {
      EXPECT_TRUE(std::isnan(ToFloat(value)));
    }
    EXPECT_EQ(Shift<uint8_t>("BILINEAR", {1}, bad), std::vector<uint8_t>{0});
    EXPECT_EQ(Shift<int32_t>("BILINEAR", {1}, bad), std::vector<int32_t>{-2147483647 - 1});
  }
}

TEST(ImageProjectiveTransformTest, PixelsWithoutAShareStillCount) {
  // At -1 and at 0 the neighbour is multiplied with 0, which infinity does not survive.
  const Floats result = Shift<float>("BILINEAR", {INFINITY, 1, INFINITY}, -1);
  EXPECT_TRUE(std::isnan(result[0]));
  EXPECT_EQ(result[1], INFINITY);
  EXPECT_TRUE(std::isnan(result[2]));
}

TEST(ImageProjectiveTransformTest, Horizon) {
  // k is 0 where x is 1, and -1 where it is 2.
  for (const char* interpolation : {"NEAREST", "BILINEAR"}) {
    EXPECT_EQ(Transform<float>(interpolation, {1, 1, 3, 1}, {5, 6, 7}, {1, 0, 0, 0, 1, 0, -1, 0}),
              (Floats{5, 0, 0}));
  }
}

TEST(ImageProjectiveTransformTest, Projects) {
  // x / (x + 1) is 0, 0.5, 0.667.
  EXPECT_EQ(Transform<float>("NEAREST", {1, 1, 3, 1}, {5, 6, 7}, {1, 0, 0, 0, 1, 0, 1, 0}),
            (Floats{5, 6, 6}));
}

TEST(ImageProjectiveTransformTest, OneTransformForEachImageOrForAll) {
  const Floats images = {1, 2, 3, 4};
  const Dims dims = {2, 1, 2, 1};
  EXPECT_EQ(Transform("NEAREST", dims, images, {1, 0, 1, 0, 1, 0, 0, 0}), (Floats{2, 0, 4, 0}));
  EXPECT_EQ(Transform("NEAREST", dims, images, {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, -1, 0, 1, 0, 0, 0}),
            (Floats{1, 2, 0, 3}));
}

TEST(ImageProjectiveTransformTest, Channels) {
  for (const int64_t channels : {1, 2, 3, 4, 7}) {
    std::vector<double> image(2 * channels), expected(2 * channels), mean(2 * channels);
    for (int64_t c = 0; c < channels; ++c) {
      image[c] = c + 1;
      image[channels + c] = expected[c] = 3 * c;
      mean[c] = (image[c] + image[channels + c]) / 2;
      mean[channels + c] = image[channels + c] / 2;
    }
    const Dims dims = {1, 1, 2, channels};
    EXPECT_EQ(Transform("NEAREST", dims, image, {1, 0, 1, 0, 1, 0, 0, 0}), expected);
    EXPECT_EQ(Transform("BILINEAR", dims, image, {1, 0, 0.5, 0, 1, 0, 0, 0}), mean);
  }
}

TEST(ImageProjectiveTransformTest, LongRows) {
  Floats row(300);
  for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i + 1);
  Floats expected(row.begin() + 1, row.end());
  expected.push_back(0);
  EXPECT_EQ(Shift("NEAREST", row, 1), expected);
  EXPECT_EQ(Shift("BILINEAR", row, 1), expected);
}

TEST(ImageProjectiveTransformTest, EmptyTensors) {
  for (const Dims& dims :
       {Dims{0, 2, 2, 1}, Dims{1, 0, 2, 1}, Dims{1, 2, 0, 1}, Dims{1, 2, 2, 0}}) {
    EXPECT_TRUE(Transform<float>("NEAREST", dims, {}, kIdentity).empty());
  }
}

Status TransformV2(Dims dims, TestTensor transforms, TestTensor output_shape, TestTensor* output) {
  FakeContext context;
  context.Input(TestTensor(DT_FLOAT, dims)).Input(transforms).Input(output_shape);
  OPGRAFT_RETURN_IF_ERROR(RunOp("ImageProjectiveTransformV2",
                                FakeAttrs().String("interpolation", "NEAREST"), &context));
  *output = context.output(0);
  return Status();
}

TEST(ImageProjectiveTransformTest, OutputShape) {
  TestTensor output;
  ASSERT_OK(TransformV2({2, 3, 4, 5}, Transforms(kIdentity), Vector<int32_t>({7, 1}), &output));
  EXPECT_EQ(output.dims(), (Dims{2, 7, 1, 5}));
  ASSERT_OK(TransformV2({1, 0, 4, 2}, Transforms(kIdentity), Vector<int32_t>({1, 2}), &output));
  EXPECT_EQ(output.values<float>(), Floats(4, 0));
}

TEST(ImageProjectiveTransformTest, InvalidArguments) {
  const auto expect = [](Dims dims, TestTensor transforms, TestTensor output_shape,
                         const char* text) {
    TestTensor output;
    EXPECT_ERROR(TransformV2(dims, transforms, output_shape, &output), Code::kInvalidArgument,
                 text);
  };
  const TestTensor ok = Transforms(kIdentity);
  const TestTensor shape = Vector<int32_t>({1, 1});
  expect({2, 2, 2}, ok, shape, "Input images must have rank 4, got shape [2,2,2]");
  expect({3, 2, 2, 1}, TestTensor(DT_FLOAT, {8}), shape, "num_images x 8 or 1 x 8, got shape [8]");
  expect({3, 2, 2, 1}, TestTensor(DT_FLOAT, {2, 8}), shape, "got shape [2,8] for 3 images");
  expect({3, 2, 2, 1}, TestTensor(DT_FLOAT, {1, 9}), shape, "got shape [1,9]");
  expect({3, 2, 2, 1}, ok, Vector<int32_t>({0, 1}), "dimensions must be positive, got 0 x 1");
  expect({3, 2, 2, 1}, ok, Vector<int32_t>({1, -3}), "dimensions must be positive, got 1 x -3");
  expect({3, 2, 2, 1}, ok, Vector<int32_t>({1}), "output shape must have two elements, got 1");
  expect({3, 2, 2, 1}, ok, TestTensor(DT_INT32, {1, 2}), "must be 1-dimensional, got shape [1,2]");
  expect({0, int64_t{1} << 31, 1, 1}, ok, shape, "the height of images must be at most 1073741824");
  FakeContext context;
  context.Input(TestTensor(DT_FLOAT, {1, 1, 1, 1})).Input(ok);
  EXPECT_ERROR(
      RunOp("ImageProjectiveTransform", FakeAttrs().String("interpolation", "nearest"), &context),
      Code::kInvalidArgument, "Invalid interpolation nearest. Supported types: NEAREST, BILINEAR");
}

TEST(ImageProjectiveTransformTest, Shapes) {
  const FakeAttrs attrs = FakeAttrs().Type("dtype", DT_FLOAT).String("interpolation", "NEAREST");
  EXPECT_EQ(InferShape("ImageProjectiveTransform", attrs, {"[?,3]", "?"}), "[?,3]");
  const auto infer = [&](const char* images, const char* output_shape) {
    return InferShape("ImageProjectiveTransformV2", attrs, {images, "?", output_shape});
  };
  EXPECT_EQ(infer("[2,3,4,5]", "[2]"), "[2,?,?,5]");
  EXPECT_EQ(infer("?", "?"), "[?,?,?,?]");
  const auto sized = [&](int64_t height, int64_t width) {
    return InferShape("ImageProjectiveTransformV2", attrs, {"[2,3,4,5]", "?", "[2]"},
                      {{2, {height, width}}});
  };
  EXPECT_EQ(sized(7, 0), "[2,7,0,5]");
  EXPECT_EQ(sized(7, -1), "[2,7,?,5]");
  EXPECT_EQ(sized(-7, 1), "[2,?,1,5]");
  EXPECT_EQ(infer("[2,3,4]", "?"), "Shape must be rank 4 but is rank 3");
  EXPECT_EQ(infer("?", "[]"), "Shape must be rank 1 but is rank 0");
  EXPECT_EQ(infer("?", "[3]"), "Dimensions must be equal, but are 3 and 2");
}

}  // namespace
}  // namespace opgraft
