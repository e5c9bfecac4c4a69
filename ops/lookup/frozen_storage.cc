#include "ops/lookup/frozen_storage.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ops/lookup/column.h"
#include "ops/lookup/frozen_map.h"
#include "ops/lookup/frozen_strings.h"
#include "ops/lookup/frozen_values.h"
#include "ops/lookup/rw_lock.h"
#include "ops/lookup/traits.h"

namespace opgraft {
namespace {

// Rows that are reserved at once: untouched memory costs nothing, but there must be enough of it.
constexpr int64_t kMaxReserve = 1 << 24;

template <class K>
class FrozenIntegers final : public ReadableStorage {
 public:
  FrozenIntegers(FrozenMap map, FrozenValues values)
      : map_(std::move(map)), values_(std::move(values)) {}

  int64_t size() const override { return map_.size(); }
  int64_t memory_used() const override { return map_.memory_used() + values_.memory_used(); }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values, int64_t begin, int64_t end) const override {
    const auto find = [&](auto type, int64_t first, int64_t n, auto other, auto* to) {
      FindIntegers<K, decltype(type)>(map_, keys.flat<K>() + first, n, other, to);
    };
    values_.Find(context, map_.value_width(), default_value, values, begin, end, find);
    return Status();
  }

  Status Export(KernelContext* context) const override {
    TensorView keys, values;
    OPGRAFT_RETURN_IF_ERROR(AllocateExport(context, 0, DataTypeOf<K>::value, size(), {}, &keys));
    OPGRAFT_RETURN_IF_ERROR(AllocateExport(context, 1, values_.dtype(), size(), {}, &values));
    int64_t i = 0;
    map_.ForEach([&](const char* slot) {
      std::memcpy(keys.flat<K>() + i, slot, sizeof(K));
      values_.Write(context, map_.value_width(), slot + sizeof(K), values, i++);
    });
    return Status();
  }

 private:
  const FrozenMap map_;
  const FrozenValues values_;
};

class FrozenStringStorage final : public ReadableStorage {
 public:
  FrozenStringStorage(FrozenStrings maps, FrozenValues values)
      : maps_(std::move(maps)), values_(std::move(values)) {
    for (size_t i = 0; i < FrozenStrings::kMaps; ++i) {
      size_ += maps_.map(i).size();
      if (maps_.map(i).size() != 0) value_width_ = maps_.map(i).value_width();
    }
  }

  int64_t size() const override { return size_; }
  int64_t memory_used() const override { return maps_.memory_used() + values_.memory_used(); }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values, int64_t begin, int64_t end) const override {
    const auto find = [&](auto type, int64_t first, int64_t n, auto other, auto* to) {
      maps_.Find<decltype(type)>(context, keys, first, n, other, to);
    };
    values_.Find(context, value_width_, default_value, values, begin, end, find);
    return Status();
  }

  Status Export(KernelContext* context) const override {
    TensorView keys, values;
    OPGRAFT_RETURN_IF_ERROR(AllocateExport(context, 0, DT_STRING, size(), {}, &keys));
    OPGRAFT_RETURN_IF_ERROR(AllocateExport(context, 1, values_.dtype(), size(), {}, &values));
    int64_t i = 0;
    for (size_t m = 0; m < FrozenStrings::kMaps; ++m) {
      maps_.map(m).ForEach([&](const char* slot) {
        context->WriteString(keys, i, maps_.Key(m, slot));
        values_.Write(context, value_width_, slot + FrozenStrings::KeyWidth(m), values, i++);
      });
    }
    return Status();
  }

 private:
  const FrozenStrings maps_;
  const FrozenValues values_;
  int64_t size_ = 0;
  size_t value_width_ = 0;
};

/// Two rows of one key with different values.
struct Conflict {
  bool found = false;
  std::string key, value, other_value;
};

/// What both builders share. Derived classes know what the key of a row is.
class Builder : public FrozenBuilder, protected FrozenMap::Keys {
 public:
  Builder(const TableType& type, int attempts)
      : type_(type), attempts_(attempts), values_(type.value_dtype) {}

  int64_t added() const override { return added_; }

  bool Equal(const char* a, const char* b) override {
    if (!EqualKeys(a, b)) return false;
    const size_t width = key_width();
    if (!values_.Equal(a + width, b + width)) {
      MutexLock lock(&mutex_);
      if (!conflict_.found) {
        conflict_ = {true, KeyText(a), values_.Text(a + width), values_.Text(b + width)};
      }
    }
    return true;
  }

