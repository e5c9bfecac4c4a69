// FusedConv2DBiasActivation (tf.contrib.fused_conv): output = activation(conv_input_scale *
// conv2d(conv_input, filter) + bias + side_input_scale * side_input).
//
// As in TensorFlow 1.15 the CPU has it for quantized tensors (qint8, NHWC, HWIO) alone: sums are
// int32 and exact, what follows is float, and the result is rounded to even and saturated.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ops/contrib/qint8_convolution.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

Status CheckUnit(const char* what, const int64_t* values, int n) {
  if (n != 4) return InvalidArgument("%s must have 4 values, got %d", what, n);
  for (int i = 0; i < 4; ++i) {
    if (values[i] < 1 || values[i] > INT32_MAX) {
      return InvalidArgument("%s must be at least 1 and at most %d, got %lld", what, INT32_MAX,
                             static_cast<long long>(values[i]));
    }
  }
  return Status();
}

Status CheckIs(const char* what, StringView value, const char* wanted) {
  if (value == StringView{wanted, std::strlen(wanted)}) return Status();
  return InvalidArgument("qint8 should be used with %s %s on CPU, got %.*s", what, wanted,
                         static_cast<int>(std::min<size_t>(value.size, 100)), value.data);
}

class FusedConv2DBiasActivation final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    StringView data_format, filter_format, padding, activation;
    OPGRAFT_RETURN_IF_ERROR(attrs->String("data_format", &data_format));
    OPGRAFT_RETURN_IF_ERROR(CheckIs("data_format", data_format, "NHWC"));
    OPGRAFT_RETURN_IF_ERROR(attrs->String("filter_format", &filter_format));
    OPGRAFT_RETURN_IF_ERROR(CheckIs("filter_format", filter_format, "HWIO"));
    OPGRAFT_RETURN_IF_ERROR(attrs->String("padding", &padding));
    OPGRAFT_RETURN_IF_ERROR(attrs->String("activation_mode", &activation));
    same_ = padding == StringView{"SAME", 4};
    relu_ = activation == StringView{"Relu", 4};
    const int64_t* values;
    int n;
    OPGRAFT_RETURN_IF_ERROR(attrs->IntList("dilations", &values, &n));
    OPGRAFT_RETURN_IF_ERROR(CheckUnit("dilations", values, n));
    if (!std::all_of(values, values + 4, [](int64_t value) { return value == 1; })) {
      return InvalidArgument(
          "dilations must be all equal to 1 on CPU, got %lld rows and %lld columns",
          static_cast<long long>(values[1]), static_cast<long long>(values[2]));
    }
    OPGRAFT_RETURN_IF_ERROR(attrs->IntList("strides", &values, &n));
    OPGRAFT_RETURN_IF_ERROR(CheckUnit("strides", values, n));
    if (values[0] != 1 || values[3] != 1) {
      return Unimplemented("strides must be 1 in the batch and depth dimensions, got %lld and %lld",
                           static_cast<long long>(values[0]), static_cast<long long>(values[3]));
    }
    row_stride_ = values[1], column_stride_ = values[2];
    return Status();
  }

  Status Compute(KernelContext* context) override {
    const TensorView& input = context->input(0);
    qint8::Convolution convolution;
    OPGRAFT_RETURN_IF_ERROR(Plan(context, &convolution));
    const int64_t dims[] = {input.dims[0], convolution.rows.output, convolution.columns.output,
                            convolution.channels};
    TensorView output;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 4, dims, &output));
    const TensorView& sides = context->input(3);
    const int8_t* side = nullptr;
    const bool none = sides.rank == 1 && sides.count == 0 && convolution.finish.side_scale == 0;
    if (!none && !SameShape(sides, output)) {
      return InvalidArgument("side_input must have the shape of the output, %s, got %s",
                             ShapeText(output).c_str(), ShapeText(sides).c_str());
    }
    if (convolution.finish.side_scale != 0) side = sides.flat<int8_t>();
    if (output.count == 0) return Status();

    convolution.filter = qint8::Pack(context->input(1));
    const int64_t image = input.count / dims[0], row = dims[2] * dims[3];
    const int64_t cost =
        row * (4 + convolution.rows.filter * convolution.columns.filter * convolution.depth / 8);
    context->ParallelFor(dims[0] * dims[1], cost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        convolution.Row(input.flat<int8_t>() + i / dims[1] * image,
                        side == nullptr ? nullptr : side + i * row, i % dims[1],
                        output.flat<int8_t>() + i * row);
      }
    });
    return Status();
  }

 private:
  /// All but the filter.
  Status Plan(KernelContext* context, qint8::Convolution* plan) const {
    const TensorView& input = context->input(0);
    const TensorView& filter = context->input(1);
    const TensorView& bias = context->input(2);
    for (const int i : {0, 1}) {
      if (context->input(i).rank == 4) continue;
      return InvalidArgument("%s must be 4-dimensional, got shape %s",
                             i == 0 ? "conv_input" : "filter",
                             ShapeText(context->input(i)).c_str());
    }
    plan->depth = filter.dims[2], plan->channels = filter.dims[3];
    if (input.dims[3] != plan->depth) {
      return InvalidArgument("conv_input must have the input depth of filter, %lld, got shape %s",
                             static_cast<long long>(plan->depth), ShapeText(input).c_str());
    }
    if (bias.rank != 1 || bias.count != plan->channels) {
      return InvalidArgument("bias must have the %lld output channels of filter, got shape %s",
                             static_cast<long long>(plan->channels), ShapeText(bias).c_str());
    }
    for (const int i : {4, 5}) {
      if (context->input(i).rank == 0) continue;
      return InvalidArgument("%s must be a scalar, got shape %s",
                             i == 4 ? "conv_input_scale" : "side_input_scale",
                             ShapeText(context->input(i)).c_str());
    }
    plan->rows = {input.dims[1], filter.dims[0], 0, row_stride_, 0};
    plan->columns = {input.dims[2], filter.dims[1], 0, column_stride_, 0};
    OPGRAFT_RETURN_IF_ERROR(plan->rows.Fit("rows", same_));
    OPGRAFT_RETURN_IF_ERROR(plan->columns.Fit("columns", same_));
    plan->finish.scale = *context->input(4).flat<float>();
    plan->finish.side_scale = *context->input(5).flat<float>();
    plan->finish.low = relu_ ? 0 : -128;
    plan->bias.resize((plan->channels + qint8::kBlock - 1) / qint8::kBlock * qint8::kBlock);
    std::copy_n(bias.flat<float>(), bias.count, plan->bias.begin());
    return Status();
  }

  bool same_, relu_;
  int64_t row_stride_, column_stride_;
};

