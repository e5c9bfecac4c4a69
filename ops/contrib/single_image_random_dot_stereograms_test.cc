// Expected pictures are those of TensorFlow 1.15.5 after srand(1).
#include <cstdint>
#include <cstdlib>
#include <limits>
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
using testing::TestTensor;
using Pixels = std::vector<uint8_t>;

constexpr char kOp[] = "SingleImageRandomDotStereograms";

FakeAttrs Attrs() {
  FakeAttrs attrs;
  attrs.Bool("hidden_surface_removal", true)
      .Int("convergence_dots_size", 2)
      .Int("dots_per_inch", 2)
      .Float("eye_separation", 2.5f)
      .Float("mu", 0.3333f)
      .Bool("normalize", false)
      .Float("normalize_max", -100)
      .Float("normalize_min", 100)
      .Float("border_level", 0.0f)
      .Int("number_colors", 256)
      .Shape("output_image_shape", {12, 6, 1})
      .Shape("output_data_window", {10, 4});
  return attrs;
}

Pixels Draw(FakeAttrs attrs, TestTensor depths) {
  std::srand(1);
  FakeContext context;
  context.Input(depths);
  EXPECT_OK(RunOp(kOp, attrs.Type("T", depths.dtype()), &context));
  return context.has_output(0) ? context.output(0).values<uint8_t>() : Pixels();
}

TestTensor Flat(float level) {
  return TestTensor({2, 2}, std::vector<float>{level, level, level, level});
}

TEST(StereogramTest, RepeatsAtTheSeparationOfTheDepth) {
  EXPECT_EQ(Draw(Attrs(), Flat(0)),
            Pixels({105, 198, 103, 105, 198, 103, 105, 198, 103, 105, 198, 103,  //
                    255, 81,  115, 255, 81,  115, 255, 81,  115, 255, 81,  115,  //
                    41,  236, 74,  41,  236, 74,  41,  236, 74,  41,  236, 74,   //
                    171, 186, 205, 171, 186, 205, 171, 186, 205, 171, 186, 205,  //
                    227, 251, 242, 227, 0,   0,   0,   0,   242, 227, 251, 242,  //
                    194, 124, 70,  194, 0,   0,   0,   0,   70,  194, 124, 70}));
  const Pixels near = Draw(Attrs(), Flat(100));
  EXPECT_EQ(Pixels(near.begin() + 12, near.begin() + 24),
            Pixels({115, 105, 115, 105, 115, 105, 115, 105, 115, 105, 115, 105}));
}

