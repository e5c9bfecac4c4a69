// What the tables share: their types, checks, and finding in parallel.
#ifndef OPGRAFT_OPS_LOOKUP_TABLE_H_
#define OPGRAFT_OPS_LOOKUP_TABLE_H_

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "ops/kernel/table.h"
#include "ops/lookup/rw_lock.h"
#include "ops/lookup/storage.h"

namespace opgraft {

/// A Table with its types.
class TypedTable : public Table {
 public:
  explicit TypedTable(const TableType& type) : type_(type) {}
  DataType key_dtype() const override { return type_.key_dtype; }
  DataType value_dtype() const override { return type_.value_dtype; }
  int key_rank() const override { return static_cast<int>(type_.key_dims.size()); }
  const int64_t* key_dims() const override { return type_.key_dims.data(); }
  int value_rank() const override { return static_cast<int>(type_.value_dims.size()); }
  const int64_t* value_dims() const override { return type_.value_dims.data(); }

 protected:
  const TableType type_;
};

/// A table whose entries change. Each call sees all of another one or nothing of it, Find included.
class MutableTable final : public TypedTable {
 public:
  MutableTable(const TableType& type, std::unique_ptr<Storage> storage)
      : TypedTable(type), storage_(std::move(storage)) {}

  int64_t size() const override;
  int64_t memory_used() const override;
  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values) override;
  Status Insert(KernelContext* context, const TensorView& keys, const TensorView& values) override;
  Status Remove(KernelContext* context, const TensorView& keys) override;
  Status Import(KernelContext* context, const TensorView& keys, const TensorView& values) override;
  Status Export(KernelContext* context) override;

 private:
  mutable RwLock lock_;
  std::atomic<uint64_t> version_{0};  // counts changes
  std::unique_ptr<Storage> storage_;
};

/// One batch of keys and values that are tensors.
class TensorIterator final : public TableIterator {
 public:
  TensorIterator(const TensorView& keys, const TensorView& values) : keys_(keys), values_(values) {}
  Status Next(KernelContext*, bool* done, TensorView* keys, TensorView* values) override {
    *done = done_;
    *keys = keys_;
    *values = values_;
    done_ = true;
    return Status();
  }
  int64_t total_size() override { return keys_.count; }

 private:
  const TensorView keys_, values_;
  bool done_ = false;
};

/// Calls find(begin, end), which returns a Status, for ranges of [0, n) in parallel. Returns the
/// first error that occurs.
///
/// To wake a thread up takes 0.1 to 0.3 ms on a virtual machine, so what takes less is not shared:
/// 12,000 keys of a large table, 125,000 integers of one in the cache. Threads take chunks as they
/// come, since nobody should wait for the share of one that comes late.
template <class F>
Status ParallelFind(KernelContext* context, const Table& table, int64_t n, const F& find,
                    int64_t value_bytes = 8) {
  constexpr int64_t kChunk = 2048, kMaxTasks = 64;
  constexpr int64_t kCached = 32768;         // entries
  constexpr int64_t kWorthWaking = 250'000;  // nanoseconds
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  const int64_t tasks = std::min(chunks, kMaxTasks);
  if (tasks <= 1) return CatchExceptions([&] { return find(int64_t{0}, n); });
  // What a key takes: with 128 bytes of a value 80 to 160 ns.
  const bool strings = table.key_dtype() == DT_STRING, cached = table.size() <= kCached;
  const int64_t nanoseconds =
      cached ? (strings ? 12 : 2) + value_bytes / 16 : (strings ? 20 : 16) + value_bytes / 2;
  if (n * nanoseconds < kWorthWaking) return CatchExceptions([&] { return find(int64_t{0}, n); });
  Mutex mutex;
  Status status;
  std::atomic<int64_t> next(0);
  context->ParallelFor(tasks, n * nanoseconds / tasks, [&](int64_t, int64_t) {
    for (;;) {
      const int64_t begin = next.fetch_add(1, std::memory_order_relaxed) * kChunk;
      if (begin >= n) return;
      Status part = CatchExceptions([&] { return find(begin, std::min(begin + kChunk, n)); });
      if (part.ok()) continue;
      MutexLock lock(&mutex);
      if (status.ok()) status = std::move(part);
    }
  });
  return status;
}

/// The attrs key_dtype, value_dtype and, if has_value_shape, value_shape.
Status ReadTableType(Attrs* attrs, bool has_value_shape, TableType* type);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_TABLE_H_
