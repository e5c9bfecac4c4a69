#include "ops/lookup/dense_storage.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "ops/lookup/column.h"
#include "ops/lookup/table_checks.h"
#include "ops/lookup/traits.h"

namespace opgraft {

uint64_t HashString(StringView text) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  uint64_t hash = 0xDECAFCAFFEu ^ (text.size * kMultiplier);
  size_t i = 0;
  for (; i + 8 <= text.size; i += 8) {
    uint64_t block;  // little-endian, as every platform of TensorFlow's tables is
    std::memcpy(&block, text.data + i, 8);
    block *= kMultiplier;
    block ^= block >> kShift;
    hash = (hash ^ (block * kMultiplier)) * kMultiplier;
  }
  if (i < text.size) {
    uint64_t block = 0;
    std::memcpy(&block, text.data + i, text.size - i);
    hash = (hash ^ block) * kMultiplier;
  }
  hash ^= hash >> kShift;
  hash *= kMultiplier;
  return hash ^ (hash >> kShift);
}

namespace {

/// The dims of an export: at least a matrix, of one column for scalars.
std::vector<int64_t> RowDims(const std::vector<int64_t>& dims) {
  return dims.empty() ? std::vector<int64_t>{1} : dims;
}

template <class K>
class DenseStorage final : public Storage {
  using Traits = KeyTraits<K>;
  using Stored = typename Traits::Stored;

 public:
  DenseStorage(const TableType& type, const DenseOptions& options)
      : type_(type),
        options_(options),
        width_(type.key_width),
        values_(NewColumn(type.value_dtype, type.value_width)) {}

  /// Copies the two special keys.
  Status SetKeys(KernelContext* context, const TensorView& empty_key,
                 const TensorView* deleted_key) {
    const auto copy = [&](const TensorView& tensor, std::vector<Stored>* key) {
      return ForEachKey<K>(context, tensor, width_, 0, 1, [&](int64_t, const K* row) {
        for (int64_t j = 0; j < width_; ++j) key->push_back(Traits::Own(row[j]));
        return Status();
      });
    };
    OPGRAFT_RETURN_IF_ERROR(copy(empty_key, &empty_key_));
    if (deleted_key == nullptr) return Status();
    OPGRAFT_RETURN_IF_ERROR(copy(*deleted_key, &deleted_key_));
    return ForEachKey<K>(context, *deleted_key, width_, 0, 1, [&](int64_t, const K* row) {
      if (!Equals(empty_key_.data(), row)) return Status();
      return InvalidArgument("Empty and deleted keys cannot be equal");
    });
  }

  /// Before the first entry.
  void AllocateBuckets(int64_t buckets) {
    int64_t cells;
    if (__builtin_mul_overflow(buckets, width_, &cells)) throw std::bad_alloc();
    keys_.resize(cells);
    values_->Resize(buckets);
    states_.resize(buckets, kEmpty);
  }

  int64_t size() const override { return live_; }
  int64_t memory_used() const override {
    int64_t bytes = static_cast<int64_t>(keys_.capacity() * sizeof(Stored) + states_.capacity());
    for (const Stored& key : keys_) {
      bytes += static_cast<int64_t>(Traits::HeapBytes(Traits::View(key)));
    }
    return bytes + values_->memory_used();
  }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values, int64_t begin, int64_t end) const override {
    if (begin == 0) OPGRAFT_RETURN_IF_ERROR(CheckKeys(keys));
    return ForEachKey<K>(context, keys, width_, begin, end, [&](int64_t i, const K* key) {
      OPGRAFT_RETURN_IF_ERROR(CheckKey(key));
      const int64_t bucket = Search(key).found;
      if (bucket >= 0) return values_->Get(context, bucket, values, i), Status();
      // TensorFlow's takes the first default even if there is one per key.
      return CopyRow(context, default_value, 0, values, i, type_.value_width);
    });
  }

  Status Insert(KernelContext* context, const TensorView& keys, const TensorView& values,
                OnDuplicate) override {
    OPGRAFT_RETURN_IF_ERROR(CheckKeys(keys));
    Reserve(keys.count / width_);
    return ForEachKey<K>(context, keys, width_, 0, keys.count / width_,
                         [&](int64_t i, const K* key) {
                           OPGRAFT_RETURN_IF_ERROR(CheckKey(key));
                           return Put(context, key, values, i);
                         });
  }

