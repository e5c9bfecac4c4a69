// _FusedConv2D for tensorflow/slim/fuse.cc: a convolution whose blocks are normalized and activated
// while they are in the cache.

#define EIGEN_USE_THREADS

#include "tensorflow/core/framework/bounds_check.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/kernels/conv_2d.h"
#include "tensorflow/core/kernels/conv_ops.h"
#include "tensorflow/core/kernels/ops_util.h"
#include "tensorflow/core/kernels/slim/epilogue.h"
#include "tensorflow/core/util/tensor_format.h"
#include "tensorflow/core/util/work_sharder.h"

namespace tensorflow {
namespace slim {
namespace {

using CPUDevice = Eigen::ThreadPoolDevice;

// Eigen gives it each block of the product when it is complete. The product is transposed: its rows
// are channels.
struct OutputKernel {
  template <typename Index>
  void operator()(const Eigen::internal::blas_data_mapper<float, Index, Eigen::ColMajor>& block,
                  const Eigen::TensorContractionParams&, Index row, Index, Index rows,
                  Index columns) const {
    for (Index column = 0; column < columns; ++column) {
      epilogue->Apply(&block(0, column), row, rows);
    }
  }

  const Epilogue* epilogue = nullptr;
};

class FusedConv2DOp : public OpKernel {
 public:
  explicit FusedConv2DOp(OpKernelConstruction* context) : OpKernel(context) {
    OP_REQUIRES_OK(context, InitConv2DParameters(context, &params_));
    OP_REQUIRES_OK(context, reader_.Init(context));
  }

  void Compute(OpKernelContext* context) override {
    const Tensor &input = context->input(0), &filter = context->input(1);
    Conv2DDimensions d;
    OP_REQUIRES_OK(context, ComputeConv2DDimension(params_, input, filter, &d));
    TensorShape shape;
    OP_REQUIRES_OK(context, ShapeFromFormatWithStatus(params_.data_format, d.batch, d.out_rows,
                                                      d.out_cols, d.out_depth, &shape));
    Tensor* output = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(0, shape, &output));
    Epilogue epilogue;
    OP_REQUIRES_OK(context, reader_.Read(context, d.out_depth, &epilogue));
    if (shape.num_elements() == 0) return;
    if (d.in_depth == filter.dim_size(2) && params_.data_format == FORMAT_NHWC &&
        filter.NumElements() > 0) {
      Convolve(context, input, filter, d, OutputKernel{&epilogue}, output);
      return;
    }
    // In groups, or what Conv2D refuses.
    LaunchConv2DOp<CPUDevice, float>()(context, /*use_cudnn=*/false, /*cudnn_use_autotune=*/false,
                                       input, filter, d.dilation_rows, d.dilation_cols,
                                       d.stride_rows, d.stride_cols, params_.padding,
                                       params_.explicit_paddings, output, params_.data_format);
    if (!context->status().ok()) return;
    float* data = output->flat<float>().data();
    const int64_t channels = d.out_depth;
    auto apply = [&](int64_t begin, int64_t end) {
      for (; begin < end; ++begin) epilogue.Apply(data + begin * channels, 0, channels);
    };
    const auto& workers = *context->device()->tensorflow_cpu_worker_threads();
    Shard(workers.num_threads, workers.workers, shape.num_elements() / channels, 2 * channels,
          apply);
  }

 private:
  void Convolve(OpKernelContext* context, const Tensor& input, const Tensor& filter,
                const Conv2DDimensions& d, const OutputKernel& kernel, Tensor* output) {
    const CPUDevice& device = context->eigen_device<CPUDevice>();
    const bool is_pixelwise = d.filter_rows == 1 && d.filter_cols == 1 && d.stride_rows == 1 &&
                              d.stride_cols == 1 && params_.padding != EXPLICIT;
    const bool is_whole = d.filter_rows == d.input_rows && d.filter_cols == d.input_cols &&
                          d.dilation_rows == 1 && d.dilation_cols == 1 && params_.padding == VALID;
    if (is_pixelwise || is_whole) {  // a product of matrices
      const int64_t products = is_whole ? d.batch : output->NumElements() / d.out_depth;
      const int64_t depth = filter.NumElements() / d.out_depth;
      Eigen::array<Eigen::IndexPair<Eigen::DenseIndex>, 1> pair;
      pair[0] = Eigen::IndexPair<Eigen::DenseIndex>(1, 0);
      functor::MatMulConvFunctor<CPUDevice, float, OutputKernel>()(
          device, output->shaped<float, 2>({products, d.out_depth}),
          input.shaped<float, 2>({products, depth}), filter.shaped<float, 2>({depth, d.out_depth}),
          pair, kernel);
      return;
    }
    functor::SpatialConvolution<CPUDevice, float, OutputKernel> convolve;
    if (params_.padding == EXPLICIT) {
      const std::vector<int64_t>& pad = params_.explicit_paddings;
      for (int64_t size : pad) {
        OP_REQUIRES(context, FastBoundsCheck(size, std::numeric_limits<int>::max()),
                    errors::InvalidArgument("padding too large"));
      }
      convolve(device, output->tensor<float, 4>(), input.tensor<float, 4>(),
               filter.tensor<float, 4>(), d.stride_rows, d.stride_cols, d.dilation_rows,
               d.dilation_cols, static_cast<int>(pad[2]), static_cast<int>(pad[3]),
               static_cast<int>(pad[4]), static_cast<int>(pad[5]), kernel);
    } else {
      convolve(device, output->tensor<float, 4>(), input.tensor<float, 4>(),
               filter.tensor<float, 4>(), d.stride_rows, d.stride_cols, d.dilation_rows,
               d.dilation_cols, BrainPadding2EigenPadding(params_.padding), kernel);
    }
  }

  Conv2DParameters params_;
  EpilogueReader reader_;
};

REGISTER_KERNEL_BUILDER(
    Name("_FusedConv2D").Device(DEVICE_CPU).TypeConstraint<float>("T").Label("slim"),
    FusedConv2DOp);

}  // namespace
}  // namespace slim
}  // namespace tensorflow
