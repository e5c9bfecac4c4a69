#include "tensorflow/slim/blocks.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <list>
#include <map>
#include <mutex>

namespace tensorflow {
namespace slim {
namespace {

constexpr size_t kSmallest = 64 << 10;  // what is smaller is malloc's alone
constexpr size_t kPage = 4 << 10;       // the alignment of all that is kept
constexpr size_t kHugePage = 2 << 20;

// The next of four sizes per power of two, so that a block serves tensors of about its size. 0 if
// there is none.
size_t Rounded(size_t bytes) {
  size_t step = kSmallest / 4;
  while (bytes / 8 > step) step *= 2;
  return (bytes + step - 1) / step * step;
}

void* Malloc(size_t bytes, size_t alignment) {
  void* block = nullptr;
  return posix_memalign(&block, std::max(alignment, sizeof(void*)), bytes) == 0 ? block : nullptr;
}

// From the system, so that what lies beside it in malloc's heaps does not hold it when it is given
// back.
void* Map(size_t bytes) {
  void* block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return nullptr;
  if (bytes >= kHugePage) madvise(block, bytes, MADV_HUGEPAGE);  // if the system has them
  return block;
}

class Keeper {
 public:
  void* Allocate(size_t bytes) {
    size_t size = Rounded(bytes);
    if (size < bytes) return nullptr;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = kept_by_size_.lower_bound(size);
    void* block;
    if (found != kept_by_size_.end() && found->first <= 2 * size) {
      size = found->first;
      block = found->second.back();
      Forget(found);
    } else {
      // Room for the new one, from those of other sizes.
      const size_t most = most_used_ + most_used_ / 2;
      while (!kept_by_size_.empty() && used_ + kept_ + size > most) ReleaseLargest();
      block = Map(size);
      if (block == nullptr) {
        ReleaseAll();
        block = Map(size);
      }
      if (block == nullptr) return nullptr;
    }
    sizes_.emplace(block, size);
    used_ += size;
    most_used_ = std::max(most_used_, used_);
    return block;
  }

  // False if the block is not from here.
  bool Free(void* block) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = sizes_.find(block);
    if (found == sizes_.end()) return false;
    const size_t size = found->second;
    sizes_.erase(found);
    used_ -= size;
    kept_ += size;
    kept_by_size_[size].push_back(block);
    return true;
  }

  void Release() {
    std::lock_guard<std::mutex> lock(mutex_);
    ReleaseAll();
    most_used_ = used_;
  }

 private:
  using Kept = std::map<size_t, std::list<void*>>;

  void Forget(Kept::iterator found) {
    kept_ -= found->first;
    found->second.pop_back();
    if (found->second.empty()) kept_by_size_.erase(found);
  }

  void ReleaseLargest() {
    auto last = std::prev(kept_by_size_.end());
    munmap(last->second.back(), last->first);
    Forget(last);
  }

  void ReleaseAll() {
    while (!kept_by_size_.empty()) ReleaseLargest();
  }

  std::mutex mutex_;
  std::map<void*, size_t> sizes_;  // of the blocks in use
  Kept kept_by_size_;
  size_t used_ = 0, kept_ = 0, most_used_ = 0;
};

Keeper& TheKeeper() {
  static Keeper* keeper = new Keeper;  // tensors may outlive the destructors of statics
  return *keeper;
}

}  // namespace

void* AllocateBlock(size_t bytes, size_t alignment) {
  if (bytes < kSmallest || alignment > kPage) return Malloc(bytes, alignment);
  return TheKeeper().Allocate(bytes);
}

void FreeBlock(void* block) {
  const bool may_be_kept = reinterpret_cast<uintptr_t>(block) % kPage == 0;
  if (!may_be_kept || !TheKeeper().Free(block)) free(block);
}

void ReleaseBlocks() { TheKeeper().Release(); }

}  // namespace slim
}  // namespace tensorflow
