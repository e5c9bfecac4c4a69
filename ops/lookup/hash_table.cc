// HashTable, HashTableV2, AnonymousHashTable: initialized once, read-only afterwards.
#include <atomic>
#include <memory>

#include "ops/kernel/op_builder.h"
#include "ops/lookup/pairs.h"
#include "ops/lookup/shapes.h"
#include "ops/lookup/table.h"
#include "ops/lookup/table_checks.h"

namespace opgraft {
namespace {

class HashTable final : public TypedTable {
 public:
  explicit HashTable(const TableType& type) : TypedTable(type) {}
  ~HashTable() override { delete storage_.load(std::memory_order_relaxed); }

  int64_t size() const override {
    const Storage* const storage = Get();
    return storage == nullptr ? 0 : storage->size();
  }
  int64_t memory_used() const override {
    const Storage* const storage = Get();
    return static_cast<int64_t>(sizeof(*this)) + (storage == nullptr ? 0 : storage->memory_used());
  }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values) override {
    const Storage* const storage = Get();
    if (storage == nullptr) return FailedPrecondition("Table not initialized.");
    // TensorFlow's takes the first default even if there is one per key.
    TensorView first_default = default_value;
    first_default.rank = 0;
    first_default.count = 1;
    return ParallelFind(context, type_.key_dtype, keys.count, [&](int64_t begin, int64_t end) {
      return storage->Find(context, keys, first_default, values, begin, end);
    });
  }

  Status Insert(KernelContext*, const TensorView&, const TensorView&) override {
    return Unimplemented("Insert not supported by HashTable, which is initialized only once");
  }
  Status Remove(KernelContext*, const TensorView&) override {
    return Unimplemented("Remove not supported by HashTable, which is initialized only once");
  }

  /// As TensorFlow has it, an import is an initialization.
  Status Import(KernelContext* context, const TensorView& keys, const TensorView& values) override {
    OPGRAFT_RETURN_IF_ERROR(CheckShape(values, ValueShape(keys, 0, 0, nullptr), "value"));
    if (keys.count == 0) return InvalidArgument("keys and values cannot be empty tensors.");
    TensorIterator entries(keys, values);
    return Initialize(context, &entries);
  }

  Status Export(KernelContext* context) override {
    const Storage* const storage = Get();
    if (storage == nullptr) return Error(Code::kAborted, "HashTable is not initialized.");
    return CatchOutOfMemory([&] { return storage->Export(context); });
  }

  bool is_initializable() const override { return true; }
  bool is_initialized() const override { return Get() != nullptr; }

  Status Initialize(KernelContext* context, TableIterator* iterator) override {
    MutexLock lock(&initialize_);
    if (is_initialized()) {
      // Only the number of entries is compared, as in TensorFlow.
      if (iterator->total_size() == size()) return Status();
      return FailedPrecondition("Table was already initialized with different data.");
    }
    OPGRAFT_RETURN_IF_ERROR(Begin(iterator->total_size()));
    for (;;) {
      bool done = false;
      TensorView keys, values;
      OPGRAFT_RETURN_IF_ERROR(iterator->Next(context, &done, &keys, &values));
      if (done) break;
      OPGRAFT_RETURN_IF_ERROR(Add(context, keys, values));
    }
    End();
    return Status();
  }

  Status BeginInitialize(int64_t expected_size) override {
    MutexLock lock(&initialize_);
    if (is_initialized()) return FailedPrecondition("Table already initialized.");
    return Begin(expected_size);
  }
  Status AddEntries(KernelContext* context, const TensorView& keys,
                    const TensorView& values) override {
    MutexLock lock(&initialize_);
    return Add(context, keys, values);
  }
  void EndInitialize() override {
    MutexLock lock(&initialize_);
    End();
  }

 private:
  const Storage* Get() const { return storage_.load(std::memory_order_acquire); }

  Status Begin(int64_t expected_size) {
    return CatchOutOfMemory([&] { return building_ = NewHashMap(type_, expected_size), Status(); });
  }
  Status Add(KernelContext* context, const TensorView& keys, const TensorView& values) {
    if (building_ == nullptr) return FailedPrecondition("The table is not being initialized.");
    return CatchOutOfMemory(
        [&] { return building_->Insert(context, keys, values, OnDuplicate::kRefuseOther); });
  }
  void End() {
    if (building_ != nullptr) storage_.store(building_.release(), std::memory_order_release);
  }

  // Null until initialized, complete and constant from then on: readers need no lock.
  std::atomic<const Storage*> storage_{nullptr};
  Mutex initialize_;
  std::unique_ptr<Storage> building_;  // guarded by initialize_
};

class HashTableFactory final : public TableFactory {
 public:
  Status Init(Attrs* attrs) override { return ReadTableType(attrs, false, &type_); }
  Status Create(KernelContext*, Table** table) override {
    return CatchOutOfMemory([&] { return *table = new HashTable(type_), Status(); });
  }

 private:
  TableType type_;
};

constexpr auto kKernels = TableKernels<HashTableFactory>();

OPGRAFT_REGISTER_OP(hash_table, OpBuilder("HashTable")
                                    .Output("table_handle: Ref(string)")
                                    .Attr("container: string = ''")
                                    .Attr("shared_name: string = ''")
                                    .Attr("use_node_name_sharing: bool = false")
                                    .Attr("key_dtype: type")
                                    .Attr("value_dtype: type")
                                    .Stateful()
                                    .MakesTable(TableOutput::kRefString)
                                    .Shape(TableShapeV1)
                                    .Kernels(kKernels.kernels));

OPGRAFT_REGISTER_OP(hash_table_v2, OpBuilder("HashTableV2")
                                       .Output("table_handle: resource")
                                       .Attr("container: string = ''")
                                       .Attr("shared_name: string = ''")
                                       .Attr("use_node_name_sharing: bool = false")
                                       .Attr("key_dtype: type")
                                       .Attr("value_dtype: type")
                                       .Stateful()
                                       .MakesTable(TableOutput::kResource)
                                       .Shape(HashTableShape)
                                       .Kernels(kKernels.kernels));

OPGRAFT_REGISTER_OP(anonymous_hash_table, OpBuilder("AnonymousHashTable")
                                              .Output("table_handle: resource")
                                              .Attr("key_dtype: type")
                                              .Attr("value_dtype: type")
                                              .Stateful()
                                              .MakesTable(TableOutput::kAnonymous)
                                              .Shape(HashTableShape)
                                              .Kernels(kKernels.kernels));

}  // namespace
}  // namespace opgraft
