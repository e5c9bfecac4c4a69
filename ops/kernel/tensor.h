// TensorView: a tensor of the runtime, borrowed.
#ifndef OPGRAFT_OPS_KERNEL_TENSOR_H_
#define OPGRAFT_OPS_KERNEL_TENSOR_H_

#include <cstdint>

#include "ops/kernel/types.h"

namespace opgraft {

/// Valid while the kernel computes. Dimensions are row-major, outermost first.
struct TensorView {
  DataType dtype;
  int rank;
  const int64_t* dims;
  int64_t count;  // number of elements
  void* data;     // the elements; null for types that are not plain memory
  void* handle;   // the runtime's own object, for the adapter

  template <class T>
  T* flat() const {
    return static_cast<T*>(data);
  }
};

inline bool SameShape(const TensorView& a, const TensorView& b) {
  if (a.rank != b.rank) return false;
  for (int i = 0; i < a.rank; ++i) {
    if (a.dims[i] != b.dims[i]) return false;
  }
  return true;
}

/// "[2,3]", as TensorFlow prints shapes; cut off with "..." beyond 120 characters.
struct ShapeText {
  explicit ShapeText(const TensorView& tensor) : ShapeText(tensor.rank, tensor.dims) {}
  ShapeText(int rank, const int64_t* dims);
  const char* c_str() const { return text; }
  char text[128];
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_TENSOR_H_