 protected:
  virtual size_t key_width() const = 0;
  virtual bool EqualKeys(const char* a, const char* b) const = 0;
  virtual std::string KeyText(const char* row) const = 0;

  /// False if no seed works.
  bool Freeze(KernelContext* context, Rows* rows, FrozenMap* map) {
    for (int i = 0; i < attempts_; ++i) {
      if (map->Build(context, rows, values_.narrow(), HashSeed::Random(), this)) return true;
    }
    return false;
  }

  Status CheckConflict() const {
    if (!conflict_.found) return Status();
    return FailedPrecondition(
        "HashTable has different value for same key. Key %s has %s and trying to add value %s",
        conflict_.key.c_str(), conflict_.value.c_str(), conflict_.other_value.c_str());
  }

  /// Inserts rows into a mutable storage. keys(begin, n) views keys as a tensor does.
  template <class F>
  Status Thaw(KernelContext* context, const Rows& rows, const F& keys, Storage* storage) const {
    constexpr int64_t kBatch = 1024;
    std::vector<char> numbers(kBatch * values_.width());
    std::vector<StringView> strings(kBatch);
    for (int64_t begin = 0; begin < rows.size(); begin += kBatch) {
      const int64_t n = std::min(kBatch, rows.size() - begin);
      const bool is_string = type_.value_dtype == DT_STRING;
      for (int64_t i = 0; i < n; ++i) {
        const char* const value = rows.At(begin + i) + rows.key_width();
        if (is_string) {
          strings[i] = values_.String(value);
        } else {
          std::memcpy(&numbers[i * values_.width()], value, values_.width());
        }
      }
      void* const data = is_string ? static_cast<void*>(strings.data()) : numbers.data();
      const TensorView values = {type_.value_dtype, 1, &n, n, data, nullptr};
      const TensorView key_view = {type_.key_dtype, 1, &n, n, keys(begin, n), nullptr};
      OPGRAFT_RETURN_IF_ERROR(
          storage->Insert(context, key_view, values, OnDuplicate::kRefuseOther));
    }
    return Status();
  }

  const TableType type_;
  const int attempts_;
  FrozenValues values_;
  int64_t added_ = 0;

 private:
  Mutex mutex_;
  Conflict conflict_;
};

template <class K>
class IntegerBuilder final : public Builder {
 public:
  IntegerBuilder(const TableType& type, int64_t expected_size, int attempts)
      : Builder(type, attempts), rows_(sizeof(K), values_.width()) {
    rows_.Reserve(std::min(expected_size, kMaxReserve));
  }

  Status Add(KernelContext* context, const TensorView& keys, const TensorView& values) override {
    rows_.Reserve(rows_.size() + keys.count);
    const K* const from = keys.flat<K>();
    const size_t width = values_.width();
    values_.ForEach(context, values, [&](int64_t i, const char* value) {
      char* const row = rows_.Append();
      std::memcpy(row, from + i, sizeof(K));
      if (width == 8) {
        std::memcpy(row + sizeof(K), value, 8);
      } else {
        std::memcpy(row + sizeof(K), value, width);
      }
    });
    added_ += keys.count;
    return Status();
  }

  Status Build(KernelContext* context, std::unique_ptr<ReadableStorage>* storage) override {
    FrozenMap map;
    const bool frozen = Freeze(context, &rows_, &map);
    OPGRAFT_RETURN_IF_ERROR(CheckConflict());
    if (frozen) {
      storage->reset(new FrozenIntegers<K>(std::move(map), std::move(values_)));
      return Status();
    }
    std::vector<K> keys;
    const auto copy = [&](int64_t begin, int64_t n) {
      keys.resize(n);
      for (int64_t i = 0; i < n; ++i) std::memcpy(&keys[i], rows_.At(begin + i), sizeof(K));
      return keys.data();
    };
    std::unique_ptr<Storage> thawed = NewHashMap(type_, added_);
    OPGRAFT_RETURN_IF_ERROR(Thaw(context, rows_, copy, thawed.get()));
    *storage = std::move(thawed);
    return Status();
  }

