// The control bytes of 16 slots, compared at once.
#ifndef OPGRAFT_OPS_LOOKUP_CONTROL_GROUP_H_
#define OPGRAFT_OPS_LOOKUP_CONTROL_GROUP_H_

#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace opgraft {

/// Answers are sets of slots: bit i is slot i. The upper bit of a control byte is set if its slot
/// is in use. Control bytes are aligned to 16.
class PortableGroup {
 public:
  static constexpr int kSlots = 16;

  explicit PortableGroup(const uint8_t* control) { std::memcpy(words_, control, sizeof(words_)); }

  /// The slots whose control byte is this.
  uint32_t Match(uint8_t byte) const {
    return ZeroBytes(words_[0] ^ byte * kOnes) | ZeroBytes(words_[1] ^ byte * kOnes) << 8;
  }
  uint32_t InUse() const { return UpperBits(words_[0]) | UpperBits(words_[1]) << 8; }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101;
  static constexpr uint64_t kUpper = 0x8080808080808080;

  /// The upper bit of byte i becomes bit i; little-endian.
  static uint32_t UpperBits(uint64_t word) {
    return static_cast<uint32_t>(((word & kUpper) >> 7) * 0x0102040810204080 >> 56);
  }
  static uint32_t ZeroBytes(uint64_t word) {
    return UpperBits(~(((word & ~kUpper) + ~kUpper) | word));
  }

  uint64_t words_[2];
};

#ifdef __SSE2__
class Sse2Group {
 public:
  static constexpr int kSlots = 16;

  explicit Sse2Group(const uint8_t* control)
      : bytes_(_mm_load_si128(reinterpret_cast<const __m128i*>(control))) {}

  uint32_t Match(uint8_t byte) const {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(static_cast<char>(byte))));
  }
  uint32_t InUse() const { return _mm_movemask_epi8(bytes_); }

 private:
  const __m128i bytes_;
};
using ControlGroup = Sse2Group;
#else
using ControlGroup = PortableGroup;
#endif

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_CONTROL_GROUP_H_
