// Tables: ours as resources of the runtime, the runtime's own as ours, and what a context needs for
// their kernels.
#ifndef OPGRAFT_OPS_RUNTIME_CC_TABLE_H_
#define OPGRAFT_OPS_RUNTIME_CC_TABLE_H_

#include <memory>
#include <string>
#include <vector>

#include "ops/kernel/table.h"
#include "ops/runtime/cc_context.h"
#include "ops/runtime/cc_initializable.h"
#include "ops/runtime/cc_object.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

class CcFile final : public File {
 public:
  explicit CcFile(std::unique_ptr<tf::RandomAccessFile> file) : file_(std::move(file)) {}

  Status Read(uint64_t offset, size_t size, char* buffer, size_t* read) override {
    TfStringView result;
    const TfStatus status = file_->Read(offset, size, &result, buffer);
    // At the end of the file TensorFlow returns OutOfRange with what there was.
    if (!status.ok() && static_cast<int>(status.code()) != static_cast<int>(Code::kOutOfRange)) {
      return FromTf(status);
    }
    if (result.data() != buffer) memmove(buffer, result.data(), result.size());
    *read = result.size();
    return Status();
  }

 private:
  const std::unique_ptr<tf::RandomAccessFile> file_;
};

/// What kernels of tables use besides.
class CcTableContext final : public CcContext {
 public:
  using CcContext::CcContext;
  ~CcTableContext() {
    if (resource_ != nullptr) resource_->Unref();
  }

  Status ReadObject(const TensorView& tensor, int64_t i, Object** object) override {
    return ReadTensorObject(tensor, i, object);
  }
  void WriteObject(const TensorView& tensor, int64_t i, const Object& object) override {
    WriteTensorObject(tensor, i, object);
  }
  Status GetTable(int input, Table** table) override;
  Status OpenFile(StringView path, File** file) override {
    std::unique_ptr<tf::RandomAccessFile> opened;
    OPGRAFT_RETURN_IF_ERROR(FromTf(
        tf::Env::Default()->NewRandomAccessFile(std::string(path.data, path.size), &opened)));
    *file = new CcFile(std::move(opened));
    return Status();
  }
  void Log(const char* message) override { LOG(INFO) << message; }

 private:
  std::unique_ptr<Table> foreign_;                   // wraps a table of the runtime's
  tf::lookup::LookupInterface* resource_ = nullptr;  // referenced until the context ends
};

/// A Table of ours as the runtime sees it: its native find, insert, export ... work on it.
class TableResource final : public InitializableLayout {
 public:
  explicit TableResource(std::unique_ptr<Table> table) : table_(std::move(table)) {
    vtable_ = VtableOf(this);
  }

  /// The table behind a resource, if the resource is one of ours. Resources have no portable type
  /// information (releases are built without RTTI), but every object of a class has its vtable.
  static Table* TableOf(tf::lookup::LookupInterface* resource) {
    if (vtable_ == nullptr || VtableOf(resource) != vtable_) return nullptr;
    return static_cast<TableResource*>(resource)->table();
  }

  TfStatus Find(tf::OpKernelContext* context, const tf::Tensor& keys, tf::Tensor* values,
                const tf::Tensor& default_value) override {
    return Run(context, [&](CcTableContext* c) {
      return table()->Find(c, c->View(keys), c->View(default_value), c->View(*values));
    });
  }
  TfStatus Insert(tf::OpKernelContext* context, const tf::Tensor& keys,
                  const tf::Tensor& values) override {
    return Run(context, [&](CcTableContext* c) {
      return table()->Insert(c, c->View(keys), c->View(values));
    });
  }
  TfStatus ImportValues(tf::OpKernelContext* context, const tf::Tensor& keys,
                        const tf::Tensor& values) override {
    return Run(context, [&](CcTableContext* c) {
      return table()->Import(c, c->View(keys), c->View(values));
    });
  }
  TfStatus ExportValues(tf::OpKernelContext* context) override {
    return Run(context, [&](CcTableContext* c) { return table()->Export(c); });
  }
#if OPGRAFT_TF >= 11300
  TfStatus Remove(tf::OpKernelContext* context, const tf::Tensor& keys) override {
    return Run(context, [&](CcTableContext* c) { return table()->Remove(c, c->View(keys)); });
  }
#endif
#if OPGRAFT_TF >= 11400
  std::string DebugString() const override { return Description(); }
#else
  std::string DebugString() override { return Description(); }
#endif

