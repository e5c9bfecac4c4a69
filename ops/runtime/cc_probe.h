// What the runtime has already: ops with their signatures, and kernels with their types.
#ifndef OPGRAFT_OPS_RUNTIME_CC_PROBE_H_
#define OPGRAFT_OPS_RUNTIME_CC_PROBE_H_

#include <dlfcn.h>
#include <link.h>

#include <cctype>
#include <cstring>
#include <string>

#include "ops/kernel/op.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

/// The version of the TensorFlow in this process ("2.14.1"), or "" if it cannot be found out.
/// Asked through the C API's TF_Version, whose ABI never changes, before any C++ is called.
inline std::string LoadedTensorFlow() {
  std::string version;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* result) {
        const char* name = info->dlpi_name;
        if (name == nullptr || (std::strstr(name, "libtensorflow") == nullptr &&
                                std::strstr(name, "_pywrap_tensorflow") == nullptr)) {
          return 0;
        }
        void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
        if (library == nullptr) return 0;
        auto get = reinterpret_cast<const char* (*)()>(dlsym(library, "TF_Version"));
        if (get != nullptr) *static_cast<std::string*>(result) = get();
        dlclose(library);
        return get != nullptr ? 1 : 0;
      },
      &version);
  return version;
}

/// "2.14" of "2.14.1-rc2".
inline std::string MinorRelease(const std::string& version) {
  const size_t dot = version.find('.');
  return dot == std::string::npos ? version : version.substr(0, version.find('.', dot + 1));
}

/// TensorFlow's one-line summary of an op it has, or "":
///   Op<name=AddV2; signature=x:T, y:T -> z:T; attr=T:type,allowed=[DT_FLOAT, DT_HALF]>
inline std::string RuntimeOp(const std::string& name) {
  const tf::OpRegistrationData* data = nullptr;
  if (!tf::OpRegistry::Global()->LookUp(name, &data).ok()) return "";
  return tf::SummarizeOpDef(data->op_def);
}

/// Whether the runtime lets an op have this name. Up to 1.15, which aborts the process on a
/// name that it does not like, no op is called "Package>Op".
inline bool TakesName(const char* name) {
#if OPGRAFT_TF >= 20000
  tf::OpRegistrationData data;
  return tf::OpDefBuilder(name).Finalize(&data).ok() && tf::ValidateOpDef(data.op_def).ok();
#else
  return std::strchr(name, '>') == nullptr;
#endif
}

inline std::string RuntimeTypeName(DataType dtype) {
  std::string name = DataTypeName(dtype);
  for (char& c : name) c = static_cast<char>(std::toupper(c));
  return "DT_" + name;
}

/// Whether this release knows the type at all.
inline bool RuntimeHasType(const char* name) {
  tf::DataType dtype;
  return tf::DataTypeFromString(name, &dtype);
}

/// Whether `list`, "[DT_FLOAT, DT_HALF]", holds a type. TensorFlow abbreviates long lists with
/// "...": those count as holding it, since a second kernel would break the op.
inline bool ListHasType(const std::string& list, const std::string& type) {
  if (list.find("...") != std::string::npos) return true;
  for (size_t at = list.find(type); at != std::string::npos; at = list.find(type, at + 1)) {
    const char after = at + type.size() < list.size() ? list[at + type.size()] : ']';
    if (after == ',' || after == ']') return true;
  }
  return false;
}

/// The text from the end of `key` to `end`, or "" if there is no key.
inline std::string TextAfter(const std::string& text, const std::string& key, const char* end) {
  const size_t at = text.find(key);
  if (at == std::string::npos) return "";
  const size_t from = at + key.size();
  const size_t to = text.find(end, from);
  return text.substr(from, to == std::string::npos ? to : to - from);
}

/// Our definition's inputs and outputs as TensorFlow summarizes them.
inline std::string Signature(const OpDefinition& op) {
  std::string text;
  auto append = [&text](const char* const* specs) {
    for (int i = 0; specs[i] != nullptr; ++i) {
      if (i > 0) text += ", ";
      for (const char* c = specs[i]; *c != '\0'; ++c) {
        if (*c != ' ') text += *c;
      }
    }
  };
  append(op.inputs);
  text += " -> ";
  append(op.outputs);
  return text;
}

/// Whether kernels of ours fit the runtime's op: the same inputs and outputs, every attr known.
inline bool SameInterface(const OpDefinition& op, const std::string& runtime_op) {
  if (TextAfter(runtime_op, "signature=", ";").compare(0, Signature(op).size(), Signature(op)) !=
      0) {
    return false;
  }
  for (int i = 0; op.attrs[i] != nullptr; ++i) {
    const std::string attr(op.attrs[i], std::strcspn(op.attrs[i], ": "));
    if (runtime_op.find("attr=" + attr + ":") == std::string::npos) return false;
  }
  return true;
}

/// Whether the runtime's op admits the types of a kernel of ours.
inline bool OpAdmits(const std::string& runtime_op, const KernelDefinition& kernel) {
  for (const TypeConstraint& constraint : kernel.constraints) {
    if (constraint.attr == nullptr) continue;
    const std::string attr =
        TextAfter(runtime_op, std::string("attr=") + constraint.attr + ":", ";");
    const std::string allowed = TextAfter(attr, "allowed=", "]");
    if (!allowed.empty() && !ListHasType(allowed + "]", RuntimeTypeName(constraint.dtype))) {
      return false;
    }
  }
  return true;
}

/// Whether one of the runtime's kernels, a line of `kernels` for each, serves the types of ours:
///   device='CPU'; T in [DT_FLOAT]
inline bool RuntimeHasKernel(const std::string& kernels, const KernelDefinition& ours) {
  for (size_t begin = 0; begin < kernels.size();) {
    size_t end = kernels.find('\n', begin);
    if (end == std::string::npos) end = kernels.size();
    const std::string line = kernels.substr(begin, end - begin);
    begin = end + 1;
    if (line.find("device='CPU'") == std::string::npos) continue;
    bool disjoint = false;
    for (const TypeConstraint& constraint : ours.constraints) {
      if (constraint.attr == nullptr) continue;
      const std::string list = TextAfter(line, std::string("; ") + constraint.attr + " in ", "]");
      if (!list.empty() && !ListHasType(list + "]", RuntimeTypeName(constraint.dtype))) {
        disjoint = true;
      }
    }
    if (!disjoint) return true;
  }
  return false;
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_PROBE_H_
