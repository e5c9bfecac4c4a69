#include "ops/kernel/cpu.h"

#include <cpuid.h>

#include <cstdlib>
#include <cstring>

namespace opgraft {
namespace {

// Not __builtin_cpu_supports, which links 5 KB of libgcc's into every library.
bool Detect() {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const unsigned needed = bit_OSXSAVE | bit_AVX | bit_F16C;
  if ((c & needed) != needed) return false;
  // Whether the system saves the registers XMM (bit 1) and YMM (bit 2).
  unsigned saved, high;
  __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
  if ((saved & 6) != 6) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) != 0;
}

}  // namespace

bool HasAvx2() {
  static const bool has = [] {
    const char* const wanted = std::getenv("OPGRAFT_CPU");
    return (wanted == nullptr || std::strcmp(wanted, "portable") != 0) && Detect();
  }();
  return has;
}

}  // namespace opgraft
