#include "ops/core/broadcast.h"

namespace opgraft {

Status Broadcast::Init(const TensorView& x, const TensorView& y) {
  rank_ = std::max(x.rank, y.rank);
  if (rank_ > kMaxRank) {
    return InvalidArgument("Operands must have at most %d dimensions, saw %d", kMaxRank, rank_);
  }
  count_ = 1;
  int64_t x_stride = 1, y_stride = 1;
  int n = 0;  // loops so far, innermost first
  for (int i = 1; i <= rank_; ++i) {
    const int64_t x_dim = i <= x.rank ? x.dims[x.rank - i] : 1;
    const int64_t y_dim = i <= y.rank ? y.dims[y.rank - i] : 1;
    if (x_dim != y_dim && x_dim != 1 && y_dim != 1) {
      return InvalidArgument("Incompatible shapes: %s vs. %s", ShapeText(x).c_str(),
                             ShapeText(y).c_str());
    }
    const int64_t size = x_dim == 1 ? y_dim : x_dim;
    dims_[rank_ - i] = size;
    if (__builtin_mul_overflow(count_, size, &count_)) {
      return InvalidArgument("Result of %s and %s has too many elements", ShapeText(x).c_str(),
                             ShapeText(y).c_str());
    }
    if (size == 1) continue;
    const Loop loop = {size, x_dim == 1 ? 0 : x_stride, y_dim == 1 ? 0 : y_stride};
    x_stride *= x_dim;
    y_stride *= y_dim;
    if (n > 0 && (loop.x_stride == 0) == (loops_[n - 1].x_stride == 0) &&
        (loop.y_stride == 0) == (loops_[n - 1].y_stride == 0)) {
      loops_[n - 1].size *= size;
    } else {
      loops_[n++] = loop;
    }
  }
  if (n == 0) loops_[n++] = {1, 1, 1};
  num_loops_ = n;
  std::reverse(loops_, loops_ + n);
  return Status();
}

Status BroadcastShape(ShapeContext* context) {
  const Shape x = context->input(0);
  const Shape y = context->input(1);
  const int x_rank = context->Rank(x);
  const int y_rank = context->Rank(y);
  if (x_rank < 0 || y_rank < 0) {
    context->set_output(0, context->UnknownShape());
    return Status();
  }
  const int rank = std::max(x_rank, y_rank);
  if (rank > Broadcast::kMaxRank) {
    return InvalidArgument("Operands must have at most %d dimensions", Broadcast::kMaxRank);
  }
  Dimension dims[Broadcast::kMaxRank];
  for (int i = rank; i > 0; --i) {  // from the outermost, as TensorFlow's error messages do
    Dimension& dim = dims[rank - i];
    if (i > x_rank) {
      dim = context->Dim(y, -i);
      continue;
    }
    if (i > y_rank) {
      dim = context->Dim(x, -i);
      continue;
    }
    const Dimension x_dim = context->Dim(x, -i);
    const Dimension y_dim = context->Dim(y, -i);
    const int64_t x_value = context->Value(x_dim);
    const int64_t y_value = context->Value(y_dim);
    if (x_value == 1) {
      dim = y_dim;
    } else if (y_value == 1) {
      dim = x_dim;
    } else if (x_value >= 0 && y_value >= 0) {
      OPGRAFT_RETURN_IF_ERROR(context->MergeDim(x_dim, y_dim, &dim));
    } else if (x_value > 1) {
      dim = x_dim;  // y must be the same or 1
    } else if (y_value > 1) {
      dim = y_dim;
    } else {
      dim = context->MakeDim(-1);
    }
  }
  context->set_output(0, context->MakeShape(rank, dims));
  return Status();
}

}  // namespace opgraft
