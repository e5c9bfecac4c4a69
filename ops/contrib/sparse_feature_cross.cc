// SparseFeatureCross and SparseFeatureCrossV2 (tf.contrib.layers.sparse_feature_cross): for each
// row of a batch all combinations of one feature per column, joined with "_X_" or hashed.
#include <algorithm>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "ops/contrib/feature_columns.h"
#include "ops/contrib/murmur.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

/// A cross so far, one step per column; the hash of version 1 is the one of 2016.
uint64_t Combine(uint64_t hash, uint64_t feature, std::integral_constant<int, 1>) {
  const uint64_t shifted = static_cast<uint64_t>(static_cast<int64_t>(hash) >> 4);
  return hash ^ (feature + 0x9e3779b97f4a7800 + (hash << 10) + shifted);
}
uint64_t Combine(uint64_t hash, uint64_t feature, std::integral_constant<int, 2>) {
  return FingerprintCat64(hash, feature);
}

/// Crosses of fingerprints. States of the columns before stay, so that a step costs one feature.
template <int kVersion>
class HashCross {
 public:
  using Feature = uint64_t;
  HashCross(int columns, uint64_t key, uint64_t buckets) : states_(columns + 1), buckets_(buckets) {
    states_[0] = key;
  }
  void Set(int column, uint64_t feature) {
    states_[column + 1] =
        Combine(states_[column], feature, std::integral_constant<int, kVersion>());
  }
  void Write(KernelContext*, const TensorView& values, int64_t i) const {
    values.flat<int64_t>()[i] = static_cast<int64_t>(states_.back() % buckets_);
  }

 private:
  std::vector<uint64_t> states_;
  const uint64_t buckets_;
};

/// Crosses of texts.
class TextCross {
 public:
  using Feature = StringView;
  TextCross(int columns, uint64_t, uint64_t) : sizes_(columns + 1) {}
  void Set(int column, StringView feature) {
    text_.resize(sizes_[column]);
    if (column > 0) text_ += "_X_";
    text_.append(feature.data, feature.size);
    sizes_[column + 1] = text_.size();
  }
  void Write(KernelContext* context, const TensorView& values, int64_t i) const {
    context->WriteString(values, i, {text_.data(), text_.size()});
  }

 private:
  std::vector<size_t> sizes_;
  std::string text_;
};

template <class Cross, int kVersion>
class SparseFeatureCross final : public Kernel {
 public:
  using Feature = typename Cross::Feature;

  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("N", &num_sparse_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("num_buckets", &num_buckets_));
    OPGRAFT_RETURN_IF_ERROR(attrs->Type("internal_type", &internal_type_));
    if (kVersion == 2) OPGRAFT_RETURN_IF_ERROR(attrs->Int("hash_key", &hash_key_));
    return Status();
  }

  Status Compute(KernelContext* context) override {
    FeatureInputs inputs;
    OPGRAFT_RETURN_IF_ERROR(CheckFeatures(context, static_cast<int>(num_sparse_), &inputs));
    std::vector<FeatureColumn<Feature>> columns(inputs.num_columns);
    for (int c = 0; c < inputs.num_columns; ++c) {
      const TensorView& values = inputs.values(context, c);
      if (std::is_same_v<Feature, StringView> && internal_type_ == DT_STRING &&
          values.dtype != DT_STRING) {
        return InvalidArgument("internal_type string needs strings, but feature column %d is %s", c,
                               DataTypeName(values.dtype));
      }
      ReadFeatures(context, values, &columns[c]);
    }
    FeatureRows rows;
    OPGRAFT_RETURN_IF_ERROR(FindRows(context, inputs, &rows));

    TensorView indices, values, shape;
    const int64_t indices_dims[] = {rows.crosses, 2}, two = 2;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 2, indices_dims, &indices));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(1, 1, &rows.crosses, &values));
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(2, 1, &two, &shape));
    shape.flat<int64_t>()[0] = inputs.batch_size;
    shape.flat<int64_t>()[1] = rows.max_crosses;

    const int64_t n = static_cast<int64_t>(rows.rows.size());
    const int64_t cross_cost = (std::is_same_v<Feature, StringView> ? 30 : 5);
    context->ParallelFor(n, cross_cost * (4 + rows.crosses / std::max<int64_t>(n, 1)),
                         [&](int64_t begin, int64_t end) {
                           for (int64_t i = begin; i < end; ++i) {
                             CrossRow(context, columns, rows.rows[i],
                                      &rows.runs[i * inputs.num_columns], indices.flat<int64_t>(),
                                      values);
                           }
                         });
    return Status();
  }

 private:
  /// All combinations of a row; the last column's feature changes fastest.
  void CrossRow(KernelContext* context, const std::vector<FeatureColumn<Feature>>& columns,
                const FeatureRow& row, const FeatureRun* runs, int64_t* indices,
                const TensorView& values) const {
    constexpr uint64_t kInitialHash = 0xDECAFCAFFE;
    const uint64_t key = kVersion == 2 ? static_cast<uint64_t>(hash_key_) : kInitialHash;
    // Without buckets, what int64 can hold.
    const uint64_t buckets = static_cast<uint64_t>(
        num_buckets_ > 0 ? num_buckets_ : std::numeric_limits<int64_t>::max());
    const int n = static_cast<int>(columns.size());
    Cross cross(n, key, buckets);
    std::vector<int64_t> at(n);
    int column = 0;  // the first one that has changed
    for (int64_t i = 0; i < row.crosses; ++i) {
      for (; column < n; ++column) {
        cross.Set(column, columns[column].features[runs[column].start + at[column]]);
      }
      indices[2 * (row.first + i)] = row.batch;
      indices[2 * (row.first + i) + 1] = i;
      cross.Write(context, values, row.first + i);
      while (--column > 0 && at[column] + 1 == runs[column].count) at[column] = 0;
      ++at[column];
    }
  }

  int64_t num_sparse_, num_buckets_, hash_key_ = 0;
  DataType internal_type_;
};

