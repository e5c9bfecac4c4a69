// Inner loops compiled for more than the oldest x86-64, chosen while they run.
//
// A loop is written once, as the function Run of a class, and compiled twice: Dispatch<Loop>(...)
// calls the one for AVX2 where the processor has it. Its results are the same to the last bit:
// fused multiply-add, which rounds once where two operations round twice, is not among what it may
// use, and .bazelrc keeps the compiler from contracting.
#ifndef OPGRAFT_OPS_KERNEL_CPU_H_
#define OPGRAFT_OPS_KERNEL_CPU_H_

/// For the functions of a loop: what is not inlined is compiled for any processor.
#define OPGRAFT_INLINE inline __attribute__((always_inline))
#define OPGRAFT_INLINE_LAMBDA __attribute__((always_inline))

#define OPGRAFT_AVX2 __attribute__((target("avx2,f16c")))

namespace opgraft {

/// Whether the processor, and the system, have AVX2 and conversions of half precision. No, if the
/// environment variable OPGRAFT_CPU is "portable": for tests, and to tell whether it matters.
bool HasAvx2();

template <class Loop, class... Args>
OPGRAFT_AVX2 void RunAvx2(Args... args) {
  Loop::Run(args...);
}

/// Calls Loop::Run(args...).
template <class Loop, class... Args>
void Dispatch(Args... args) {
  if (HasAvx2()) return RunAvx2<Loop>(args...);
  Loop::Run(args...);
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_CPU_H_
