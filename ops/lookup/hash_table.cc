// HashTable, HashTableV2, AnonymousHashTable: initialized once, read-only afterwards.
#include <atomic>
#include <memory>

#include "ops/kernel/op_builder.h"
#include "ops/lookup/frozen_storage.h"
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
    const ReadableStorage* const storage = Get();
    return storage == nullptr ? 0 : storage->size();
  }
  int64_t memory_used() const override {
    const ReadableStorage* const storage = Get();
    return static_cast<int64_t>(sizeof(*this)) + (storage == nullptr ? 0 : storage->memory_used());
  }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values) override {
    const ReadableStorage* const storage = Get();
    if (storage == nullptr) return WhyNotInitialized();
    // TensorFlow's takes the first default even if there is one per key.
    TensorView first_default = default_value;
    first_default.rank = 0;
    first_default.count = 1;
    return ParallelFind(context, *this, keys.count, [&](int64_t begin, int64_t end) {
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
    const ReadableStorage* const storage = Get();
    if (storage == nullptr) return Error(Code::kAborted, "HashTable is not initialized.");
    return CatchExceptions([&] { return storage->Export(context); });
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
    Status status = Fill(context, iterator);
    builder_ = nullptr;
    Publish();
    return status;
  }

  Status BeginInitialize(int64_t expected_size) override {
    MutexLock lock(&initialize_);
    if (is_initialized()) return FailedPrecondition("Table already initialized.");
    return Begin(expected_size);
  }
  Status AddEntries(KernelContext* context, const TensorView& keys,
                    const TensorView& values) override {
    MutexLock lock(&initialize_);
    OPGRAFT_RETURN_IF_ERROR(Add(context, keys, values));
    // With the last entries, while there still is somebody to tell of keys with two values.
    return builder_->added() == expected_size_ ? Build(context) : Status();
  }
  void EndInitialize(KernelContext* context) override {
    MutexLock lock(&initialize_);
    if (builder_ != nullptr) failure_ = Build(context);
    Publish();
  }

 private:
  const ReadableStorage* Get() const { return storage_.load(std::memory_order_acquire); }

  Status WhyNotInitialized() {
    MutexLock lock(&initialize_);
    if (failure_.ok()) return FailedPrecondition("Table not initialized.");
    return Error(failure_.code(), "%s", failure_.message());
  }

  Status Begin(int64_t expected_size) {
    built_ = nullptr;
    failure_ = Status();
    expected_size_ = expected_size;
    return CatchExceptions(
        [&] { return builder_ = FrozenBuilder::New(type_, expected_size), Status(); });
  }
  Status Fill(KernelContext* context, TableIterator* iterator) {
    for (;;) {
      bool done = false;
      TensorView keys, values;
      OPGRAFT_RETURN_IF_ERROR(iterator->Next(context, &done, &keys, &values));
      if (done) return Build(context);
      OPGRAFT_RETURN_IF_ERROR(Add(context, keys, values));
    }
  }
  Status Add(KernelContext* context, const TensorView& keys, const TensorView& values) {
    if (builder_ != nullptr) {
      return CatchExceptions([&] { return builder_->Add(context, keys, values); });
    }
    if (built_ == nullptr) return FailedPrecondition("The table is not being initialized.");
    return FailedPrecondition("The table's initializer has more entries than the %lld announced",
                              static_cast<long long>(expected_size_));
  }
  Status Build(KernelContext* context) {
    const std::unique_ptr<FrozenBuilder> builder = std::move(builder_);
    return CatchExceptions([&] { return builder->Build(context, &built_); });
  }
  void Publish() {
    if (built_ != nullptr) storage_.store(built_.release(), std::memory_order_release);
  }

  // Null until initialized, complete and constant from then on: readers need no lock.
  std::atomic<const ReadableStorage*> storage_{nullptr};
  Mutex initialize_;
  // Guarded by initialize_: what is being initialized, one of the two or neither.
  std::unique_ptr<FrozenBuilder> builder_;
  std::unique_ptr<ReadableStorage> built_;
  int64_t expected_size_ = -1;
  Status failure_;  // of the last initialization that ended
};

class HashTableFactory final : public TableFactory {
 public:
  Status Init(Attrs* attrs) override { return ReadTableType(attrs, false, &type_); }
  Status Create(KernelContext*, Table** table) override {
    return CatchExceptions([&] { return *table = new HashTable(type_), Status(); });
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