Status SparseFeatureCrossShape(ShapeContext* context) {
  const Dimension entries[] = {context->MakeDim(-1), context->MakeDim(2)};
  const Dimension values = context->MakeDim(-1), two = context->MakeDim(2);
  context->set_output(0, context->MakeShape(2, entries));
  context->set_output(1, context->MakeShape(1, &values));
  context->set_output(2, context->MakeShape(1, &two));
  return Status();
}

template <class Cross, int kVersion>
constexpr KernelDefinition CrossKernel(DataType out_type, DataType internal_type) {
  return ClassKernel<SparseFeatureCross<Cross, kVersion>>(
      {{"out_type", out_type}, {"internal_type", internal_type}});
}

constexpr KernelDefinition kKernels[] = {
    CrossKernel<TextCross, 1>(DT_STRING, DT_STRING),
    CrossKernel<TextCross, 1>(DT_STRING, DT_INT64),
    CrossKernel<HashCross<1>, 1>(DT_INT64, DT_STRING),
    CrossKernel<HashCross<1>, 1>(DT_INT64, DT_INT64),
};
constexpr KernelDefinition kKernelsV2[] = {
    CrossKernel<TextCross, 2>(DT_STRING, DT_STRING),
    CrossKernel<TextCross, 2>(DT_STRING, DT_INT64),
    CrossKernel<HashCross<2>, 2>(DT_INT64, DT_STRING),
    CrossKernel<HashCross<2>, 2>(DT_INT64, DT_INT64),
};

constexpr OpBuilder SparseFeatureCrossOp(const char* name) {
  OpBuilder op(name);
  op.Input("indices: N * int64")
      .Input("values: sparse_types")
      .Input("shapes: N * int64")
      .Input("dense: dense_types")
      .Output("output_indices: int64")
      .Output("output_values: out_type")
      .Output("output_shape: int64")
      .Attr("N: int >= 0")
      .Attr("hashed_output: bool")
      .Attr("num_buckets: int >= 0");
  return op;
}

constexpr OpBuilder& Types(OpBuilder& op) {
  return op.Attr("sparse_types: list({int64, string}) >= 0")
      .Attr("dense_types: list({int64, string}) >= 0")
      .Attr("out_type: {int64, string}")
      .Attr("internal_type: {int64, string}")
      .Shape(SparseFeatureCrossShape);
}

constexpr OpBuilder Version1() {
  OpBuilder op = SparseFeatureCrossOp("SparseFeatureCross");
  return Types(op).Kernels(kKernels);
}
constexpr OpBuilder Version2() {
  OpBuilder op = SparseFeatureCrossOp("SparseFeatureCrossV2");
  op.Attr("hash_key: int");
  return Types(op).Kernels(kKernelsV2);
}

OPGRAFT_REGISTER_OP(sparse_feature_cross, Version1());
OPGRAFT_REGISTER_OP(sparse_feature_cross_v2, Version2());

}  // namespace
}  // namespace opgraft
