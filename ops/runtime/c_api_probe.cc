#include "ops/runtime/c_api_probe.h"

#include <algorithm>
#include <cstring>

#include "ops/runtime/c_api_functions.h"
#include "ops/runtime/c_api_kernel.h"
#include "ops/runtime/c_api_status.h"

namespace opgraft {
namespace {

// Numbers of the fields of TensorFlow's protocol buffers (op_def.proto, kernel_def.proto,
// attr_value.proto), which never change.
constexpr uint64_t kOpListOp = 1;
constexpr uint64_t kOpDefName = 1;
constexpr uint64_t kOpDefInput = 2;
constexpr uint64_t kOpDefOutput = 3;
constexpr uint64_t kOpDefAttr = 4;
constexpr uint64_t kArgDefName = 1;
constexpr uint64_t kAttrDefName = 1;
constexpr uint64_t kAttrDefAllowedValues = 7;
constexpr uint64_t kKernelListKernel = 1;
constexpr uint64_t kKernelDefDevice = 2;
constexpr uint64_t kKernelDefConstraint = 3;
constexpr uint64_t kConstraintAttr = 1;
constexpr uint64_t kConstraintAllowedValues = 2;
constexpr uint64_t kAttrValueList = 1;
constexpr uint64_t kListValueType = 6;

std::string TakeBuffer(TF_Buffer* buffer) {
  if (buffer == nullptr) return "";
  std::string bytes(static_cast<const char*>(buffer->data), buffer->length);
  c_api.TF_DeleteBuffer(buffer);
  return bytes;
}

/// The types in an AttrValue that lists them.
TypeSet Types(WireReader attr_value) {
  TypeSet set;
  while (attr_value.Next()) {
    if (attr_value.number() != kAttrValueList) continue;
    for (WireReader list = attr_value.message(); list.Next();) {
      if (list.number() != kListValueType) continue;
      set.all = false;
      list.Integers([&](uint64_t type) { set.types.push_back(static_cast<DataType>(type)); });
    }
  }
  return set;
}

/// An AttrDef or a KernelDef.AttrConstraint.
AttrTypes Attr(WireReader message, uint64_t name, uint64_t allowed_values) {
  AttrTypes attr;
  while (message.Next()) {
    if (message.number() == name) attr.attr = message.bytes();
    if (message.number() == allowed_values) attr.types = Types(message.message());
  }
  return attr;
}

std::string StringField(WireReader message, uint64_t number) {
  while (message.Next()) {
    if (message.number() == number) return message.bytes();
  }
  return "";
}

/// The name in "name: type" or "name: type = default".
std::string SpecName(const char* spec) { return std::string(spec, std::strcspn(spec, ": ")); }

/// The type in it.
std::string SpecType(const char* spec) {
  const char* type = spec + std::strcspn(spec, ":");
  type += std::strspn(type, ": ");
  return std::string(type, std::strcspn(type, " ="));
}

bool SameNames(const std::vector<std::string>& names, const char* const* specs) {
  size_t n = 0;
  for (; specs[n] != nullptr; ++n) {
    if (n == names.size() || names[n] != SpecName(specs[n])) return false;
  }
  return n == names.size();
}

const AttrTypes* FindAttr(const std::vector<AttrTypes>& attrs, const std::string& name) {
  for (const AttrTypes& attr : attrs) {
    if (attr.attr == name) return &attr;
  }
  return nullptr;
}

}  // namespace

bool TypeSet::Has(DataType dtype) const {
  return all || std::find(types.begin(), types.end(), dtype) != types.end();
}

bool RuntimeOp::HasInterfaceOf(const OpDefinition& op) const {
  if (!SameNames(inputs, op.inputs) || !SameNames(outputs, op.outputs)) return false;
  for (int i = 0; op.attrs[i] != nullptr; ++i) {
    if (FindAttr(attrs, SpecName(op.attrs[i])) == nullptr) return false;
  }
  return true;
}

bool RuntimeOp::Admits(const KernelDefinition& kernel) const {
  for (const TypeConstraint& constraint : kernel.constraints) {
    if (constraint.attr == nullptr) continue;
    const AttrTypes* const attr = FindAttr(attrs, constraint.attr);
    if (attr == nullptr || !attr->types.Has(constraint.dtype)) return false;
  }
  return true;
}

RuntimeOps::RuntimeOps() : list_(TakeBuffer(c_api.TF_GetAllOpList())) {
  for (WireReader list(list_); list.Next();) {
    if (list.number() != kOpListOp) continue;
    ops_.emplace(StringField(list.message(), kOpDefName), list.message());
  }
}

RuntimeOp RuntimeOps::Get(const std::string& name) const {
  RuntimeOp op;
  for (WireReader field = ops_.at(name); field.Next();) {
    if (field.number() == kOpDefInput) {
      op.inputs.push_back(StringField(field.message(), kArgDefName));
    } else if (field.number() == kOpDefOutput) {
      op.outputs.push_back(StringField(field.message(), kArgDefName));
    } else if (field.number() == kOpDefAttr) {
      op.attrs.push_back(Attr(field.message(), kAttrDefName, kAttrDefAllowedValues));
    }
  }
  return op;
}

RuntimeKernels::RuntimeKernels(const std::string& op) {
  CStatus status;
  const std::string list = TakeBuffer(c_api.TF_GetRegisteredKernelsForOp(op.c_str(), status.get()));
  for (WireReader field(list); field.Next();) {
    if (field.number() != kKernelListKernel) continue;
    if (StringField(field.message(), kKernelDefDevice) != "CPU") continue;
    std::vector<AttrTypes> constraints;
    for (WireReader kernel = field.message(); kernel.Next();) {
      if (kernel.number() != kKernelDefConstraint) continue;
      constraints.push_back(Attr(kernel.message(), kConstraintAttr, kConstraintAllowedValues));
    }
    kernels_.push_back(constraints);
  }
}

bool RuntimeKernels::Serve(const KernelDefinition& kernel) const {
  for (const std::vector<AttrTypes>& constraints : kernels_) {
    bool disjoint = false;
    for (const TypeConstraint& ours : kernel.constraints) {
      if (ours.attr == nullptr) continue;
      const AttrTypes* const theirs = FindAttr(constraints, ours.attr);
      if (theirs != nullptr && !theirs->types.Has(ours.dtype)) disjoint = true;
    }
    if (!disjoint) return true;
  }
  return false;
}

std::string WhyNot(const OpDefinition& op) {
  const std::string release = std::string("the C API of TensorFlow ") + c_api.TF_Version();
  if (op.table_output != TableOutput::kNone) return release + " has no lookup tables";
  for (int i = 0; op.attrs[i] != nullptr; ++i) {
    const std::string type = SpecType(op.attrs[i]);
    if (!CanReadAttr(type)) {
      return release + " cannot read attr " + SpecName(op.attrs[i]) + " of type " + type;
    }
  }
  for (const auto& args : {op.inputs, op.outputs}) {
    for (int i = 0; args[i] != nullptr; ++i) {
      const std::string type = SpecType(args[i]);
      if (type == "resource" || type == "variant" || type.compare(0, 3, "Ref") == 0) {
        return release + " cannot handle " + SpecName(args[i]) + " of type " + type;
      }
      if (type == "string" && !CanUseStrings()) {
        return release + " cannot handle strings";
      }
    }
  }
  return "";
}

}  // namespace opgraft
