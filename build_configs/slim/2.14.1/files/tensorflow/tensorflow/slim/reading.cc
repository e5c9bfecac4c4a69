#include "tensorflow/slim/reading.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow/core/framework/function.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/graph/tensor_id.h"
#include "tensorflow/core/platform/env.h"
#include "tensorflow/core/platform/errors.h"
#include "tensorflow/core/platform/protobuf.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace tensorflow {
namespace slim {
namespace {

using protobuf::internal::WireFormatLite;
using Bytes = absl::string_view;  // of an encoded message

// Takes the fields of a message apart. False: it is damaged.
//
// Calls visit(number of the field, its bytes with the tag, the bytes of a message or string in it).
template <typename Visit>
bool VisitFields(Bytes message, Visit visit) {
  protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(message.data()),
                                       message.size());
  while (true) {
    const int begin = input.CurrentPosition();
    const uint32_t tag = input.ReadTag();
    if (tag == 0) return input.ConsumedEntireMessage();
    Bytes inner;
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      int size;
      if (!input.ReadVarintSizeAsInt(&size)) return false;
      const int start = input.CurrentPosition();
      if (!input.Skip(size)) return false;
      inner = message.substr(start, size);
    } else if (!WireFormatLite::SkipField(&input, tag)) {
      return false;
    }
    visit(WireFormatLite::GetTagFieldNumber(tag),
          message.substr(begin, input.CurrentPosition() - begin), inner);
  }
}

bool Merge(Bytes bytes, protobuf::MessageLite* message) {
  protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                       bytes.size());
  return message->MergeFromCodedStream(&input) && input.ConsumedEntireMessage();
}

// Reads all of a message but one field, whose values go into `left`.
bool MergeWithout(Bytes bytes, int field, protobuf::MessageLite* message,
                  std::vector<Bytes>* left) {
  bool is_read = true;
  Bytes together;  // fields one after the other
  auto read = [&] { is_read = is_read && Merge(together, message); };
  const bool is_whole = VisitFields(bytes, [&](int number, Bytes whole, Bytes inner) {
    if (number != field) {
      together = together.empty() ? whole : Bytes(together.data(), together.size() + whole.size());
    } else {
      left->push_back(inner);
      read();
      together = Bytes();
    }
  });
  read();
  return is_whole && is_read;
}

// The last value of a string or message in a message.
bool Find(Bytes message, int field, Bytes* value) {
  *value = Bytes();
  return VisitFields(message, [&](int number, Bytes, Bytes inner) {
    if (number == field) *value = inner;
  });
}

// The function that saves the variables, if it cannot run.
std::string UselessSaver(const MetaGraphDef& meta_graph) {
  const TensorId save = ParseTensorName(meta_graph.saver_def().save_tensor_name());
  if (save.node().empty() || GetRegisteredKernelsForOp("SaveV2").kernel_size() > 0) return "";
  for (const NodeDef& node : meta_graph.graph_def().node()) {
    if (node.name() != save.node()) continue;
    auto function = node.attr().find("f");
    return function == node.attr().end() ? "" : function->second.func().name();
  }
  return "";
}

// The functions of a graph as they were stored.
class Functions {
 public:
  // False: one of them is damaged.
  bool Add(Bytes function) {
    Bytes signature, name;
    if (!Find(function, FunctionDef::kSignatureFieldNumber, &signature) ||
        !Find(signature, OpDef::kNameFieldNumber, &name)) {
      return false;
    }
    stored_.emplace(name, function);
    return true;
  }

  // Reads those that a graph calls, and those that they call; false as above.
  bool ReadCalled(const std::string& left_out, GraphDef* graph) {
    stored_.erase(left_out);
    FunctionDefLibrary& library = *graph->mutable_library();
    for (const GradientDef& gradient : library.gradient()) {
      gradients_.emplace(gradient.function_name(), gradient.gradient_func());
    }
    Call(graph->node());
    while (!called_.empty()) {
      const Bytes next = called_.back();
      called_.pop_back();
      FunctionDef* function = library.add_function();
      if (!Merge(next, function)) return false;
      Call(function->node_def());
      auto gradient = gradients_.find(function->signature().name());
      if (gradient != gradients_.end()) Call(gradient->second);
    }
    auto& listed = *library.mutable_gradient();
    auto is_left = [this](const GradientDef& g) { return stored_.count(g.function_name()) > 0; };
    listed.erase(std::remove_if(listed.begin(), listed.end(), is_left), listed.end());
    return true;
  }

 private:
  void Call(const std::string& name) {
    auto function = stored_.find(name);
    if (function == stored_.end()) return;  // an op, or read already
    called_.push_back(function->second);
    stored_.erase(function);
  }

  void Call(const protobuf::RepeatedPtrField<NodeDef>& nodes) {
    for (const NodeDef& node : nodes) {
      Call(node.op());
      for (const auto& attr : node.attr()) {
        if (attr.second.has_func()) Call(attr.second.func().name());
        for (const NameAttrList& function : attr.second.list().func()) Call(function.name());
      }
    }
  }

  std::unordered_map<std::string, Bytes> stored_;  // not yet called
  std::vector<Bytes> called_;
  std::unordered_map<std::string, std::string> gradients_;
};

bool Read(Bytes bytes, MetaGraphDef* meta_graph) {
  std::vector<Bytes> graphs, libraries, stored;
  if (!MergeWithout(bytes, MetaGraphDef::kGraphDefFieldNumber, meta_graph, &graphs)) return false;
  if (graphs.empty()) return true;
  GraphDef* graph = meta_graph->mutable_graph_def();
  for (Bytes encoded : graphs) {
    if (!MergeWithout(encoded, GraphDef::kLibraryFieldNumber, graph, &libraries)) return false;
  }
  if (libraries.empty()) return true;
  for (Bytes encoded : libraries) {
    if (!MergeWithout(encoded, FunctionDefLibrary::kFunctionFieldNumber, graph->mutable_library(),
                      &stored)) {
      return false;
    }
  }
  Functions functions;
  for (Bytes encoded : stored) {
    if (!functions.Add(encoded)) return false;
  }
  return functions.ReadCalled(UselessSaver(*meta_graph), graph);
}

}  // namespace

Status ReadSavedModel(const std::string& path, SavedModel* model) {
  uint64 size;
  TF_RETURN_IF_ERROR(Env::Default()->GetFileSize(path, &size));
  std::string bytes;
  bool is_read = size <= std::numeric_limits<int>::max();  // more is no message
  if (is_read) TF_RETURN_IF_ERROR(ReadFileToString(Env::Default(), path, &bytes));
  model->Clear();
  std::vector<Bytes> meta_graphs;
  is_read = is_read && MergeWithout(bytes, SavedModel::kMetaGraphsFieldNumber, model, &meta_graphs);
  for (Bytes encoded : meta_graphs) is_read = is_read && Read(encoded, model->add_meta_graphs());
  if (!is_read) return errors::DataLoss("Can't parse ", path, " as binary proto");
  return OkStatus();
}

}  // namespace slim
}  // namespace tensorflow