  // What the runtime's own InitializeTable and InitializeTableFromTextFile call.
  tf::lookup::InitializableLookupTable* GetInitializableLookupTable() override {
    return table_->is_initializable() ? AsInitializable() : nullptr;
  }
  TfStatus CheckKeyAndValueTensorsForInsert(const tf::Tensor& keys,
                                            const tf::Tensor& values) override {
    // The first call of an initializer, which then looks at the flag: our own may have been faster.
    if (table_->is_initializable() && table()->is_initialized()) set_runtime_initialized();
    return LookupInterface::CheckKeyAndValueTensorsForInsert(keys, values);
  }
  TfStatus CheckKeyAndValueTensorsForImport(const tf::Tensor& keys,
                                            const tf::Tensor& values) override {
    // Types alone: what a dense table exports, and so imports, has other shapes than it inserts.
    if (keys.dtype() == key_dtype() && values.dtype() == value_dtype()) return TfStatus();
    return ToTf(
        InvalidArgument("the table maps %s to %s, but is to import %s and %s",
                        DataTypeName(table_->key_dtype()), DataTypeName(table_->value_dtype()),
                        DataTypeName(FromTf(keys.dtype())), DataTypeName(FromTf(values.dtype()))));
  }
  TfStatus DoPrepare(size_t expected_size) override {
    return ToTf(CatchExceptions(
        [&] { return table_->BeginInitialize(static_cast<int64_t>(expected_size)); }));
  }
  TfStatus DoInsert(const tf::Tensor& keys, const tf::Tensor& values) override {
    return Run(nullptr, [&](CcTableContext* c) {
      return table_->AddEntries(c, c->View(keys), c->View(values));
    });
  }

  size_t size() const override { return table()->size(); }
  tf::DataType key_dtype() const override { return ToTf(table_->key_dtype()); }
  tf::DataType value_dtype() const override { return ToTf(table_->value_dtype()); }
  tf::TensorShape key_shape() const override {
    return MakeShape(table_->key_rank(), table_->key_dims());
  }
  tf::TensorShape value_shape() const override {
    return MakeShape(table_->value_rank(), table_->value_dims());
  }

 private:
  static const void* VtableOf(const void* object) {
    return *static_cast<const void* const*>(object);
  }
  static tf::TensorShape MakeShape(int rank, const int64_t* dims) {
    tf::TensorShape shape;
    for (int i = 0; i < rank; ++i) shape.AddDim(dims[i]);
    return shape;
  }
  template <class F>
  TfStatus Run(tf::OpKernelContext* context, const F& function) {
    return ToTf(CatchExceptions([&] {
      CcTableContext c(context);
      return function(&c);
    }));
  }
  std::string Description() const {
    return "opgraft lookup table of " + std::to_string(table()->size()) + " entries";
  }

  Table* table() const {
    // The runtime's own initializer says that it is through by no more than its flag.
    if (runtime_initialized() && !table_->is_initialized()) {
      CcTableContext context(nullptr);
      table_->EndInitialize(&context);
    }
    return table_.get();
  }

  static const void* vtable_;
  const std::unique_ptr<Table> table_;
};

const void* TableResource::vtable_ = nullptr;

/// A table of the runtime's own as a Table.
class ForeignTable final : public Table {
 public:
  ForeignTable(tf::OpKernelContext* context, tf::lookup::LookupInterface* table)
      : context_(context), table_(table) {
    CopyDims(table->key_shape(), &key_dims_);
    CopyDims(table->value_shape(), &value_dims_);
  }

  DataType key_dtype() const override { return FromTf(table_->key_dtype()); }
  DataType value_dtype() const override { return FromTf(table_->value_dtype()); }
  int key_rank() const override { return static_cast<int>(key_dims_.size()); }
  const int64_t* key_dims() const override { return key_dims_.data(); }
  int value_rank() const override { return static_cast<int>(value_dims_.size()); }
  const int64_t* value_dims() const override { return value_dims_.data(); }
  int64_t size() const override { return static_cast<int64_t>(table_->size()); }

