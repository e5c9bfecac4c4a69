// The inputs of the feature crosses: columns that are sparse tensors (indices, values, shape) or
// dense matrices, with any number of features in each row of the batch.
#ifndef OPGRAFT_OPS_CONTRIB_FEATURE_COLUMNS_H_
#define OPGRAFT_OPS_CONTRIB_FEATURE_COLUMNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ops/kernel/kernel.h"

namespace opgraft {

/// Where the columns are among the inputs: indices, values and shapes of the sparse ones, each one
/// after another, then the dense ones.
struct FeatureInputs {
  int num_sparse, num_columns;
  int64_t batch_size;

  const TensorView& indices(KernelContext* context, int c) const { return context->input(c); }
  const TensorView& values(KernelContext* context, int c) const {
    return context->input(c < num_sparse ? num_sparse + c : 2 * num_sparse + c);
  }
  const TensorView& shape(KernelContext* context, int c) const {
    return context->input(2 * num_sparse + c);
  }
};

/// Checks the shapes of all inputs.
Status CheckFeatures(KernelContext* context, int num_sparse, FeatureInputs* inputs);

/// The features of a column: fingerprints, numbers as they are; or texts, numbers in decimal.
template <class Feature>
struct FeatureColumn {
  const Feature* features;
  std::vector<Feature> storage;  // of features that are not the tensor's own elements
  std::string digits;            // what texts of numbers point to
};
void ReadFeatures(KernelContext* context, const TensorView& values, FeatureColumn<uint64_t>* out);
void ReadFeatures(KernelContext* context, const TensorView& values, FeatureColumn<StringView>* out);

/// The features of one column in one row.
struct FeatureRun {
  int64_t start, count;
};

/// A row in which every column has a feature, and where its crosses go.
struct FeatureRow {
  int64_t batch, first, crosses;
};

struct FeatureRows {
  std::vector<FeatureRow> rows;
  std::vector<FeatureRun> runs;  // one per row and column
  int64_t crosses = 0;           // of all rows
  int64_t max_crosses = 0;       // of one row
};

/// Finds the rows. As in TensorFlow a sparse column ends where its rows stop to ascend or leave the
/// batch: what comes after is not seen.
Status FindRows(KernelContext* context, const FeatureInputs& inputs, FeatureRows* rows);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_FEATURE_COLUMNS_H_
