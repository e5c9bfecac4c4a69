// Elements of tensors that only the runtime understands.
#ifndef OPGRAFT_OPS_RUNTIME_CC_OBJECT_H_
#define OPGRAFT_OPS_RUNTIME_CC_OBJECT_H_

#include "ops/kernel/kernel.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

/// One element of a variant or resource tensor, in a tensor of its own.
class CcObject final : public Object {
 public:
  explicit CcObject(const tf::Tensor& element) : element(element) {}
  const tf::Tensor element;
};

/// One element of a tensor of variants or resources, as KernelContext::ReadObject has it.
inline Status ReadTensorObject(const TensorView& tensor, int64_t i, Object** object) {
  const tf::Tensor& from = *static_cast<const tf::Tensor*>(tensor.handle);
  tf::Tensor element(from.dtype(), tf::TensorShape({}));
  switch (tensor.dtype) {
#if OPGRAFT_TF >= 10400
    case DT_VARIANT:
      element.scalar<tf::Variant>()() = from.flat<tf::Variant>()(i);
      break;
    case DT_RESOURCE:
      element.scalar<tf::ResourceHandle>()() = from.flat<tf::ResourceHandle>()(i);
      break;
#endif
    default:
      return Unimplemented("TensorFlow " OPGRAFT_BUILT_FOR " has no tables of %s values",
                           DataTypeName(tensor.dtype));
  }
  (void)i;
  *object = new CcObject(element);
  return Status();
}

inline void WriteTensorObject(const TensorView& tensor, int64_t i, const Object& object) {
#if OPGRAFT_TF >= 10400
  tf::Tensor& to = *static_cast<tf::Tensor*>(tensor.handle);
  const tf::Tensor& element = static_cast<const CcObject&>(object).element;
  if (tensor.dtype == DT_VARIANT) {
    to.flat<tf::Variant>()(i) = element.scalar<tf::Variant>()();
  } else {
    to.flat<tf::ResourceHandle>()(i) = element.scalar<tf::ResourceHandle>()();
  }
#else
  (void)tensor, (void)i, (void)object;
#endif
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_OBJECT_H_
