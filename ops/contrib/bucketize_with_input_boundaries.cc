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

/// Binary searches for many numbers, side by side: each is a chain of loads and conditional moves,
/// of which the processor works on several at a time. All take the same steps, so boundaries must
/// be ordered, without NaN.
template <class T>
void Search(const T* boundaries, int32_t n, const T* in, int64_t count, int32_t* out) {
  constexpr int kLanes = 32 / sizeof(T);  // as many as there are registers for
  for (int64_t i = 0; i < count; i += kLanes) {
    const int lanes = static_cast<int>(std::min<int64_t>(kLanes, count - i));
    T values[kLanes] = {};
    std::copy_n(in + i, lanes, values);
    const T* first[kLanes];
    std::fill_n(first, kLanes, boundaries);
    for (int32_t left = n; left > 0;) {
      const int32_t half = left - left / 2;
#pragma GCC unroll 8
      for (int k = 0; k < kLanes; ++k) {
        const T* const next = first[k] + half;
        first[k] = values[k] < next[-1] ? first[k] : next;
      }
      left -= half;
    }
#pragma GCC unroll 8
    for (int k = 0; k < kLanes; ++k) {
      if (k < lanes) out[i + k] = static_cast<int32_t>(first[k] - boundaries);
    }
  }
}

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
  constexpr int32_t kInline = 256;  // as many need no allocation
  T few[kInline];
  std::vector<T> many(n <= kInline ? 0 : n);
  T* const sorted = n <= kInline ? few : many.data();
  const float* const given = boundaries.flat<float>();
  bool has_nan = false, ordered = true;
  for (int32_t i = 0; i < n; ++i) {
    sorted[i] = Convert<T>(given[i]);
    has_nan |= sorted[i] != sorted[i];
    ordered &= i == 0 || !(sorted[i] < sorted[i - 1]);
  }
  if (!ordered) {
    const auto bad = std::is_sorted_until(sorted, sorted + n) - sorted;
    return InvalidArgument("Expected sorted boundaries, but boundaries[%lld] = %g is after %g",
                           static_cast<long long>(bad), given[bad], given[bad - 1]);
  }
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, input.rank, input.dims, &output));

  constexpr int64_t kFew = 16;
  const T* const in = input.flat<T>();
  int32_t* const out = output.flat<int32_t>();
  if (has_nan) {  // which of the numbers is found is then the search's affair: this is TensorFlow's
    for (int64_t i = 0; i < input.count; ++i) {
      out[i] = static_cast<int32_t>(std::upper_bound(sorted, sorted + n, in[i]) - sorted);
    }
  } else if (n <= kFew) {
    context->ParallelFor(input.count, /*cost=*/1 + n / 2, [&](int64_t begin, int64_t end) {
      Dispatch<Count>(sorted, n, in + begin, end - begin, out + begin);
    });
  } else {
    int64_t cost = 1;
    for (int64_t rest = n; rest > 0; rest /= 2) ++cost;
    context->ParallelFor(input.count, cost, [&](int64_t begin, int64_t end) {
      Search(sorted, n, in + begin, end - begin, out + begin);
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
