// Status to and from TF_Status.
#ifndef OPGRAFT_OPS_RUNTIME_C_API_STATUS_H_
#define OPGRAFT_OPS_RUNTIME_C_API_STATUS_H_

#include "ops/kernel/status.h"
#include "ops/runtime/c_api_functions.h"

namespace opgraft {

/// Owns a TF_Status for calls into TensorFlow.
class CStatus {
 public:
  CStatus() : status_(c_api.TF_NewStatus()) {}
  ~CStatus() { c_api.TF_DeleteStatus(status_); }
  CStatus(const CStatus&) = delete;
  CStatus& operator=(const CStatus&) = delete;

  TF_Status* get() const { return status_; }
  bool ok() const { return c_api.TF_GetCode(status_) == 0; }
  /// What the last call returned.
  Status Take() const {
    if (ok()) return Status();
    return Status(static_cast<Code>(c_api.TF_GetCode(status_)), c_api.TF_Message(status_));
  }
  void Set(const Status& status) {
    c_api.TF_SetStatus(status_, static_cast<int>(status.code()), status.message());
  }

 private:
  TF_Status* const status_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_C_API_STATUS_H_
