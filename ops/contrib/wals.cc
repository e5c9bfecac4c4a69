// WALSComputePartialLhsAndRhs (tf.contrib.factorization): the normal equations of one step of
// weighted alternating least squares, as in Hu, Koren and Volinsky 2008, "Collaborative Filtering
// for Implicit Feedback Datasets".
//
// For each row u of the input, over its observed entries (u, i) with value r, weight w and factor
// f_i: lhs[u] = sum of w * f_i * f_i', and rhs[u] = sum of r * (w_0 + w) * f_i, where w_0 is the
// weight of what was not observed.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "ops/kernel/cpu.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

enum InputIndex {
  kFactors,
  kFactorWeights,
  kUnobservedWeights,
  kInputWeights,
  kInputIndices,
  kInputValues,
  kEntryWeights,
  kInputBlockSize,
  kInputIsTranspose,
};
constexpr struct {
  const char* name;
  int rank;
} kInputs[] = {
    {"factors", 2},       {"factor_weights", 1},   {"unobserved_weights", 0},
    {"input_weights", 1}, {"input_indices", 2},    {"input_values", 1},
    {"entry_weights", 1}, {"input_block_size", 0}, {"input_is_transpose", 0},
};

/// One observed entry.
struct Entry {
  int64_t row;     // of the input, or column if it is transposed
  int64_t factor;  // which one it is multiplied with
  float value, weight;
};

Status CheckInputs(KernelContext* context) {
  for (int i = kFactors; i <= kInputIsTranspose; ++i) {
    const TensorView& input = context->input(i);
    if (input.rank != kInputs[i].rank) {
      return InvalidArgument("%s must have rank %d, saw shape: %s", kInputs[i].name,
                             kInputs[i].rank, ShapeText(input).c_str());
    }
  }
  const TensorView& indices = context->input(kInputIndices);
  const int64_t n = indices.dims[0];
  if (n == 0 || indices.dims[1] != 2) {
    return InvalidArgument("input_indices must have the shape [nnz,2] with nnz > 0, saw shape: %s",
                           ShapeText(indices).c_str());
  }
  if (context->input(kInputValues).count != n) {
    return InvalidArgument(
        "input_values must have %lld elements, one for each of input_indices, "
        "saw shape: %s",
        static_cast<long long>(n), ShapeText(context->input(kInputValues)).c_str());
  }
  const int64_t factor_weights = context->input(kFactorWeights).count;
  const int64_t input_weights = context->input(kInputWeights).count;
  const int64_t entry_weights = context->input(kEntryWeights).count;
  const int64_t num_factors = context->input(kFactors).dims[0];
  const bool by_entry = entry_weights == n && factor_weights == 0 && input_weights == 0;
  const bool by_product = entry_weights == 0 && factor_weights == num_factors && input_weights > 0;
  if (!by_entry && !by_product) {
    return InvalidArgument(
        "either entry_weights must have %lld elements, or factor_weights %lld and input_weights "
        "some, the others none; but they have %lld, %lld and %lld",
        static_cast<long long>(n), static_cast<long long>(num_factors),
        static_cast<long long>(entry_weights), static_cast<long long>(factor_weights),
        static_cast<long long>(input_weights));
  }
  return Status();
}

Status CheckIndex(const char* what, int64_t i, int64_t index, int64_t limit) {
  if (index >= 0 && index < limit) return Status();
  return InvalidArgument("input_indices[%lld] has the %s %lld, not in [0, %lld)",
                         static_cast<long long>(i), what, static_cast<long long>(index),
                         static_cast<long long>(limit));
}

