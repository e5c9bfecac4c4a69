// PeriodicResample and its gradient (tf.contrib.periodic_resample): elements move from one
// dimension to the others, a generalisation of the periodic shuffling in Shi et al. 2016,
// "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
// Neural Network" (arXiv:1609.05158).
//
// With T the shape of values and S that of the output, g_i = ceil(S_i / T_i) and G_i the product of
// g_0 to g_(i-1), the element at s is the one at h: h_i = floor(s_i / g_i), but for the adjustable
// dimension h_q = S_q * sum over i of G_i * (s_i mod g_i) + s_q. So the place of h among all values
// is a sum with one term for each s_i.
#include <algorithm>
#include <complex>
#include <vector>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

__extension__ typedef unsigned __int128 Wide;

struct Plan {
  struct Dim {
    int64_t size;    // S_i
    int64_t factor;  // g_i; 1 for the adjustable dimension
    int64_t stride;  // between values whose h_i differ by one
    int64_t step;    // between values whose s_i mod g_i differ by one

    int64_t Offset(int64_t s) const { return s / factor * stride + s % factor * step; }
  };
  std::vector<Dim> dims;
  int adjustable;
  int64_t count;   // elements of the output
  bool injective;  // no value is used twice
};

/// Finds the adjustable dimension and the sizes S.
Status PlanSizes(const std::vector<int64_t>& shape, const std::vector<int64_t>& desired,
                 Plan* plan) {
  const int rank = static_cast<int>(shape.size());
  if (shape.size() != desired.size()) {
    return InvalidArgument("values have rank %d, but the desired shape has %zu dimensions", rank,
                           desired.size());
  }
  plan->dims.resize(rank);
  plan->adjustable = -1;
  int64_t values = 1, others = 1;
  for (int i = 0; i < rank; ++i) {
    if (__builtin_mul_overflow(values, shape[i], &values)) {
      return InvalidArgument("values of shape %s are more than 2^63 elements",
                             ShapeText(rank, shape.data()).c_str());
    }
    if (desired[i] < 1) {
      if (plan->adjustable >= 0) {
        return InvalidArgument("dimensions %d and %d of the desired shape are both adjustable",
                               plan->adjustable, i);
      }
      plan->adjustable = i;
      continue;
    }
    if (desired[i] < shape[i]) {
      return InvalidArgument(
          "dimension %d of the desired shape is %lld, but that of values is %lld:"
          " only the adjustable dimension may shrink",
          i, static_cast<long long>(desired[i]), static_cast<long long>(shape[i]));
    }
    plan->dims[i].size = desired[i];
    if (__builtin_mul_overflow(others, desired[i], &others)) others = INT64_MAX;
  }
  if (plan->adjustable < 0) {
    return InvalidArgument("no dimension of the desired shape %s is adjustable (None)",
                           ShapeText(rank, desired.data()).c_str());
  }
  if (values / others < 1) {
    return InvalidArgument(
        "%lld values are too few for the desired shape, whose dimensions but "
        "the adjustable one need %lld",
        static_cast<long long>(values), static_cast<long long>(others));
  }
  plan->dims[plan->adjustable].size = values / others;
  plan->count = others * (values / others);
  return Status();
}

Status MakePlan(const std::vector<int64_t>& shape, const std::vector<int64_t>& desired,
                Plan* plan) {
  OPGRAFT_RETURN_IF_ERROR(PlanSizes(shape, desired, plan));
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    Plan::Dim& dim = plan->dims[i];
    dim.factor = (dim.size - 1) / shape[i] + 1;
    dim.stride = stride;
    stride *= shape[i];
  }
  const Plan::Dim& adjustable = plan->dims[plan->adjustable];
  Wide factors = 1, furthest = 0;  // G_i; the largest place of a value
  for (Plan::Dim& dim : plan->dims) {
    const Wide step = Wide(adjustable.stride) * adjustable.size * factors;
    const int64_t periods = dim.size / dim.factor, rest = dim.size % dim.factor;
    // The furthest s ends either the last full period or the output.
    const Wide full = Wide(periods - 1) * dim.stride + (dim.factor - 1) * step;
    const Wide last = rest == 0 ? 0 : Wide(periods) * dim.stride + (rest - 1) * step;
    furthest += std::max(full, last);
    dim.step = dim.factor == 1 ? 0 : static_cast<int64_t>(step);
    factors *= dim.factor;
  }
  const int64_t values = stride;
  if (furthest >= Wide(values)) {
    return InvalidArgument(
        "the desired shape, with %lld for its adjustable dimension %d, needs values beyond the %lld"
        " there are; its other dimensions should be multiples of those of values",
        static_cast<long long>(adjustable.size), plan->adjustable, static_cast<long long>(values));
  }
  plan->injective = adjustable.size * factors <= Wide(shape[plan->adjustable]);
  return Status();
}

