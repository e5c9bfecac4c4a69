// Broadcasting of two operands, as NumPy and TensorFlow define it.
#ifndef OPGRAFT_OPS_CORE_BROADCAST_H_
#define OPGRAFT_OPS_CORE_BROADCAST_H_

#include <algorithm>
#include <cstdint>

#include "ops/kernel/kernel.h"
#include "ops/kernel/shape.h"
#include "ops/kernel/status.h"
#include "ops/kernel/tensor.h"

namespace opgraft {

/// z[i] = f(x[i * x_step], y[i * y_step]) for i in [0, n), the steps being 0 or 1. z may be x or y.
/// What f does faster in vectors of its own overloads this.
template <class F, class X, class Y, class Z>
inline void ComputeSpan(const F& f, const X* x, int x_step, const Y* y, int y_step, Z* z,
                        int64_t n) {
  // ivdep: z is x, y or apart from them, which the compiler cannot know.
  if (x_step == 0) {
    const X value = *x;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) z[i] = f(value, y[i]);
  } else if (y_step == 0) {
    const Y value = *y;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) z[i] = f(x[i], value);
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) z[i] = f(x[i], y[i]);
  }
}

/// The loops that visit the elements of z = f(x, y). Adjacent dimensions that both operands walk
/// in the same way are one loop, so operands of equal shape need a single one.
class Broadcast {
 public:
  static constexpr int kMaxRank = 254;  // of any tensor in TensorFlow

  /// Fails if the shapes do not fit.
  Status Init(const TensorView& x, const TensorView& y);

  /// Shape of z.
  int rank() const { return rank_; }
  const int64_t* dims() const { return dims_; }
  int64_t count() const { return count_; }

  /// z[i] = f(x[..], y[..]) for i in [begin, end). z may be the very buffer of an operand that has
  /// as many elements as z.
  template <class F, class X, class Y, class Z>
  void Run(int64_t begin, int64_t end, const X* x, const Y* y, Z* z, const F& f) const;

  int num_loops() const { return num_loops_; }

 private:
  struct Loop {
    int64_t size;
    int64_t x_stride, y_stride;  // in elements; 0 where the operand is repeated
  };

  int rank_;
  int64_t dims_[kMaxRank];
  int64_t count_;
  int num_loops_;  // at least 1
  Loop loops_[kMaxRank];
};

/// Shape function of ops with two inputs that broadcast into output 0.
Status BroadcastShape(ShapeContext* context);

/// The body of an elementwise op with two inputs of type X and output type Z.
/// cost: nanoseconds per element.
template <class X, class Z, class F>
Status ComputeBroadcast(KernelContext* context, int64_t cost, const F& f) {
  const TensorView& x = context->input(0);
  const TensorView& y = context->input(1);
  Broadcast broadcast;
  OPGRAFT_RETURN_IF_ERROR(broadcast.Init(x, y));
  int reusable[2];
  int num_reusable = 0;
  if (sizeof(X) == sizeof(Z)) {
    if (x.count == broadcast.count()) reusable[num_reusable++] = 0;
    if (y.count == broadcast.count()) reusable[num_reusable++] = 1;
  }
  TensorView z;
  OPGRAFT_RETURN_IF_ERROR(context->ForwardInputOrAllocateOutput(
      reusable, num_reusable, 0, broadcast.rank(), broadcast.dims(), &z));
  const X* const xs = x.flat<X>();
  const X* const ys = y.flat<X>();
  Z* const zs = z.flat<Z>();
  context->ParallelFor(broadcast.count(), cost, [&](int64_t begin, int64_t end) {
    broadcast.Run(begin, end, xs, ys, zs, f);
  });
  return Status();
}

template <class F, class X, class Y, class Z>
void Broadcast::Run(int64_t begin, int64_t end, const X* x, const Y* y, Z* z, const F& f) const {
  const int last = num_loops_ - 1;
  const Loop inner = loops_[last];
  int64_t index[kMaxRank];  // of the outer loops
  int64_t row = begin / inner.size;
  int64_t column = begin % inner.size;
  for (int i = last - 1; i >= 0; --i) {
    index[i] = row % loops_[i].size;
    row /= loops_[i].size;
    x += index[i] * loops_[i].x_stride;
    y += index[i] * loops_[i].y_stride;
  }
  while (begin < end) {
    const int64_t n = std::min(inner.size - column, end - begin);
    ComputeSpan(f, x + column * inner.x_stride, static_cast<int>(inner.x_stride),
                y + column * inner.y_stride, static_cast<int>(inner.y_stride), z + begin, n);
    begin += n;
    column = 0;
    for (int i = last - 1; i >= 0; --i) {
      x += loops_[i].x_stride;
      y += loops_[i].y_stride;
      if (++index[i] < loops_[i].size) break;
      index[i] = 0;
      x -= loops_[i].x_stride * loops_[i].size;
      y -= loops_[i].y_stride * loops_[i].size;
    }
  }
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CORE_BROADCAST_H_