/// The entries ordered by row, each row's in the order of the input.
Status ReadEntries(KernelContext* context, int64_t block_size, std::vector<Entry>* entries) {
  const TensorView& indices = context->input(kInputIndices);
  const bool transpose = *context->input(kInputIsTranspose).flat<bool>();
  const bool by_entry = context->input(kEntryWeights).count > 0;
  const int64_t num_factors = context->input(kFactors).dims[0];
  const int64_t num_input_weights = context->input(kInputWeights).count;
  const float* const values = context->input(kInputValues).flat<float>();
  const float* const entry_weights = context->input(kEntryWeights).flat<float>();
  const float* const factor_weights = context->input(kFactorWeights).flat<float>();
  const float* const input_weights = context->input(kInputWeights).flat<float>();
  const int64_t limit = by_entry ? block_size : std::min(block_size, num_input_weights);
  entries->reserve(indices.dims[0]);
  for (int64_t i = 0; i < indices.dims[0]; ++i) {
    const int64_t* const index = indices.flat<int64_t>() + 2 * i;
    Entry entry{index[transpose ? 1 : 0], index[transpose ? 0 : 1], values[i], 0};
    OPGRAFT_RETURN_IF_ERROR(CheckIndex(transpose ? "column" : "row", i, entry.row, limit));
    OPGRAFT_RETURN_IF_ERROR(CheckIndex(transpose ? "row" : "column", i, entry.factor, num_factors));
    entry.weight =
        by_entry ? entry_weights[i] : input_weights[entry.row] * factor_weights[entry.factor];
    if (!(entry.weight >= 0)) {
      return InvalidArgument("the weight of entry %lld is %g; it must not be negative",
                             static_cast<long long>(i), entry.weight);
    }
    entries->push_back(entry);
  }
  const auto by_row = [](const Entry& x, const Entry& y) { return x.row < y.row; };
  if (std::is_sorted(entries->begin(), entries->end(), by_row)) return Status();
  if (block_size > 4 * indices.dims[0]) {
    std::stable_sort(entries->begin(), entries->end(), by_row);
    return Status();
  }
  std::vector<int64_t> next(block_size + 1);  // where each row's next entry goes
  for (const Entry& entry : *entries) ++next[entry.row + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<Entry> ordered(entries->size());
  for (const Entry& entry : *entries) ordered[next[entry.row]++] = entry;
  entries->swap(ordered);
  return Status();
}

constexpr int kTileRows = 4, kTileColumns = 8;
typedef float Vector __attribute__((vector_size(4 * kTileColumns), aligned(4), may_alias));

/// What the equations of a row need. `vectors` has room for kBatch times `width` floats, the number
/// of factors rounded up to whole tiles, and holds zeros.
struct Problem {
  const float* factors;
  int64_t dim, width;
  float unobserved_weight;
};
constexpr int kBatch = 128;  // TensorFlow's: so many are added up before lhs is touched

/// The equations of one row, from its entries.
struct RowEquations {
  static OPGRAFT_INLINE void Run(const Problem* problem, const Entry* entries, int64_t n,
                                 float* vectors, float* lhs, float* rhs) {
    const int64_t dim = problem->dim, width = problem->width;
    std::fill_n(rhs, dim, 0.0f);
    for (int64_t begin = 0; begin < n; begin += kBatch) {
      const int batch = static_cast<int>(std::min<int64_t>(n - begin, kBatch));
      for (int k = 0; k < batch; ++k) {
        const Entry& entry = entries[begin + k];
        const float* const factor = problem->factors + entry.factor * dim;
        float* const vector = vectors + k * width;
        const float root = std::sqrt(entry.weight);
        const float scale = entry.value * (problem->unobserved_weight + entry.weight);
        for (int64_t i = 0; i < dim; ++i) vector[i] = factor[i] * root;
        for (int64_t i = 0; i < dim; ++i) rhs[i] += scale * factor[i];
      }
      for (int64_t row = 0; row < dim; row += kTileRows) {
        for (int64_t column = 0; column < row + kTileRows; column += kTileColumns) {
          Vector tile[kTileRows];
          AddUpTile(vectors, batch, width, row, column, tile);
          Write(tile, begin == 0, dim, row, column, lhs);
        }
      }
    }
  }

  /// A tile of the sum of v * v' over n vectors v: the product of their elements from `row` on and
  /// from `column` on. Small enough to stay in registers.
  static OPGRAFT_INLINE void AddUpTile(const float* vectors, int n, int64_t width, int64_t row,
                                       int64_t column, Vector* tile) {
    Vector sums[kTileRows] = {};
    for (int k = 0; k < n; ++k, vectors += width) {
      const Vector right = *reinterpret_cast<const Vector*>(vectors + column);
#pragma GCC unroll 4  // or sums would lie in memory
      for (int r = 0; r < kTileRows; ++r) sums[r] += vectors[row + r] * right;
    }
#pragma GCC unroll 4
    for (int r = 0; r < kTileRows; ++r) tile[r] = sums[r];
  }

  /// Adds a tile to lhs, or begins lhs with it, and mirrors what is left of the tile's own rows.
  /// Those rows are whole by then, so that the last batch leaves a symmetric lhs.
  static OPGRAFT_INLINE void Write(const Vector* tile, bool first, int64_t dim, int64_t row,
                                   int64_t column, float* lhs) {
    const int rows = static_cast<int>(std::min<int64_t>(dim - row, kTileRows));
    const int columns = static_cast<int>(std::min<int64_t>(dim - column, kTileColumns));
    const int mirrored = static_cast<int>(std::min<int64_t>(row - column, columns));
    for (int r = 0; r < rows; ++r) {
      float* const out = lhs + (row + r) * dim + column;
      if (columns == kTileColumns) {
        Vector* const whole = reinterpret_cast<Vector*>(out);
        *whole = first ? tile[r] : *whole + tile[r];
      } else {
        for (int c = 0; c < columns; ++c) out[c] = first ? tile[r][c] : out[c] + tile[r][c];
      }
      for (int c = 0; c < mirrored; ++c) lhs[(column + c) * dim + row + r] = out[c];
    }
  }
};

Status Compute(KernelContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckInputs(context));
  const TensorView& factors = context->input(kFactors);
  const int64_t block_size = *context->input(kInputBlockSize).flat<int64_t>();
  const int64_t dim = factors.dims[1];
  int64_t count;
  if (block_size < 0 || __builtin_mul_overflow(block_size, dim, &count) ||
      __builtin_mul_overflow(count, dim, &count)) {
    return InvalidArgument("input_block_size is %lld: no size for equations of %lld factors",
                           static_cast<long long>(block_size), static_cast<long long>(dim));
  }
  std::vector<Entry> entries;
  OPGRAFT_RETURN_IF_ERROR(ReadEntries(context, block_size, &entries));
  std::vector<size_t> starts;  // of rows among the entries, and the end
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i == 0 || entries[i].row != entries[i - 1].row) starts.push_back(i);
  }
  const int64_t num_rows = static_cast<int64_t>(starts.size());
  starts.push_back(entries.size());
  int64_t longest = 0;
  for (int64_t i = 0; i < num_rows; ++i) {
    longest = std::max<int64_t>(longest, starts[i + 1] - starts[i]);
  }

  TensorView lhs, rhs;
  const int64_t dims[] = {block_size, dim, dim};
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 3, dims, &lhs));
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, 2, dims, &rhs));
  if (dim == 0) return Status();
  const float unobserved_weight = *context->input(kUnobservedWeights).flat<float>();
  const int64_t cost = (dim * dim / 8 + dim + 10) * (entries.size() / num_rows + 1);
  const int64_t width = (dim + kTileColumns - 1) / kTileColumns * kTileColumns;
  const Problem problem = {factors.flat<float>(), dim, width, unobserved_weight};
  const auto zero = [&](int64_t begin, int64_t end) {  // rows without entries
    std::fill(lhs.flat<float>() + begin * dim * dim, lhs.flat<float>() + end * dim * dim, 0.0f);
    std::fill(rhs.flat<float>() + begin * dim, rhs.flat<float>() + end * dim, 0.0f);
  };
  zero(0, entries[0].row);
  context->ParallelFor(num_rows, cost, [&](int64_t begin, int64_t end) {
    std::vector<float> vectors(std::min<int64_t>(longest, kBatch) * width);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = entries[starts[i]].row;
      Dispatch<RowEquations>(&problem, entries.data() + starts[i],
                             static_cast<int64_t>(starts[i + 1] - starts[i]), vectors.data(),
                             lhs.flat<float>() + row * dim * dim, rhs.flat<float>() + row * dim);
      zero(row + 1, i + 1 < num_rows ? entries[starts[i + 1]].row : block_size);
    }
  });
  return Status();
}

