// The storage of MutableDenseHashTable: a FlatMap, laid out as TensorFlow's array when exported.
#ifndef OPGRAFT_OPS_LOOKUP_DENSE_STORAGE_H_
#define OPGRAFT_OPS_LOOKUP_DENSE_STORAGE_H_

#include <memory>

#include "ops/lookup/storage.h"

namespace opgraft {

struct DenseOptions {
  int64_t initial_buckets = 0;  // a power of 2
  float max_load_factor = 0;
};

/// Exports are an array of buckets, of as many as TensorFlow's table would have, in which that
/// finds every key; imports take such an array. TensorFlow's own searches take as long as those who
/// choose the keys like (an integer is its own hash), hence a map inside. `deleted_key` may be
/// null: then nothing can be removed.
Status NewDenseStorage(KernelContext* context, const TableType& type, const DenseOptions& options,
                       const TensorView& empty_key, const TensorView* deleted_key,
                       std::unique_ptr<Storage>* storage);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_DENSE_STORAGE_H_
