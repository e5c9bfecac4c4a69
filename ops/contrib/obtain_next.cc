// ObtainNext (tf.contrib.training's input pipeline): the elements of a list in turn, for ever.
#include <cstdint>
#include <limits>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

Status ObtainNext(KernelContext* context) {
  const TensorView& list = context->input(0);
  TensorView counter;
  OPGRAFT_RETURN_IF_ERROR(context->MutableInput(1, &counter));
  if (list.count == 0) return InvalidArgument("list must not be empty");
  if (counter.rank != 0) {
    return InvalidArgument("counter must be a scalar, saw shape: %s", ShapeText(counter).c_str());
  }
  TensorView element;
  OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, 0, nullptr, &element));
  // Steps that run at the same time must not get the same element.
  int64_t* const shared = counter.flat<int64_t>();
  int64_t last = __atomic_load_n(shared, __ATOMIC_RELAXED), next;
  do {
    if (last == std::numeric_limits<int64_t>::max()) {
      return InvalidArgument("counter %lld cannot be counted up", static_cast<long long>(last));
    }
    next = last + 1;
    if (next < 0 || next >= list.count) next %= list.count;  // a division, which takes its time
    if (next < 0) {                                          // TensorFlow reads before the list
      return InvalidArgument("counter %lld must be at least -1", static_cast<long long>(last));
    }
  } while (!__atomic_compare_exchange_n(shared, &last, next, /*weak=*/true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
  context->CopyStrings(list, &next, 1, element, 0);
  return Status();
}

Status ObtainNextShape(ShapeContext* context) {
  Shape unused;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(0), 1, &unused));
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(1), 0, &unused));
  context->set_output(0, context->MakeShape(0, nullptr));
  return Status();
}

constexpr KernelDefinition kKernels[] = {FunctionKernel<ObtainNext>()};

OPGRAFT_REGISTER_OP(obtain_next, OpBuilder("ObtainNext")
                                     .Input("list: string")
                                     .Input("counter: Ref(int64)")
                                     .Output("out_element: string")
                                     .Shape(ObtainNextShape)
                                     .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
