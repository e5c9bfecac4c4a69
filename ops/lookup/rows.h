// Rows: the entries of a table that is being filled, all of one width.
#ifndef OPGRAFT_OPS_LOOKUP_ROWS_H_
#define OPGRAFT_OPS_LOOKUP_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "ops/lookup/buffer.h"

namespace opgraft {

/// Each row is the bytes of a key, followed by those of its value.
class Rows {
 public:
  Rows() = default;
  Rows(size_t key_width, size_t value_width)
      : key_width_(key_width), value_width_(value_width), stride_(key_width + value_width) {}

  size_t key_width() const { return key_width_; }
  size_t value_width() const { return value_width_; }
  int64_t size() const { return size_; }
  const char* At(int64_t i) const { return buffer_.data() + i * stride_; }

  /// Room for `n` rows in all. Throws std::bad_alloc.
  void Reserve(int64_t n) {
    if (n <= capacity_) return;
    n = std::max(n, 2 * capacity_);
    size_t bytes;
    if (__builtin_mul_overflow(static_cast<size_t>(n), stride_, &bytes)) throw std::bad_alloc();
    Buffer moved(bytes);
    if (size_ != 0) std::memcpy(moved.data(), buffer_.data(), size_ * stride_);
    buffer_ = std::move(moved);
    capacity_ = n;
  }
  /// A row to be filled.
  char* Append() {
    if (size_ == capacity_) Reserve(size_ + 16);
    return buffer_.data() + size_++ * stride_;
  }

 private:
  size_t key_width_ = 0, value_width_ = 0, stride_ = 0;
  Buffer buffer_;
  int64_t size_ = 0, capacity_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_ROWS_H_
