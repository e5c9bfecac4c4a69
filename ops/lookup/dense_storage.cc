#include "ops/lookup/dense_storage.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "ops/lookup/dense_layout.h"
#include "ops/lookup/dense_rows.h"
#include "ops/lookup/entry_map.h"
#include "ops/lookup/table_checks.h"
#include "ops/lookup/traits.h"

namespace opgraft {
namespace {

/// The dims of an export: at least a matrix, of one column for scalars.
std::vector<int64_t> RowDims(const std::vector<int64_t>& dims) {
  return dims.empty() ? std::vector<int64_t>{1} : dims;
}

template <class Rows>
class DenseStorage final : public Storage {
  using Key = typename Rows::Key;
  using Own = KeyTraits<Key>;
  using Stored = typename Own::Stored;

 public:
  DenseStorage(const TableType& type, const DenseOptions& options)
      : type_(type),
        options_(options),
        width_(type.key_width),
        buckets_(options.initial_buckets),
        entries_(type) {}

  /// Copies the two special keys.
  Status SetKeys(KernelContext* context, const TensorView& empty_key,
                 const TensorView* deleted_key) {
    empty_key_ = Own::Own(*Rows(context, empty_key, width_).Read(0, 1));
    if (deleted_key == nullptr) return Status();
    deleted_key_ = Own::Own(*Rows(context, *deleted_key, width_).Read(0, 1));
    has_deleted_key_ = true;
    if (!(Own::View(empty_key_) == Own::View(deleted_key_))) return Status();
    return InvalidArgument("Empty and deleted keys cannot be equal");
  }

  int64_t size() const override { return entries_.size(); }
  int64_t memory_used() const override {
    return static_cast<int64_t>(sizeof(*this)) + entries_.memory_used();
  }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values, int64_t begin, int64_t end) const override {
    if (begin == 0) OPGRAFT_RETURN_IF_ERROR(CheckKeys(keys));
    // TensorFlow's takes the first default even if there is one per key.
    const Values::Default absent = entries_.values().PrepareDefault(default_value, false);
    return ForEachBlock(context, keys, begin, end, [&](int64_t at, const Key* block, int n) {
      return entries_.Find(context, block, n, absent, values, at);
    });
  }

  Status Insert(KernelContext* context, const TensorView& keys, const TensorView& values,
                OnDuplicate) override {
    OPGRAFT_RETURN_IF_ERROR(CheckKeys(keys));
    const int64_t rows = keys.count / width_;
    GrowFor(size() + rows);
    entries_.Expect(rows);
    return ForEachBlock(context, keys, 0, rows, [&](int64_t at, const Key* block, int n) {
      return entries_.Put(context, block, n, values, [&](int i) { return at + i; });
    });
  }

  Status Remove(KernelContext* context, const TensorView& keys) override {
    if (!has_deleted_key_) return Unimplemented("Remove needs a table with a deleted_key");
    OPGRAFT_RETURN_IF_ERROR(CheckKeys(keys));
    return ForEachBlock(
        context, keys, 0, keys.count / width_,
        [&](int64_t, const Key* block, int n) { return entries_.Remove(block, n), Status(); });
  }

  /// Takes what Export makes, and any other rows.
  Status Import(KernelContext* context, const TensorView& keys, const TensorView& values,
                std::unique_ptr<Storage>* imported) const override {
    const int64_t rows = keys.rank == 0 ? 0 : keys.dims[0];
    OPGRAFT_RETURN_IF_ERROR(CheckShape(keys, {rows, width_}, "key"));
    std::vector<int64_t> shape = RowDims(type_.value_dims);
    shape.insert(shape.begin(), rows);
    OPGRAFT_RETURN_IF_ERROR(CheckShape(values, shape, "value"));

    std::unique_ptr<DenseStorage> storage(new DenseStorage(type_, options_));
    storage->empty_key_ = Own::Own(Own::View(empty_key_));
    storage->deleted_key_ = Own::Own(Own::View(deleted_key_));
    storage->has_deleted_key_ = has_deleted_key_;
    // Counted first: most rows of an export may be those of empty buckets.
    Rows reader(context, keys, width_);
    int64_t entries = 0;
    for (int64_t at = 0; at < rows; at += reader.batch()) {
      const int n = static_cast<int>(std::min(rows - at, reader.batch()));
      const Key* const block = reader.Read(at, n);
      for (int i = 0; i < n; ++i) entries += !IsSpecial(block[i]);
    }
    storage->buckets_ = 4;
    while (storage->buckets_ < rows) storage->buckets_ *= 2;
    storage->GrowFor(entries);
    storage->entries_.Reserve(entries);
    for (int64_t at = 0; at < rows; at += reader.batch()) {
      const int n = static_cast<int>(std::min(rows - at, reader.batch()));
      const Key* const block = reader.Read(at, n);
      Key real[kBlock];
      int64_t row[kBlock];
      int m = 0;
      for (int i = 0; i < n; ++i) {
        real[m] = block[i];
        row[m] = at + i;
        m += !IsSpecial(block[i]);  // no branch: special keys are anywhere
      }
      OPGRAFT_RETURN_IF_ERROR(
          storage->entries_.Put(context, real, m, values, [&](int i) { return row[i]; }));
    }
    *imported = std::move(storage);
    return Status();
  }

