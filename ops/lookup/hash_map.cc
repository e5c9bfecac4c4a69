// Storage in a std::unordered_map.
#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "ops/lookup/column.h"
#include "ops/lookup/storage.h"
#include "ops/lookup/table_checks.h"
#include "ops/lookup/traits.h"

namespace opgraft {
namespace {

/// A value that fits into 8 bytes is its slot; any other is a row of a column, and its slot is the
/// number of the row. So one map type per key type serves all types of values.
using Slot = uint64_t;

template <class K>
struct Entry {
  explicit Entry(K) {}
  K MapKey(K key) const { return key; }
  Slot slot = 0;
};

template <>
struct Entry<StringView> {
  explicit Entry(StringView key) : bytes(key) {}
  StringView MapKey(StringView) const { return bytes.view(); }
  OwnedString bytes;  // what the key in the map refers to: lookups need no copy of theirs
  Slot slot = 0;
};

template <class K>
class HashMap final : public Storage {
 public:
  HashMap(const TableType& type, int64_t expected_size)
      : type_(type), inline_size_(InlineSize(type)) {
    if (inline_size_ == 0) column_ = NewColumn(type.value_dtype, type.value_width);
    // A wrong expectation (a huge vocab_size of a small file) must not cost memory.
    if (expected_size > 0) map_.reserve(std::min<int64_t>(expected_size, 1 << 20));
  }

  int64_t size() const override { return static_cast<int64_t>(map_.size()); }

  int64_t memory_used() const override {
    int64_t bytes = static_cast<int64_t>(map_.bucket_count() * sizeof(void*) +
                                         map_.size() * (sizeof(*map_.begin()) + sizeof(void*)));
    for (const auto& entry : map_) {
      bytes += static_cast<int64_t>(KeyTraits<K>::HeapBytes(entry.first));
    }
    return column_ == nullptr ? bytes : bytes + column_->memory_used();
  }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values, int64_t begin, int64_t end) const override {
    const bool default_per_key = default_value.count == values.count;
    return ForEachKey<K>(context, keys, 1, begin, end, [&](int64_t i, const K* key) {
      const auto found = map_.find(*key);
      if (found == map_.end()) {
        return CopyRow(context, default_value, default_per_key ? i : 0, values, i,
                       type_.value_width);
      }
      GetValue(context, found->second.slot, values, i);
      return Status();
    });
  }

  Status Insert(KernelContext* context, const TensorView& keys, const TensorView& values,
                OnDuplicate on_duplicate) override {
    return ForEachKey<K>(context, keys, 1, 0, keys.count, [&](int64_t i, const K* key) {
      const auto found = map_.find(*key);
      if (found == map_.end()) return Add(context, *key, values, i);
      if (on_duplicate == OnDuplicate::kOverwrite) {
        return SetValue(context, &found->second.slot, values, i);
      }
      return CheckEqual(context, found->second.slot, keys, values, i);
    });
  }

  Status Remove(KernelContext* context, const TensorView& keys) override {
    return ForEachKey<K>(context, keys, 1, 0, keys.count, [&](int64_t, const K* key) {
      const auto found = map_.find(*key);
      if (found == map_.end()) return Status();
      if (column_ != nullptr) free_rows_.push_back(found->second.slot);
      map_.erase(found);
      return Status();
    });
  }

  Status Import(KernelContext* context, const TensorView& keys, const TensorView& values,
                std::unique_ptr<Storage>* imported) const override {
    OPGRAFT_RETURN_IF_ERROR(CheckShape(
        values,
        ValueShape(keys, 0, static_cast<int>(type_.value_dims.size()), type_.value_dims.data()),
        "value"));
    std::unique_ptr<Storage> storage(new HashMap(type_, keys.count));
    OPGRAFT_RETURN_IF_ERROR(storage->Insert(context, keys, values, OnDuplicate::kOverwrite));
    *imported = std::move(storage);
    return Status();
  }

