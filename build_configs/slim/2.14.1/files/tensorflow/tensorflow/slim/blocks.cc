#include "tensorflow/slim/blocks.h"

#include <malloc.h>
#include <stdlib.h>

#include <algorithm>
#include <list>
#include <map>
#include <mutex>

namespace tensorflow {
namespace slim {
namespace {

constexpr size_t kSmallest = 64 << 10;  // what is smaller is malloc's alone
constexpr size_t kAlignment = 64;       // of all that is kept

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

class Keeper {
 public:
  void* Allocate(size_t bytes) {
    const size_t size = Rounded(bytes);
    if (size < bytes) return nullptr;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = kept_by_size_.find(size);
    void* block;
    if (found != kept_by_size_.end()) {
      block = found->second.back();
      Forget(found);
    } else {
      // Room for the new one, from those of other sizes.
      while (!kept_by_size_.empty() && used_ + kept_ + size > most_used_) ReleaseLargest();
      block = Malloc(size, kAlignment);
      if (block == nullptr) {
        ReleaseAll();
        block = Malloc(size, kAlignment);
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
    free(last->second.back());
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
  if (bytes < kSmallest || alignment > kAlignment) return Malloc(bytes, alignment);
  return TheKeeper().Allocate(bytes);
}

void FreeBlock(void* block) {
  const bool may_be_kept = block != nullptr && malloc_usable_size(block) >= kSmallest;
  if (!may_be_kept || !TheKeeper().Free(block)) free(block);
}

void ReleaseBlocks() { TheKeeper().Release(); }

}  // namespace slim
}  // namespace tensorflow
