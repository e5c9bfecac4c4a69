#include "ops/core/add_half.h"

#include <immintrin.h>

#include "ops/core/broadcast.h"
#include "ops/kernel/cpu.h"

namespace opgraft {

void AddHalfPortably(const Half* x, int x_step, const Half* y, int y_step, Half* z, int64_t n) {
  const auto add = [](Half a, Half b) { return AddHalf()(a, b); };
  ComputeSpan(add, x, x_step, y, y_step, z, n);
}

OPGRAFT_AVX2 inline __m128i Load(const Half* half, int step) {
  return step == 0 ? _mm_set1_epi16(static_cast<int16_t>(half->bits))
                   : _mm_loadu_si128(reinterpret_cast<const __m128i*>(half));
}

OPGRAFT_AVX2 void AddHalfF16c(const Half* x, int x_step, const Half* y, int y_step, Half* z,
                              int64_t n) {
  constexpr int kLanes = 8;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const __m256 sum = _mm256_add_ps(_mm256_cvtph_ps(Load(x + i * x_step, x_step)),
                                     _mm256_cvtph_ps(Load(y + i * y_step, y_step)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(z + i),
                     _mm256_cvtps_ph(sum, _MM_FROUND_TO_NEAREST_INT));
  }
  for (; i < n; ++i) {
    const float sum = _cvtsh_ss(x[i * x_step].bits) + _cvtsh_ss(y[i * y_step].bits);
    z[i].bits = _cvtss_sh(sum, _MM_FROUND_TO_NEAREST_INT);
  }
}

void ComputeSpan(const AddHalf&, const Half* x, int x_step, const Half* y, int y_step, Half* z,
                 int64_t n) {
  (HasAvx2() ? AddHalfF16c : AddHalfPortably)(x, x_step, y, y_step, z, n);
}

}  // namespace opgraft