TEST(StereogramTest, EveryTypeOfDepth) {
  const Pixels floats = Draw(Attrs(), TestTensor({2, 3}, std::vector<float>{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(Draw(Attrs(), TestTensor({2, 3}, std::vector<double>{0, 1, 0, 0, 0, 1})), floats);
  EXPECT_EQ(Draw(Attrs(), TestTensor({2, 3}, std::vector<int32_t>{0, 1, 0, 0, 0, 1})), floats);
  EXPECT_EQ(Draw(Attrs(), TestTensor({2, 3}, std::vector<int64_t>{0, 1, 0, 0, 0, 1})), floats);
  EXPECT_NE(floats, Draw(Attrs(), Flat(0)));
  // Normalized, all values between the least and the greatest are spread over [0, 1].
  const TestTensor levels({2, 3}, std::vector<int64_t>{-4, 6, -4, -4, -4, 6});
  EXPECT_EQ(Draw(Attrs().Bool("normalize", true), levels), floats);
  EXPECT_EQ(
      Draw(Attrs().Bool("normalize", true).Float("normalize_min", -4).Float("normalize_max", 6),
           levels),
      floats);
}

TEST(StereogramTest, Colours) {
  for (const uint8_t dot : Draw(Attrs().Int("number_colors", 2), Flat(0))) {
    EXPECT_TRUE(dot == 0 || dot == 255);
  }
  const Pixels colour = Draw(Attrs().Int("number_colors", 257), Flat(0));
  ASSERT_EQ(colour.size(), 12u * 6 * 3);
  // The first dots drawn are those of the last pixel.
  EXPECT_EQ(Pixels(colour.begin() + 33, colour.begin() + 36), Pixels({103, 198, 105}));
  EXPECT_EQ(Draw(Attrs().Shape("output_image_shape", {12, 6, 2}), Flat(0)).size(), 12u * 6 * 2);
  EXPECT_TRUE(Draw(Attrs().Shape("output_image_shape", {0, 6, 1}), Flat(0)).empty());
}

TEST(StereogramTest, DotsStayInThePicture) {
  const Pixels none = Draw(Attrs().Int("convergence_dots_size", -5), Flat(0));
  EXPECT_EQ(Draw(Attrs().Int("convergence_dots_size", int64_t{0}), Flat(0)), none);
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Draw(Attrs().Int("convergence_dots_size", most), Flat(0)), Pixels(72, 0));
}

TEST(StereogramTest, LinksOnlyWhatIsSeen) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Pixels random = Draw(Attrs(), Flat(nan));
  EXPECT_EQ(Pixels(random.begin(), random.begin() + 12),
            Pixels({171, 186, 205, 41, 236, 74, 255, 81, 115, 105, 198, 103}));
  for (const bool hidden : {false, true}) {
    for (const float mu : {-3.0f, 0.0f, 1.5f, 2.0f, 1e30f, nan}) {
      for (const int64_t dots : {-9, 0, 9, 800000000}) {
        const FakeAttrs attrs = Attrs()
                                    .Bool("hidden_surface_removal", hidden)
                                    .Float("mu", mu)
                                    .Int("dots_per_inch", dots);
        EXPECT_EQ(Draw(attrs, TestTensor({2, 3}, std::vector<float>{0, 1, 0.4f, nan, 0, 1})).size(),
                  72u);
      }
    }
  }
}

TEST(StereogramTest, BadInput) {
  const auto expect = [](FakeAttrs attrs, const TestTensor& depths, const std::string& message) {
    FakeContext context;
    context.Input(depths);
    EXPECT_ERROR(RunOp(kOp, attrs.Type("T", DT_FLOAT), &context), Code::kInvalidArgument, message);
  };
  expect(Attrs(), TestTensor({2}, std::vector<float>{1, 2}), "got shape [2]");
  expect(Attrs(), TestTensor({0, 3}, std::vector<float>{}), "got shape [0,3]");
  expect(Attrs().Shape("output_image_shape", {12, 6}), Flat(0), "got rank 2");
  expect(Attrs().Shape("output_image_shape", {12, -1, 1}), Flat(0),
         "the height in output_image_shape must be known, at least 0 and at most 2147483647, "
         "got -1");
  expect(Attrs().UnknownShape("output_image_shape"), Flat(0), "got rank -1");
  expect(Attrs().Shape("output_data_window", {0, 6}), Flat(0),
         "the width in output_data_window must be known, at least 1");
  expect(Attrs().Shape("output_data_window", {3}), Flat(0), "got rank 1");
  expect(Attrs().Int("dots_per_inch", 1 << 30), Flat(0), "at 1073741824 dots_per_inch");
  expect(Attrs().Float("eye_separation", std::numeric_limits<float>::quiet_NaN()), Flat(0),
         "eye_separation of nan inches");
}

TEST(StereogramTest, Shape) {
  EXPECT_EQ(InferShape(kOp, Attrs(), {"?"}), "[6,12,1]");
  EXPECT_EQ(InferShape(kOp, Attrs().Int("number_colors", 300), {"?"}), "[6,12,3]");
  EXPECT_EQ(InferShape(kOp, Attrs().Shape("output_image_shape", {-1, 6, 1}), {"?"}), "[6,?,1]");
  EXPECT_EQ(InferShape(kOp, Attrs().Shape("output_image_shape", {12, 6}), {"?"}),
            "Shape must be rank 3 but is rank 2");
}

}  // namespace
}  // namespace opgraft
