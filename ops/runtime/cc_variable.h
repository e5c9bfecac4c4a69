// Variables: what a context needs for kernels that change them.
#ifndef OPGRAFT_OPS_RUNTIME_CC_VARIABLE_H_
#define OPGRAFT_OPS_RUNTIME_CC_VARIABLE_H_

#include <cstring>
#include <forward_list>
#include <new>
#include <utility>

#include "ops/runtime/cc_context.h"
#include "ops/runtime/cc_object.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

class CcVariableContext final : public CcContext {
 public:
  explicit CcVariableContext(tf::OpKernelContext* context) : CcContext(context) {}
  ~CcVariableContext() {
    if (holds_) first_.~Tensor();
  }

  Status ReadObject(const TensorView& tensor, int64_t i, Object** object) override {
    return ReadTensorObject(tensor, i, object);
  }
  void WriteObject(const TensorView& tensor, int64_t i, const Object& object) override {
    WriteTensorObject(tensor, i, object);
  }

  Status MutableInput(int i, TensorView* variable) override {
    const tf::Tensor& held = Hold(context_->mutable_input(i, /*lock_held=*/false));
    Show(held, variable);
    if (variable->data == nullptr && !held.IsInitialized()) {
      return FailedPrecondition("Attempting to use uninitialized value of input %d", i);
    }
    return Status();
  }
  Status InitializeInput(int i, TensorView* variable) override {
    const tf::Tensor declared = context_->mutable_input(i, /*lock_held=*/false);
    // An empty tensor counts as initialized, in TensorFlow's own initializers too.
    if (declared.IsInitialized()) return InvalidArgument("input is already initialized");
    tf::Tensor value;
    OPGRAFT_RETURN_IF_ERROR(
        FromTf(context_->allocate_temp(declared.dtype(), declared.shape(), &value)));
    context_->replace_ref_input(i, value, /*lock_held=*/false);
    Show(Hold(std::move(value)), variable);
    return Status();
  }
  Status ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) override;
  Status ForwardRef(int input, int i) override {
    context_->forward_ref_input_to_ref_output(input, i);
    return Status();
  }

 private:
  /// Keeps the buffer that a view shows. One costs no allocation.
  const tf::Tensor& Hold(tf::Tensor&& tensor) {
    if (holds_) {
      more_.push_front(std::move(tensor));
      return more_.front();
    }
    holds_ = true;
    return *new (&first_) tf::Tensor(std::move(tensor));
  }

  bool holds_ = false;
  union {
    tf::Tensor first_;  // if holds_
  };
  std::forward_list<tf::Tensor> more_;
};

inline Status CcVariableContext::ZeroVariable(int input, DataType dtype, int rank,
                                              const int64_t* dims) {
#if OPGRAFT_TF >= 10900
  const tf::DataType type = ToTf(dtype);
  OPGRAFT_RETURN_IF_ERROR(CheckShape(rank, dims));
  tf::Var* variable = nullptr;
  OPGRAFT_RETURN_IF_ERROR(FromTf(tf::LookupOrCreateResource<tf::Var>(
      context_, tf::HandleFromInput(context_, input), &variable, [type](tf::Var** created) {
        *created = new tf::Var(type);
        return TfStatus();
      })));
  const tf::core::ScopedUnref unref(variable);
  const tf::mutex_lock lock(*variable->mu());
  if (variable->is_initialized) return InvalidArgument("input is already initialized");
  tf::Tensor zeros;
  OPGRAFT_RETURN_IF_ERROR(FromTf(context_->allocate_temp(type, MakeShape(rank, dims), &zeros)));
  if (zeros.TotalBytes() > 0) memset(Data(zeros), 0, zeros.TotalBytes());
  *variable->tensor() = zeros;
  variable->is_initialized = true;
  return Status();
#else
  (void)input, (void)dtype, (void)rank, (void)dims;
  return Unimplemented("TensorFlow " OPGRAFT_BUILT_FOR
                       " hides resource variables from op libraries");
#endif
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_VARIABLE_H_