  Status Export(KernelContext* context) const override {
    TensorView keys, values;
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 0, type_.key_dtype, size(), type_.key_dims, &keys));
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 1, type_.value_dtype, size(), type_.value_dims, &values));
    int64_t i = 0;
    for (const auto& entry : map_) {
      WriteKey(context, keys, i, entry.first);
      GetValue(context, entry.second.slot, values, i++);
    }
    return Status();
  }

 private:
  static size_t InlineSize(const TableType& type) {
    const size_t size = DataTypeSize(type.value_dtype);
    if (type.value_width > static_cast<int64_t>(sizeof(Slot))) return 0;
    return size * type.value_width <= sizeof(Slot) ? size * type.value_width : 0;
  }

  static void WriteKey(KernelContext* context, const TensorView& keys, int64_t i, StringView key) {
    context->WriteString(keys, i, key);
  }
  template <class Int>
  static void WriteKey(KernelContext*, const TensorView& keys, int64_t i, Int key) {
    keys.flat<Int>()[i] = key;
  }

  void GetValue(KernelContext* context, Slot slot, const TensorView& values, int64_t i) const {
    char* const to = values.flat<char>() + i * inline_size_;
    switch (inline_size_) {
      case 0:
        return column_->Get(context, static_cast<int64_t>(slot), values, i);
      case 4:
        std::memcpy(to, &slot, 4);
        return;
      case 8:
        std::memcpy(to, &slot, 8);
        return;
      default:
        std::memcpy(to, &slot, inline_size_);
    }
  }

  Status SetValue(KernelContext* context, Slot* slot, const TensorView& values, int64_t i) {
    if (inline_size_ == 0) return column_->Set(context, static_cast<int64_t>(*slot), values, i);
    std::memcpy(slot, values.flat<char>() + i * inline_size_, inline_size_);
    return Status();
  }

  /// Changes nothing if it fails.
  Status Add(KernelContext* context, K key, const TensorView& values, int64_t i) {
    Entry<K> entry(key);
    const bool reused = !free_rows_.empty();
    if (column_ != nullptr) {
      entry.slot = reused ? free_rows_.back() : static_cast<Slot>(rows_);
      if (!reused) column_->Resize(rows_ + 1);
    }
    OPGRAFT_RETURN_IF_ERROR(SetValue(context, &entry.slot, values, i));
    const K owned = entry.MapKey(key);
    map_.emplace(owned, std::move(entry));
    if (column_ != nullptr) {
      if (reused) {
        free_rows_.pop_back();
      } else {
        ++rows_;
      }
    }
    return Status();
  }

  Status CheckEqual(KernelContext* context, Slot slot, const TensorView& keys,
                    const TensorView& values, int64_t i) const {
    const bool equal =
        column_ != nullptr
            ? column_->Equals(context, static_cast<int64_t>(slot), values, i)
            : EqualElements(type_.value_dtype, &slot, values.flat<char>() + i * inline_size_,
                            type_.value_width);
    if (equal) return Status();
    const std::string old_text = column_ != nullptr ? column_->Text(static_cast<int64_t>(slot))
                                                    : ElementText(type_.value_dtype, &slot);
    return FailedPrecondition(
        "HashTable has different value for same key. Key %s has %s and trying to add value %s",
        ElementText(context, keys, i).c_str(), old_text.c_str(),
        ElementText(context, values, i).c_str());
  }

  const TableType type_;
  const size_t inline_size_;  // bytes of a value that is its slot; 0 if values are in column_
  std::unordered_map<K, Entry<K>, KeyHash<K>> map_;
  std::unique_ptr<Column> column_;
  int64_t rows_ = 0;
  std::vector<Slot> free_rows_;  // rows of removed entries
};

}  // namespace

std::unique_ptr<Storage> NewHashMap(const TableType& type, int64_t expected_size) {
  switch (type.key_dtype) {
    case DT_INT32:
      return std::unique_ptr<Storage>(new HashMap<int32_t>(type, expected_size));
    case DT_INT64:
      return std::unique_ptr<Storage>(new HashMap<int64_t>(type, expected_size));
    default:
      return std::unique_ptr<Storage>(new HashMap<StringView>(type, expected_size));
  }
}

Status AllocateExport(KernelContext* context, int i, DataType dtype, int64_t rows,
                      const std::vector<int64_t>& dims, TensorView* output) {
  std::vector<int64_t> shape = {rows};
  shape.insert(shape.end(), dims.begin(), dims.end());
  OPGRAFT_RETURN_IF_ERROR(
      context->AllocateOutput(i, static_cast<int>(shape.size()), shape.data(), output));
  if (output->dtype == dtype) return Status();
  return InvalidArgument("the table's %s are %s, but the output is %s", i == 0 ? "keys" : "values",
                         DataTypeName(dtype), DataTypeName(output->dtype));
}

}  // namespace opgraft