/// Calls copy(place of a value, place in the output, n) for runs of n neighbours, in the output's
/// order, for the rows [begin, end) of the output.
template <class Copy>
void CopyRows(const Plan& plan, int64_t begin, int64_t end, int64_t* scratch, const Copy& copy) {
  const int last = static_cast<int>(plan.dims.size()) - 1;
  const Plan::Dim& row = plan.dims[last];
  int64_t* const s = scratch;               // of the row
  int64_t* const offsets = scratch + last;  // their terms
  int64_t base = 0, rest = begin;
  for (int i = last; i-- > 0;) {
    s[i] = rest % plan.dims[i].size;
    rest /= plan.dims[i].size;
    base += offsets[i] = plan.dims[i].Offset(s[i]);
  }
  for (int64_t r = begin; r < end; ++r) {
    int64_t out = r * row.size;
    if (row.factor == 1) {
      copy(base, out, row.size);
    } else {
      for (int64_t left = row.size, value = base; left > 0; left -= row.factor, ++value) {
        const int64_t n = std::min(left, row.factor);
        for (int64_t m = 0; m < n; ++m) copy(value + m * row.step, out++, 1);
      }
    }
    for (int i = last; i-- > 0;) {
      base -= offsets[i];
      s[i] = s[i] + 1 < plan.dims[i].size ? s[i] + 1 : 0;
      base += offsets[i] = plan.dims[i].Offset(s[i]);
      if (s[i] != 0) break;
    }
  }
}

template <class T>
void CopyRun(const T* from, T* to, int64_t n) {
  if (n == 1) {
    *to = *from;
  } else {
    std::copy_n(from, n, to);
  }
}

constexpr int kMaxRank = 254;  // TensorFlow's

template <class T>
void Gather(KernelContext* context, const Plan& plan, const T* values, T* output) {
  const int64_t row = plan.dims.back().size;
  context->ParallelFor(plan.count / row, 5 + row, [&](int64_t begin, int64_t end) {
    int64_t scratch[2 * kMaxRank];
    CopyRows(plan, begin, end, scratch, [=](int64_t value, int64_t out, int64_t n) {
      CopyRun(values + value, output + out, n);
    });
  });
}

/// The reverse: a value that was used twice gets the last of its gradients, as in TensorFlow.
template <class T>
void Scatter(KernelContext* context, const Plan& plan, const T* grad, T* values) {
  const int64_t row = plan.dims.back().size;
  const auto scatter = [&](int64_t begin, int64_t end) {
    int64_t scratch[2 * kMaxRank];
    CopyRows(plan, begin, end, scratch, [=](int64_t value, int64_t out, int64_t n) {
      CopyRun(grad + out, values + value, n);
    });
  };
  if (plan.injective) {
    context->ParallelFor(plan.count / row, 5 + row, scatter);
  } else {
    scatter(0, plan.count / row);
  }
}

/// Calls f with a number of as many bytes as an element has: elements are only moved.
template <class F>
Status WithElement(DataType dtype, const F& f) {
  switch (DataTypeSize(dtype)) {
    case 1:
      return f(uint8_t());
    case 2:
      return f(uint16_t());
    case 4:
      return f(uint32_t());
    case 8:
      return f(uint64_t());
    case 16:
      return f(std::complex<double>());
    default:
      return Unimplemented("periodic_resample of %s", DataTypeName(dtype));
  }
}

Status ReadShape(Attrs* attrs, const char* name, std::vector<int64_t>* dims) {
  int rank;
  const int64_t* sizes;
  OPGRAFT_RETURN_IF_ERROR(attrs->Shape(name, &rank, &sizes));
  if (rank < 0) return InvalidArgument("the rank of the attr %s is unknown", name);
  dims->assign(sizes, sizes + rank);
  return Status();
}

class PeriodicResample final : public Kernel {
 public:
  Status Init(Attrs* attrs) override { return ReadShape(attrs, "shape", &desired_); }

  Status Compute(KernelContext* context) override {
    const TensorView& values = context->input(0);
    Plan plan;
    OPGRAFT_RETURN_IF_ERROR(MakePlan({values.dims, values.dims + values.rank}, desired_, &plan));
    std::vector<int64_t> dims;
    for (const Plan::Dim& dim : plan.dims) dims.push_back(dim.size);
    TensorView output;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, values.rank, dims.data(), &output));
    return WithElement(values.dtype, [&](auto element) {
      using T = decltype(element);
      Gather(context, plan, values.flat<const T>(), output.flat<T>());
      return Status();
    });
  }

 private:
  std::vector<int64_t> desired_;
};

