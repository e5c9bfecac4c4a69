// AdjustHsvInYiq (tf.contrib.image): turns the hue and scales saturation and value of RGB images,
// by a linear map in YIQ space (https://beesbuzz.biz/code/16-hsv-color-transforms).
#include <cmath>
#include <cstdint>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

constexpr int kChannels = 3;

struct Matrix {
  float at[kChannels][kChannels];
};

/// Every element is summed up as first + (second + third), like those of TensorFlow's matrix.
Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix product;
  for (int i = 0; i < kChannels; ++i) {
    for (int j = 0; j < kChannels; ++j) {
      product.at[i][j] =
          a.at[i][0] * b.at[0][j] + (a.at[i][1] * b.at[1][j] + a.at[i][2] * b.at[2][j]);
    }
  }
  return product;
}

/// From and to RGB: https://en.wikipedia.org/wiki/YIQ (values of FCC NTSC, 1953).
constexpr Matrix kYiq = {
    {{0.299f, 0.587f, 0.114f}, {0.596f, -0.274f, -0.322f}, {0.211f, -0.523f, 0.312f}}};
constexpr Matrix kRgb = {{{1.0f, 0.95617069f, 0.62143257f},
                          {1.0f, -0.2726886f, -0.64681324f},
                          {1.0f, -1.103744f, 1.70062309f}}};

Matrix RgbTransform(float delta_h, float scale_s, float scale_v) {
  const float cosine = scale_v * scale_s * std::cos(delta_h);
  const float sine = scale_v * scale_s * std::sin(delta_h);
  const Matrix hsv = {{{scale_v, 0, 0}, {0, cosine, -sine}, {0, sine, cosine}}};
  return kRgb * hsv * kYiq;
}

void TransformPixels(const Matrix& matrix, const float* __restrict__ rgb, int64_t n,
                     float* __restrict__ out) {
  const auto& m = matrix.at;
  for (int64_t i = 0; i < n; ++i, rgb += kChannels, out += kChannels) {
    const float r = rgb[0], g = rgb[1], b = rgb[2];
    // Sums start at 0 in TensorFlow, so that none is -0.
    out[0] = 0.0f + r * m[0][0] + g * m[0][1] + b * m[0][2];
    out[1] = 0.0f + r * m[1][0] + g * m[1][1] + b * m[1][2];
    out[2] = 0.0f + r * m[2][0] + g * m[2][1] + b * m[2][2];
  }
}

Status ReadScalar(const TensorView& tensor, const char* name, float* value) {
  if (tensor.rank != 0) {
    return InvalidArgument("%s must be scalar: %s", name, ShapeText(tensor).c_str());
  }
  *value = *tensor.flat<float>();
  return Status();
}

Status AdjustHsvInYiq(KernelContext* context) {
  const TensorView& images = context->input(0);
  if (images.rank < 3) {
    return InvalidArgument("input must be at least 3-D, got shape %s", ShapeText(images).c_str());
  }
  float delta_h = 0, scale_s = 0, scale_v = 0;
  OPGRAFT_RETURN_IF_ERROR(ReadScalar(context->input(1), "delta_h", &delta_h));
  OPGRAFT_RETURN_IF_ERROR(ReadScalar(context->input(2), "scale_s", &scale_s));
  OPGRAFT_RETURN_IF_ERROR(ReadScalar(context->input(3), "scale_v", &scale_v));
  if (images.dims[images.rank - 1] != kChannels) {
    return InvalidArgument("input must have 3 channels but instead has %lld channels.",
                           static_cast<long long>(images.dims[images.rank - 1]));
  }
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, images.rank, images.dims, &output));
  const Matrix matrix = RgbTransform(delta_h, scale_s, scale_v);
  const float* const in = images.flat<float>();
  float* const out = output.flat<float>();
  context->ParallelFor(images.count / kChannels, /*cost=*/3, [&](int64_t begin, int64_t end) {
    TransformPixels(matrix, in + kChannels * begin, end - begin, out + kChannels * begin);
  });
  return Status();
}

Status AdjustHsvInYiqShape(ShapeContext* context) {
  Shape images;
  OPGRAFT_RETURN_IF_ERROR(context->WithRankAtLeast(context->input(0), 3, &images));
  context->set_output(0, images);
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<AdjustHsvInYiq>({{"T", DT_FLOAT}})};

OPGRAFT_REGISTER_OP(adjust_hsv_in_yiq,
                    OpBuilder("AdjustHsvInYiq")
                        .Alias("Addons>AdjustHsvInYiq")
                        .Input("images: T")
                        .Input("delta_h: float")
                        .Input("scale_s: float")
                        .Input("scale_v: float")
                        .Output("output: T")
                        .Attr("T: {uint8, int8, int16, int32, int64, half, float, double}")
                        .Shape(AdjustHsvInYiqShape)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
