// BucketizeWithInputBoundaries (tf.contrib.boosted_trees): how many boundaries are not above each
// number. The boundaries are floats, which become numbers of the input's type first.
#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/kernel/cpu.h"
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

/// Binary searches for many numbers, side by side and without branches. Each looks at the same
/// boundaries as std::upper_bound, so that NaNs among them have the same effect. There is one more
/// boundary behind the n, which has none.
struct Search {
  template <class T>
  static OPGRAFT_INLINE void Run(const T* boundaries, int32_t n, const T* in, int64_t count,
                                 int32_t* out) {
    constexpr int kLanes = 16;
    for (int64_t i = 0; i < count; i += kLanes) {
      const int lanes = static_cast<int>(std::min<int64_t>(kLanes, count - i));
      T values[kLanes] = {};
      std::copy_n(in + i, lanes, values);
      int32_t first[kLanes] = {}, left[kLanes];
      std::fill_n(left, kLanes, n);
      for (int32_t most = n; most > 0; most /= 2) {
        for (int k = 0; k < kLanes; ++k) {
          const int32_t half = left[k] / 2;
          const int32_t above = values[k] < boundaries[first[k] + half] ? -1 : 0;
          const int32_t next = left[k] == 0 ? 0 : half + 1;  // where nothing is left, stay
          first[k] += next & ~above;
          left[k] = (half & above) | ((left[k] - next) & ~above);
        }
      }
      std::copy_n(first, lanes, out + i);
    }
  }
};

/// Few boundaries are counted, many numbers at a time; they must be ordered, without NaN.
struct Count {
  template <class T>
  static OPGRAFT_INLINE void Run(const T* boundaries, int32_t n, const T* in, int64_t count,
                                 int32_t* out) {
    constexpr int64_t kBlock = 1024;  // stays in the first cache
    for (int64_t i = 0; i < count; i += kBlock) {
      const int64_t end = std::min(count, i + kBlock);
      std::fill(out + i, out + end, n);
      for (int32_t b = 0; b < n; ++b) {
        const T boundary = boundaries[b];
        for (int64_t k = i; k < end; ++k) out[k] -= in[k] < boundary;
      }
    }
  }
};

template <class T>
Status Bucketize(KernelContext* context) {
  const TensorView& input = context->input(0);
  const TensorView& boundaries = context->input(1);
  if (boundaries.count > std::numeric_limits<int32_t>::max()) {
    return InvalidArgument("boundaries has %lld elements, must have at most 2147483647",
                           static_cast<long long>(boundaries.count));
  }
  const int32_t n = static_cast<int32_t>(boundaries.count);
  std::vector<T> sorted(boundaries.count + 1);  // see Search
  std::transform(boundaries.flat<float>(), boundaries.flat<float>() + n, sorted.begin(),
                 Convert<T>);
  const auto bad = std::is_sorted_until(sorted.begin(), sorted.begin() + n) - sorted.begin();
  if (bad < n) {
    const float* const given = boundaries.flat<float>();
    return InvalidArgument("Expected sorted boundaries, but boundaries[%lld] = %g is after %g",
                           static_cast<long long>(bad), given[bad], given[bad - 1]);
  }
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, input.rank, input.dims, &output));

  constexpr int64_t kFew = 16;
  const T* const in = input.flat<T>();
  int32_t* const out = output.flat<int32_t>();
  const bool has_nan = std::any_of(sorted.begin(), sorted.end(), [](T b) { return b != b; });
  if (n <= kFew && !has_nan) {
    context->ParallelFor(input.count, /*cost=*/1 + n / 2, [&](int64_t begin, int64_t end) {
      Dispatch<Count>(sorted.data(), n, in + begin, end - begin, out + begin);
    });
  } else {
    int64_t cost = 1;
    for (int64_t rest = n; rest > 0; rest /= 2) ++cost;
    context->ParallelFor(input.count, cost, [&](int64_t begin, int64_t end) {
      Dispatch<Search>(sorted.data(), n, in + begin, end - begin, out + begin);
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
