// Expected numbers are those of TensorFlow 1.15.5.
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
using testing::Vector;
using Bytes = std::vector<int8_t>;
using Dims = std::vector<int64_t>;

constexpr char kOp[] = "FusedConv2DBiasActivation";

FakeAttrs Attrs() {
  FakeAttrs attrs;
  attrs.String("data_format", "NHWC")
      .String("filter_format", "HWIO")
      .String("padding", "VALID")
      .String("activation_mode", "None")
      .IntList("strides", {1, 1, 1, 1})
      .IntList("dilations", {1, 1, 1, 1})
      .Type("T", DT_QINT8)
      .Type("Tbias", DT_FLOAT);
  return attrs;
}

TestTensor Quantized(const Dims& dims, const Bytes& values) {
  TestTensor tensor(DT_QINT8, dims);
  std::copy(values.begin(), values.end(), tensor.view().flat<int8_t>());
  return tensor;
}

TestTensor Filled(const Dims& dims, int8_t value) {
  TestTensor tensor(DT_QINT8, dims);
  return Quantized(dims, Bytes(tensor.view().count, value));
}

struct Problem {
  TestTensor input, filter, bias, side;
  float scale, side_scale;
};

Status Convolve(const Problem& problem, const FakeAttrs& attrs, Bytes* out, Dims* dims = nullptr) {
  FakeContext context;
  context.Parallel(2, 2)
      .Input(problem.input)
      .Input(problem.filter)
      .Input(problem.bias)
      .Input(problem.side)
      .Input(Scalar(problem.scale))
      .Input(Scalar(problem.side_scale));
  OPGRAFT_RETURN_IF_ERROR(RunOp(kOp, attrs, &context));
  const TensorView output = context.output(0).view();
  out->assign(output.flat<int8_t>(), output.flat<int8_t>() + output.count);
  if (dims != nullptr) dims->assign(output.dims, output.dims + output.rank);
  return Status();
}

/// A row of pixels of one channel, and a filter of a single 1.
Bytes Scale(const Bytes& pixels, float scale, float bias, const Bytes& side = {},
            float side_scale = 0, const char* activation = "None") {
  const Dims dims = {1, 1, static_cast<int64_t>(pixels.size()), 1};
  Bytes out;
  EXPECT_OK(Convolve({Quantized(dims, pixels), Filled({1, 1, 1, 1}, 1), Vector<float>({bias}),
                      side.empty() ? Quantized({0}, {}) : Quantized(dims, side), scale, side_scale},
                     Attrs().String("activation_mode", activation), &out));
  return out;
}

TEST(FusedConvTest, RoundsToEvenAndSaturates) {
  EXPECT_EQ(Scale({-10, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9}, 0.5f, 0),
            Bytes({-5, -4, -4, -2, -2, 0, 0, 2, 2, 4, 4}));
  EXPECT_EQ(Scale({-128, -100, 100, 127}, 2, 0), Bytes({-128, -128, 127, 127}));
  EXPECT_EQ(Scale({-128, -100, 100, 127}, 2, 0, {}, 0, "Relu"), Bytes({0, 0, 127, 127}));
  EXPECT_EQ(Scale({-128, 0, 127}, 1, 10.5f), Bytes({-118, 10, 127}));
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Scale({-128, 0, 127}, 1, inf), Bytes({127, 127, 127}));
  EXPECT_EQ(Scale({-128, 0, 127}, 1, -3e9f), Bytes({-128, -128, -128}));
  EXPECT_EQ(Scale({-128, 0, 127}, inf, 0), Bytes({-128, 0, 127}));
  EXPECT_EQ(Scale({-128, 0, 127}, 1, std::nanf("")), Bytes({0, 0, 0}));
}

TEST(FusedConvTest, SideInput) {
  EXPECT_EQ(Scale({1, 2, 3, 4, 5}, 1, 0, {10, 20, -30, 40, 127}, 1), Bytes({11, 22, -27, 44, 127}));
  EXPECT_EQ(Scale({1, 2, 3, 4, 5}, 1, 0, {10, 20, -30, 40, 127}, 0.5f),
            Bytes({6, 12, -12, 24, 68}));
  EXPECT_EQ(Scale({1, 2, 3}, 1, 0, {10, 20, -30}, 0), Bytes({1, 2, 3}));
  EXPECT_EQ(Scale({1}, 1, 16777216, {-64}, 262144), Bytes({0}));  // the bias is added first
}