/// Some releases multiply the dimensions that they know without an eye to overflow.
constexpr int64_t kMaxKnownSize = INT32_MAX;

/// As in TensorFlow, wrong shapes come up in the kernel only.
Status WALSComputePartialLhsAndRhsShape(ShapeContext* context) {
  const Shape factors = context->input(kFactors);
  const Dimension dim =
      context->Rank(factors) == 2 ? context->Dim(factors, 1) : context->MakeDim(-1);
  int64_t block_size;
  if (!context->ConstantInput(kInputBlockSize, 1, &block_size) || block_size > kMaxKnownSize) {
    block_size = -1;
  }
  const Dimension dims[] = {context->MakeDim(block_size), dim, dim};
  context->set_output(0, context->MakeShape(3, dims));
  context->set_output(1, context->MakeShape(2, dims));
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<Compute>()};

OPGRAFT_REGISTER_OP(wals, OpBuilder("WALSComputePartialLhsAndRhs")
                              .Input("factors: float")
                              .Input("factor_weights: float")
                              .Input("unobserved_weights: float")
                              .Input("input_weights: float")
                              .Input("input_indices: int64")
                              .Input("input_values: float")
                              .Input("entry_weights: float")
                              .Input("input_block_size: int64")
                              .Input("input_is_transpose: bool")
                              .Output("partial_lhs: float")
                              .Output("partial_rhs: float")
                              .Shape(WALSComputePartialLhsAndRhsShape)
                              .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
