#include "ops/lookup/table_checks.h"

#include <algorithm>

namespace opgraft {

Status CheckTypes(const Table& table, DataType keys, DataType values) {
  if (keys == table.key_dtype() && values == table.value_dtype()) return Status();
  return InvalidArgument(
      "Signature mismatch, have: keys %s, values %s expected: keys %s, values %s",
      DataTypeName(keys), DataTypeName(values), DataTypeName(table.key_dtype()),
      DataTypeName(table.value_dtype()));
}

Status CheckKeyShape(const Table& table, const TensorView& keys) {
  const int rank = table.key_rank();
  if (keys.rank >= rank &&
      std::equal(table.key_dims(), table.key_dims() + rank, keys.dims + keys.rank - rank)) {
    return Status();
  }
  return InvalidArgument("Input key shape %s must end with the table's key shape %s",
                         ShapeText(keys).c_str(), ShapeText(rank, table.key_dims()).c_str());
}

std::vector<int64_t> ValueShape(const TensorView& keys, int key_rank, int value_rank,
                                const int64_t* value_dims) {
  std::vector<int64_t> shape(keys.dims, keys.dims + std::max(keys.rank - key_rank, 0));
  shape.insert(shape.end(), value_dims, value_dims + value_rank);
  return shape;
}

Status CheckShape(const TensorView& tensor, const std::vector<int64_t>& expected,
                  const char* what) {
  const int rank = static_cast<int>(expected.size());
  if (tensor.rank == rank && std::equal(expected.begin(), expected.end(), tensor.dims)) {
    return Status();
  }
  return InvalidArgument("Expected shape %s for %s, got %s",
                         ShapeText(rank, expected.data()).c_str(), what, ShapeText(tensor).c_str());
}

Status CheckDefaultShape(const Table& table, const TensorView& default_value,
                         const std::vector<int64_t>& values) {
  const auto has_shape = [&](int rank, const int64_t* dims) {
    return default_value.rank == rank && std::equal(dims, dims + rank, default_value.dims);
  };
  const int rank = static_cast<int>(values.size());
  if (has_shape(table.value_rank(), table.value_dims()) || has_shape(rank, values.data())) {
    return Status();
  }
  return InvalidArgument("Expected shape %s or %s for default value, got %s",
                         ShapeText(table.value_rank(), table.value_dims()).c_str(),
                         ShapeText(rank, values.data()).c_str(), ShapeText(default_value).c_str());
}

}  // namespace opgraft
