// A graph pass: a convolution with the bias, the batch normalization and the activation that follow
// it becomes one node, as Grappler's remapper does it in the full TensorFlow. It does nothing where
// the fused kernels were not selected.

#include <map>
#include <string>
#include <vector>

#include "tensorflow/core/common_runtime/optimization_registry.h"
#include "tensorflow/core/framework/node_def_util.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/graph/graph.h"

namespace tensorflow {
namespace slim {
namespace {

constexpr char kLabel[] = "slim";  // of the fused kernels

bool IsRegistered(const char* fused_op) {
  const KernelList kernels = GetRegisteredKernelsForOp(fused_op);
  for (const KernelDef& kernel : kernels.kernel()) {
    if (kernel.label() == kLabel) return true;
  }
  return false;
}

// The op that a convolution is fused to; nullptr for other nodes, and where it was not selected.
const char* FusedOp(const Node& node) {
  static const auto* const fused_ops = [] {
    auto* selected = new std::map<std::string, const char*>;
    for (const auto& [op, fused] : std::map<std::string, const char*>{
             {"Conv2D", "_FusedConv2D"},
             {"DepthwiseConv2dNative", "_FusedDepthwiseConv2dNative"},
         }) {
      if (IsRegistered(fused)) selected->emplace(op, fused);
    }
    return selected;
  }();
  auto found = fused_ops->find(node.type_string());
  return found == fused_ops->end() ? nullptr : found->second;
}

template <typename T>
bool HasAttr(const Node& node, const char* name, const T& value) {
  T found;
  return TryGetNodeAttr(node.attrs(), name, &found) && found == value;
}

bool HasAttr(const Node& node, const char* name, const char* value) {
  return HasAttr(node, name, std::string(value));
}

bool IsConvolution(const Node& node) {
  if (!HasAttr(node, "T", DT_FLOAT) || !HasAttr(node, "data_format", "NHWC")) return false;
  if (node.type_string() == "Conv2D") return true;
  // What the fused kernel, or its op's attrs, do not have.
  return HasAttr(node, "dilations", std::vector<int32>{1, 1, 1, 1}) &&
         !HasAttr(node, "padding", "EXPLICIT");
}

bool IsBias(const Node& node) {
  return node.type_string() == "BiasAdd" && HasAttr(node, "data_format", "NHWC");
}

bool IsInference(const Node& node) {  // of a batch normalization
  const std::string& op = node.type_string();
  const bool known = op == "FusedBatchNorm" || op == "FusedBatchNormV2" || op == "FusedBatchNormV3";
  return known && HasAttr(node, "is_training", false) && HasAttr(node, "data_format", "NHWC");
}

bool IsActivation(const Node& node) {
  return node.type_string() == "Relu" || node.type_string() == "Relu6";
}

// The node whose first input is the first output of this one, if nothing else uses this one.
Node* OnlyReader(const Node& node) {
  if (node.out_edges().size() != 1) return nullptr;
  const Edge* edge = *node.out_edges().begin();
  const bool is_first = edge->src_output() == 0 && edge->dst_input() == 0;
  return is_first && edge->dst()->assigned_device_name() == node.assigned_device_name()
             ? edge->dst()
             : nullptr;
}

// Whether something reads an output that a fused node has not: all but the first.
bool ReadsStatistics(const Node& node) {
  for (const Edge* edge : node.out_edges()) {
    if (edge->src_output() > 0) return true;
  }
  return false;
}

// The convolution and what can be fused with it, in order; empty if nothing can.
std::vector<Node*> Chain(Node* convolution) {
  std::vector<Node*> chain = {convolution};
  for (bool (*is_next)(const Node&) : {IsBias, IsInference, IsActivation}) {
    Node* next = OnlyReader(*chain.back());
    if (next != nullptr && is_next(*next)) chain.push_back(next);
  }
  // An activation alone saves less than a fused kernel costs.
  if (chain.size() < 2 || IsActivation(*chain[1]) || ReadsStatistics(*chain.back())) return {};
  return chain;
}

// The fused node.
Status Define(const std::vector<Node*>& chain, const std::vector<Node*>& parameters,
              NodeDef* made) {
  const Node& convolution = *chain[0];
  NodeDef& def = *made;
  def.set_name(convolution.name());
  def.set_op(FusedOp(convolution));
  def.set_device(convolution.requested_device());
  const OpDef* op = nullptr;
  TF_RETURN_IF_ERROR(OpRegistry::Global()->LookUpOpDef(def.op(), &op));
  for (const OpDef::AttrDef& attr : op->attr()) {
    if (const AttrValue* value = convolution.attrs().Find(attr.name())) {
      (*def.mutable_attr())[attr.name()] = *value;
    }
  }
  std::vector<std::string> fused;
  for (size_t i = 1; i < chain.size(); ++i) {
    if (IsInference(*chain[i])) {
      fused.push_back("FusedBatchNorm");
      (*def.mutable_attr())["epsilon"] = *chain[i]->attrs().Find("epsilon");
    } else {
      fused.push_back(chain[i]->type_string());
    }
  }
  const int arguments = parameters.size();
  AddNodeAttr("fused_ops", fused, &def);
  AddNodeAttr("num_args", arguments, &def);
  AddNodeAttr("_kernel", kLabel, &def);
  if (def.op() == "_FusedConv2D") AddNodeAttr("TArgs", DataTypeVector(arguments, DT_FLOAT), &def);
  AddDefaultsToNodeDef(*op, &def);
  return OkStatus();
}

// What the fused node takes over.
struct Ends {
  Node* node;
  int index;
};

Status Fuse(Graph* graph, const std::vector<Node*>& chain) {
  std::vector<Ends> inputs, outputs;
  std::vector<Node*> before, after, parameters;
  for (Node* node : chain) {
    std::vector<const Edge*> edges;
    TF_RETURN_IF_ERROR(node->input_edges(&edges));
    for (size_t i = node == chain[0] ? 0 : 1; i < edges.size(); ++i) {
      inputs.push_back({edges[i]->src(), edges[i]->src_output()});
      if (node != chain[0]) parameters.push_back(edges[i]->src());
    }
    for (const Edge* edge : node->in_edges()) {
      if (edge->IsControlEdge()) before.push_back(edge->src());
    }
  }
  // The first output: those of a normalization's statistics have no readers.
  for (const Edge* edge : chain.back()->out_edges()) {
    if (edge->IsControlEdge()) {
      after.push_back(edge->dst());
    } else {
      outputs.push_back({edge->dst(), edge->dst_input()});
    }
  }
  NodeDef def;
  TF_RETURN_IF_ERROR(Define(chain, parameters, &def));
  for (const Ends& end : inputs) def.add_input(strings::StrCat(end.node->name(), ":", end.index));
  const std::string device = chain[0]->assigned_device_name();
  for (Node* node : chain) graph->RemoveNode(node);
  Status status;
  Node* fused = graph->AddNode(def, &status);
  TF_RETURN_IF_ERROR(status);
  fused->set_assigned_device_name(device);
  for (size_t i = 0; i < inputs.size(); ++i) {
    graph->AddEdge(inputs[i].node, inputs[i].index, fused, i);
  }
  for (const Ends& end : outputs) graph->AddEdge(fused, 0, end.node, end.index);
  for (Node* node : before) graph->AddControlEdge(node, fused);
  for (Node* node : after) graph->AddControlEdge(fused, node);
  return OkStatus();
}

class FusePass : public GraphOptimizationPass {
 public:
  Status Run(const GraphOptimizationPassOptions& options) override {
    if (options.graph == nullptr) return OkStatus();
    Graph* graph = options.graph->get();
    std::vector<Node*> convolutions;
    for (Node* node : graph->op_nodes()) {
      if (FusedOp(*node) != nullptr && IsConvolution(*node)) convolutions.push_back(node);
    }
    for (Node* node : convolutions) {
      const std::vector<Node*> chain = Chain(node);
      if (!chain.empty()) TF_RETURN_IF_ERROR(Fuse(graph, chain));
    }
    return OkStatus();
  }
};

REGISTER_OPTIMIZATION(OptimizationPassRegistry::POST_REWRITE_FOR_EXEC, 1, FusePass);

}  // namespace
}  // namespace slim
}  // namespace tensorflow
