// BipartiteMatch (tf.contrib.image): greedy matching of rows to columns, nearest pairs first.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

struct Pair {
  float distance;
  int32_t row, column;
};

/// A binary heap, the nearest pair on top. Which of several equally near pairs comes first is
/// visible in the result and follows from the way pairs move: a new one up from the end; for the
/// last one, after the top has gone, a way down along the nearer children (of equal ones the
/// right) to a leaf, and from there up (bottom-up heapsort: Wegener 1993).
class Heap {
 public:
  explicit Heap(Pair* pairs) : pairs_(pairs) {}

  bool empty() const { return size_ == 0; }
  const Pair& top() const { return pairs_[0]; }
  void Push(const Pair& pair) { MoveUp(size_++, pair); }
  void Pop() {
    const Pair last = pairs_[--size_];
    int64_t hole = 0;
    for (int64_t right = 2; right <= size_; right = 2 * hole + 2) {
      int64_t child = right;
      if (right == size_ || pairs_[right - 1].distance < pairs_[right].distance) --child;
      pairs_[hole] = pairs_[child];
      hole = child;
    }
    MoveUp(hole, last);
  }

 private:
  void MoveUp(int64_t hole, const Pair& pair) {
    while (hole > 0 && pair.distance < pairs_[(hole - 1) / 2].distance) {
      pairs_[hole] = pairs_[(hole - 1) / 2];
      hole = (hole - 1) / 2;
    }
    pairs_[hole] = pair;
  }

  Pair* const pairs_;
  int64_t size_ = 0;
};

/// How many rows take part: all if the number is negative (or NaN).
Status CountValidRows(const TensorView& num_valid_rows, int64_t rows, int64_t* valid) {
  if (num_valid_rows.count != 1) {
    return InvalidArgument(
        "num_valid_rows argument should be a tensor with 1 element, but got %lld",
        static_cast<long long>(num_valid_rows.count));
  }
  *valid = rows;
  const double number = *num_valid_rows.flat<float>();
  if (!(number >= 0)) return Status();
  if (number + 0.1 >= static_cast<double>(rows) + 1) {
    return InvalidArgument(
        "There should be at least %.0f rows in distance_mat, but only got %lld rows.", number,
        static_cast<long long>(rows));
  }
  *valid = static_cast<int64_t>(number + 0.1);
  return Status();
}

class BipartiteMatch final : public Kernel {
 public:
  Status Init(Attrs* attrs) override { return attrs->Int("top_k", &top_k_); }

  Status Compute(KernelContext* context) override {
    const TensorView& distances = context->input(0);
    if (distances.rank != 2) {
      return InvalidArgument("distance_mat should be 2-dimensional, but got %s",
                             ShapeText(distances).c_str());
    }
    const int64_t rows = distances.dims[0], columns = distances.dims[1];
    constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
    if (rows > kMax || columns > kMax) {
      return InvalidArgument("distance_mat should have at most %lld rows and columns, but got %s",
                             static_cast<long long>(kMax), ShapeText(distances).c_str());
    }
    int64_t valid_rows = 0;
    OPGRAFT_RETURN_IF_ERROR(CountValidRows(context->input(1), rows, &valid_rows));
    const int64_t num_pairs = valid_rows * columns;
    const std::unique_ptr<Pair, void (*)(void*)> pairs(
        static_cast<Pair*>(std::malloc(std::max<int64_t>(num_pairs, 1) * sizeof(Pair))), std::free);
    if (pairs == nullptr) {
      return Error(Code::kResourceExhausted, "out of memory for %lld pairs",
                   static_cast<long long>(num_pairs));
    }
    TensorView row_to_column, column_to_row;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 1, &distances.dims[0], &row_to_column));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, 1, &distances.dims[1], &column_to_row));
    Match(distances.flat<float>(), valid_rows, columns, Heap(pairs.get()),
          std::fill_n(row_to_column.flat<int32_t>(), rows, -1) - rows,
          std::fill_n(column_to_row.flat<int32_t>(), columns, -1) - columns);
    return Status();
  }

 private:
  void Match(const float* distances, int64_t rows, int64_t columns, Heap heap,
             int32_t* row_to_column, int32_t* column_to_row) const {
    for (int32_t row = 0; row < rows; ++row) {
      for (int32_t column = 0; column < columns; ++column) {
        heap.Push(Pair{*distances++, row, column});
      }
    }
    int64_t left = std::min(rows, columns);
    if (top_k_ > 0) left = std::min(left, top_k_);
    for (; left > 0; heap.Pop()) {
      const Pair& pair = heap.top();
      if (row_to_column[pair.row] >= 0 || column_to_row[pair.column] >= 0) continue;
      row_to_column[pair.row] = pair.column;
      column_to_row[pair.column] = pair.row;
      --left;
    }
  }

  int64_t top_k_;
};

Status BipartiteMatchShape(ShapeContext* context) {
  Shape distances;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(0), 2, &distances));
  for (int i = 0; i < 2; ++i) {
    const Dimension size = context->Dim(distances, i);
    context->set_output(i, context->MakeShape(1, &size));
  }
  return Status();
}

constexpr KernelDefinition kKernels[] = {ClassKernel<BipartiteMatch>()};

OPGRAFT_REGISTER_OP(bipartite_match, OpBuilder("BipartiteMatch")
                                         .Input("distance_mat: float")
                                         .Input("num_valid_rows: float")
                                         .Output("row_to_col_match_indices: int32")
                                         .Output("col_to_row_match_indices: int32")
                                         .Attr("top_k: int = -1")
                                         .Stateful()
                                         .Shape(BipartiteMatchShape)
                                         .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
