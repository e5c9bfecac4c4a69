// The storage of MutableDenseHashTable: open addressing, laid out as TensorFlow lays it out.
#ifndef OPGRAFT_OPS_LOOKUP_DENSE_STORAGE_H_
#define OPGRAFT_OPS_LOOKUP_DENSE_STORAGE_H_

#include <memory>

#include "ops/lookup/storage.h"

namespace opgraft {

struct DenseOptions {
  int64_t initial_buckets = 0;  // a power of 2
  float max_load_factor = 0;
};

/// Exports are the whole array of buckets, and imports take such an array: keys of one bucket of
/// this table are equal to those of TensorFlow's. `deleted_key` may be null: then nothing can be
/// removed.
Status NewDenseStorage(KernelContext* context, const TableType& type, const DenseOptions& options,
                       const TensorView& empty_key, const TensorView* deleted_key,
                       std::unique_ptr<Storage>* storage);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_DENSE_STORAGE_H_
