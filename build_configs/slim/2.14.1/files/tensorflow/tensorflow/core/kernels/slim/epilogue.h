#ifndef TENSORFLOW_CORE_KERNELS_SLIM_EPILOGUE_H_
#define TENSORFLOW_CORE_KERNELS_SLIM_EPILOGUE_H_

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/platform/errors.h"

namespace tensorflow {
namespace slim {

// What follows a convolution, channel by channel: min(max(x * scale + shift, low), high).
struct Epilogue {
  std::vector<float> scale, shift;  // of the output's channels
  float low, high;

  // Applies it in place to some channels of a pixel.
  void Apply(float* x, int64_t first_channel, int64_t channels) const {
    const float* a = scale.data() + first_channel;
    const float* b = shift.data() + first_channel;
    const float least = low, most = high;
    for (int64_t i = 0; i < channels; ++i) {
      float y = x[i] * a[i] + b[i];
      y = y < least ? least : y;  // as Relu does, lets NaN through
      x[i] = y > most ? most : y;
    }
  }
};

// Reads the attr fused_ops of _FusedConv2D and _FusedDepthwiseConv2dNative, a part of what
// TensorFlow's own kernels know: BiasAdd, FusedBatchNorm or both, then Relu, Relu6 or nothing.
class EpilogueReader {
 public:
  Status Init(OpKernelConstruction* context) {
    std::vector<std::string> ops;
    TF_RETURN_IF_ERROR(context->GetAttr("fused_ops", &ops));
    TF_RETURN_IF_ERROR(context->GetAttr("epsilon", &epsilon_));
    auto next = ops.begin();
    auto take = [&](const char* op) { return next != ops.end() && *next == op && (++next, true); };
    bias_ = take("BiasAdd");
    batch_norm_ = take("FusedBatchNorm");
    if (take("Relu6")) {
      low_ = 0, high_ = 6;
    } else if (take("Relu")) {
      low_ = 0;
    }
    if (next != ops.end() || context->num_inputs() != 2 + bias_ + 4 * batch_norm_) {
      return errors::Unimplemented("Fusion is not implemented: [", absl::StrJoin(ops, ","), "]");
    }
    return OkStatus();
  }

  // From the inputs after the filter: the bias; the scale, offset, mean and variance, each
  // [channels].
  Status Read(OpKernelContext* context, int64_t channels, Epilogue* epilogue) const {
    for (int i = 2; i < context->num_inputs(); ++i) {
      const Tensor& input = context->input(i);
      if (input.dims() != 1 || input.dim_size(0) != channels) {
        return errors::InvalidArgument("Input ", i, " of ", context->op_kernel().name(), ", a ",
                                       i == 2 && bias_ ? "bias" : "parameter of a normalization",
                                       ", must have the shape [", channels, "], not ",
                                       input.shape().DebugString());
      }
    }
    auto input = [&](int i) { return context->input(i).flat<float>().data(); };
    epilogue->low = low_;
    epilogue->high = high_;
    epilogue->scale.assign(channels, 1);
    epilogue->shift.assign(channels, 0);
    if (bias_) epilogue->shift.assign(input(2), input(2) + channels);
    if (batch_norm_) {
      const float *scale = input(2 + bias_), *offset = input(3 + bias_);
      const float *mean = input(4 + bias_), *variance = input(5 + bias_);
      for (int64_t c = 0; c < channels; ++c) {
        const float factor = scale[c] / std::sqrt(variance[c] + epsilon_);
        epilogue->scale[c] = factor;
        epilogue->shift[c] = (epilogue->shift[c] - mean[c]) * factor + offset[c];
      }
    }
    return OkStatus();
  }

 private:
  bool bias_ = false, batch_norm_ = false;
  float epsilon_ = 0;
  float low_ = -std::numeric_limits<float>::infinity();
  float high_ = std::numeric_limits<float>::infinity();
};

}  // namespace slim
}  // namespace tensorflow

#endif  // TENSORFLOW_CORE_KERNELS_SLIM_EPILOGUE_H_
