// The storage of tables that are initialized once.
#ifndef OPGRAFT_OPS_LOOKUP_FROZEN_STORAGE_H_
#define OPGRAFT_OPS_LOOKUP_FROZEN_STORAGE_H_

#include <memory>

#include "ops/lookup/storage.h"

namespace opgraft {

/// Collects the entries of a table with scalar keys and values, and then builds its storage.
class FrozenBuilder {
 public:
  /// `attempts`: how many seeds are tried before the storage is a mutable one, which always works.
  static std::unique_ptr<FrozenBuilder> New(const TableType& type, int64_t expected_size,
                                            int attempts = 8);
  virtual ~FrozenBuilder() {}

  /// May throw std::bad_alloc, and so may Build.
  virtual Status Add(KernelContext* context, const TensorView& keys, const TensorView& values) = 0;
  /// The number of entries that were added; equal keys count each time.
  virtual int64_t added() const = 0;
  /// FailedPrecondition if a key was added with different values. To be called once.
  virtual Status Build(KernelContext* context, std::unique_ptr<ReadableStorage>* storage) = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FROZEN_STORAGE_H_
