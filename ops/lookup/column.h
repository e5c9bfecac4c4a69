// Column: rows of elements of one type, as a table owns them.
#ifndef OPGRAFT_OPS_LOOKUP_COLUMN_H_
#define OPGRAFT_OPS_LOOKUP_COLUMN_H_

#include <cstdint>
#include <memory>
#include <string>

#include "ops/kernel/kernel.h"
#include "ops/kernel/text.h"

namespace opgraft {

class Column {
 public:
  virtual ~Column() {}
  /// Adds rows of zeros, empty strings or nothing, or drops the last ones.
  virtual void Resize(int64_t rows) = 0;
  virtual Status Set(KernelContext* context, int64_t row, const TensorView& from,
                     int64_t from_row) = 0;
  virtual void Get(KernelContext* context, int64_t row, const TensorView& to,
                   int64_t to_row) const = 0;
  /// Frees what a row has on the heap; its elements are empty.
  virtual void Clear(int64_t row) = 0;
  /// Has a row brought into the cache.
  virtual void Prefetch(int64_t row) const = 0;
  virtual bool Equals(KernelContext* context, int64_t row, const TensorView& tensor,
                      int64_t tensor_row) const = 0;
  /// The first element of a row, for messages.
  virtual std::string Text(int64_t row) const = 0;
  virtual int64_t memory_used() const = 0;
};

std::unique_ptr<Column> NewColumn(DataType dtype, int64_t width);

/// Copies a row of one tensor to another of the same dtype.
Status CopyRow(KernelContext* context, const TensorView& from, int64_t from_row,
               const TensorView& to, int64_t to_row, int64_t width);

/// a == b as C++ has it: no NaN equals another, zeros of both signs are equal.
bool EqualElements(DataType dtype, const void* a, const void* b, int64_t n);

/// An element for messages.
std::string ElementText(DataType dtype, const void* element);
std::string ElementText(KernelContext* context, const TensorView& tensor, int64_t i);
inline std::string ElementText(StringView text) { return Printable(text); }

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_COLUMN_H_
