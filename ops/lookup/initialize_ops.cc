// InitializeTable and InitializeTableFromTextFile, and their V2 forms.
#include <new>

#include "ops/kernel/op_builder.h"
#include "ops/lookup/shapes.h"
#include "ops/lookup/table.h"
#include "ops/lookup/table_checks.h"
#include "ops/lookup/text_file.h"

namespace opgraft {
namespace {

Status GetInitializableTable(KernelContext* context, Table** table) {
  OPGRAFT_RETURN_IF_ERROR(context->GetTable(0, table));
  if ((*table)->is_initializable()) return Status();
  return InvalidArgument(
      "the table is not initializable: only a HashTable is, others take LookupTableInsert");
}

Status Initialize(KernelContext* context) {
  Table* table = nullptr;
  OPGRAFT_RETURN_IF_ERROR(GetInitializableTable(context, &table));
  const TensorView& keys = context->input(1);
  const TensorView& values = context->input(2);
  OPGRAFT_RETURN_IF_ERROR(CheckTypes(*table, keys.dtype, values.dtype));
  if (keys.rank != 1) {
    return InvalidArgument("Keys must be a vector, but received shape %s", ShapeText(keys).c_str());
  }
  if (values.rank != 1) {
    return InvalidArgument("Values must be a vector, but received shape %s",
                           ShapeText(values).c_str());
  }
  if (keys.count != values.count) {
    return InvalidArgument("Keys and values must have the same size %lld vs %lld",
                           static_cast<long long>(keys.count),
                           static_cast<long long>(values.count));
  }
  if (keys.count == 0) return InvalidArgument("keys and values cannot be empty tensors.");
  TensorIterator entries(keys, values);
  return table->Initialize(context, &entries);
}

class InitializeFromTextFile final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("key_index", &options_.key_index));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("value_index", &options_.value_index));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("vocab_size", &options_.vocab_size));
    OPGRAFT_RETURN_IF_ERROR(attrs->Int("offset", &options_.offset));
    StringView delimiter;
    OPGRAFT_RETURN_IF_ERROR(attrs->String("delimiter", &delimiter));
    if (delimiter.size != 1) {
      return InvalidArgument("delimiter should be only 1 char, but has %zu", delimiter.size);
    }
    options_.delimiter = *delimiter.data;
    if (options_.key_index < -2 || options_.value_index < -2) {
      return InvalidArgument("key_index and value_index must be at least -2, got %lld and %lld",
                             static_cast<long long>(options_.key_index),
                             static_cast<long long>(options_.value_index));
    }
    if (options_.vocab_size >= -1) return Status();
    return InvalidArgument("vocab_size must be at least -1, got %lld",
                           static_cast<long long>(options_.vocab_size));
  }

  Status Compute(KernelContext* context) override {
    Table* table = nullptr;
    OPGRAFT_RETURN_IF_ERROR(GetInitializableTable(context, &table));
    const TensorView& filename = context->input(1);
    if (filename.rank != 0) {
      return InvalidArgument("filename should be a single string, but got %s",
                             ShapeText(filename).c_str());
    }
    OPGRAFT_RETURN_IF_ERROR(CheckTextFileTypes(options_, table->key_dtype(), table->value_dtype()));
    const bool was_initialized = table->size() > 0;
    Status status = CatchExceptions([&] {
      StringView path;
      context->ReadStrings(filename, 0, 1, &path);
      if (path.size == 0) return InvalidArgument("filename cannot be empty.");
      TextFileIterator entries(path, options_, table->key_dtype(), table->value_dtype());
      OPGRAFT_RETURN_IF_ERROR(entries.Open(context));
      return table->Initialize(context, &entries);
    });
    // TensorFlow keeps a table that is initialized, whatever another file would make of it.
    if (was_initialized && status.code() == Code::kFailedPrecondition) return Status();
    return status;
  }

 private:
  TextFileOptions options_;
};

constexpr KernelDefinition kInitialize[] = {FunctionKernel<Initialize>()};
OPGRAFT_REGISTER_OP(initialize_table, OpBuilder("InitializeTable")
                                          .Input("table_handle: Ref(string)")
                                          .Input("keys: Tkey")
                                          .Input("values: Tval")
                                          .Attr("Tkey: type")
                                          .Attr("Tval: type")
                                          .Shape(InitializeShapeV1)
                                          .Kernels(kInitialize));

OPGRAFT_REGISTER_OP(initialize_table_v2, OpBuilder("InitializeTableV2")
                                             .Input("table_handle: resource")
                                             .Input("keys: Tkey")
                                             .Input("values: Tval")
                                             .Attr("Tkey: type")
                                             .Attr("Tval: type")
                                             .Stateful()
                                             .Shape(InitializeShape)
                                             .Kernels(kInitialize));

constexpr KernelDefinition kInitializeFromTextFile[] = {ClassKernel<InitializeFromTextFile>()};
OPGRAFT_REGISTER_OP(initialize_table_from_text_file, OpBuilder("InitializeTableFromTextFile")
                                                         .Input("table_handle: Ref(string)")
                                                         .Input("filename: string")
                                                         .Attr("key_index: int >= -2")
                                                         .Attr("value_index: int >= -2")
                                                         .Attr("vocab_size: int >= -1 = -1")
                                                         .Attr("delimiter: string = '\t'")
                                                         .Attr("offset: int = 0")
                                                         .Shape(InitializeFromTextFileShapeV1)
                                                         .Kernels(kInitializeFromTextFile));

OPGRAFT_REGISTER_OP(initialize_table_from_text_file_v2, OpBuilder("InitializeTableFromTextFileV2")
                                                            .Input("table_handle: resource")
                                                            .Input("filename: string")
                                                            .Attr("key_index: int >= -2")
                                                            .Attr("value_index: int >= -2")
                                                            .Attr("vocab_size: int >= -1 = -1")
                                                            .Attr("delimiter: string = '\t'")
                                                            .Attr("offset: int = 0")
                                                            .Stateful()
                                                            .Shape(InitializeFromTextFileShape)
                                                            .Kernels(kInitializeFromTextFile));

}  // namespace
}  // namespace opgraft
