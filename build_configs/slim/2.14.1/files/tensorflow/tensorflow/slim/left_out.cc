// What the slim runtime leaves out (profiler sessions, tf.data, regularised fingerprints, pluggable
// devices) and the rest still calls: each says so, or does nothing where nothing is lost.

#include <cstdint>
#include <memory>

#include "absl/memory/memory.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensorflow/compiler/xla/stream_executor/stream.h"
#include "tensorflow/core/framework/dataset.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/op_def.pb.h"
#include "tensorflow/core/framework/step_stats.pb.h"
#include "tensorflow/tsl/profiler/lib/profiler_session.h"

namespace stream_executor {

// Kernels of TensorLists ask for the device first, and no device of a slim runtime has a stream.
Stream& Stream::ThenMemcpy(DeviceMemoryBase*, const DeviceMemoryBase&, uint64_t) { return *this; }
Stream& Stream::ThenMemZero(DeviceMemoryBase*, uint64_t) { return *this; }

}  // namespace stream_executor

namespace tsl {

ProfilerSession::ProfilerSession(const tensorflow::ProfileOptions& options)
    : options_(options), status_(absl::UnimplementedError("slim TensorFlow has no profiler")) {}

ProfilerSession::~ProfilerSession() = default;

std::unique_ptr<ProfilerSession> ProfilerSession::Create(
    const tensorflow::ProfileOptions& options) {
  return absl::WrapUnique(new ProfilerSession(options));
}

tsl::Status ProfilerSession::Status() { return status_; }

tsl::Status ProfilerSession::CollectData(tensorflow::profiler::XSpace*) { return status_; }

namespace profiler {

void ProfilerLock::ReleaseIfActive() {}

}  // namespace profiler
}  // namespace tsl

namespace tensorflow {
namespace profiler {

void ConvertGpuXSpaceToStepStats(const XSpace&, StepStats*) {}

}  // namespace profiler

namespace data {

bool DatasetOpKernel::IsDatasetOp(const OpDef& op) {
  return op.output_arg_size() == 1 && op.output_arg(0).type() == DT_VARIANT &&
         op.name().find("Dataset") != std::string::npos;
}

}  // namespace data

namespace graph_regularization {

uint64_t ComputeHash(const GraphDef&) { return 0; }

void SimpleDelete(GraphDef&) {}

absl::StatusOr<int64_t> GetSuffixUID(absl::string_view) {
  return absl::UnimplementedError("slim TensorFlow computes no fingerprints");
}

}  // namespace graph_regularization
}  // namespace tensorflow