class PeriodicResampleOpGrad final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(ReadShape(attrs, "original_shape", &original_));
    if (std::count(original_.begin(), original_.end(), -1) > 0) {
      return InvalidArgument("original_shape must be fully known");
    }
    return ReadShape(attrs, "desired_shape", &desired_);
  }

  Status Compute(KernelContext* context) override {
    const TensorView& grad = context->input(0);
    Plan plan;
    OPGRAFT_RETURN_IF_ERROR(MakePlan(original_, desired_, &plan));
    if (grad.rank != static_cast<int>(desired_.size()) || grad.count < plan.count) {
      return InvalidArgument(
          "grad of shape %s has not the rank %zu and the %lld elements of the"
          " output whose gradient it is",
          ShapeText(grad).c_str(), desired_.size(), static_cast<long long>(plan.count));
    }
    TensorView output;
    OPGRAFT_RETURN_IF_ERROR(
        context->AllocateOutput(0, static_cast<int>(original_.size()), original_.data(), &output));
    return WithElement(grad.dtype, [&](auto element) {
      using T = decltype(element);
      T* const values = output.flat<T>();
      // What the output leaves out has no gradient.
      if (!plan.injective || plan.count < output.count) std::fill_n(values, output.count, T(0));
      Scatter(context, plan, grad.flat<const T>(), values);
      return Status();
    });
  }

 private:
  std::vector<int64_t> original_, desired_;
};

std::vector<int64_t> Values(ShapeContext* context, Shape shape) {
  std::vector<int64_t> values;
  for (int i = 0; i < context->Rank(shape); ++i) {
    values.push_back(context->Value(context->Dim(shape, i)));
  }
  return values;
}

Status PeriodicResampleShape(ShapeContext* context) {
  Shape desired;
  OPGRAFT_RETURN_IF_ERROR(context->ShapeAttr("shape", &desired));
  const int rank = context->Rank(desired);
  if (rank < 0) return context->set_output(0, context->UnknownShape()), Status();
  std::vector<int64_t> sizes = Values(context, desired);
  const std::vector<int64_t> shape = Values(context, context->input(0));
  Plan plan;
  // What is wrong with the sizes, the kernel says.
  const bool known =
      std::count(shape.begin(), shape.end(), -1) == 0 && PlanSizes(shape, sizes, &plan).ok();
  std::vector<Dimension> dims;
  for (int i = 0; i < rank; ++i) {
    const int64_t size = known ? plan.dims[i].size : sizes[i];
    dims.push_back(context->MakeDim(size < 1 ? -1 : size));
  }
  context->set_output(0, context->MakeShape(rank, dims.data()));
  return Status();
}

Status PeriodicResampleOpGradShape(ShapeContext* context) {
  Shape original;
  OPGRAFT_RETURN_IF_ERROR(context->ShapeAttr("original_shape", &original));
  const std::vector<int64_t> dims = Values(context, original);
  if (std::count(dims.begin(), dims.end(), -1) > 0) {
    return InvalidArgument("original_shape %s is not fully known",
                           ShapeText(static_cast<int>(dims.size()), dims.data()).c_str());
  }
  context->set_output(0, original);
  return Status();
}

constexpr char kNumbers[] =
    "T: {float, double, int32, uint8, int16, int8, complex64, int64, qint8, quint8, qint32, "
    "bfloat16, uint16, complex128, half, uint32, uint64}";

constexpr KernelDefinition kKernels[] = {ClassKernel<PeriodicResample>()};
constexpr KernelDefinition kGradKernels[] = {ClassKernel<PeriodicResampleOpGrad>()};

OPGRAFT_REGISTER_OP(periodic_resample, OpBuilder("PeriodicResample")
                                           .Input("values: T")
                                           .Output("output: T")
                                           .Attr(kNumbers)
                                           .Attr("shape: shape")
                                           .Shape(PeriodicResampleShape)
                                           .Kernels(kKernels));
OPGRAFT_REGISTER_OP(periodic_resample_op_grad, OpBuilder("PeriodicResampleOpGrad")
                                                   .Input("grad: T")
                                                   .Output("grad_values: T")
                                                   .Attr(kNumbers)
                                                   .Attr("original_shape: shape")
                                                   .Attr("desired_shape: shape")
                                                   .Shape(PeriodicResampleOpGradShape)
                                                   .Kernels(kGradKernels));

}  // namespace
}  // namespace opgraft
