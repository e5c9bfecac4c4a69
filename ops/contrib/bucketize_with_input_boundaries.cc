// BucketizeWithInputBoundaries (tf.contrib.boosted_trees): how many boundaries are not above each
// number. The boundaries are floats, which become numbers of the input's type first.
#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

/// What the processor's conversion gives: integers are cut off, and the least one stands for what
/// does not fit, which in C++ is undefined.
template <class T>
T Convert(float boundary) {
  if constexpr (std::is_integral_v<T>) {
    constexpr float kLimit = -static_cast<float>(std::numeric_limits<T>::min());
    if (!(boundary >= -kLimit && boundary < kLimit)) return std::numeric_limits<T>::min();
  }
  return static_cast<T>(boundary);
}

/// Binary search without branches. It looks at the same boundaries as std::upper_bound, so that
/// NaNs among them have the same effect.
template <class T>
int32_t UpperBound(const T* boundaries, int64_t n, T value) {
  const T* first = boundaries;
  while (n > 0) {
    const int64_t half = n / 2;
    const bool above = value < first[half];
    first = above ? first : first + half + 1;
    n = above ? half : n - half - 1;
  }
  return static_cast<int32_t>(first - boundaries);
}

/// Few boundaries are counted, many numbers at a time; they must be ordered, without NaN.
template <class T>
void Count(const T* boundaries, int64_t n, const T* in, int64_t count, int32_t* out) {
  std::fill_n(out, count, static_cast<int32_t>(n));
  for (int64_t b = 0; b < n; ++b) {
    const T boundary = boundaries[b];
    for (int64_t i = 0; i < count; ++i) out[i] -= in[i] < boundary;
  }
}

template <class T>
Status Bucketize(KernelContext* context) {
  const TensorView& input = context->input(0);
  const TensorView& boundaries = context->input(1);
  if (boundaries.count > std::numeric_limits<int32_t>::max()) {
    return InvalidArgument("boundaries has %lld elements, must have at most 2147483647",
                           static_cast<long long>(boundaries.count));
  }
  std::vector<T> sorted(boundaries.count);
  std::transform(boundaries.flat<float>(), boundaries.flat<float>() + boundaries.count,
                 sorted.begin(), Convert<T>);
  if (!std::is_sorted(sorted.begin(), sorted.end())) {
    const auto bad = std::is_sorted_until(sorted.begin(), sorted.end()) - sorted.begin();
    const float* const given = boundaries.flat<float>();
    return InvalidArgument("Expected sorted boundaries, but boundaries[%lld] = %g is after %g",
                           static_cast<long long>(bad), given[bad], given[bad - 1]);
  }
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, input.rank, input.dims, &output));

  constexpr int64_t kFew = 16;
  constexpr int64_t kBlock = 1024;  // stays in the first cache
  const T* const in = input.flat<T>();
  int32_t* const out = output.flat<int32_t>();
  const int64_t n = boundaries.count;
  const bool has_nan = std::any_of(sorted.begin(), sorted.end(), [](T b) { return b != b; });
  if (n <= kFew && !has_nan) {
    context->ParallelFor(input.count, /*cost=*/1 + n / 2, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i += kBlock) {
        Count(sorted.data(), n, in + i, std::min(kBlock, end - i), out + i);
      }
    });
  } else {
    int64_t cost = 2;
    for (int64_t rest = n; rest > 0; rest /= 2) cost += 3;
    context->ParallelFor(input.count, cost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) out[i] = UpperBound(sorted.data(), n, in[i]);
    });
  }
  return Status();
}

Status BucketizeShape(ShapeContext* context) {
  context->set_output(0, context->input(0));
  return Status();
}

constexpr KernelDefinition kKernels[] = {
    FunctionKernel<Bucketize<int32_t>>({{"T", DT_INT32}}),
    FunctionKernel<Bucketize<int64_t>>({{"T", DT_INT64}}),
    FunctionKernel<Bucketize<float>>({{"T", DT_FLOAT}}),
    FunctionKernel<Bucketize<double>>({{"T", DT_DOUBLE}}),
};

OPGRAFT_REGISTER_OP(bucketize_with_input_boundaries, OpBuilder("BucketizeWithInputBoundaries")
                                                         .Input("input: T")
                                                         .Input("boundaries: float")
                                                         .Output("output: int32")
                                                         .Attr("T: {int32, int64, float, double}")
                                                         .Shape(BucketizeShape)
                                                         .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