 private:
  void Hash(const char* rows, int64_t n, const HashSeed& seed, uint64_t* hashes) const override {
    const size_t stride = rows_.stride();
    for (int64_t i = 0; i < n; ++i) {
      hashes[i] = QuickHashKey(Unsigned(KeyOf(rows + i * stride)), seed);
    }
  }
  size_t key_width() const override { return sizeof(K); }
  bool EqualKeys(const char* a, const char* b) const override {
    return std::memcmp(a, b, sizeof(K)) == 0;
  }
  std::string KeyText(const char* row) const override {
    return ElementText(DataTypeOf<K>::value, row);
  }
  static K KeyOf(const char* row) {
    K key;
    std::memcpy(&key, row, sizeof(K));
    return key;
  }

  Rows rows_;
};

class StringBuilder final : public Builder {
 public:
  StringBuilder(const TableType& type, int attempts) : Builder(type, attempts) {
    for (size_t m = 0; m < FrozenStrings::kMaps; ++m) {
      rows_.emplace_back(FrozenStrings::KeyWidth(m), values_.width());
    }
  }

  Status Add(KernelContext* context, const TensorView& keys, const TensorView& values) override {
    constexpr int64_t kRead = 64;
    StringView batch[kRead];
    values_.ForEach(context, values, [&](int64_t i, const char* value) {
      if (i % kRead == 0) {
        ReadStrings(context, keys, i, std::min(kRead, keys.count - i), batch);
      }
      const StringView key = batch[i % kRead];
      const size_t map = FrozenStrings::MapOf(key.size);
      char* const row = rows_[map].Append();
      if (FrozenStrings::IsLong(map)) {
        const Arena::Ref ref = maps_.arena().Add(key);
        std::memcpy(row, &ref, sizeof(ref));
      } else if (key.size != 0) {
        std::memcpy(row, key.data, key.size);
      }
      std::memcpy(row + FrozenStrings::KeyWidth(map), value, values_.width());
    });
    added_ += keys.count;
    return Status();
  }

  Status Build(KernelContext* context, std::unique_ptr<ReadableStorage>* storage) override {
    bool frozen = true;
    for (current_ = 0; current_ < FrozenStrings::kMaps && frozen; ++current_) {
      if (rows_[current_].size() == 0) continue;
      frozen = Freeze(context, &rows_[current_], &maps_.map(current_));
      OPGRAFT_RETURN_IF_ERROR(CheckConflict());
    }
    if (frozen) {
      storage->reset(new FrozenStringStorage(std::move(maps_), std::move(values_)));
      return Status();
    }
    std::unique_ptr<Storage> thawed = NewHashMap(type_, added_);
    std::vector<StringView> keys;
    for (size_t m = 0; m < FrozenStrings::kMaps; ++m) {
      const auto view = [&](int64_t begin, int64_t n) {
        keys.resize(n);
        for (int64_t i = 0; i < n; ++i) keys[i] = maps_.Key(m, rows_[m].At(begin + i));
        return keys.data();
      };
      OPGRAFT_RETURN_IF_ERROR(Thaw(context, rows_[m], view, thawed.get()));
    }
    *storage = std::move(thawed);
    return Status();
  }

 private:
  void Hash(const char* rows, int64_t n, const HashSeed& seed, uint64_t* hashes) const override {
    const size_t stride = rows_[current_].stride();
    for (int64_t i = 0; i < n; ++i) {
      hashes[i] = HashKey(maps_.Key(current_, rows + i * stride), seed);
    }
  }
  size_t key_width() const override { return FrozenStrings::KeyWidth(current_); }
  bool EqualKeys(const char* a, const char* b) const override {
    return maps_.Key(current_, a) == maps_.Key(current_, b);
  }
  std::string KeyText(const char* row) const override {
    return ElementText(maps_.Key(current_, row));
  }

  FrozenStrings maps_;
  std::vector<Rows> rows_;  // of each map
  size_t current_ = 0;      // the map that is being built
};

}  // namespace

std::unique_ptr<FrozenBuilder> FrozenBuilder::New(const TableType& type, int64_t expected_size,
                                                  int attempts) {
  switch (type.key_dtype) {
    case DT_INT32:
      return std::unique_ptr<FrozenBuilder>(
          new IntegerBuilder<int32_t>(type, expected_size, attempts));
    case DT_INT64:
      return std::unique_ptr<FrozenBuilder>(
          new IntegerBuilder<int64_t>(type, expected_size, attempts));
    default:
      return std::unique_ptr<FrozenBuilder>(new StringBuilder(type, attempts));
  }
}

}  // namespace opgraft
