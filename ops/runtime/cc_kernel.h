// The OpKernel that executes our kernels.
#ifndef OPGRAFT_OPS_RUNTIME_CC_KERNEL_H_
#define OPGRAFT_OPS_RUNTIME_CC_KERNEL_H_

#include <memory>

#include "ops/kernel/op.h"
#include "ops/runtime/cc_attrs.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

/// Context is the KernelContext that the kernels of the library need.
template <class Context>
class CcKernel final : public tf::OpKernel {
 public:
  CcKernel(tf::OpKernelConstruction* construction, const KernelDefinition& definition)
      : tf::OpKernel(construction) {
    const Status status = CatchExceptions([&] {
      CcAttrs attrs(construction);
      Kernel* kernel = nullptr;
      Status created = definition.create(&attrs, &kernel);
      kernel_.reset(kernel);
      return created;
    });
    if (!status.ok()) construction->SetStatus(ToTf(status));
  }

  void Compute(tf::OpKernelContext* context) override {
    const Status status = CatchExceptions([&] {
      Context c(context);
      return kernel_->Compute(&c);
    });
    if (!status.ok()) context->SetStatus(ToTf(status));
  }

 private:
  std::unique_ptr<Kernel> kernel_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_KERNEL_H_
