// Kernels for all pairs of key and value types.
#ifndef OPGRAFT_OPS_LOOKUP_PAIRS_H_
#define OPGRAFT_OPS_LOOKUP_PAIRS_H_

#include "ops/kernel/op_builder.h"

namespace opgraft {

/// What every kind of table maps: 12 to 15 of these pairs are in TensorFlow, the others in none.
constexpr DataType kTableKeys[] = {DT_INT32, DT_INT64, DT_STRING};
constexpr DataType kTableValues[] = {DT_BOOL,     DT_INT8,  DT_UINT8,  DT_INT16,
                                     DT_UINT16,   DT_INT32, DT_INT64,  DT_HALF,
                                     DT_BFLOAT16, DT_FLOAT, DT_DOUBLE, DT_STRING};

struct TypePair {
  DataType key, value;
};

template <int N>
struct KernelList {
  static constexpr int kSize =
      sizeof(kTableKeys) / sizeof(DataType) * (sizeof(kTableValues) / sizeof(DataType)) + N;
  KernelDefinition kernels[kSize];
};

/// A kernel of `Factory` for each pair above and for the extra ones.
template <class Factory, class... Extra>
constexpr KernelList<sizeof...(Extra)> TableKernels(Extra... extra) {
  KernelList<sizeof...(Extra)> list{};
  int n = 0;
  for (DataType key : kTableKeys) {
    for (DataType value : kTableValues) {
      list.kernels[n++] = TableKernel<Factory>({{"key_dtype", key}, {"value_dtype", value}});
    }
  }
  for (TypePair pair : std::initializer_list<TypePair>{extra...}) {
    list.kernels[n++] =
        TableKernel<Factory>({{"key_dtype", pair.key}, {"value_dtype", pair.value}});
  }
  return list;
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_PAIRS_H_