/// The same by the definition.
Bytes Reference(const Problem& problem, int64_t stride, bool same, Dims* dims) {
  const TensorView x = problem.input.view(), w = problem.filter.view();
  int64_t out[2], pad[2];
  for (int i = 0; i < 2; ++i) {
    const int64_t n = x.dims[i + 1], k = w.dims[i];
    out[i] = same ? (n + stride - 1) / stride : (n - k) / stride + 1;
    pad[i] = same ? std::max<int64_t>((out[i] - 1) * stride + k - n, 0) / 2 : 0;
  }
  *dims = {x.dims[0], out[0], out[1], w.dims[3]};
  Bytes result;
  for (int64_t b = 0; b < x.dims[0]; ++b) {
    for (int64_t place = 0; place < out[0] * out[1] * w.dims[3]; ++place) {
      const int64_t o = place % w.dims[3], c = place / w.dims[3] % out[1];
      const int64_t r = place / w.dims[3] / out[1];
      int32_t sum = 0;
      for (int64_t j = 0; j < w.dims[0]; ++j) {
        for (int64_t i = 0; i < w.dims[1]; ++i) {
          const int64_t row = r * stride + j - pad[0], column = c * stride + i - pad[1];
          if (row < 0 || row >= x.dims[1] || column < 0 || column >= x.dims[2]) continue;
          for (int64_t d = 0; d < x.dims[3]; ++d) {
            sum += x.flat<int8_t>()[((b * x.dims[1] + row) * x.dims[2] + column) * x.dims[3] + d] *
                   w.flat<int8_t>()[((j * w.dims[1] + i) * x.dims[3] + d) * w.dims[3] + o];
          }
        }
      }
      const float value =
          std::fma(static_cast<float>(sum), problem.scale, problem.bias.view().flat<float>()[o]);
      const float clipped = std::min(std::max(value, -128.0f), 127.0f);
      result.push_back(static_cast<int8_t>(std::nearbyint(clipped)));
    }
  }
  return result;
}

TEST(FusedConvTest, AgreesWithTheDefinition) {
  std::mt19937 dice(5);
  const auto below = [&](int64_t n) { return static_cast<int64_t>(dice() % n); };
  const auto random = [&](const Dims& dims) {
    TestTensor tensor(DT_QINT8, dims);
    for (int64_t i = 0; i < tensor.view().count; ++i) tensor.view().flat<int8_t>()[i] = dice();
    return tensor;
  };
  for (int round = 0; round < 200; ++round) {
    const int64_t depth = below(5), channels = below(40);
    const Dims filter = {1 + below(4), 1 + below(4), depth, channels};
    const int64_t stride = 1 + below(3);
    const bool same = round % 2 == 0;
    const int64_t least = same ? 1 : 4;
    Problem problem = {random({1 + below(2), least + below(5), least + below(5), depth}),
                       random(filter),
                       TestTensor(DT_FLOAT, {channels}),
                       Quantized({0}, {}),
                       0.01f,
                       0};
    for (int64_t i = 0; i < channels; ++i) {
      problem.bias.view().flat<float>()[i] = static_cast<float>(below(100));
    }
    Dims dims, expected_dims;
    Bytes out;
    EXPECT_OK(Convolve(problem,
                       Attrs()
                           .String("padding", same ? "SAME" : "VALID")
                           .IntList("strides", {1, stride, stride, 1}),
                       &out, &dims));
    EXPECT_EQ(out, Reference(problem, stride, same, &expected_dims)) << round;
    EXPECT_EQ(dims, expected_dims);
  }
}

