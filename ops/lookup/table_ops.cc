// The ops on tables, apart from those that make and initialize them. Both generations of an op, by
// Ref(string) and by resource handle, share their kernel.
#include <algorithm>
#include <vector>

#include "ops/kernel/op_builder.h"
#include "ops/lookup/shapes.h"
#include "ops/lookup/table.h"
#include "ops/lookup/table_checks.h"

namespace opgraft {
namespace {

Status Find(KernelContext* context) {
  Table* table = nullptr;
  OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, &table));
  const TensorView& keys = context->input(1);
  const TensorView& default_value = context->input(2);
  OPGRAFT_RETURN_IF_ERROR(CheckTypes(*table, keys.dtype, default_value.dtype));
  OPGRAFT_RETURN_IF_ERROR(CheckKeyShape(*table, keys));
  TensorView values;
  if (table->key_rank() == 0 && table->value_rank() == 0 && default_value.rank == 0) {
    // Nearly always: nothing to compute, which counts for a single key.
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, keys.rank, keys.dims, &values));
    return table->Find(context, keys, default_value, values);
  }
  const std::vector<int64_t> shape =
      ValueShape(keys, table->key_rank(), table->value_rank(), table->value_dims());
  OPGRAFT_RETURN_IF_ERROR(CheckDefaultShape(*table, default_value, shape));
  OPGRAFT_RETURN_IF_ERROR(
      context->AllocateOutput(0, static_cast<int>(shape.size()), shape.data(), &values));
  return table->Find(context, keys, default_value, values);
}

Status Insert(KernelContext* context) {
  Table* table = nullptr;
  OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, &table));
  const TensorView& keys = context->input(1);
  const TensorView& values = context->input(2);
  OPGRAFT_RETURN_IF_ERROR(CheckTypes(*table, keys.dtype, values.dtype));
  OPGRAFT_RETURN_IF_ERROR(CheckKeyShape(*table, keys));
  OPGRAFT_RETURN_IF_ERROR(CheckShape(
      values, ValueShape(keys, table->key_rank(), table->value_rank(), table->value_dims()),
      "value"));
  return table->Insert(context, keys, values);
}

Status Remove(KernelContext* context) {
  Table* table = nullptr;
  OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, &table));
  const TensorView& keys = context->input(1);
  OPGRAFT_RETURN_IF_ERROR(CheckTypes(*table, keys.dtype, table->value_dtype()));
  OPGRAFT_RETURN_IF_ERROR(CheckKeyShape(*table, keys));
  return table->Remove(context, keys);
}

/// The shapes are the table's to check: a dense one takes what it exports, all buckets as matrices.
Status Import(KernelContext* context) {
  Table* table = nullptr;
  OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, &table));
  const TensorView& keys = context->input(1);
  const TensorView& values = context->input(2);
  OPGRAFT_RETURN_IF_ERROR(CheckTypes(*table, keys.dtype, values.dtype));
  return table->Import(context, keys, values);
}

class Export final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(attrs->Type("Tkeys", &keys_));
    return attrs->Type("Tvalues", &values_);
  }
  Status Compute(KernelContext* context) override {
    Table* table = nullptr;
    OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, &table));
    // Before the table sees them: TensorFlow's own tables abort the process for other types.
    OPGRAFT_RETURN_IF_ERROR(CheckTypes(*table, keys_, values_));
    return table->Export(context);
  }

 private:
  DataType keys_ = DT_INVALID;
  DataType values_ = DT_INVALID;
};

Status Size(KernelContext* context) {
  Table* table = nullptr;
  OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, &table));
  TensorView size;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 0, nullptr, &size));
  *size.flat<int64_t>() = table->size();
  return Status();
}

constexpr KernelDefinition kFind[] = {FunctionKernel<Find>()};
OPGRAFT_REGISTER_OP(lookup_table_find, OpBuilder("LookupTableFind")
                                           .Input("table_handle: Ref(string)")
                                           .Input("keys: Tin")
                                           .Input("default_value: Tout")
                                           .Output("values: Tout")
                                           .Attr("Tin: type")
                                           .Attr("Tout: type")
                                           .Shape(FindShapeV1)
                                           .Kernels(kFind));

