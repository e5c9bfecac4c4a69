#include "tensorflow/slim/graphs.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/graph/tensor_id.h"

namespace tensorflow {
namespace slim {
namespace {

constexpr int64_t kMostNodes = 1 << 16;  // of a graph with its calls inlined

// The functions of a library, by their place in it, and whom they call.
class Calls {
 public:
  explicit Calls(const FunctionDefLibrary& library) : callees_(library.function_size()) {
    for (int i = 0; i < library.function_size(); ++i) {
      numbers_.emplace(library.function(i).signature().name(), i);
    }
    for (int i = 0; i < library.function_size(); ++i) {
      callees_[i] = Of(library.function(i).node_def());
    }
    for (const GradientDef& gradient : library.gradient()) {
      const int function = Number(gradient.function_name());
      const int its_gradient = Number(gradient.gradient_func());
      if (function >= 0 && its_gradient >= 0) callees_[function].push_back(its_gradient);
    }
  }

  // The first function of a name; -1 if there is none.
  int Number(const std::string& name) const {
    auto found = numbers_.find(name);
    return found == numbers_.end() ? -1 : found->second;
  }

  const std::vector<int>& Of(int function) const { return callees_[function]; }

  // The functions that nodes call, as often as they do.
  std::vector<int> Of(const protobuf::RepeatedPtrField<NodeDef>& nodes) const {
    std::vector<int> called;
    auto add = [&](const std::string& name) {
      const int function = Number(name);
      if (function >= 0) called.push_back(function);
    };
    for (const NodeDef& node : nodes) {
      add(node.op());
      for (const auto& attr : node.attr()) {
        if (attr.second.has_func()) add(attr.second.func().name());
        for (const NameAttrList& function : attr.second.list().func()) add(function.name());
      }
    }
    return called;
  }

 private:
  std::unordered_map<std::string, int> numbers_;
  std::vector<std::vector<int>> callees_;
};

// How many nodes functions have with all that they call in its place.
class Sizes {
 public:
  Sizes(const FunctionDefLibrary& library, const Calls& calls)
      : library_(library), calls_(calls), states_(library.function_size()) {
    for (int i = 0; i < library.function_size(); ++i) Visit(i);
  }

  // Whether calls of the function are not inlined.
  bool IsKept(int function) const { return states_[function].is_kept; }

  int64_t Of(int nodes, const std::vector<int>& callees) const {
    int64_t size = nodes;
    for (int callee : callees) {
      if (!IsKept(callee)) size = std::min(size + states_[callee].size, kMostNodes + 1);
    }
    return size;
  }

 private:
  struct State {
    bool is_open = false, is_done = false, is_kept = false;
    size_t next = 0;  // of its callees
    int64_t size = 0;
  };

  // Without recursion: a model may have any number of functions that call each other.
  void Visit(int first) {
    std::vector<int> path;
    if (!states_[first].is_done) path.push_back(first);
    while (!path.empty()) {
      const int function = path.back();
      State& state = states_[function];
      state.is_open = true;
      const std::vector<int>& callees = calls_.Of(function);
      if (state.next < callees.size()) {
        State& callee = states_[callees[state.next++]];
        if (callee.is_open) {
          callee.is_kept = true;  // it calls itself
        } else if (!callee.is_done) {
          path.push_back(callees[state.next - 1]);
        }
        continue;
      }
      state.size = Of(library_.function(function).node_def_size(), callees);
      state.is_kept = state.is_kept || state.size > kMostNodes;
      state.is_open = false;
      state.is_done = true;
      path.pop_back();
    }
  }

