// ReduceSliceSum, -Prod, -Max and -Min (tf.contrib.reduce_slice_ops): reductions of slices of an
// axis, which may overlap. Elements are taken in order, starting from the neutral element.
#include <algorithm>
#include <complex>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/kernel/half.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

template <class T>
constexpr bool kIsHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

/// What an element is computed in: float for the 16-bit types; unsigned for integers, whose
/// overflow wraps. At least 32 bits wide, since C++ would promote to int.
template <class T, class = void>
struct Arithmetic {
  using type = T;
};
template <class T>
struct Arithmetic<T, std::enable_if_t<kIsHalf<T>>> {
  using type = float;
};
template <class T>
struct Arithmetic<T, std::enable_if_t<std::is_integral_v<T>>> {
  using type = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
};

template <class T>
typename Arithmetic<T>::type Widen(T x) {
  if constexpr (kIsHalf<T>) {
    return ToFloat(x);
  } else {
    return static_cast<typename Arithmetic<T>::type>(x);
  }
}

template <class T>
T Narrow(typename Arithmetic<T>::type x) {
  if constexpr (std::is_same_v<T, Half>) {
    return ToHalf(x);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return ToBFloat16(x);
  } else {
    return static_cast<T>(x);
  }
}

template <class T>
bool Less(T x, T y) {
  if constexpr (kIsHalf<T>) {
    return ToFloat(x) < ToFloat(y);
  } else {
    return x < y;
  }
}

// The neutral elements of Min and Max. TensorFlow 1.15.5 knows no limits of bfloat16 and takes 0
// and -0 instead, so that no minimum is above 0 and no maximum below; graphs get what they got
// there.

/// Infinity, or the largest number of a type that has none.
template <class T>
T Largest() {
  if constexpr (std::is_same_v<T, BFloat16>) {
    return ToBFloat16(0.0f);
  } else if constexpr (kIsHalf<T>) {
    return Narrow<T>(std::numeric_limits<float>::infinity());
  } else if constexpr (std::numeric_limits<T>::has_infinity) {
    return std::numeric_limits<T>::infinity();
  } else {
    return std::numeric_limits<T>::max();
  }
}

template <class T>
T Smallest() {
  if constexpr (std::is_same_v<T, BFloat16>) {
    return ToBFloat16(-0.0f);
  } else if constexpr (kIsHalf<T>) {
    return Narrow<T>(-std::numeric_limits<float>::infinity());
  } else if constexpr (std::numeric_limits<T>::has_infinity) {
    return -std::numeric_limits<T>::infinity();
  } else {
    return std::numeric_limits<T>::lowest();
  }
}

template <class T>
struct Sum {
  static T Neutral() { return Narrow<T>(0); }
  static T Reduce(T sum, T x) { return Narrow<T>(Widen(sum) + Widen(x)); }
};
template <class T>
struct Prod {
  static T Neutral() { return Narrow<T>(1); }
  static T Reduce(T product, T x) { return Narrow<T>(Widen(product) * Widen(x)); }
};
// A NaN wins against what came before it and loses against what follows.
template <class T>
struct Max {
  static T Neutral() { return Smallest<T>(); }
  static T Reduce(T max, T x) { return Less(x, max) ? max : x; }
};
template <class T>
struct Min {
  static T Neutral() { return Largest<T>(); }
  static T Reduce(T min, T x) { return Less(min, x) ? min : x; }
};

/// Positions on the axis; nothing if begin >= end.
struct Slice {
  int64_t begin, end;
};

/// The slices that `indices` names: pairs, or neighbours in a list of bounds.
template <class Index>
Status ReadSlices(const TensorView& indices, int64_t axis_size, std::vector<Slice>* slices) {
  const Index* const values = indices.flat<Index>();
  const bool pairs = indices.rank == 2 && indices.dims[1] == 2;
  const int64_t n = pairs ? indices.dims[0] : std::max<int64_t>(indices.dims[0] - 1, 0);
  slices->reserve(n);
  for (int64_t i = 0; i < n; ++i) {
    const Index* const bounds = values + (pairs ? 2 * i : i);
    const Slice slice{bounds[0], std::min<int64_t>(bounds[1], axis_size)};
    if (slice.begin >= slice.end) {  // empty, however far apart
      slices->push_back({0, 0});
      continue;
    }
    if (slice.begin < 0) {
      return InvalidArgument("slice %lld begins at %lld; indices must not be negative",
                             static_cast<long long>(i), static_cast<long long>(slice.begin));
    }
    slices->push_back(slice);
  }
  return Status();
}

