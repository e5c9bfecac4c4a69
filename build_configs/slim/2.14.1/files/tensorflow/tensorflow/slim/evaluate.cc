#include "tensorflow/slim/evaluate.h"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow/core/common_runtime/executor.h"
#include "tensorflow/core/framework/cancellation.h"
#include "tensorflow/core/framework/log_memory.h"
#include "tensorflow/core/framework/node_def_util.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/tensor_util.h"
#include "tensorflow/core/graph/algorithm.h"
#include "tensorflow/core/graph/tensor_id.h"

namespace tensorflow {
namespace slim {
namespace {

// Whether a node runs exactly once, on tensors that it is given and gives on.
bool IsPlain(const Node& node) {
  if (node.IsControlFlow() || node.IsSend() || node.IsRecv() || node.IsCollective()) return false;
  for (DataType dtype : node.input_types()) {
    if (IsRefType(dtype)) return false;
  }
  for (DataType dtype : node.output_types()) {
    if (IsRefType(dtype)) return false;
  }
  return true;
}

class Evaluator {
 public:
  Evaluator(const Graph& graph, Device* device, FunctionLibraryRuntime* functions)
      : device_(device),
        functions_(functions),
        producer_(graph.versions().producer()),
        values_(graph.num_node_ids()) {}

  const std::vector<Tensor>& ValuesOf(const Node& node) const { return values_[node.id()]; }

  bool Run(const Node& node) {
    return IsPlain(node) && (node.IsConstant() ? ReadConstant(node) : Compute(node)) &&
           IsComplete(node);
  }

 private:
  bool ReadConstant(const Node& node) {
    const TensorProto* proto = nullptr;
    Tensor value;
    if (!GetNodeAttr(node.attrs(), "value", &proto).ok() || !value.FromProto(*proto)) return false;
    values_[node.id()] = {value};
    return true;
  }

  bool Compute(const Node& node) {
    // A copy each: a kernel may write into an input that nothing else holds.
    std::vector<Tensor> held(node.num_inputs());
    for (const Edge* edge : node.in_edges()) {
      if (edge->IsControlEdge()) continue;
      const std::vector<Tensor>& from = values_[edge->src()->id()];
      if (edge->src_output() >= static_cast<int>(from.size())) return false;
      held[edge->dst_input()] = from[edge->src_output()];
    }
    std::vector<TensorValue> inputs(held.size());
    for (size_t i = 0; i < held.size(); ++i) inputs[i] = TensorValue(&held[i]);
    const std::vector<AllocatorAttributes> input_attrs(held.size());
    const std::vector<AllocatorAttributes> output_attrs(node.num_outputs());

    OpKernel* made = nullptr;
    if (!CreateNonCachedKernel(device_, functions_, node.properties(), producer_, &made).ok()) {
      return false;
    }
    std::unique_ptr<OpKernel> kernel(made);
    if (kernel->AsAsync() != nullptr) return false;

    OpKernelContext::Params params;
    params.step_id = LogMemory::CONSTANT_FOLDING_STEP_ID;
    params.op_kernel = kernel.get();
    params.device = device_;
    params.resource_manager = device_->resource_manager();
    params.output_attr_array = output_attrs.data();
    params.inputs = inputs;
    params.input_alloc_attrs = input_attrs;
    params.frame_iter = FrameAndIter(0, 0);
    params.cancellation_manager = &cancellation_manager_;
    params.function_library = functions_;
    params.runner = &runner_;
    OpKernelContext context(&params, node.num_outputs());
    device_->Compute(kernel.get(), &context);
    if (!context.status().ok()) return false;

    std::vector<Tensor>& values = values_[node.id()];
    for (int i = 0; i < node.num_outputs(); ++i) {
      const std::unique_ptr<Tensor> output(context.release_output(i).tensor);
      values.push_back(output == nullptr ? Tensor(DT_INVALID) : *output);
    }
    return true;
  }

  bool IsComplete(const Node& node) const {
    const std::vector<Tensor>& values = values_[node.id()];
    for (int i = 0; i < node.num_outputs(); ++i) {
      if (values[i].dtype() != node.output_type(i) || !values[i].IsInitialized()) return false;
    }
    return true;
  }

  Device* const device_;
  FunctionLibraryRuntime* const functions_;
  const int producer_;
  std::vector<std::vector<Tensor>> values_;  // by the nodes' ids
  CancellationManager cancellation_manager_;
  std::function<void(std::function<void()>)> runner_ = [](std::function<void()> closure) {
    closure();
  };
};

}  // namespace

bool Evaluate(const Graph& graph, const std::vector<std::string>& names, Device* device,
              FunctionLibraryRuntime* functions, std::vector<Tensor>* outputs) {
  std::unordered_map<absl::string_view, const Node*> nodes;
  for (const Node* node : graph.op_nodes()) nodes.emplace(node->name(), node);
  std::vector<std::pair<const Node*, int>> wanted;
  std::vector<const Node*> starts, order;
  for (const std::string& name : names) {
    const TensorId tensor = ParseTensorName(name);
    auto found = nodes.find(tensor.node());
    if (found == nodes.end() || tensor.index() < 0 ||
        tensor.index() >= found->second->num_outputs()) {
      return false;
    }
    wanted.emplace_back(found->second, tensor.index());
    starts.push_back(found->second);
  }
  ReverseDFSFrom(graph, starts, /*enter=*/nullptr, [&order](const Node* node) {
    if (node->IsOp()) order.push_back(node);
  });
  Evaluator evaluator(graph, device, functions);
  for (const Node* node : order) {
    if (!evaluator.Run(*node)) return false;
  }
  outputs->clear();
  for (const auto& tensor : wanted) {
    outputs->push_back(tensor::DeepCopy(evaluator.ValuesOf(*tensor.first)[tensor.second]));
  }
  return true;
}

}  // namespace slim
}  // namespace tensorflow
