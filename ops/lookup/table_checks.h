// Checks of an op's arguments against the table that it works on.
#ifndef OPGRAFT_OPS_LOOKUP_TABLE_CHECKS_H_
#define OPGRAFT_OPS_LOOKUP_TABLE_CHECKS_H_

#include <vector>

#include "ops/kernel/table.h"

namespace opgraft {

Status CheckTypes(const Table& table, DataType keys, DataType values);

/// Keys must end with the table's key shape.
Status CheckKeyShape(const Table& table, const TensorView& keys);

/// The batch shape of keys (theirs without the last key_rank dims) and the shape of a value.
std::vector<int64_t> ValueShape(const TensorView& keys, int key_rank, int value_rank,
                                const int64_t* value_dims);

/// "Expected shape [2] for value, got [1]".
Status CheckShape(const TensorView& tensor, const std::vector<int64_t>& expected, const char* what);

/// A default is one value, or one per key: the shape of `values`.
Status CheckDefaultShape(const Table& table, const TensorView& default_value,
                         const std::vector<int64_t>& values);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_TABLE_CHECKS_H_