/// The reduction of the rows `slice` of a matrix with rows `stride` elements apart, n columns, to
/// out[0..n).
using ReduceRows = void (*)(const void* data, int64_t stride, Slice slice, int64_t n, void* out);

template <class Op, class T>
void ReduceRowsOf(const void* data, int64_t stride, Slice slice, int64_t n, void* out) {
  const T* const rows = static_cast<const T*>(data);
  T* const totals = static_cast<T*>(out);
  if (n == 1) {
    T total = Op::Neutral();
    for (int64_t i = slice.begin; i < slice.end; ++i) total = Op::Reduce(total, rows[i * stride]);
    *totals = total;
    return;
  }
  std::fill_n(totals, n, Op::Neutral());
  for (int64_t i = slice.begin; i < slice.end; ++i) {
    const T* const row = rows + i * stride;
    for (int64_t j = 0; j < n; ++j) totals[j] = Op::Reduce(totals[j], row[j]);
  }
}

Status CheckInputs(const TensorView& data, const TensorView& indices, const TensorView& axis) {
  if (axis.count != 1) {
    return InvalidArgument("axis must be a scalar, saw shape: %s", ShapeText(axis).c_str());
  }
  const int64_t value = *axis.flat<int64_t>();
  if (value < 0 || value >= data.rank) {
    return InvalidArgument("axis %lld is not in [0, %d), the dimensions of data",
                           static_cast<long long>(value), data.rank);
  }
  if (indices.rank != 1 && (indices.rank != 2 || indices.dims[1] < 1 || indices.dims[1] > 2)) {
    return InvalidArgument("indices must have the shape [n] or [n,2], saw shape: %s",
                           ShapeText(indices).c_str());
  }
  return Status();
}

/// The op for elements of `width` bytes.
Status ReduceSlices(KernelContext* context, int64_t width, ReduceRows reduce_rows) {
  const TensorView& data = context->input(0);
  const TensorView& indices = context->input(1);
  OPGRAFT_RETURN_IF_ERROR(CheckInputs(data, indices, context->input(2)));
  const int axis = static_cast<int>(*context->input(2).flat<int64_t>());
  const int64_t axis_size = data.dims[axis];
  std::vector<Slice> slices;
  OPGRAFT_RETURN_IF_ERROR(indices.dtype == DT_INT32
                              ? ReadSlices<int32_t>(indices, axis_size, &slices)
                              : ReadSlices<int64_t>(indices, axis_size, &slices));
  const int64_t num_slices = static_cast<int64_t>(slices.size());

  // The output as [outer, num_slices, inner].
  std::vector<int64_t> dims(data.dims, data.dims + data.rank);
  dims[axis] = num_slices;
  int64_t outer = 1, inner = 1, count = 1;
  for (int i = 0; i < data.rank; ++i) {
    if (__builtin_mul_overflow(count, dims[i], &count)) {
      return InvalidArgument("%lld slices of data with the shape %s are more than 2^63 elements",
                             static_cast<long long>(num_slices), ShapeText(data).c_str());
    }
  }
  TensorView output;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, data.rank, dims.data(), &output));
  char* const out = static_cast<char*>(output.data);
  if (data.count == 0) reduce_rows(nullptr, 0, Slice{0, 0}, count, out);
  if (data.count == 0 || count == 0) return Status();
  for (int i = 0; i < axis; ++i) outer *= dims[i];
  for (int i = axis + 1; i < data.rank; ++i) inner *= dims[i];

  // A unit of work is one slice of a block of columns that stays in the nearest cache.
  const int64_t block = std::min<int64_t>(inner, 4096 / width);
  const int64_t num_blocks = (inner + block - 1) / block;
  double total_length = 0;
  for (const Slice& slice : slices) {
    total_length += static_cast<double>(std::max<int64_t>(slice.end - slice.begin, 0));
  }
  const int64_t cost = 5 + static_cast<int64_t>(total_length / num_slices * block);
  const char* const in = static_cast<const char*>(data.data);
  context->ParallelFor(outer * num_slices * num_blocks, cost, [&](int64_t begin, int64_t end) {
    int64_t b = begin % num_blocks;
    int64_t s = begin / num_blocks % num_slices;
    int64_t o = begin / num_blocks / num_slices;
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t column = b * block;
      reduce_rows(in + (o * axis_size * inner + column) * width, inner, slices[s],
                  std::min(block, inner - column),
                  out + ((o * num_slices + s) * inner + column) * width);
      if (++b < num_blocks) continue;
      b = 0;
      if (++s < num_slices) continue;
      s = 0;
      ++o;
    }
  });
  return Status();
}

