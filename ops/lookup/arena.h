// Arena: bytes of many strings in one piece of memory.
#ifndef OPGRAFT_OPS_LOOKUP_ARENA_H_
#define OPGRAFT_OPS_LOOKUP_ARENA_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "ops/kernel/types.h"
#include "ops/lookup/buffer.h"

namespace opgraft {

/// Adds strings, never removes one. What it returns for a string are 8 bytes: where it begins and,
/// unless it is longer than 16 MB, its length.
class Arena {
 public:
  using Ref = uint64_t;

  /// Throws std::bad_alloc, and so does a terabyte.
  Ref Add(StringView text) {
    const bool is_long = text.size >= kLong;
    Reserve(text.size + (is_long ? sizeof(uint64_t) : 0));
    const Ref ref = (is_long ? kLong : text.size) << kOffsetBits | used_;
    if (is_long) {
      const uint64_t size = text.size;
      std::memcpy(buffer_.data() + used_, &size, sizeof(size));
      used_ += sizeof(size);
    }
    if (text.size != 0) std::memcpy(buffer_.data() + used_, text.data, text.size);
    used_ += text.size;
    return ref;
  }

  /// Valid until the next Add.
  StringView Get(Ref ref) const {
    const char* const data = buffer_.data() + (ref & kMaxOffset);
    if (ref >> kOffsetBits < kLong) return {data, static_cast<size_t>(ref >> kOffsetBits)};
    uint64_t size;
    std::memcpy(&size, data, sizeof(size));
    return {data + sizeof(size), static_cast<size_t>(size)};
  }
  void Prefetch(Ref ref) const { __builtin_prefetch(buffer_.data() + (ref & kMaxOffset)); }

  int64_t memory_used() const { return static_cast<int64_t>(used_); }

 private:
  static constexpr int kOffsetBits = 40;
  static constexpr uint64_t kMaxOffset = (uint64_t{1} << kOffsetBits) - 1;
  static constexpr uint64_t kLong = (uint64_t{1} << (64 - kOffsetBits)) - 1;

  void Reserve(size_t more) {
    if (more <= buffer_.size() - used_) return;
    if (more > kMaxOffset - used_) throw std::bad_alloc();
    Move(std::max(used_ + more, 2 * used_));
  }
  void Move(size_t size) {
    Buffer moved(size);
    if (used_ != 0) std::memcpy(moved.data(), buffer_.data(), used_);
    buffer_ = std::move(moved);
  }

  Buffer buffer_;
  size_t used_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_ARENA_H_
