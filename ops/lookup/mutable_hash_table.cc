// MutableHashTable and MutableHashTableOfTensors, their V2 and anonymous forms: tables with scalar
// keys, and scalar values or vectors.
#include <memory>

#include "ops/kernel/op_builder.h"
#include "ops/lookup/pairs.h"
#include "ops/lookup/shapes.h"
#include "ops/lookup/table.h"

namespace opgraft {
namespace {

template <bool kVectors>
class MutableHashTableFactory final : public TableFactory {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(ReadTableType(attrs, kVectors, &type_));
    if (!kVectors || type_.value_dims.size() == 1) return Status();
    return InvalidArgument(
        "Default value must be a vector, got shape %s",
        ShapeText(static_cast<int>(type_.value_dims.size()), type_.value_dims.data()).c_str());
  }
  Status Create(KernelContext*, Table** table) override {
    return CatchExceptions(
        [&] { return *table = new MutableTable(type_, NewHashMap(type_, -1)), Status(); });
  }

 private:
  TableType type_;
};

constexpr auto kScalarKernels =
    TableKernels<MutableHashTableFactory<false>>(TypePair{DT_INT64, DT_VARIANT});
constexpr auto kVectorKernels = TableKernels<MutableHashTableFactory<true>>();

OPGRAFT_REGISTER_OP(mutable_hash_table, OpBuilder("MutableHashTable")
                                            .Output("table_handle: Ref(string)")
                                            .Attr("container: string = ''")
                                            .Attr("shared_name: string = ''")
                                            .Attr("use_node_name_sharing: bool = false")
                                            .Attr("key_dtype: type")
                                            .Attr("value_dtype: type")
                                            .Stateful()
                                            .MakesTable(TableOutput::kRefString)
                                            .Shape(TableShapeV1)
                                            .Kernels(kScalarKernels.kernels));

OPGRAFT_REGISTER_OP(mutable_hash_table_v2, OpBuilder("MutableHashTableV2")
                                               .Output("table_handle: resource")
                                               .Attr("container: string = ''")
                                               .Attr("shared_name: string = ''")
                                               .Attr("use_node_name_sharing: bool = false")
                                               .Attr("key_dtype: type")
                                               .Attr("value_dtype: type")
                                               .Stateful()
                                               .MakesTable(TableOutput::kResource)
                                               .Shape(MutableHashTableShape)
                                               .Kernels(kScalarKernels.kernels));

OPGRAFT_REGISTER_OP(anonymous_mutable_hash_table, OpBuilder("AnonymousMutableHashTable")
                                                      .Output("table_handle: resource")
                                                      .Attr("key_dtype: type")
                                                      .Attr("value_dtype: type")
                                                      .Stateful()
                                                      .MakesTable(TableOutput::kAnonymous)
                                                      .Shape(MutableHashTableShape)
                                                      .Kernels(kScalarKernels.kernels));

OPGRAFT_REGISTER_OP(mutable_hash_table_of_tensors, OpBuilder("MutableHashTableOfTensors")
                                                       .Output("table_handle: Ref(string)")
                                                       .Attr("container: string = ''")
                                                       .Attr("shared_name: string = ''")
                                                       .Attr("use_node_name_sharing: bool = false")
                                                       .Attr("key_dtype: type")
                                                       .Attr("value_dtype: type")
                                                       .Attr("value_shape: shape = {}")
                                                       .Stateful()
                                                       .MakesTable(TableOutput::kRefString)
                                                       .Shape(TableShapeV1)
                                                       .Kernels(kVectorKernels.kernels));

OPGRAFT_REGISTER_OP(mutable_hash_table_of_tensors_v2,
                    OpBuilder("MutableHashTableOfTensorsV2")
                        .Output("table_handle: resource")
                        .Attr("container: string = ''")
                        .Attr("shared_name: string = ''")
                        .Attr("use_node_name_sharing: bool = false")
                        .Attr("key_dtype: type")
                        .Attr("value_dtype: type")
                        .Attr("value_shape: shape = {}")
                        .Stateful()
                        .MakesTable(TableOutput::kResource)
                        .Shape(MutableHashTableOfTensorsShape)
                        .Kernels(kVectorKernels.kernels));

OPGRAFT_REGISTER_OP(anonymous_mutable_hash_table_of_tensors,
                    OpBuilder("AnonymousMutableHashTableOfTensors")
                        .Output("table_handle: resource")
                        .Attr("key_dtype: type")
                        .Attr("value_dtype: type")
                        .Attr("value_shape: shape = {}")
                        .Stateful()
                        .MakesTable(TableOutput::kAnonymous)
                        .Shape(MutableHashTableOfTensorsShape)
                        .Kernels(kVectorKernels.kernels));

}  // namespace
}  // namespace opgraft