template <class Op, class T>
Status ReduceSlice(KernelContext* context) {
  return ReduceSlices(context, sizeof(T), ReduceRowsOf<Op, T>);
}

Status ReduceSliceShape(ShapeContext* context) {
  Shape data, axis, indices = context->input(1);
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(2), 0, &axis));
  OPGRAFT_RETURN_IF_ERROR(context->WithRankAtLeast(context->input(0), 1, &data));
  Dimension num_slices = context->MakeDim(-1);
  if (context->Rank(indices) >= 0) {
    OPGRAFT_RETURN_IF_ERROR(context->WithRankAtLeast(indices, 1, &indices));
    if (context->Rank(indices) > 2) {
      return InvalidArgument("Shape must be at most rank 2 but is rank %d", context->Rank(indices));
    }
    num_slices = context->Dim(indices, 0);
    if (context->Rank(indices) == 2) {
      Dimension two;
      OPGRAFT_RETURN_IF_ERROR(
          context->MergeDim(context->Dim(indices, 1), context->MakeDim(2), &two));
      // It could be a column, which is a list.
      if (context->Value(context->Dim(indices, 1)) < 0) num_slices = context->MakeDim(-1);
    } else if (context->Value(num_slices) >= 0) {
      num_slices = context->MakeDim(std::max<int64_t>(context->Value(num_slices) - 1, 0));
    } else {
      num_slices = context->MakeDim(-1);
    }
  }
  const int rank = context->Rank(data);
  int64_t value;
  if (rank >= 0 && context->ConstantInput(2, 1, &value)) {
    if (value < 0 || value >= rank) {
      return InvalidArgument("axis %lld is not in [0, %d), the dimensions of data",
                             static_cast<long long>(value), rank);
    }
    OPGRAFT_RETURN_IF_ERROR(context->ReplaceDim(data, static_cast<int>(value), num_slices, &data));
  } else if (rank >= 0) {
    const std::vector<Dimension> dims(rank, context->MakeDim(-1));
    data = context->MakeShape(rank, dims.data());
  }
  context->set_output(0, data);
  return Status();
}

template <template <class> class Op, class... T>
struct KernelsOf {
  template <class U>
  static constexpr KernelDefinition Make(DataType indices) {
    return FunctionKernel<ReduceSlice<Op<U>, U>>(
        {{"T", DataTypeOf<U>::value}, {"Tindices", indices}});
  }
  static constexpr KernelDefinition kernels[] = {Make<T>(DT_INT32)..., Make<T>(DT_INT64)...};
};
template <template <class> class Op, class... More>
using RealKernelsOf = KernelsOf<Op, float, double, Half, BFloat16, int8_t, int16_t, int32_t,
                                int64_t, uint8_t, uint16_t, More...>;
template <template <class> class Op>
using NumberKernelsOf = RealKernelsOf<Op, std::complex<float>, std::complex<double>>;

constexpr OpBuilder ReduceSliceOp(const char* name) {
  return OpBuilder(name)
      .Input("data: T")
      .Input("indices: Tindices")
      .Input("axis: int64")
      .Output("output: T")
      .Attr(
          "T: {float, double, int32, uint8, int16, int8, complex64, int64, qint8, quint8, "
          "qint32, bfloat16, uint16, complex128, half, uint32, uint64}")
      .Attr("Tindices: {int32, int64}")
      .Shape(ReduceSliceShape);
}

OPGRAFT_REGISTER_OP(sum, ReduceSliceOp("ReduceSliceSum").Kernels(NumberKernelsOf<Sum>::kernels));
OPGRAFT_REGISTER_OP(prod, ReduceSliceOp("ReduceSliceProd").Kernels(NumberKernelsOf<Prod>::kernels));
OPGRAFT_REGISTER_OP(max, ReduceSliceOp("ReduceSliceMax").Kernels(RealKernelsOf<Max>::kernels));
OPGRAFT_REGISTER_OP(min, ReduceSliceOp("ReduceSliceMin").Kernels(RealKernelsOf<Min>::kernels));

}  // namespace
}  // namespace opgraft