TEST(FusedConvTest, BadInput) {
  const Problem good = {Filled({1, 3, 3, 2}, 1),
                        Filled({2, 2, 2, 3}, 1),
                        Vector<float>({1, 2, 3}),
                        Quantized({0}, {}),
                        1,
                        0};
  Bytes out;
  EXPECT_OK(Convolve(good, Attrs(), &out));
  const auto expect = [&](const std::string& message, const FakeAttrs& attrs,
                          void (*change)(Problem*), Code code = Code::kInvalidArgument) {
    Problem problem = good;
    change(&problem);
    EXPECT_ERROR(Convolve(problem, attrs, &out), code, message);
  };
  const auto nothing = [](Problem*) {};
  expect("conv_input must be 4-dimensional, got shape [3,3,2]", Attrs(),
         [](Problem* p) { p->input = Filled({3, 3, 2}, 1); });
  expect("filter must be 4-dimensional, got shape [8]", Attrs(),
         [](Problem* p) { p->filter = Filled({8}, 1); });
  expect("input depth of filter, 1, got shape [1,3,3,2]", Attrs(),
         [](Problem* p) { p->filter = Filled({2, 2, 1, 3}, 1); });
  expect("at least 1 of rows, got 0", Attrs(),
         [](Problem* p) { p->filter = Filled({0, 2, 2, 3}, 1); });
  expect("conv_input has 3 columns, too few for the 5 of filter", Attrs(),
         [](Problem* p) { p->filter = Filled({2, 5, 2, 3}, 1); });
  expect("the 3 output channels of filter, got shape [2]", Attrs(),
         [](Problem* p) { p->bias = Vector<float>({1, 2}); });
  expect("side_input must have the shape of the output, [1,2,2,3], got [0]", Attrs(),
         [](Problem* p) { p->side_scale = 1; });
  expect("NHWC on CPU, got NCHW", Attrs().String("data_format", "NCHW"), nothing);
  expect("HWIO on CPU, got OIHW", Attrs().String("filter_format", "OIHW"), nothing);
  expect("dilations must be all equal to 1 on CPU, got 2 rows and 2 columns",
         Attrs().IntList("dilations", {1, 2, 2, 1}), nothing);
  expect("strides must be at least 1", Attrs().IntList("strides", {1, 0, 1, 1}), nothing);
  expect("strides must have 4 values, got 3", Attrs().IntList("strides", {1, 1, 1}), nothing);
  expect("batch and depth dimensions, got 2 and 1", Attrs().IntList("strides", {2, 1, 1, 1}),
         nothing, Code::kUnimplemented);
}

TEST(FusedConvTest, Shape) {
  const auto shape = [](const FakeAttrs& attrs, const char* input, const char* filter,
                        const char* bias = "?", const char* side = "[0]") {
    return InferShape(kOp, attrs, {input, filter, bias, side, "[]", "[]"});
  };
  EXPECT_EQ(shape(Attrs(), "[2,5,6,3]", "[2,3,3,7]", "[7]"), "[2,4,4,7]");
  EXPECT_EQ(shape(Attrs().String("padding", "SAME").IntList("strides", {1, 2, 2, 1}), "[2,5,6,3]",
                  "[2,3,3,7]"),
            "[2,3,3,7]");
  EXPECT_EQ(shape(Attrs().IntList("dilations", {1, 2, 3, 1}), "[2,9,9,3]", "[2,3,3,7]"),
            "[2,7,3,7]");
  EXPECT_EQ(shape(Attrs(), "?", "?"), "[?,?,?,?]");
  EXPECT_EQ(shape(Attrs(), "?", "?", "?", "[1,2,3,4]"), "[1,2,3,4]");
  EXPECT_EQ(shape(Attrs().String("data_format", "NCHW"), "[2,3,5,6]", "[2,3,3,7]"), "[2,7,4,4]");
  FakeAttrs vectors = Attrs();
  vectors.String("data_format", "NCHW_VECT_C").String("filter_format", "OIHW_VECT_I");
  EXPECT_EQ(shape(vectors, "[2,2,5,6,4]", "[8,2,2,3,4]"), "[2,2,4,4,4]");
  EXPECT_EQ(shape(vectors, "[2,2,5,6,4]", "[7,2,2,3,4]"),
            "Dimension size must be evenly divisible by 4 but is 7");
  EXPECT_EQ(shape(Attrs(), "[2,5,6,3]", "[2,3,4,7]"),
            "Depth of input (3) is not a multiple of input depth of filter (4)");
  EXPECT_EQ(shape(Attrs(), "[2,5,6,4]", "[2,3,2,7]"),
            "Depth of output (7) is not a multiple of the number of groups (2)");
  EXPECT_EQ(shape(Attrs(), "[2,5,6]", "[2,3,3,7]"), "Shape must be rank 4 but is rank 3");
  EXPECT_EQ(shape(Attrs(), "[2,5,6,3]", "[6,3,3,7]"),
            "filter of 6 with dilation 1 does not fit into conv_input of 5");
  EXPECT_EQ(shape(Attrs(), "[2,5,6,3]", "[2,3,3,7]", "[6]"),
            "Dimensions must be equal, but are 7 and 6");
}

}  // namespace
}  // namespace opgraft
