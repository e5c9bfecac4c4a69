// Storage: the entries of a table. Tables lock, storages do not: so that one can be replaced by a
// faster one without touching a table or an op.
#ifndef OPGRAFT_OPS_LOOKUP_STORAGE_H_
#define OPGRAFT_OPS_LOOKUP_STORAGE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "ops/kernel/kernel.h"

namespace opgraft {

/// What a table maps to what.
struct TableType {
  DataType key_dtype = DT_INVALID;
  DataType value_dtype = DT_INVALID;
  std::vector<int64_t> key_dims;
  std::vector<int64_t> value_dims;
  int64_t key_width = 1;  // elements of a key
  int64_t value_width = 1;
};

enum class OnDuplicate {
  kOverwrite,
  kRefuseOther,  // FailedPrecondition if the key is there with another value
};

/// Entries as they are. All arguments have the table's types; counts fit one another. May throw
/// std::bad_alloc.
class ReadableStorage {
 public:
  virtual ~ReadableStorage() {}
  virtual int64_t size() const = 0;
  virtual int64_t memory_used() const = 0;

  /// Finds the keys [begin, end). The row of default_value is that of the key if it has one row per
  /// key, otherwise the only one. Safe from several threads.
  virtual Status Find(KernelContext* context, const TensorView& keys,
                      const TensorView& default_value, const TensorView& values, int64_t begin,
                      int64_t end) const = 0;
  /// Allocates outputs 0 and 1 and fills them.
  virtual Status Export(KernelContext* context) const = 0;
};

/// Entries that change.
class Storage : public ReadableStorage {
 public:
  /// Entries before one that fails stay inserted.
  virtual Status Insert(KernelContext* context, const TensorView& keys, const TensorView& values,
                        OnDuplicate on_duplicate) = 0;
  virtual Status Remove(KernelContext* context, const TensorView& keys) = 0;
  /// A new storage of the same kind with these entries instead.
  virtual Status Import(KernelContext* context, const TensorView& keys, const TensorView& values,
                        std::unique_ptr<Storage>* imported) const = 0;
};

/// A hash map with scalar keys.
std::unique_ptr<Storage> NewHashMap(const TableType& type, int64_t expected_size);

/// Allocates output `i` and checks that it has the dtype of the table's keys or values.
Status AllocateExport(KernelContext* context, int i, DataType dtype, int64_t rows,
                      const std::vector<int64_t>& dims, TensorView* output);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_STORAGE_H_
