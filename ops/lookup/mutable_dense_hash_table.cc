// MutableDenseHashTable, MutableDenseHashTableV2, AnonymousMutableDenseHashTable: keys and values
// are scalars or vectors; two keys are set aside to mark empty and deleted buckets.
#include <memory>

#include "ops/kernel/op_builder.h"
#include "ops/lookup/dense_storage.h"
#include "ops/lookup/pairs.h"
#include "ops/lookup/shapes.h"
#include "ops/lookup/table.h"

namespace opgraft {
namespace {

class MutableDenseHashTableFactory final : public TableFactory {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(ReadTableType(attrs, true, &type_));
    if (type_.value_dims.size() > 1) {
      return InvalidArgument(
          "Empty value must be a scalar or a vector, got shape %s",
          ShapeText(static_cast<int>(type_.value_dims.size()), type_.value_dims.data()).c_str());
    }
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("initial_num_buckets", &options_.initial_buckets));
    const int64_t buckets = options_.initial_buckets;
    if (buckets < 4 || (buckets & (buckets - 1)) != 0) {
      return InvalidArgument("Number of buckets must be at least 4 and a power of 2, got: %lld",
                             static_cast<long long>(buckets));
    }
    OPGRAFT_RETURN_IF_ERROR(attrs->Float("max_load_factor", &options_.max_load_factor));
    if (options_.max_load_factor > 0 && options_.max_load_factor < 1) return Status();
    return InvalidArgument("max_load_factor must be between 0 and 1, got: %g",
                           static_cast<double>(options_.max_load_factor));
  }

  Status Create(KernelContext* context, Table** table) override {
    const TensorView& empty_key = context->input(0);
    if (empty_key.rank > 1 || empty_key.count == 0) {
      return InvalidArgument(
          "Empty key must be a scalar or a vector of at least one element, "
          "got shape %s",
          ShapeText(empty_key).c_str());
    }
    // The op with a Ref(string) handle has no deleted_key.
    const TensorView* const deleted_key = context->num_inputs() > 1 ? &context->input(1) : nullptr;
    if (deleted_key != nullptr && !SameShape(empty_key, *deleted_key)) {
      return InvalidArgument("Empty and deleted keys must have same shape, got shapes: %s and %s",
                             ShapeText(empty_key).c_str(), ShapeText(*deleted_key).c_str());
    }
    return CatchExceptions([&] {
      TableType type = type_;
      type.key_dims.assign(empty_key.dims, empty_key.dims + empty_key.rank);
      type.key_width = empty_key.count;
      std::unique_ptr<Storage> storage;
      OPGRAFT_RETURN_IF_ERROR(
          NewDenseStorage(context, type, options_, empty_key, deleted_key, &storage));
      *table = new MutableTable(type, std::move(storage));
      return Status();
    });
  }

 private:
  TableType type_;
  DenseOptions options_;
};

constexpr auto kKernels = TableKernels<MutableDenseHashTableFactory>(
    TypePair{DT_INT64, DT_VARIANT}, TypePair{DT_STRING, DT_RESOURCE});

OPGRAFT_REGISTER_OP(mutable_dense_hash_table, OpBuilder("MutableDenseHashTable")
                                                  .Input("empty_key: key_dtype")
                                                  .Output("table_handle: Ref(string)")
                                                  .Attr("container: string = ''")
                                                  .Attr("shared_name: string = ''")
                                                  .Attr("use_node_name_sharing: bool = false")
                                                  .Attr("key_dtype: type")
                                                  .Attr("value_dtype: type")
                                                  .Attr("value_shape: shape = {}")
                                                  .Attr("initial_num_buckets: int = 131072")
                                                  .Attr("max_load_factor: float = 0.8")
                                                  .Stateful()
                                                  .MakesTable(TableOutput::kRefString)
                                                  .Shape(TableShapeV1)
                                                  .Kernels(kKernels.kernels));

OPGRAFT_REGISTER_OP(mutable_dense_hash_table_v2, OpBuilder("MutableDenseHashTableV2")
                                                     .Input("empty_key: key_dtype")
                                                     .Input("deleted_key: key_dtype")
                                                     .Output("table_handle: resource")
                                                     .Attr("container: string = ''")
                                                     .Attr("shared_name: string = ''")
                                                     .Attr("use_node_name_sharing: bool = false")
                                                     .Attr("key_dtype: type")
                                                     .Attr("value_dtype: type")
                                                     .Attr("value_shape: shape = {}")
                                                     .Attr("initial_num_buckets: int = 131072")
                                                     .Attr("max_load_factor: float = 0.8")
                                                     .Stateful()
                                                     .MakesTable(TableOutput::kResource)
                                                     .Shape(MutableDenseHashTableShape)
                                                     .Kernels(kKernels.kernels));

OPGRAFT_REGISTER_OP(anonymous_mutable_dense_hash_table,
                    OpBuilder("AnonymousMutableDenseHashTable")
                        .Input("empty_key: key_dtype")
                        .Input("deleted_key: key_dtype")
                        .Output("table_handle: resource")
                        .Attr("key_dtype: type")
                        .Attr("value_dtype: type")
                        .Attr("value_shape: shape = {}")
                        .Attr("initial_num_buckets: int = 131072")
                        .Attr("max_load_factor: float = 0.8")
                        .Stateful()
                        .MakesTable(TableOutput::kAnonymous)
                        .Shape(MutableDenseHashTableShape)
                        .Kernels(kKernels.kernels));

}  // namespace
}  // namespace opgraft
