#include "ops/lookup/buffer.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>

namespace opgraft {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kPage = 4096;
constexpr size_t kLine = 64;

size_t WholePages(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

/// Maps with an address that is a multiple of a huge page.
char* MapAligned(size_t bytes) {
  if (bytes > SIZE_MAX - kHugePage) throw std::bad_alloc();
  void* const mapped =
      mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const begin = static_cast<char*>(mapped);
  const size_t head = -reinterpret_cast<uintptr_t>(begin) % kHugePage;
  if (head != 0) munmap(begin, head);
  // Both ends are multiples of a small page: so is what is between them.
  const size_t used = WholePages(bytes);
  if (used < bytes + kHugePage - head) munmap(begin + head + used, bytes + kHugePage - head - used);
#ifdef MADV_HUGEPAGE
  madvise(begin + head, used, MADV_HUGEPAGE);  // a wish: where it is refused, small pages do
#endif
  return begin + head;
}

}  // namespace

Buffer::Buffer(size_t bytes, bool zeroed) : size_(bytes) {
  if (bytes >= kHugePage) {
    data_ = MapAligned(bytes);
    return;
  }
  void* allocated = nullptr;
  if (posix_memalign(&allocated, kLine, bytes == 0 ? 1 : bytes) != 0) throw std::bad_alloc();
  data_ = static_cast<char*>(allocated);
  if (zeroed) std::memset(data_, 0, bytes);
}

bool Buffer::Truncate(size_t bytes) {
  if (bytes > size_ || bytes < kHugePage) return false;
  const size_t kept = WholePages(bytes);
  if (kept < WholePages(size_)) munmap(data_ + kept, WholePages(size_) - kept);
  size_ = bytes;
  return true;
}

Buffer::~Buffer() {
  if (size_ >= kHugePage) {
    munmap(data_, size_);
  } else {
    free(data_);
  }
}

}  // namespace opgraft
