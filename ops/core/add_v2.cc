// AddV2: x + y, elementwise with broadcasting.
#include <complex>
#include <type_traits>

#include "ops/core/add_half.h"
#include "ops/core/broadcast.h"
#include "ops/kernel/half.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

template <class T>
struct Add {
  T operator()(T x, T y) const {
    if constexpr (std::is_integral_v<T>) {
      // Overflow wraps, as in TensorFlow; on signed types it would be undefined.
      using Unsigned = std::make_unsigned_t<T>;
      return static_cast<T>(static_cast<Unsigned>(x) + static_cast<Unsigned>(y));
    } else {
      return x + y;
    }
  }
};

template <>
struct Add<BFloat16> {
  BFloat16 operator()(BFloat16 x, BFloat16 y) const { return ToBFloat16(ToFloat(x) + ToFloat(y)); }
};

template <class T>
Status AddV2(KernelContext* context) {
  return ComputeBroadcast<T, T>(context, /*cost=*/1, Add<T>());
}

template <>
Status AddV2<Half>(KernelContext* context) {
  return ComputeBroadcast<Half, Half>(context, /*cost=*/1, AddHalf());
}

template <class T>
constexpr KernelDefinition AddV2Kernel() {
  return FunctionKernel<AddV2<T>>({{"T", DataTypeOf<T>::value}});
}

constexpr KernelDefinition kKernels[] = {
    AddV2Kernel<BFloat16>(),
    AddV2Kernel<Half>(),
    AddV2Kernel<float>(),
    AddV2Kernel<double>(),
    AddV2Kernel<uint8_t>(),
    AddV2Kernel<uint16_t>(),
    AddV2Kernel<uint32_t>(),
    AddV2Kernel<uint64_t>(),
    AddV2Kernel<int8_t>(),
    AddV2Kernel<int16_t>(),
    AddV2Kernel<int32_t>(),
    AddV2Kernel<int64_t>(),
    AddV2Kernel<std::complex<float>>(),
    AddV2Kernel<std::complex<double>>(),
};

OPGRAFT_REGISTER_OP(add_v2, OpBuilder("AddV2")
                                .Input("x: T")
                                .Input("y: T")
                                .Output("z: T")
                                .Attr("T: {bfloat16, half, float, double, uint8, uint16, uint32, "
                                      "uint64, int8, int16, int32, int64, complex64, complex128}")
                                .Aggregate()
                                .Commutative()
                                .Shape(BroadcastShape)
                                .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
