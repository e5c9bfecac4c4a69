// The values of a hash map's entries, behind the 8 bytes that the map has for each.
#ifndef OPGRAFT_OPS_LOOKUP_VALUES_H_
#define OPGRAFT_OPS_LOOKUP_VALUES_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "ops/lookup/column.h"
#include "ops/lookup/storage.h"

namespace opgraft {

/// A value that fits into 8 bytes is in them; any other is a row of a column, and they are the
/// number of the row. So one type of map per type of keys serves all types of values.
class Values {
 public:
  /// What absent keys get.
  struct Default {
    const TensorView& tensor;
    bool per_key;  // a row per key of the call
    bool fits;     // `value` is the only row
    uint64_t value;

    /// What FlatMap::Find is to give for absent keys.
    const uint64_t* absent() const { return fits ? &value : nullptr; }
  };

  explicit Values(const TableType& type);

  bool is_inline() const { return column_ == nullptr; }
  int64_t memory_used() const;

  Default PrepareDefault(const TensorView& tensor, bool per_key) const;
  /// to[at + i] = *from[i], the default where that is null, for up to 64 values.
  Status Get(KernelContext* context, const uint64_t* const* from, int n, const Default* absent,
             const TensorView& to, int64_t at) const;
  Status Set(KernelContext* context, uint64_t* value, const TensorView& from, int64_t i) {
    if (!is_inline()) return column_->Set(context, static_cast<int64_t>(*value), from, i);
    SetInline(value, from, i);
    return Status();
  }
  void SetInline(uint64_t* value, const TensorView& from, int64_t i) const {
    const char* const element = from.flat<char>() + i * size_;
    if (size_ == 8) {
      std::memcpy(value, element, 8);
    } else if (size_ == 4) {
      std::memcpy(value, element, 4);
    } else {
      std::memcpy(value, element, size_);
    }
  }
  /// Has a value that is not inline brought into the cache; null is none.
  void Prefetch(const uint64_t* value) const {
    if (value != nullptr && !is_inline()) column_->Prefetch(static_cast<int64_t>(*value));
  }

  /// Makes sure that the next Add cannot throw for want of a row. May throw.
  void ReserveRow();
  /// A new value: what ReserveRow has made room for.
  uint64_t Add();
  /// Takes a value back. May throw, and nothing has changed then.
  void Remove(uint64_t value);

  bool Equals(KernelContext* context, const uint64_t* value, const TensorView& tensor,
              int64_t i) const;
  /// The first element, for messages.
  std::string Text(const uint64_t* value) const;

 private:
  const DataType dtype_;
  const int64_t width_;
  const size_t size_;  // bytes of an inline value
  std::unique_ptr<Column> column_;
  int64_t rows_ = 0;                 // of the column
  std::vector<uint64_t> free_rows_;  // those of removed values
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_VALUES_H_