  Status Remove(KernelContext* context, const TensorView& keys) override {
    if (deleted_key_.empty()) return Unimplemented("Remove needs a table with a deleted_key");
    OPGRAFT_RETURN_IF_ERROR(CheckKeys(keys));
    return ForEachKey<K>(context, keys, width_, 0, keys.count / width_, [&](int64_t, const K* key) {
      OPGRAFT_RETURN_IF_ERROR(CheckKey(key));
      const int64_t bucket = Search(key).found;
      if (bucket < 0) return Status();
      states_[bucket] = kDeleted;
      --live_;
      ++deleted_;
      return Status();
    });
  }

  /// Takes what Export makes, but places the entries itself.
  Status Import(KernelContext* context, const TensorView& keys, const TensorView& values,
                std::unique_ptr<Storage>* imported) const override {
    const int64_t rows = keys.rank == 0 ? 0 : keys.dims[0];
    OPGRAFT_RETURN_IF_ERROR(CheckShape(keys, {rows, width_}, "key"));
    std::vector<int64_t> shape = RowDims(type_.value_dims);
    shape.insert(shape.begin(), rows);
    OPGRAFT_RETURN_IF_ERROR(CheckShape(values, shape, "value"));

    std::unique_ptr<DenseStorage> storage(new DenseStorage(type_, options_));
    for (const Stored& part : empty_key_) {
      storage->empty_key_.push_back(Traits::Own(Traits::View(part)));
    }
    for (const Stored& part : deleted_key_) {
      storage->deleted_key_.push_back(Traits::Own(Traits::View(part)));
    }
    int64_t entries = 0;
    OPGRAFT_RETURN_IF_ERROR(
        ForEachKey<K>(context, keys, width_, 0, rows, [&](int64_t, const K* key) {
          if (CheckKey(key).ok()) ++entries;
          return Status();
        }));
    int64_t buckets = 4;
    while (buckets < rows) buckets *= 2;
    storage->AllocateBuckets(buckets);
    storage->Reserve(entries);
    OPGRAFT_RETURN_IF_ERROR(
        ForEachKey<K>(context, keys, width_, 0, rows, [&](int64_t i, const K* key) {
          return CheckKey(key).ok() ? storage->Put(context, key, values, i) : Status();
        }));
    *imported = std::move(storage);
    return Status();
  }

