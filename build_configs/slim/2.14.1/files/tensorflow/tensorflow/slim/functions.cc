// Drops the functions of a SavedModel that its graph does not call: a Keras model has its layers'
// training among them, and each function is copied several times while a session is made.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"

namespace tensorflow {
namespace slim {
namespace {

// The names of functions that are called, found from nodes.
class Called {
 public:
  explicit Called(const FunctionDefLibrary& library) {
    for (const FunctionDef& function : library.function()) {
      functions_.emplace(function.signature().name(), &function);
    }
    for (const GradientDef& gradient : library.gradient()) {
      gradients_.emplace(gradient.function_name(), gradient.gradient_func());
    }
  }

  void AddNodes(const protobuf::RepeatedPtrField<NodeDef>& nodes) {
    for (const NodeDef& node : nodes) {
      Add(node.op());
      for (const auto& attr : node.attr()) {
        if (attr.second.has_func()) Add(attr.second.func().name());
        for (const NameAttrList& function : attr.second.list().func()) Add(function.name());
      }
    }
  }

  // Adds what the functions found so far call.
  void Follow() {
    while (!open_.empty()) {
      const FunctionDef* function = open_.back();
      open_.pop_back();
      AddNodes(function->node_def());
      auto gradient = gradients_.find(function->signature().name());
      if (gradient != gradients_.end()) Add(gradient->second);
    }
  }

  bool Has(const std::string& name) const { return found_.count(name) > 0; }

 private:
  void Add(const std::string& name) {
    auto function = functions_.find(name);
    if (function != functions_.end() && found_.insert(name).second) {
      open_.push_back(function->second);
    }
  }

  std::unordered_map<std::string, const FunctionDef*> functions_;
  std::unordered_map<std::string, std::string> gradients_;
  std::unordered_set<std::string> found_;
  std::vector<const FunctionDef*> open_;
};

}  // namespace

void DropUncalledFunctions(GraphDef* graph) {
  FunctionDefLibrary& library = *graph->mutable_library();
  Called called(library);
  called.AddNodes(graph->node());
  called.Follow();
  FunctionDefLibrary kept;
  for (FunctionDef& function : *library.mutable_function()) {
    if (called.Has(function.signature().name())) kept.add_function()->Swap(&function);
  }
  for (GradientDef& gradient : *library.mutable_gradient()) {
    if (called.Has(gradient.function_name())) kept.add_gradient()->Swap(&gradient);
  }
  library.Swap(&kept);
}

}  // namespace slim
}  // namespace tensorflow
