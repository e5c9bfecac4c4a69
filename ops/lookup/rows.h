// Rows: the entries of a table that is being filled, all of one width.
#ifndef OPGRAFT_OPS_LOOKUP_ROWS_H_
#define OPGRAFT_OPS_LOOKUP_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "ops/lookup/buffer.h"

namespace opgraft {

/// Calls f(width) with a constant for the most usual widths: copies become moves instead of calls.
template <class F>
void WithWidth(size_t width, const F& f) {
  switch (width) {
    case 4:
      return f(std::integral_constant<size_t, 4>());
    case 8:
      return f(std::integral_constant<size_t, 8>());
    case 12:
      return f(std::integral_constant<size_t, 12>());
    case 16:
      return f(std::integral_constant<size_t, 16>());
    default:
      return f(width);
  }
}

/// Each row is the bytes of a key, followed by those of its value.
class Rows {
 public:
  Rows(size_t key_width, size_t value_width)
      : key_width_(key_width), value_width_(value_width), stride_(key_width + value_width) {}

  size_t key_width() const { return key_width_; }
  size_t value_width() const { return value_width_; }
  size_t stride() const { return stride_; }
  int64_t size() const { return size_; }
  const char* At(int64_t i) const { return buffer_.data() + i * stride_; }

  /// Room for `n` rows in all. Throws std::bad_alloc.
  void Reserve(int64_t n) {
    if (n <= capacity_) return;
    // What is mapped but not touched costs nothing, and what is copied is touched twice.
    const int64_t most = static_cast<int64_t>(kMaxSpare / stride_);
    const int64_t growth = buffer_.size() < kMapped ? 2 : 8;
    n = std::max(n, std::min(growth * capacity_, capacity_ + most));
    size_t bytes;
    if (__builtin_mul_overflow(static_cast<size_t>(n), stride_, &bytes)) throw std::bad_alloc();
    Buffer moved(bytes, false);
    if (size_ != 0) std::memcpy(moved.data(), buffer_.data(), size_ * stride_);
    buffer_ = std::move(moved);
    capacity_ = n;
  }
  /// A row to be filled.
  char* Append() {
    if (size_ == capacity_) Reserve(size_ + 16);
    return buffer_.data() + size_++ * stride_;
  }
  /// Takes a buffer with as many rows, and gives its own.
  void Swap(Buffer* buffer) {
    std::swap(buffer_, *buffer);
    capacity_ = size_;
  }
  /// These rows alone, in this order.
  void Keep(const std::vector<int64_t>& rows) {
    Buffer kept(rows.size() * stride_, false);
    char* to = kept.data();
    for (const int64_t row : rows) {
      std::memcpy(to, At(row), stride_);
      to += stride_;
    }
    buffer_ = std::move(kept);
    size_ = capacity_ = static_cast<int64_t>(rows.size());
  }

 private:
  static constexpr size_t kMapped = size_t{2} << 20;    // bytes, from which on a buffer is
  static constexpr size_t kMaxSpare = size_t{1} << 30;  // bytes

  const size_t key_width_, value_width_, stride_;
  Buffer buffer_;
  int64_t size_ = 0, capacity_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_ROWS_H_
