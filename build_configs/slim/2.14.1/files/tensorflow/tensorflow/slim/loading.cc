#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tensorflow/cc/saved_model/constants.h"
#include "tensorflow/cc/saved_model/signature_constants.h"
#include "tensorflow/core/common_runtime/device_mgr.h"
#include "tensorflow/core/common_runtime/direct_session.h"
#include "tensorflow/core/framework/node_def_util.h"
#include "tensorflow/core/framework/resource_mgr.h"
#include "tensorflow/core/framework/resource_var.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/graph/tensor_id.h"
#include "tensorflow/core/lib/io/path.h"
#include "tensorflow/core/util/tensor_bundle/tensor_bundle.h"
#include "tensorflow/slim/graphs.h"

namespace tensorflow {
namespace slim {
namespace {

// A tensor of the checkpoint, and the variable that gets it; without a name, it is read as
// TensorFlow reads it, so that a file that was cut off does not go unnoticed.
struct Assignment {
  std::string container, name;
  std::string key;
  DataType dtype = DT_INVALID;
  Tensor value;
};

using Nodes = std::unordered_map<absl::string_view, const NodeDef*>;

Nodes NodesByName(const protobuf::RepeatedPtrField<NodeDef>& list) {
  Nodes nodes;
  for (const NodeDef& node : list) nodes.emplace(node.name(), &node);
  return nodes;
}

const NodeDef* Find(const Nodes& nodes, absl::string_view name) {
  auto found = nodes.find(name);
  return found == nodes.end() ? nullptr : found->second;
}

// The nodes of the graph that are the arguments of a function's call, by the arguments' names.
Nodes Arguments(const OpDef& function, const NodeDef& call, const Nodes& graph) {
  Nodes arguments;
  for (int i = 0; i < function.input_arg_size() && i < call.input_size(); ++i) {
    const NodeDef* node = Find(graph, ParseTensorName(call.input(i)).node());
    if (node != nullptr) arguments.emplace(function.input_arg(i).name(), node);
  }
  return arguments;
}

// The strings of a Const, named as an input in a function: "name:output:0".
bool Strings(const Nodes& nodes, absl::string_view input, Tensor* strings) {
  const NodeDef* node = Find(nodes, input.substr(0, input.find(':')));
  return node != nullptr && node->op() == "Const" && GetNodeAttr(*node, "value", strings).ok() &&
         strings->dtype() == DT_STRING;
}

// What the function that restores a SavedModel of TensorFlow 2 assigns.
class Plan {
 public:
  // False: it is none of those functions, or does something else as well.
  bool Make(const MetaGraphDef& meta_graph, const FunctionLibraryDefinition& functions) {
    const Nodes graph = NodesByName(meta_graph.graph_def().node());
    const NodeDef* call = Find(graph, meta_graph.saver_def().restore_op_name());
    if (call == nullptr ||
        (call->op() != "PartitionedCall" && call->op() != "StatefulPartitionedCall")) {
      return false;
    }
    for (const std::string& input : call->input()) {
      if (absl::StartsWith(input, "^")) return false;  // something that has to run before
    }
    NameAttrList name;
    if (!GetNodeAttr(*call, "f", &name).ok()) return false;
    function_ = functions.Find(name.name());
    if (function_ == nullptr) return false;
    nodes_ = NodesByName(function_->node_def());
    arguments_ = Arguments(function_->signature(), *call, graph);
    for (const NodeDef& node : function_->node_def()) {
      if (node.op() == "RestoreV2") {
        if (restore_ != nullptr || !ReadKeys(node, meta_graph.saver_def())) return false;
        restore_ = &node;
      } else if (node.op() != "AssignVariableOp" && node.op() != "Const" &&
                 node.op() != "Identity" && node.op() != "NoOp") {
        return false;
      }
    }
    for (const NodeDef& node : function_->node_def()) {
      if (node.op() == "AssignVariableOp" && !Add(node)) return false;
    }
    return true;
  }

  std::vector<Assignment>& assignments() { return assignments_; }

 private:
  bool ReadKeys(const NodeDef& restore, const SaverDef& saver) {
    Tensor keys, slices;
    std::vector<DataType> dtypes;
    if (restore.input_size() < 3 || !Strings(nodes_, restore.input(1), &keys) ||
        !Strings(nodes_, restore.input(2), &slices) ||
        !GetNodeAttr(restore, "dtypes", &dtypes).ok() ||
        keys.NumElements() != static_cast<int64_t>(dtypes.size()) ||
        slices.NumElements() != keys.NumElements()) {
      return false;
    }
    assignments_.resize(dtypes.size());
    for (size_t i = 0; i < dtypes.size(); ++i) {
      if (!slices.flat<tstring>()(i).empty()) return false;  // a part of a tensor
      assignments_[i].key = keys.flat<tstring>()(i);
      assignments_[i].dtype = dtypes[i];
    }
    const NodeDef* file = Find(arguments_, restore.input(0));
    return file != nullptr && file->name() == ParseTensorName(saver.filename_tensor_name()).node();
  }