OPGRAFT_REGISTER_OP(lookup_table_find_v2, OpBuilder("LookupTableFindV2")
                                              .Input("table_handle: resource")
                                              .Input("keys: Tin")
                                              .Input("default_value: Tout")
                                              .Output("values: Tout")
                                              .Attr("Tin: type")
                                              .Attr("Tout: type")
                                              .Stateful()
                                              .Shape(FindShape)
                                              .Kernels(kFind));

constexpr KernelDefinition kInsert[] = {FunctionKernel<Insert>()};
OPGRAFT_REGISTER_OP(lookup_table_insert, OpBuilder("LookupTableInsert")
                                             .Input("table_handle: Ref(string)")
                                             .Input("keys: Tin")
                                             .Input("values: Tout")
                                             .Attr("Tin: type")
                                             .Attr("Tout: type")
                                             .Shape(InsertShapeV1)
                                             .Kernels(kInsert));

OPGRAFT_REGISTER_OP(lookup_table_insert_v2, OpBuilder("LookupTableInsertV2")
                                                .Input("table_handle: resource")
                                                .Input("keys: Tin")
                                                .Input("values: Tout")
                                                .Attr("Tin: type")
                                                .Attr("Tout: type")
                                                .Stateful()
                                                .Shape(InsertShape)
                                                .Kernels(kInsert));

constexpr KernelDefinition kRemove[] = {FunctionKernel<Remove>()};
OPGRAFT_REGISTER_OP(lookup_table_remove_v2, OpBuilder("LookupTableRemoveV2")
                                                .Input("table_handle: resource")
                                                .Input("keys: Tin")
                                                .Attr("Tin: type")
                                                .Stateful()
                                                .Shape(RemoveShape)
                                                .Kernels(kRemove));

constexpr KernelDefinition kImport[] = {FunctionKernel<Import>()};
OPGRAFT_REGISTER_OP(lookup_table_import, OpBuilder("LookupTableImport")
                                             .Input("table_handle: Ref(string)")
                                             .Input("keys: Tin")
                                             .Input("values: Tout")
                                             .Attr("Tin: type")
                                             .Attr("Tout: type")
                                             .Shape(InsertShapeV1)
                                             .Kernels(kImport));

OPGRAFT_REGISTER_OP(lookup_table_import_v2, OpBuilder("LookupTableImportV2")
                                                .Input("table_handle: resource")
                                                .Input("keys: Tin")
                                                .Input("values: Tout")
                                                .Attr("Tin: type")
                                                .Attr("Tout: type")
                                                .Stateful()
                                                .Shape(ImportShape)
                                                .Kernels(kImport));

constexpr KernelDefinition kExport[] = {ClassKernel<Export>()};
OPGRAFT_REGISTER_OP(lookup_table_export, OpBuilder("LookupTableExport")
                                             .Input("table_handle: Ref(string)")
                                             .Output("keys: Tkeys")
                                             .Output("values: Tvalues")
                                             .Attr("Tkeys: type")
                                             .Attr("Tvalues: type")
                                             .Shape(ExportShapeV1)
                                             .Kernels(kExport));

OPGRAFT_REGISTER_OP(lookup_table_export_v2, OpBuilder("LookupTableExportV2")
                                                .Input("table_handle: resource")
                                                .Output("keys: Tkeys")
                                                .Output("values: Tvalues")
                                                .Attr("Tkeys: type")
                                                .Attr("Tvalues: type")
                                                .Stateful()
                                                .Shape(ExportShape)
                                                .Kernels(kExport));

constexpr KernelDefinition kSize[] = {FunctionKernel<Size>()};
OPGRAFT_REGISTER_OP(lookup_table_size, OpBuilder("LookupTableSize")
                                           .Input("table_handle: Ref(string)")
                                           .Output("size: int64")
                                           .Shape(SizeShapeV1)
                                           .Kernels(kSize));

OPGRAFT_REGISTER_OP(lookup_table_size_v2, OpBuilder("LookupTableSizeV2")
                                              .Input("table_handle: resource")
                                              .Output("size: int64")
                                              .Stateful()
                                              .Shape(SizeShape)
                                              .Kernels(kSize));

}  // namespace
}  // namespace opgraft