  Status Export(KernelContext* context) const override {
    TensorView keys, values;
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 0, type_.key_dtype, buckets_, RowDims(type_.key_dims), &keys));
    OPGRAFT_RETURN_IF_ERROR(AllocateExport(context, 1, type_.value_dtype, buckets_,
                                           RowDims(type_.value_dims), &values));
    // Bytes of a row, 0 if it is no plain memory.
    const size_t key_size = DataTypeSize(type_.key_dtype) * width_;
    const size_t value_size = DataTypeSize(type_.value_dtype) * type_.value_width;
    if (value_size * buckets_ != 0) std::memset(values.data, 0, value_size * buckets_);
    for (int64_t bucket = 0; Rows::kFill && bucket < buckets_; ++bucket) {
      Rows::Write(context, keys, bucket, Own::View(empty_key_), width_);
    }
    DenseLayout layout(buckets_);
    entries_.ForEachBlock([&](const Key* block, const uint64_t* const* found, int n) {
      uint64_t hashes[kBlock];
      for (int i = 0; i < n; ++i) {
        hashes[i] = Rows::Hash(block[i], width_);
        const int64_t first = layout.Prefetch(hashes[i]);
        __builtin_prefetch(keys.flat<char>() + first * key_size, 1);
        __builtin_prefetch(values.flat<char>() + first * value_size, 1);
        entries_.values().Prefetch(found[i]);
      }
      for (int i = 0; i < n; ++i) {
        const int64_t bucket = layout.Place(hashes[i]);
        Rows::Write(context, keys, bucket, block[i], width_);
        entries_.values().Get(context, found + i, 1, nullptr, values, bucket);
      }
    });
    for (int64_t bucket = 0; bucket < buckets_; ++bucket) {
      if (Rows::kFill || layout.IsTaken(bucket)) continue;
      Rows::Write(context, keys, bucket, Own::View(empty_key_), width_);
    }
    return Status();
  }

 private:
  static constexpr int kBlock = EntryMap<typename Rows::Traits>::kBlock;

  /// Every key of a table with vectors as keys is a row of a matrix.
  Status CheckKeys(const TensorView& keys) const {
    const int64_t rows = keys.rank == 0 ? 1 : keys.dims[0];
    if (keys.count == rows * width_) return Status();
    const int64_t expected[] = {rows, width_};
    return InvalidArgument("Expected key shape %s got %s", ShapeText(2, expected).c_str(),
                           ShapeText(keys).c_str());
  }

  bool IsSpecial(const Key& key) const {
    return (Own::View(empty_key_) == key) | (has_deleted_key_ & (Own::View(deleted_key_) == key));
  }

  /// Calls f(index of the first, keys, how many) for the rows [begin, end) in blocks, up to the
  /// first special key, which is an error.
  template <class F>
  Status ForEachBlock(KernelContext* context, const TensorView& keys, int64_t begin, int64_t end,
                      const F& f) const {
    Rows reader(context, keys, width_);
    while (begin < end) {
      const int n = static_cast<int>(std::min(end - begin, reader.batch()));
      const Key* const block = reader.Read(begin, n);
      int good = 0;
      while (good < n && !IsSpecial(block[good])) ++good;
      OPGRAFT_RETURN_IF_ERROR(f(begin, block, good));
      if (good < n) {
        const bool is_empty_key = Own::View(empty_key_) == block[good];
        return InvalidArgument("Using the %s as a table key is not allowed",
                               is_empty_key ? "empty_key" : "deleted_key");
      }
      begin += n;
    }
    return Status();
  }

  /// As TensorFlow's table counts its buckets before it inserts.
  void GrowFor(int64_t entries) {
    int64_t buckets = buckets_;
    while (static_cast<float>(entries) > options_.max_load_factor * buckets) {
      if (__builtin_mul_overflow(buckets, 2, &buckets)) throw std::bad_alloc();
    }
    buckets_ = buckets;
  }

  const TableType type_;
  const DenseOptions options_;
  const int64_t width_;
  Stored empty_key_{}, deleted_key_{};
  bool has_deleted_key_ = false;
  int64_t buckets_;  // of TensorFlow's array, which is laid out only when it is exported
  EntryMap<typename Rows::Traits> entries_;
};

template <class Rows>
Status New(KernelContext* context, const TableType& type, const DenseOptions& options,
           const TensorView& empty_key, const TensorView* deleted_key,
           std::unique_ptr<Storage>* storage) {
  std::unique_ptr<DenseStorage<Rows>> dense(new DenseStorage<Rows>(type, options));
  OPGRAFT_RETURN_IF_ERROR(dense->SetKeys(context, empty_key, deleted_key));
  *storage = std::move(dense);
  return Status();
}

}  // namespace

Status NewDenseStorage(KernelContext* context, const TableType& type, const DenseOptions& options,
                       const TensorView& empty_key, const TensorView* deleted_key,
                       std::unique_ptr<Storage>* storage) {
  // An array that could never be exported; what one costs beyond that is paid at the export.
  int64_t bytes = sizeof(uint64_t) * 2;
  if (__builtin_mul_overflow(bytes, std::max(type.key_width, type.value_width), &bytes) ||
      __builtin_mul_overflow(bytes, options.initial_buckets, &bytes)) {
    throw std::bad_alloc();
  }
  const bool vectors = type.key_width != 1;
  const auto make =
      type.key_dtype == DT_INT32   ? (vectors ? New<IntegerRows> : New<ScalarRows<int32_t>>)
      : type.key_dtype == DT_INT64 ? (vectors ? New<IntegerRows> : New<ScalarRows<int64_t>>)
                                   : (vectors ? New<StringRows> : New<ScalarRows<StringView>>);
  return make(context, type, options, empty_key, deleted_key, storage);
}

}  // namespace opgraft