  Status Export(KernelContext* context) const override {
    TensorView keys, values;
    const int64_t buckets = static_cast<int64_t>(states_.size());
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 0, type_.key_dtype, buckets, RowDims(type_.key_dims), &keys));
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 1, type_.value_dtype, buckets, RowDims(type_.value_dims), &values));
    for (int64_t bucket = 0; bucket < buckets; ++bucket) {
      const Stored* const key = states_[bucket] == kEmpty     ? empty_key_.data()
                                : states_[bucket] == kDeleted ? deleted_key_.data()
                                                              : Key(bucket);
      for (int64_t j = 0; j < width_; ++j) {
        WriteKey(context, keys, bucket * width_ + j, Traits::View(key[j]));
      }
      values_->Get(context, bucket, values, bucket);
    }
    return Status();
  }

 private:
  enum State : uint8_t { kEmpty, kLive, kDeleted };

  struct Place {
    int64_t found;  // the bucket of the key, or -1
    int64_t free;   // the first bucket where it could go, or -1
  };

  static void WriteKey(KernelContext* context, const TensorView& keys, int64_t i, StringView key) {
    context->WriteString(keys, i, key);
  }
  template <class Int>
  static void WriteKey(KernelContext*, const TensorView& keys, int64_t i, Int key) {
    keys.flat<Int>()[i] = key;
  }

  const Stored* Key(int64_t bucket) const { return keys_.data() + bucket * width_; }

  bool Equals(const Stored* stored, const K* key) const {
    for (int64_t j = 0; j < width_; ++j) {
      if (!(Traits::View(stored[j]) == key[j])) return false;
    }
    return true;
  }

  uint64_t Hash(const K* key) const {
    if (width_ == 1) return Traits::DenseHash(key[0]);
    uint64_t hash = 0;
    for (int64_t j = 0; j < width_; ++j) {
      hash ^= Traits::DenseHash(key[j]) + 0x9e3779b97f4a7800 + (hash << 10) + (hash >> 4);
    }
    return hash;
  }

  /// Every key of a table with vectors as keys is a row of a matrix.
  Status CheckKeys(const TensorView& keys) const {
    const int64_t rows = keys.rank == 0 ? 1 : keys.dims[0];
    if (keys.count == rows * width_) return Status();
    const int64_t expected[] = {rows, width_};
    return InvalidArgument("Expected key shape %s got %s", ShapeText(2, expected).c_str(),
                           ShapeText(keys).c_str());
  }

  __attribute__((noinline)) Status CheckKey(const K* key) const {
    const bool is_empty_key = Equals(empty_key_.data(), key);
    if (!is_empty_key && (deleted_key_.empty() || !Equals(deleted_key_.data(), key))) {
      return Status();
    }
    return InvalidArgument("Using the %s as a table key is not allowed",
                           is_empty_key ? "empty_key" : "deleted_key");
  }

  __attribute__((noinline)) Place Search(const K* key) const {
    const uint64_t mask = states_.size() - 1;
    uint64_t bucket = Hash(key) & mask;
    Place place = {-1, -1};
    for (uint64_t step = 1; step <= states_.size(); ++step) {
      if (states_[bucket] == kLive) {
        if (Equals(Key(bucket), key)) return place.found = bucket, place;
      } else {
        if (place.free < 0) place.free = bucket;
        if (states_[bucket] == kEmpty) break;
      }
      bucket = (bucket + step) & mask;
    }
    return place;
  }

  __attribute__((noinline)) Status Put(KernelContext* context, const K* key,
                                       const TensorView& values, int64_t i) {
    const Place place = Search(key);
    if (place.found >= 0) return values_->Set(context, place.found, values, i);
    // The key first: its copy may throw, and nothing has changed by then.
    std::vector<Stored> owned;
    owned.reserve(width_);
    for (int64_t j = 0; j < width_; ++j) owned.push_back(Traits::Own(key[j]));
    OPGRAFT_RETURN_IF_ERROR(values_->Set(context, place.free, values, i));
    std::move(owned.begin(), owned.end(), keys_.begin() + place.free * width_);
    if (states_[place.free] == kDeleted) --deleted_;
    states_[place.free] = kLive;
    ++live_;
    return Status();
  }

  /// Makes room for more entries, with TensorFlow's numbers of buckets.
  __attribute__((noinline)) void Reserve(int64_t more) {
    const int64_t old_buckets = static_cast<int64_t>(states_.size());
    const auto fits = [&](int64_t buckets) {
      return static_cast<float>(live_ + more) <= options_.max_load_factor * buckets;
    };
    int64_t buckets = old_buckets;
    while (!fits(buckets)) {
      if (__builtin_mul_overflow(buckets, 2, &buckets)) throw std::bad_alloc();
    }
    // Buckets of removed entries make searches long, and endless without an empty one.
    if (buckets == old_buckets && deleted_ <= old_buckets - live_ - deleted_) return;
    DenseStorage grown(type_, options_);
    grown.AllocateBuckets(buckets);
    std::vector<K> key(width_);
    for (int64_t bucket = 0; bucket < old_buckets; ++bucket) {
      if (states_[bucket] != kLive) continue;
      Stored* const stored = keys_.data() + bucket * width_;
      for (int64_t j = 0; j < width_; ++j) key[j] = Traits::View(stored[j]);
      const int64_t target = grown.Search(key.data()).free;
      std::move(stored, stored + width_, grown.keys_.begin() + target * width_);
      grown.values_->Take(target, values_.get(), bucket);
      grown.states_[target] = kLive;
    }
    keys_.swap(grown.keys_);
    values_.swap(grown.values_);
    states_.swap(grown.states_);
    deleted_ = 0;
  }

  const TableType type_;
  const DenseOptions options_;
  const int64_t width_;
  std::vector<Stored> empty_key_, deleted_key_;  // the latter is empty if there is none
  std::vector<State> states_;                    // of each bucket
  std::vector<Stored> keys_;                     // rows of width_; only those of live buckets count
  std::unique_ptr<Column> values_;               // those of removed entries stay, as in TensorFlow
  int64_t live_ = 0;
  int64_t deleted_ = 0;
};

template <class K>
Status New(KernelContext* context, const TableType& type, const DenseOptions& options,
           const TensorView& empty_key, const TensorView* deleted_key,
           std::unique_ptr<Storage>* storage) {
  std::unique_ptr<DenseStorage<K>> dense(new DenseStorage<K>(type, options));
  OPGRAFT_RETURN_IF_ERROR(dense->SetKeys(context, empty_key, deleted_key));
  dense->AllocateBuckets(options.initial_buckets);
  *storage = std::move(dense);
  return Status();
}

}  // namespace

Status NewDenseStorage(KernelContext* context, const TableType& type, const DenseOptions& options,
                       const TensorView& empty_key, const TensorView* deleted_key,
                       std::unique_ptr<Storage>* storage) {
  const auto make = type.key_dtype == DT_INT32   ? New<int32_t>
                    : type.key_dtype == DT_INT64 ? New<int64_t>
                                                 : New<StringView>;
  return make(context, type, options, empty_key, deleted_key, storage);
}

}  // namespace opgraft
