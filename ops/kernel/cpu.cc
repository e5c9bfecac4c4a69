#include "ops/kernel/cpu.h"

#include <cpuid.h>

#include <cstdlib>
#include <cstring>

namespace opgraft {

bool HasAvx2() {
  static const bool has = [] {
    const char* const wanted = std::getenv("OPGRAFT_CPU");
    if (wanted != nullptr && std::strcmp(wanted, "portable") == 0) return false;
    unsigned a, b, c, d;
    __builtin_cpu_init();  // looks at what the system saves of the registers, too
    return __builtin_cpu_supports("avx2") && __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C) != 0;
  }();
  return has;
}

}  // namespace opgraft