  const FunctionDefLibrary& library_;
  const Calls& calls_;
  std::vector<State> states_;
};

}  // namespace

void DropUncalledFunctions(GraphDef* graph) {
  FunctionDefLibrary& library = *graph->mutable_library();
  const Calls calls(library);
  std::vector<bool> is_called(library.function_size());
  std::vector<int> open = calls.Of(graph->node());
  while (!open.empty()) {
    const int function = open.back();
    open.pop_back();
    if (is_called[function]) continue;
    is_called[function] = true;
    open.insert(open.end(), calls.Of(function).begin(), calls.Of(function).end());
  }
  auto is_needed = [&](const std::string& name) {
    const int function = calls.Number(name);
    return function >= 0 && is_called[function];
  };
  FunctionDefLibrary kept;
  for (FunctionDef& function : *library.mutable_function()) {
    if (is_needed(function.signature().name())) kept.add_function()->Swap(&function);
  }
  for (GradientDef& gradient : *library.mutable_gradient()) {
    if (is_needed(gradient.function_name())) kept.add_gradient()->Swap(&gradient);
  }
  library.Swap(&kept);
}

Status CheckOps(const GraphDef& graph) {
  std::unordered_set<absl::string_view> known;
  for (const FunctionDef& function : graph.library().function()) {
    known.insert(function.signature().name());
  }
  auto check = [&](const protobuf::RepeatedPtrField<NodeDef>& nodes) {
    for (const NodeDef& node : nodes) {
      const OpDef* op = nullptr;
      if (known.insert(node.op()).second) {
        TF_RETURN_IF_ERROR(OpRegistry::Global()->LookUpOpDef(node.op(), &op));
      }
    }
    return OkStatus();
  };
  TF_RETURN_IF_ERROR(check(graph.node()));
  for (const FunctionDef& function : graph.library().function()) {
    TF_RETURN_IF_ERROR(check(function.node_def()));
  }
  return OkStatus();
}

void LimitInlining(GraphDef* graph) {
  FunctionDefLibrary& library = *graph->mutable_library();
  const Calls calls(library);
  const Sizes sizes(library, calls);
  auto keep = [&](int function) {
    (*library.mutable_function(function)->mutable_attr())["_noinline"].set_b(true);
  };
  for (int i = 0; i < library.function_size(); ++i) {
    if (sizes.IsKept(i)) keep(i);
    library.mutable_function(i)->mutable_attr()->erase("api_implements");
  }
  const std::vector<int> called = calls.Of(graph->node());
  if (sizes.Of(graph->node_size(), called) > kMostNodes) {
    for (int function : called) keep(function);
  }
}

GraphDef MoveFunctions(GraphDef* graph) {
  GraphDef made;
  made.mutable_library()->Swap(graph->mutable_library());
  *made.mutable_node() = graph->node();
  *made.mutable_versions() = graph->versions();
  return made;
}

void CopyNeeded(const GraphDef& graph, const CallableOptions& run, GraphDef* copy) {
  std::unordered_map<absl::string_view, int> numbers;
  for (int i = 0; i < graph.node_size(); ++i) numbers.emplace(graph.node(i).name(), i);
  std::vector<bool> needed(graph.node_size());
  std::vector<int> open;
  auto add = [&](const std::string& tensor) {  // "name", "name:1" or "^name"
    auto found = numbers.find(ParseTensorName(tensor).node());
    if (found == numbers.end() || needed[found->second]) return;
    needed[found->second] = true;
    open.push_back(found->second);
  };
  for (const std::string& tensor : run.feed()) add(tensor);
  for (const std::string& tensor : run.fetch()) add(tensor);
  for (const std::string& node : run.target()) add(node);
  for (const TensorConnection& connection : run.tensor_connection()) {
    add(connection.from_tensor());
    add(connection.to_tensor());
  }
  while (!open.empty()) {
    const NodeDef& node = graph.node(open.back());
    open.pop_back();
    for (const std::string& input : node.input()) add(input);
  }
  *copy->mutable_versions() = graph.versions();
  for (int i = 0; i < graph.node_size(); ++i) {
    if (needed[i]) *copy->add_node() = graph.node(i);
  }
}

void SetSignatureShapes(const MetaGraphDef& meta_graph, const Graph& graph, ShapeRefiner* refiner) {
  std::unordered_map<absl::string_view, const Node*> nodes;
  for (const Node* node : graph.op_nodes()) nodes.emplace(node->name(), node);
  for (const auto& signature : meta_graph.signature_def()) {
    for (const auto& output : signature.second.outputs()) {
      const TensorInfo& info = output.second;
      const TensorId tensor = ParseTensorName(info.name());
      auto found = nodes.find(tensor.node());
      if (found == nodes.end()) continue;  // sparse, or for the run to report
      shape_inference::InferenceContext* context = refiner->GetContext(found->second);
      shape_inference::ShapeHandle shape;
      if (context == nullptr || tensor.index() < 0 || tensor.index() >= context->num_outputs() ||
          !context->MakeShapeFromShapeProto(info.tensor_shape(), &shape).ok()) {
        continue;
      }
      // What the graph knows and the signature contradicts stays.
      refiner->SetShape(found->second, tensor.index(), shape).IgnoreError();
    }
  }
}

}  // namespace slim
}  // namespace tensorflow
