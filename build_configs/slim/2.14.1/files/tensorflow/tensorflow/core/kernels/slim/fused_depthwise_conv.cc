// _FusedDepthwiseConv2dNative for tensorflow/slim/fuse.cc: TensorFlow has a kernel of oneDNN's
// alone.

#include <algorithm>

#include "tensorflow/core/framework/kernel_shape_util.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/kernels/slim/epilogue.h"
#include "tensorflow/core/util/overflow.h"
#include "tensorflow/core/util/padding.h"
#include "tensorflow/core/util/work_sharder.h"

namespace tensorflow {
namespace slim {
namespace {

typedef float Vector __attribute__((vector_size(64), aligned(4)));
constexpr int kLanes = 16;

struct Sizes {
  int64_t rows, columns, depth;              // of the input
  int64_t out_rows, out_columns, out_depth;  // out_depth = depth * multiplier
  int64_t filter_rows, filter_columns, multiplier;
  int64_t stride, top, left;  // top, left: padding
};

// What of the filter lies inside the input, for one pixel of the output.
struct Window {
  const float *input, *filter;  // at the first pixel of both
  int64_t rows, columns;
  int64_t input_row, filter_row;  // from one row to the next, in floats
};

Window WindowAt(const Sizes& s, const float* image, const float* filter, int64_t out_row,
                int64_t out_column) {
  const int64_t row = out_row * s.stride - s.top, column = out_column * s.stride - s.left;
  const int64_t first_row = std::max<int64_t>(0, -row),
                first_column = std::max<int64_t>(0, -column);
  const int64_t last_row = std::min(s.filter_rows, s.rows - row);
  const int64_t last_column = std::min(s.filter_columns, s.columns - column);
  return {image + ((row + first_row) * s.columns + column + first_column) * s.depth,
          filter + (first_row * s.filter_columns + first_column) * s.out_depth,
          last_row - first_row,
          last_column - first_column,
          s.columns * s.depth,
          s.filter_columns * s.out_depth};
}

// N vectors of channels of a pixel, one filter per channel: sums in registers, one store.
template <int N>
void Channels(const Window& w, int64_t depth, int64_t at, const Epilogue& epilogue, float* output) {
  Vector sum[N] = {};
  for (int64_t r = 0; r < w.rows; ++r) {
    const float* x = w.input + r * w.input_row + at;
    const float* f = w.filter + r * w.filter_row + at;
    for (int64_t c = 0; c < w.columns; ++c, x += depth, f += depth) {
#pragma GCC unroll 4
      for (int i = 0; i < N; ++i) {
        sum[i] += reinterpret_cast<const Vector*>(x)[i] * reinterpret_cast<const Vector*>(f)[i];
      }
    }
  }
  const Vector low = Vector{} + epilogue.low, high = Vector{} + epilogue.high;
#pragma GCC unroll 4
  for (int i = 0; i < N; ++i) {
    const Vector scale = reinterpret_cast<const Vector*>(epilogue.scale.data() + at)[i];
    const Vector shift = reinterpret_cast<const Vector*>(epilogue.shift.data() + at)[i];
    Vector y = sum[i] * scale + shift;
    y = y < low ? low : y;
    reinterpret_cast<Vector*>(output + at)[i] = y > high ? high : y;
  }
}

void Pixel(const Sizes& s, const Window& w, const Epilogue& epilogue, float* output) {
  int64_t at = 0;
  if (s.multiplier == 1) {
    for (; at + 4 * kLanes <= s.depth; at += 4 * kLanes) {
      Channels<4>(w, s.depth, at, epilogue, output);
    }
    for (; at + kLanes <= s.depth; at += kLanes) Channels<1>(w, s.depth, at, epilogue, output);
  }
  const int64_t rest = at;
  for (; at < s.out_depth; ++at) {
    const int64_t channel = at / s.multiplier;
    float sum = 0;
    for (int64_t r = 0; r < w.rows; ++r) {
      for (int64_t c = 0; c < w.columns; ++c) {
        sum += w.input[r * w.input_row + c * s.depth + channel] *
               w.filter[r * w.filter_row + c * s.out_depth + at];
      }
    }
    output[at] = sum;
  }
  epilogue.Apply(output + rest, rest, s.out_depth - rest);
}

class FusedDepthwiseConv2dNativeOp : public OpKernel {
 public:
  explicit FusedDepthwiseConv2dNativeOp(OpKernelConstruction* context) : OpKernel(context) {
    std::vector<int32> strides;
    std::string format;
    OP_REQUIRES_OK(context, context->GetAttr("strides", &strides));
    OP_REQUIRES_OK(context, context->GetAttr("data_format", &format));
    OP_REQUIRES_OK(context, context->GetAttr("padding", &padding_));
    OP_REQUIRES_OK(context, reader_.Init(context));
    OP_REQUIRES(context,
                format == "NHWC" && strides.size() == 4 && strides[0] == 1 && strides[3] == 1 &&
                    strides[1] == strides[2] && strides[1] > 0,
                errors::Unimplemented("Strides and data_format of ", name()));
    stride_ = strides[1];
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &input = context->input(0), &filter = context->input(1);
    OP_REQUIRES(
        context, input.dims() == 4,
        errors::InvalidArgument("input must be 4-dimensional", input.shape().DebugString()));
    OP_REQUIRES(
        context, filter.dims() == 4,
        errors::InvalidArgument("filter must be 4-dimensional: ", filter.shape().DebugString()));
    OP_REQUIRES(context, input.dim_size(3) == filter.dim_size(2),
                errors::InvalidArgument("input and filter must have the same depth: ",
                                        input.dim_size(3), " vs ", filter.dim_size(2)));
    Sizes s;
    s.rows = input.dim_size(1), s.columns = input.dim_size(2), s.depth = input.dim_size(3);
    s.filter_rows = filter.dim_size(0), s.filter_columns = filter.dim_size(1);
    s.multiplier = filter.dim_size(3), s.stride = stride_;
    int64_t bottom, right;
    OP_REQUIRES_OK(context, GetWindowedOutputSizeVerbose(s.rows, s.filter_rows, 1, s.stride,
                                                         padding_, &s.out_rows, &s.top, &bottom));
    OP_REQUIRES_OK(context,
                   GetWindowedOutputSizeVerbose(s.columns, s.filter_columns, 1, s.stride, padding_,
                                                &s.out_columns, &s.left, &right));
    TensorShape shape;
    // By steps: the product of two dimensions of an empty tensor may be anything.
    OP_REQUIRES_OK(context, shape.AddDimWithStatus(input.dim_size(0)));
    OP_REQUIRES_OK(context, shape.AddDimWithStatus(s.out_rows));
    OP_REQUIRES_OK(context, shape.AddDimWithStatus(s.out_columns));
    s.out_depth = MultiplyWithoutOverflow(s.depth, s.multiplier);
    OP_REQUIRES_OK(context, shape.AddDimWithStatus(s.out_depth));
    Tensor* output = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &output));
    Epilogue epilogue;
    OP_REQUIRES_OK(context, reader_.Read(context, s.out_depth, &epilogue));
    if (shape.num_elements() == 0) return;

    const float* x = input.flat<float>().data();
    const float* f = filter.flat<float>().data();
    float* y = output->flat<float>().data();
    auto rows = [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const float* image = x + row / s.out_rows * s.rows * s.columns * s.depth;
        for (int64_t column = 0; column < s.out_columns; ++column) {
          const Window window = WindowAt(s, image, f, row % s.out_rows, column);
          Pixel(s, window, epilogue, y + (row * s.out_columns + column) * s.out_depth);
        }
      }
    };
    const auto& workers = *context->device()->tensorflow_cpu_worker_threads();
    const int64_t cost = s.out_columns * s.out_depth * (1 + s.filter_rows * s.filter_columns) / 8;
    Shard(workers.num_threads, workers.workers, input.dim_size(0) * s.out_rows, cost, rows);
  }

 private:
  int64_t stride_ = 1;
  Padding padding_;
  EpilogueReader reader_;
};

REGISTER_KERNEL_BUILDER(
    Name("_FusedDepthwiseConv2dNative").Device(DEVICE_CPU).TypeConstraint<float>("T").Label("slim"),
    FusedDepthwiseConv2dNativeOp);

}  // namespace
}  // namespace slim
}  // namespace tensorflow
