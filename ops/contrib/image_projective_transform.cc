// ImageProjectiveTransform and ImageProjectiveTransformV2 (tf.contrib.image.transform): the value
// of an output pixel (x, y) is that of the input at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) /
// k), k = c0 x + c1 y + 1. Around the image all is 0.
#include <algorithm>
#include <cstdint>

#include "ops/contrib/image_sampling.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

using image_sampling::Image;
using image_sampling::kChunk;

constexpr int kParameters = 8;  // a0 a1 a2 b0 b1 b2 c0 c1

Status CheckSide(const char* what, int64_t size) {
  if (size <= image_sampling::kMaxSide) return Status();
  return InvalidArgument("%s must be at most %lld, got %lld", what,
                         static_cast<long long>(image_sampling::kMaxSide),
                         static_cast<long long>(size));
}

Status CheckInputs(const TensorView& images, const TensorView& transforms) {
  if (images.rank != 4) {
    return InvalidArgument("Input images must have rank 4, got shape %s",
                           ShapeText(images).c_str());
  }
  if (transforms.rank != 2 || transforms.dims[1] != kParameters ||
      (transforms.dims[0] != images.dims[0] && transforms.dims[0] != 1)) {
    return InvalidArgument(
        "Input transform should be num_images x 8 or 1 x 8, got shape %s for %lld images",
        ShapeText(transforms).c_str(), static_cast<long long>(images.dims[0]));
  }
  OPGRAFT_RETURN_IF_ERROR(CheckSide("the height of images", images.dims[1]));
  return CheckSide("the width of images", images.dims[2]);
}

Status ReadOutputShape(const TensorView& output_shape, int64_t dims[4]) {
  if (output_shape.rank != 1) {
    return InvalidArgument("output shape must be 1-dimensional, got shape %s",
                           ShapeText(output_shape).c_str());
  }
  if (output_shape.count != 2) {
    return InvalidArgument("output shape must have two elements, got %lld",
                           static_cast<long long>(output_shape.count));
  }
  const int32_t height = output_shape.flat<int32_t>()[0], width = output_shape.flat<int32_t>()[1];
  if (height <= 0 || width <= 0) {
    return InvalidArgument("output dimensions must be positive, got %d x %d", height, width);
  }
  dims[1] = height;
  dims[2] = width;
  return Status();
}

template <class T>
class ImageProjectiveTransform final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    StringView name;
    OPGRAFT_RETURN_IF_ERROR(attrs->String("interpolation", &name));
    if (name == StringView{"NEAREST", 7}) {
      fill_ = image_sampling::NearestSpan<T>;
    } else if (name == StringView{"BILINEAR", 8}) {
      fill_ = image_sampling::BilinearSpan<T>;
    } else {
      return InvalidArgument("Invalid interpolation %.*s. Supported types: NEAREST, BILINEAR",
                             static_cast<int>(std::min<size_t>(name.size, 100)), name.data);
    }
    return Status();
  }

  Status Compute(KernelContext* context) override {
    const TensorView& images = context->input(0);
    const TensorView& transforms = context->input(1);
    OPGRAFT_RETURN_IF_ERROR(CheckInputs(images, transforms));
    int64_t dims[4];
    std::copy_n(images.dims, 4, dims);
    if (context->num_inputs() > 2) {
      OPGRAFT_RETURN_IF_ERROR(ReadOutputShape(context->input(2), dims));
    }
    TensorView output;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 4, dims, &output));
    if (output.count == 0) return Status();
    const int64_t height = dims[1], width = dims[2], channels = dims[3];
    const int64_t image_size = images.count / dims[0];
    const int64_t step = transforms.dims[0] == 1 ? 0 : kParameters;
    const int64_t cost =
        width * (fill_ == image_sampling::NearestSpan<T> ? 4 + channels : 12 + 4 * channels);
    context->ParallelFor(dims[0] * height, cost, [&](int64_t begin, int64_t end) {
      float x[kChunk], y[kChunk];
      for (int64_t row = begin; row < end; ++row) {
        const int64_t batch = row / height;
        const float* const transform = transforms.flat<float>() + batch * step;
        const Image<T> image = {images.flat<T>() + batch * image_size,
                                static_cast<int32_t>(images.dims[1]),
                                static_cast<int32_t>(images.dims[2]), channels};
        T* const out = output.flat<T>() + row * width * channels;
        for (int64_t column = 0; column < width; column += kChunk) {
          const int n = static_cast<int>(std::min<int64_t>(kChunk, width - column));
          image_sampling::MapSpan(transform, row % height, column, n, x, y);
          fill_(image, x, y, n, out + column * channels);
        }
      }
    });
    return Status();
  }

 private:
  void (*fill_)(const Image<T>& image, const float* x, const float* y, int n, T* out);
};

Status SameShapeAsImages(ShapeContext* context) {
  context->set_output(0, context->input(0));
  return Status();
}

Status OutputShape(ShapeContext* context) {
  Shape images, output_shape;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(0), 4, &images));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(2), 1, &output_shape));
  Dimension two;
  OPGRAFT_RETURN_IF_ERROR(
      context->MergeDim(context->Dim(output_shape, 0), context->MakeDim(2), &two));
  int64_t sides[2];
  if (!context->ConstantInput(2, 2, sides)) sides[0] = sides[1] = -1;
  // Negative sizes are for the kernel to refuse.
  const Dimension dims[] = {
      context->Dim(images, 0), context->MakeDim(std::max<int64_t>(sides[0], -1)),
      context->MakeDim(std::max<int64_t>(sides[1], -1)), context->Dim(images, 3)};
  context->set_output(0, context->MakeShape(4, dims));
  return Status();
}

template <class T>
constexpr KernelDefinition TransformKernel() {
  return ClassKernel<ImageProjectiveTransform<T>>({{"dtype", DataTypeOf<T>::value}});
}

constexpr KernelDefinition kKernels[] = {
    TransformKernel<uint8_t>(), TransformKernel<int32_t>(), TransformKernel<int64_t>(),
    TransformKernel<Half>(),    TransformKernel<float>(),   TransformKernel<double>(),
};

OPGRAFT_REGISTER_OP(image_projective_transform,
                    OpBuilder("ImageProjectiveTransform")
                        .Input("images: dtype")
                        .Input("transforms: float32")
                        .Output("transformed_images: dtype")
                        .Attr("dtype: {uint8, int32, int64, float16, float32, float64}")
                        .Attr("interpolation: string")
                        .Shape(SameShapeAsImages)
                        .Kernels(kKernels));

OPGRAFT_REGISTER_OP(image_projective_transform_v2,
                    OpBuilder("ImageProjectiveTransformV2")
                        .Input("images: dtype")
                        .Input("transforms: float32")
                        .Input("output_shape: int32")
                        .Output("transformed_images: dtype")
                        .Attr("dtype: {uint8, int32, int64, float16, float32, float64}")
                        .Attr("interpolation: string")
                        .Shape(OutputShape)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