  Status Find(KernelContext*, const TensorView& keys, const TensorView& default_value,
              const TensorView& values) override {
    OPGRAFT_RETURN_IF_ERROR(FromTf(table_->CheckFindArguments(Get(keys), Get(default_value))));
    return FromTf(table_->Find(context_, Get(keys), static_cast<tf::Tensor*>(values.handle),
                               Get(default_value)));
  }
  Status Insert(KernelContext*, const TensorView& keys, const TensorView& values) override {
    OPGRAFT_RETURN_IF_ERROR(
        FromTf(table_->CheckKeyAndValueTensorsForInsert(Get(keys), Get(values))));
    return FromTf(table_->Insert(context_, Get(keys), Get(values)));
  }
  Status Remove(KernelContext*, const TensorView& keys) override {
#if OPGRAFT_TF >= 11300
    OPGRAFT_RETURN_IF_ERROR(FromTf(table_->CheckKeyTensorForRemove(Get(keys))));
    return FromTf(table_->Remove(context_, Get(keys)));
#else
    (void)keys;
    return Unimplemented(
        "the tables of TensorFlow " OPGRAFT_BUILT_FOR
        " cannot remove keys; make the table with the Opgraft op of the same name");
#endif
  }
  Status Import(KernelContext*, const TensorView& keys, const TensorView& values) override {
    OPGRAFT_RETURN_IF_ERROR(
        FromTf(table_->CheckKeyAndValueTensorsForImport(Get(keys), Get(values))));
    return FromTf(table_->ImportValues(context_, Get(keys), Get(values)));
  }
  Status Export(KernelContext*) override { return FromTf(table_->ExportValues(context_)); }

  // The initializable tables of the runtime take one import as their initialization.
  bool is_initializable() const override {
    return table_->GetInitializableLookupTable() != nullptr;
  }
  Status Initialize(KernelContext* context, TableIterator* iterator) override {
    bool done = false;
    TensorView keys, values;
    OPGRAFT_RETURN_IF_ERROR(iterator->Next(context, &done, &keys, &values));
    if (done) return InvalidArgument("a table cannot be initialized without entries");
    // Views without a tensor of the runtime behind them (a text file's) cannot be handed over.
    if (keys.handle == nullptr || values.handle == nullptr) {
      return Unimplemented(
          "a table of TensorFlow " OPGRAFT_BUILT_FOR
          " itself takes its text file only from its own InitializeTableFromTextFile");
    }
    return Import(context, keys, values);
  }

 private:
  static const tf::Tensor& Get(const TensorView& view) {
    return *static_cast<const tf::Tensor*>(view.handle);
  }
  static void CopyDims(const tf::TensorShape& shape, std::vector<int64_t>* dims) {
    for (int i = 0; i < shape.dims(); ++i) dims->push_back(shape.dim_size(i));
  }

  tf::OpKernelContext* const context_;
  tf::lookup::LookupInterface* const table_;
  std::vector<int64_t> key_dims_, value_dims_;
};

inline Status CcTableContext::GetTable(int input, Table** table) {
  if (resource_ == nullptr) {
    const tf::DataType dtype = context_->input_dtype(input);
    if (dtype == tf::DT_RESOURCE) {
      OPGRAFT_RETURN_IF_ERROR(
          FromTf(tf::LookupResource(context_, tf::HandleFromInput(context_, input), &resource_)));
    } else {
      const tf::Tensor handle = context_->mutable_input(input, false);
      if (handle.dtype() != tf::DT_STRING || handle.NumElements() != 2) {
        return InvalidArgument("input %d is no handle of a lookup table", input);
      }
      const auto names = handle.flat<TfString>();
      OPGRAFT_RETURN_IF_ERROR(FromTf(context_->resource_manager()->Lookup(
          std::string(names(0).data(), names(0).size()),
          std::string(names(1).data(), names(1).size()), &resource_)));
    }
  }
  *table = TableResource::TableOf(resource_);
  if (*table == nullptr) {
    if (foreign_ == nullptr) foreign_.reset(new ForeignTable(context_, resource_));
    *table = foreign_.get();
  }
  return Status();
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_TABLE_H_
