// Large arrays of bytes, on huge pages where the system has them.
#ifndef OPGRAFT_OPS_LOOKUP_BUFFER_H_
#define OPGRAFT_OPS_LOOKUP_BUFFER_H_

#include <cstddef>
#include <utility>

namespace opgraft {

/// Aligned to a cache line; moved but never copied.
/// From 2 MB on it lies on huge pages if the system offers them to those who ask (Linux:
/// /sys/kernel/mm/transparent_hugepage/enabled is "madvise" or "always"): a random access then
/// costs no search of the page table. The part beyond the last full huge page stays on small ones.
class Buffer {
 public:
  Buffer() = default;
  /// Throws std::bad_alloc. Unless `zeroed`, what is in it may be anything.
  explicit Buffer(size_t bytes, bool zeroed = true);
  ~Buffer();
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  /// Keeps the first `bytes` and gives back the others; false if that is not possible.
  bool Truncate(size_t bytes);

  char* data() { return data_; }
  const char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_BUFFER_H_
