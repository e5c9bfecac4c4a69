// The keys of dense tables, scalars or vectors, as keys of a FlatMap.
//
// Each class reads rows of keys from a tensor, a batch at a time, and has for a key, as a map gives
// it back, the hash of TensorFlow's table and a way to write it to a row of an export. kFill is
// whether writing is so cheap that all rows may be written before those that are in use.
#ifndef OPGRAFT_OPS_LOOKUP_DENSE_ROWS_H_
#define OPGRAFT_OPS_LOOKUP_DENSE_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "ops/lookup/dense_layout.h"
#include "ops/lookup/flat_keys.h"
#include "ops/lookup/traits.h"

namespace opgraft {

template <class K>
struct FlatKeyOf {
  using Traits = IntegerKey<K>;
};
template <>
struct FlatKeyOf<StringView> {
  using Traits = StringKey;
};

/// Scalars, as they are.
template <class K>
class ScalarRows {
 public:
  using Key = K;
  using Traits = typename FlatKeyOf<K>::Traits;
  static constexpr bool kFill = !std::is_same<K, StringView>::value;

  ScalarRows(KernelContext* context, const TensorView& keys, int64_t) : reader_(context, keys, 1) {}
  int64_t batch() const { return reader_.batch(); }
  /// n <= batch(); valid until the next call.
  const K* Read(int64_t begin, int64_t n) { return reader_.Read(begin, n); }

  static uint64_t Hash(K key, int64_t) { return DenseHash(key); }
  static void Write(KernelContext* context, const TensorView& keys, int64_t row, K key, int64_t) {
    WriteKey(context, keys, row, key);
  }

 private:
  KeyReader<K> reader_;
};

/// Vectors of integers of either type: a string of their bytes.
class IntegerRows {
 public:
  using Key = StringView;
  using Traits = StringKey;
  static constexpr bool kFill = true;

  IntegerRows(KernelContext*, const TensorView& keys, int64_t width)
      : data_(keys.flat<char>()), size_(width * DataTypeSize(keys.dtype)) {}
  int64_t batch() const { return kBatch; }
  const StringView* Read(int64_t begin, int64_t n) {
    for (int64_t i = 0; i < n; ++i) rows_[i] = {data_ + (begin + i) * size_, size_};
    return rows_;
  }

  static uint64_t Hash(StringView key, int64_t width) {
    return key.size == width * sizeof(int32_t) ? HashOf<int32_t>(key) : HashOf<int64_t>(key);
  }
  static void Write(KernelContext*, const TensorView& keys, int64_t row, StringView key, int64_t) {
    std::memcpy(keys.flat<char>() + row * key.size, key.data, key.size);
  }

 private:
  template <class Int>
  static uint64_t HashOf(StringView key) {
    uint64_t hash = 0;
    for (size_t i = 0; i < key.size; i += sizeof(Int)) {
      Int part;
      std::memcpy(&part, key.data + i, sizeof(Int));
      hash = AddToDenseHash(hash, DenseHash(part));
    }
    return hash;
  }

  static constexpr int64_t kBatch = 64;
  const char* const data_;
  const size_t size_;
  StringView rows_[kBatch];
};

/// Vectors of strings: a string of all of them, the length before each.
class StringRows {
 public:
  using Key = StringView;
  using Traits = StringKey;
  static constexpr bool kFill = false;

  StringRows(KernelContext* context, const TensorView& keys, int64_t width)
      : reader_(context, keys, width), width_(width) {}
  int64_t batch() const { return reader_.batch(); }
  const StringView* Read(int64_t begin, int64_t n) {
    const StringView* const parts = reader_.Read(begin, n);
    bytes_.clear();
    for (int64_t i = 0; i < n; ++i) {
      rows_[i].size = bytes_.size();  // where it begins, until all are there
      for (int64_t j = 0; j < width_; ++j) Append(parts[i * width_ + j]);
    }
    for (int64_t i = 0; i < n; ++i) {
      const size_t end = i + 1 < n ? rows_[i + 1].size : bytes_.size();
      rows_[i] = {bytes_.data() + rows_[i].size, end - rows_[i].size};
    }
    return rows_;
  }

  static uint64_t Hash(StringView key, int64_t width) {
    uint64_t hash = 0;
    for (int64_t i = 0; i < width; ++i) hash = AddToDenseHash(hash, DenseHash(Next(&key)));
    return hash;
  }
  static void Write(KernelContext* context, const TensorView& keys, int64_t row, StringView key,
                    int64_t width) {
    for (int64_t i = 0; i < width; ++i) context->WriteString(keys, row * width + i, Next(&key));
  }

 private:
  void Append(StringView part) {
    const uint64_t size = part.size;
    bytes_.append(reinterpret_cast<const char*>(&size), sizeof(size));
    if (size != 0) bytes_.append(part.data, size);
  }
  /// Takes the first part off.
  static StringView Next(StringView* key) {
    uint64_t size;
    std::memcpy(&size, key->data, sizeof(size));
    const StringView part = {key->data + sizeof(size), size};
    *key = {part.data + size, key->size - sizeof(size) - size};
    return part;
  }

  KeyReader<StringView> reader_;
  const int64_t width_;
  std::string bytes_;
  StringView rows_[64];
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_DENSE_ROWS_H_
