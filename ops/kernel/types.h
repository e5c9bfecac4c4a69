// Element types of tensors: TensorFlow's numbers, and the C++ type of each.
#ifndef OPGRAFT_OPS_KERNEL_TYPES_H_
#define OPGRAFT_OPS_KERNEL_TYPES_H_

#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace opgraft {

/// Values are those of tensorflow.DataType (tensorflow/core/framework/types.proto).
enum DataType {
  DT_INVALID = 0,
  DT_FLOAT = 1,
  DT_DOUBLE = 2,
  DT_INT32 = 3,
  DT_UINT8 = 4,
  DT_INT16 = 5,
  DT_INT8 = 6,
  DT_STRING = 7,
  DT_COMPLEX64 = 8,
  DT_INT64 = 9,
  DT_BOOL = 10,
  DT_QINT8 = 11,
  DT_QUINT8 = 12,
  DT_QINT32 = 13,
  DT_BFLOAT16 = 14,
  DT_UINT16 = 17,
  DT_COMPLEX128 = 18,
  DT_HALF = 19,
  DT_RESOURCE = 20,
  DT_VARIANT = 21,
  DT_UINT32 = 22,
  DT_UINT64 = 23,
};

/// TensorFlow's name of a type ("int64"), or "unknown".
const char* DataTypeName(DataType dtype);

/// Bytes of one element; 0 for types that are not plain memory (string, resource, variant).
size_t DataTypeSize(DataType dtype);

/// A borrowed run of bytes; may hold zeros.
struct StringView {
  const char* data;
  size_t size;
};

inline bool operator==(const StringView& a, const StringView& b) {
  return a.size == b.size && (a.size == 0 || std::memcmp(a.data, b.data, a.size) == 0);
}

/// IEEE 754 binary16; arithmetic is done in float.
struct Half {
  uint16_t bits;
};

/// The upper half of an IEEE 754 binary32; arithmetic is done in float.
struct BFloat16 {
  uint16_t bits;
};

/// DataTypeOf<T>::value is the DataType whose elements are T.
template <class T>
struct DataTypeOf;

#define OPGRAFT_DATA_TYPE(T, V)          \
  template <>                            \
  struct DataTypeOf<T> {                 \
    static constexpr DataType value = V; \
  }
OPGRAFT_DATA_TYPE(float, DT_FLOAT);
OPGRAFT_DATA_TYPE(double, DT_DOUBLE);
OPGRAFT_DATA_TYPE(int8_t, DT_INT8);
OPGRAFT_DATA_TYPE(int16_t, DT_INT16);
OPGRAFT_DATA_TYPE(int32_t, DT_INT32);
OPGRAFT_DATA_TYPE(int64_t, DT_INT64);
OPGRAFT_DATA_TYPE(uint8_t, DT_UINT8);
OPGRAFT_DATA_TYPE(uint16_t, DT_UINT16);
OPGRAFT_DATA_TYPE(uint32_t, DT_UINT32);
OPGRAFT_DATA_TYPE(uint64_t, DT_UINT64);
OPGRAFT_DATA_TYPE(bool, DT_BOOL);
OPGRAFT_DATA_TYPE(StringView, DT_STRING);
OPGRAFT_DATA_TYPE(Half, DT_HALF);
OPGRAFT_DATA_TYPE(BFloat16, DT_BFLOAT16);
OPGRAFT_DATA_TYPE(std::complex<float>, DT_COMPLEX64);
OPGRAFT_DATA_TYPE(std::complex<double>, DT_COMPLEX128);
#undef OPGRAFT_DATA_TYPE

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_TYPES_H_
