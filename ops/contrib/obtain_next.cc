// ObtainNext (tf.contrib.training's input pipeline): the elements of a list in turn, for ever.
#include <cstdint>
#include <limits>
#include <mutex>

#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

// Steps that run at the same time must not get the same element. One lock for all counters: it is
// held for an addition.
std::mutex g_counters;

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
  int64_t next;
  {
    const std::lock_guard<std::mutex> lock(g_counters);
    int64_t* const last = counter.flat<int64_t>();
    if (*last == std::numeric_limits<int64_t>::max()) {
      return InvalidArgument("counter %lld cannot be counted up", static_cast<long long>(*last));
    }
    next = (*last + 1) % list.count;
    if (next < 0) {  // TensorFlow reads before the list
      return InvalidArgument("counter %lld must be at least -1", static_cast<long long>(*last));
    }
    *last = next;
  }
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
