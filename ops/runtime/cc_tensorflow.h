// TensorFlow's headers, and names for what changed between its releases.
// OPGRAFT_TF is the release: 10401 is 1.4.1.
#ifndef OPGRAFT_OPS_RUNTIME_CC_TENSORFLOW_H_
#define OPGRAFT_OPS_RUNTIME_CC_TENSORFLOW_H_

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
// What TensorFlow shares between libraries must stay shared, whatever our own visibility is.
#pragma GCC visibility push(default)
#include "tensorflow/core/common_runtime/dma_helper.h"
#include "tensorflow/core/framework/lookup_interface.h"
#include "tensorflow/core/framework/node_def.pb.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_def_util.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tensorflow/core/framework/shape_inference.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/framework/types.h"
#include "tensorflow/core/platform/env.h"
#include "tensorflow/core/platform/logging.h"
#if OPGRAFT_TF >= 10900
#include "tensorflow/core/framework/resource_var.h"
#endif
#if OPGRAFT_TF >= 11500
#include "tensorflow/core/util/work_sharder.h"
#else
#include "tensorflow/core/lib/core/threadpool.h"
#endif
#if OPGRAFT_TF < 10300
#include "tensorflow/core/platform/protobuf.h"
#endif
#if OPGRAFT_TF >= 10400
#include "tensorflow/core/framework/variant.h"
#endif
#pragma GCC visibility pop
#pragma GCC diagnostic pop

#include "ops/kernel/status.h"
#include "ops/kernel/types.h"

namespace tf = ::tensorflow;

namespace opgraft {

#if OPGRAFT_TF >= 21300
using TfStatus = ::absl::Status;
using TfStringView = ::absl::string_view;
#else
using TfStatus = tf::Status;
using TfStringView = tf::StringPiece;
#endif
// tensorflow::int64 is long long up to 2.7, int64_t after; strings are std::string up to 2.1.
using TfInt64 = tf::EnumToDataType<tf::DT_INT64>::Type;
using TfString = tf::EnumToDataType<tf::DT_STRING>::Type;

inline TfStatus ToTf(Code code, const char* message) {
#if OPGRAFT_TF >= 21300
  return TfStatus(static_cast<absl::StatusCode>(code), message);
#else
  return TfStatus(static_cast<tf::error::Code>(code), message);
#endif
}

inline TfStatus ToTf(const Status& status) {
  return status.ok() ? TfStatus() : ToTf(status.code(), status.message());
}

inline Status FromTf(const TfStatus& status) {
  if (status.ok()) return Status();
#if OPGRAFT_TF >= 21300
  const std::string message(status.message());
#else
  const std::string message(status.error_message());
#endif
  return Status(static_cast<Code>(static_cast<int>(status.code())), message.c_str());
}

inline tf::DataType ToTf(DataType dtype) { return static_cast<tf::DataType>(dtype); }
inline DataType FromTf(tf::DataType dtype) { return static_cast<DataType>(dtype); }

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_TENSORFLOW_H_
