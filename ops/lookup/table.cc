#include "ops/lookup/table.h"

namespace opgraft {

int64_t MutableTable::size() const {
  ReadLock lock(&lock_);
  return storage_->size();
}

int64_t MutableTable::memory_used() const {
  ReadLock lock(&lock_);
  return static_cast<int64_t>(sizeof(*this)) + storage_->memory_used();
}

Status MutableTable::Find(KernelContext* context, const TensorView& keys,
                          const TensorView& default_value, const TensorView& values) {
  const int64_t n = keys.count / type_.key_width;
  const auto find = [&](int64_t begin, int64_t end) {
    ReadLock lock(&lock_);
    return storage_->Find(context, keys, default_value, values, begin, end);
  };
  // A lock held around ParallelFor could deadlock: its tasks may wait behind a writer's kernel that
  // waits for the lock. So each range locks, and what a writer tore apart is found once more.
  const uint64_t version = version_.load(std::memory_order_acquire);
  const size_t element = DataTypeSize(type_.value_dtype);
  const int64_t value_bytes = type_.value_width * static_cast<int64_t>(element == 0 ? 64 : element);
  Status status = ParallelFind(context, *this, n, find, value_bytes);
  if (version_.load(std::memory_order_acquire) == version) return status;
  return CatchExceptions([&] { return find(0, n); });
}

Status MutableTable::Insert(KernelContext* context, const TensorView& keys,
                            const TensorView& values) {
  WriteLock lock(&lock_);
  version_.fetch_add(1, std::memory_order_acq_rel);
  return CatchExceptions(
      [&] { return storage_->Insert(context, keys, values, OnDuplicate::kOverwrite); });
}

Status MutableTable::Remove(KernelContext* context, const TensorView& keys) {
  WriteLock lock(&lock_);
  version_.fetch_add(1, std::memory_order_acq_rel);
  return CatchExceptions([&] { return storage_->Remove(context, keys); });
}

Status MutableTable::Import(KernelContext* context, const TensorView& keys,
                            const TensorView& values) {
  std::unique_ptr<Storage> imported;  // the old entries are deleted after the lock is released
  WriteLock lock(&lock_);
  OPGRAFT_RETURN_IF_ERROR(
      CatchExceptions([&] { return storage_->Import(context, keys, values, &imported); }));
  version_.fetch_add(1, std::memory_order_acq_rel);
  storage_.swap(imported);
  return Status();
}

Status MutableTable::Export(KernelContext* context) {
  ReadLock lock(&lock_);
  return CatchExceptions([&] { return storage_->Export(context); });
}

Status ReadTableType(Attrs* attrs, bool has_value_shape, TableType* type) {
  OPGRAFT_RETURN_IF_ERROR(attrs->Type("key_dtype", &type->key_dtype));
  OPGRAFT_RETURN_IF_ERROR(attrs->Type("value_dtype", &type->value_dtype));
  if (!has_value_shape) return Status();
  int rank = 0;
  const int64_t* dims = nullptr;
  OPGRAFT_RETURN_IF_ERROR(attrs->Shape("value_shape", &rank, &dims));
  if (rank < 0) return InvalidArgument("value_shape is not fully defined: its rank is unknown");
  int64_t bytes = 16;  // of the largest element
  for (int i = 0; i < rank; ++i) {
    if (dims[i] < 0) {
      return InvalidArgument("value_shape %s is not fully defined", ShapeText(rank, dims).c_str());
    }
    if (__builtin_mul_overflow(bytes, dims[i], &bytes)) {
      return InvalidArgument("value_shape %s is too large", ShapeText(rank, dims).c_str());
    }
  }
  type->value_dims.assign(dims, dims + rank);
  type->value_width = bytes / 16;
  return Status();
}

}  // namespace opgraft