/// Where the dimensions are in a format.
struct Places {
  int rank, outer, rows, columns, inner;  // outer, inner: batch and channels, or output and input
  bool is_vector;                         // whether 4 channels are in a last dimension

  Status Check(ShapeContext* context, Shape shape, Shape* out) const {
    OPGRAFT_RETURN_IF_ERROR(context->WithRank(shape, rank, out));
    if (!is_vector) return Status();
    Dimension four;
    return context->MergeDim(context->Dim(*out, 4), context->MakeDim(4), &four);
  }
  /// The number of channels in `inner`.
  int64_t Channels(ShapeContext* context, Shape shape) const {
    const int64_t value = context->Value(context->Dim(shape, inner));
    return is_vector && value > 0 ? value * 4 : value;
  }
};

Places PlacesOf(StringView format) {
  if (format == StringView{"HWIO", 4}) return {4, 3, 0, 1, 2, false};
  if (format == StringView{"NHWC", 4}) return {4, 0, 1, 2, 3, false};
  if (format.size == 4) return {4, 0, 2, 3, 1, false};  // NCHW, OIHW
  return {5, 0, 2, 3, 1, true};                         // NCHW_VECT_C, OIHW_VECT_I
}

Status OutputSize(int64_t input, int64_t filter, int64_t stride, int64_t dilation, bool same,
                  int64_t* output) {
  *output = -1;
  if (input < 0 || (filter < 0 && !same)) return Status();
  if (same) return *output = input / stride + (input % stride != 0), Status();
  int64_t span;
  if (__builtin_mul_overflow(filter - 1, dilation, &span) || span >= input) {
    return InvalidArgument("filter of %lld with dilation %lld does not fit into conv_input of %lld",
                           static_cast<long long>(filter), static_cast<long long>(dilation),
                           static_cast<long long>(input));
  }
  *output = (input - span - 1) / stride + 1;
  return Status();
}