  bool Add(const NodeDef& assign) {
    if (restore_ == nullptr || assign.input_size() < 2) return false;
    bool validate_shape = false;
    TryGetNodeAttr(assign, "validate_shape", &validate_shape);
    const NodeDef* variable = Find(arguments_, assign.input(0));
    if (validate_shape || variable == nullptr || variable->op() != "VarHandleOp") return false;

    absl::string_view value = assign.input(1);
    const NodeDef* from = Find(nodes_, value.substr(0, value.find(':')));
    if (from != nullptr && from->op() == "Identity" && from->input_size() > 0) {
      value = from->input(0);
    }
    uint64 number;
    if (!absl::ConsumePrefix(&value, restore_->name() + ":tensors:") ||
        !strings::safe_strtou64(value, &number) || number >= assignments_.size()) {
      return false;
    }
    Assignment& made = assignments_[number];
    if (!made.name.empty()) return false;  // another variable gets it too
    DataType dtype = DT_INVALID;
    TryGetNodeAttr(*variable, "container", &made.container);
    TryGetNodeAttr(*variable, "shared_name", &made.name);
    TryGetNodeAttr(*variable, "dtype", &dtype);
    if (made.name.empty() || made.name == ResourceHandle::ANONYMOUS_NAME || dtype != made.dtype ||
        !DataTypeCanUseMemcpy(dtype)) {
      return false;
    }
    return true;
  }

  Nodes nodes_, arguments_;
  const FunctionDef* function_ = nullptr;
  const NodeDef* restore_ = nullptr;
  std::vector<Assignment> assignments_;
};

bool Read(const std::string& prefix, std::vector<Assignment>* assignments) {
  BundleReader reader(Env::Default(), prefix);
  if (!reader.status().ok()) return false;
  for (Assignment& assignment : *assignments) {
    DataType dtype;
    TensorShape shape;
    if (!reader.LookupDtypeAndShape(assignment.key, &dtype, &shape).ok() ||
        dtype != assignment.dtype) {
      return false;
    }
    assignment.value = Tensor(dtype, shape);
    if (!assignment.value.IsInitialized() ||
        !reader.Lookup(assignment.key, &assignment.value).ok()) {
      return false;
    }
    if (assignment.name.empty()) assignment.value = Tensor();
  }
  return true;
}

Status Assign(const Assignment& assignment, ResourceMgr* resources) {
  auto make = [&assignment](Var** made) {
    *made = new Var(assignment.dtype);
    return OkStatus();
  };
  const std::string& container =
      assignment.container.empty() ? resources->default_container() : assignment.container;
  Var* found = nullptr;
  TF_RETURN_IF_ERROR(resources->LookupOrCreate<Var>(container, assignment.name, &found, make));
  core::RefCountPtr<Var> variable(found);
  mutex_lock lock(*variable->mu());
  if (variable->tensor()->dtype() != assignment.dtype) {
    return errors::InvalidArgument(assignment.name, " is of another type");
  }
  *variable->tensor() = assignment.value;
  variable->is_initialized = true;
  return OkStatus();
}

}  // namespace

bool RestoreVariables(const MetaGraphDef& meta_graph, const std::string& export_dir,
                      Session* session) {
  auto* direct = dynamic_cast<DirectSession*>(session);
  if (direct == nullptr || direct->functions() == nullptr) return false;
  Plan plan;
  if (!plan.Make(meta_graph, *direct->functions())) return false;
  const std::string prefix =
      io::JoinPath(export_dir, kSavedModelVariablesDirectory, kSavedModelVariablesFilename);
  if (!Read(prefix, &plan.assignments())) return false;
  const DeviceMgr* devices = nullptr;
  if (!direct->LocalDeviceManager(&devices).ok() || devices->NumDevices() != 1) return false;
  ResourceMgr* resources = devices->ListDevices()[0]->resource_manager();
  for (const Assignment& assignment : plan.assignments()) {
    if (!assignment.name.empty() && !Assign(assignment, resources).ok()) return false;
  }
  return true;
}

void StartPreparing(const MetaGraphDef& meta_graph, Session* session) {
  const auto& signatures = meta_graph.signature_def();
  auto found = signatures.find(kDefaultServingSignatureDefKey);
  int count = 0;
  for (auto it = signatures.begin(); it != signatures.end(); ++it) {
    if (absl::StartsWith(it->first, "__saved_model")) continue;  // TensorFlow's own
    ++count;
    if (found == signatures.end()) found = it;
  }
  auto* direct = dynamic_cast<DirectSession*>(session);
  if (direct == nullptr || found == signatures.end() ||
      (count > 1 && found->first != kDefaultServingSignatureDefKey)) {
    return;
  }
  std::vector<std::string> feeds, fetches;
  auto add = [](const auto& tensors, std::vector<std::string>* to) {
    for (const auto& tensor : tensors) {
      if (tensor.second.name().empty()) return false;  // of several parts
      to->push_back(ParseTensorName(tensor.second.name()).ToString());
    }
    return true;
  };
  if (add(found->second.inputs(), &feeds) && add(found->second.outputs(), &fetches) &&
      !fetches.empty()) {
    direct->StartPreparing(std::move(feeds), std::move(fetches));
  }
}

}  // namespace slim
}  // namespace tensorflow
