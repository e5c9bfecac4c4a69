// Expected labels are those of the op in TensorFlow 1.15.5.
#include <cmath>
#include <complex>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/half.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::FindOp;
using testing::InferShape;
using testing::RunOp;
using testing::TestTensor;
using Dims = std::vector<int64_t>;
using Labels = std::vector<int64_t>;

Labels Components(TestTensor images) {
  FakeContext context;
  context.Parallel(1, 2).Input(images);
  EXPECT_OK(RunOp("ImageConnectedComponents", FakeAttrs(), &context));
  return context.has_output(0) ? context.output(0).values<int64_t>() : Labels();
}

TEST(ImageConnectedComponentsTest, EqualNeighbours) {
  EXPECT_EQ(Components(TestTensor({1, 1, 4}, std::vector<int32_t>{7, 0, 7, -7})),
            (Labels{1, 0, 3, 4}));
  EXPECT_EQ(Components(TestTensor({1, 2, 2}, std::vector<int32_t>{1, 0, 0, 1})),
            (Labels{1, 0, 0, 4}));  // not across corners
}

TEST(ImageConnectedComponentsTest, TheRootOfTheTreeIsTheLabel) {
  EXPECT_EQ(Components(TestTensor({1, 1, 2}, std::vector<bool>{true, true})), (Labels{2, 2}));
  EXPECT_EQ(Components(TestTensor({2, 2, 2}, std::vector<bool>(8, true))),
            (Labels{4, 4, 4, 4, 8, 8, 8, 8}));
}

/// Labels by filling, each area by the smallest index in it.
Labels Fill(int64_t height, int64_t width, const std::vector<uint8_t>& image) {
  Labels labels(image.size(), 0);
  for (int64_t start = 0; start < height * width; ++start) {
    if (image[start] == 0 || labels[start] != 0) continue;
    std::vector<int64_t> front = {start};
    while (!front.empty()) {
      const int64_t i = front.back();
      front.pop_back();
      if (labels[i] != 0) continue;
      labels[i] = start + 1;
      const int64_t x = i % width, y = i / width;
      const auto visit = [&](bool in, int64_t k) {
        if (in && image[k] == image[start]) front.push_back(k);
      };
      visit(x > 0, i - 1);
      visit(x + 1 < width, i + 1);
      visit(y > 0, i - width);
      visit(y + 1 < height, i + width);
    }
  }
  return labels;
}

TEST(ImageConnectedComponentsTest, AreasAreThoseOfFilling) {
  uint32_t random = 1;
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 300}, {300, 1}, {7, 5}, {64, 64}, {65, 66}, {130, 200}}) {
    for (const uint32_t values : {2, 3, 9}) {
      std::vector<uint8_t> image(height * width);
      for (uint8_t& pixel : image) {
        random = random * 1664525 + 1013904223;
        pixel = static_cast<uint8_t>((random >> 16) % (2 * values) % values);
      }
      const Labels found = Components(TestTensor({1, height, width}, image));
      const Labels expected = Fill(height, width, image);
      std::map<int64_t, int64_t> names, areas;
      for (size_t i = 0; i < image.size(); ++i) {
        ASSERT_EQ(found[i] == 0, expected[i] == 0);
        if (found[i] == 0) continue;
        ASSERT_EQ(names.emplace(found[i], expected[i]).first->second, expected[i]);
        ASSERT_EQ(areas.emplace(expected[i], found[i]).first->second, found[i]);
        ASSERT_EQ(found[found[i] - 1], found[i]);  // the label is a pixel of the area
      }
    }
  }
}

TEST(ImageConnectedComponentsTest, NotANumberIsEqualToNothing) {
  EXPECT_EQ(Components(TestTensor({1, 1, 4}, std::vector<float>{NAN, NAN, -0.0f, 0.0f})),
            (Labels{1, 2, 0, 0}));
  EXPECT_EQ(
      Components(TestTensor({1, 1, 5}, std::vector<double>{NAN, INFINITY, INFINITY, -0.0, 1})),
      (Labels{1, 3, 3, 0, 5}));
  const Half nan = ToHalf(NAN), infinity = ToHalf(INFINITY), zero = ToHalf(-0.0f);
  EXPECT_EQ(
      Components(TestTensor({1, 1, 5}, std::vector<Half>{nan, nan, zero, infinity, infinity})),
      (Labels{1, 2, 0, 5, 5}));
}

TEST(ImageConnectedComponentsTest, Strings) {
  using std::string;
  EXPECT_EQ(Components(TestTensor({1, 1, 6}, std::vector<string>{"a", "a", "", "b", string(1, '\0'),
                                                                 string(2, '\0')})),
            (Labels{2, 2, 0, 4, 5, 6}));
}

TEST(ImageConnectedComponentsTest, TypesThatOnlyTheKernelKnows) {
  const BFloat16 nan = ToBFloat16(NAN), one = ToBFloat16(1), zero = ToBFloat16(-0.0f);
  EXPECT_EQ(Components(TestTensor({1, 1, 5}, std::vector<BFloat16>{nan, nan, zero, one, one})),
            (Labels{1, 2, 0, 5, 5}));
  using Complex = std::complex<double>;
  EXPECT_EQ(Components(TestTensor({1, 1, 5},
                                  std::vector<Complex>{{1, 2}, {1, 2}, {1, 3}, {0, 0}, {0, 1}})),
            (Labels{2, 2, 3, 0, 5}));
  EXPECT_EQ(Components(TestTensor({1, 1, 2}, std::vector<std::complex<float>>{{1, 2}, {1, 2}})),
            (Labels{2, 2}));
}

TEST(ImageConnectedComponentsTest, EmptyTensors) {
  for (const Dims& dims : {Dims{0, 2, 2}, Dims{2, 0, 2}, Dims{2, 2, 0}}) {
    EXPECT_TRUE(Components(TestTensor(DT_UINT8, dims)).empty());
    EXPECT_TRUE(Components(TestTensor(DT_STRING, dims)).empty());
  }
}

TEST(ImageConnectedComponentsTest, InvalidShapes) {
  for (const DataType dtype : {DT_FLOAT, DT_STRING}) {
    FakeContext context;
    context.Input(TestTensor(dtype, {2, 2}));
    EXPECT_ERROR(RunOp("ImageConnectedComponents", FakeAttrs(), &context), Code::kInvalidArgument,
                 "Input images must have rank 3, got shape [2,2]");
  }
}

TEST(ImageConnectedComponentsTest, Definition) {
  EXPECT_EQ(
      InferShape("ImageConnectedComponents", FakeAttrs().Type("dtype", DT_FLOAT), {"[?,3,4]"}),
      "[?,3,4]");
  EXPECT_STREQ(FindOp("ImageConnectedComponents").alias, "Addons>ImageConnectedComponents");
}

}  // namespace
}  // namespace opgraft