Status FusedConv2DShape(ShapeContext* context) {
  StringView data_format, filter_format, padding;
  const int64_t *strides, *dilations;
  int n;
  OPGRAFT_RETURN_IF_ERROR(context->IntListAttr("strides", &strides, &n));
  OPGRAFT_RETURN_IF_ERROR(CheckUnit("strides", strides, n));
  OPGRAFT_RETURN_IF_ERROR(context->IntListAttr("dilations", &dilations, &n));
  OPGRAFT_RETURN_IF_ERROR(CheckUnit("dilations", dilations, n));
  OPGRAFT_RETURN_IF_ERROR(context->StringAttr("data_format", &data_format));
  OPGRAFT_RETURN_IF_ERROR(context->StringAttr("filter_format", &filter_format));
  OPGRAFT_RETURN_IF_ERROR(context->StringAttr("padding", &padding));
  const Places at = PlacesOf(data_format), of = PlacesOf(filter_format);
  Shape input, filter, bias, unused;
  OPGRAFT_RETURN_IF_ERROR(at.Check(context, context->input(0), &input));
  OPGRAFT_RETURN_IF_ERROR(of.Check(context, context->input(1), &filter));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(2), 1, &bias));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(4), 0, &unused));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(5), 0, &unused));

  const int64_t depth = at.Channels(context, input), filter_depth = of.Channels(context, filter);
  if (depth >= 0 && filter_depth > 0 && depth % filter_depth != 0) {
    return InvalidArgument(
        "Depth of input (%lld) is not a multiple of input depth of filter (%lld)",
        static_cast<long long>(depth), static_cast<long long>(filter_depth));
  }
  const int64_t known = context->Value(context->Dim(filter, of.outer));
  if (depth > 0 && filter_depth > 0 && known >= 0 && known % (depth / filter_depth) != 0) {
    return InvalidArgument(
        "Depth of output (%lld) is not a multiple of the number of groups (%lld)",
        static_cast<long long>(known), static_cast<long long>(depth / filter_depth));
  }
  Dimension channels;
  OPGRAFT_RETURN_IF_ERROR(
      context->MergeDim(context->Dim(filter, of.outer), context->Dim(bias, 0), &channels));
  if (at.is_vector) {
    const int64_t value = context->Value(channels);
    if (value >= 0 && value % 4 != 0) {
      return InvalidArgument("Dimension size must be evenly divisible by 4 but is %lld",
                             static_cast<long long>(value));
    }
    channels = context->MakeDim(value < 0 ? -1 : value / 4);
  }
  const bool same = padding == StringView{"SAME", 4};
  int64_t rows, columns;
  OPGRAFT_RETURN_IF_ERROR(OutputSize(context->Value(context->Dim(input, at.rows)),
                                     context->Value(context->Dim(filter, of.rows)),
                                     strides[at.rows], dilations[at.rows], same, &rows));
  OPGRAFT_RETURN_IF_ERROR(OutputSize(context->Value(context->Dim(input, at.columns)),
                                     context->Value(context->Dim(filter, of.columns)),
                                     strides[at.columns], dilations[at.columns], same, &columns));
  Dimension dims[5];
  dims[at.outer] = context->Dim(input, at.outer);
  dims[at.rows] = context->MakeDim(rows);
  dims[at.columns] = context->MakeDim(columns);
  dims[at.inner] = channels;
  if (at.is_vector) dims[4] = context->MakeDim(4);
  Shape output = context->MakeShape(at.rank, dims);
  // A vector of nothing stands for no side input.
  Shape side = context->input(3);
  const bool none = context->Rank(side) == 1 && context->Value(context->Dim(side, 0)) == 0;
  if (!none) OPGRAFT_RETURN_IF_ERROR(context->Merge(side, output, &output));
  context->set_output(0, output);
  return Status();
}

constexpr KernelDefinition kKernels[] = {
    ClassKernel<FusedConv2DBiasActivation>({{"T", DT_QINT8}, {"Tbias", DT_FLOAT}}),
};

OPGRAFT_REGISTER_OP(fused_conv2d_bias_activation,
                    OpBuilder("FusedConv2DBiasActivation")
                        .Input("conv_input: T")
                        .Input("filter: T")
                        .Input("bias: Tbias")
                        .Input("side_input: T")
                        .Input("conv_input_scale: float")
                        .Input("side_input_scale: float")
                        .Output("output: T")
                        .Attr("T: {float, half, qint8}")
                        .Attr("Tbias: {float, half}")
                        .Attr("strides: list(int)")
                        .Attr("padding: {'SAME', 'VALID'}")
                        .Attr("data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'")
                        .Attr("filter_format: {'HWIO', 'OIHW', 'OIHW_VECT_I'} = 'HWIO'")
                        .Attr("activation_mode: {'Relu', 'None'} = 'Relu'")
                        .Attr("dilations: list(int) = [1, 1, 1, 1]")
                        .Shape(FusedConv2DShape)
                        .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
