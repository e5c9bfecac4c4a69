// What the runtime has already: ops with their signatures, and kernels with their types.
#ifndef OPGRAFT_OPS_RUNTIME_C_API_PROBE_H_
#define OPGRAFT_OPS_RUNTIME_C_API_PROBE_H_

#include <map>
#include <string>
#include <vector>

#include "ops/kernel/op.h"
#include "ops/runtime/c_api_wire.h"

namespace opgraft {

/// A set of types; of all types where nothing restricts them.
struct TypeSet {
  std::vector<DataType> types;
  bool all = true;
  bool Has(DataType dtype) const;
};

struct AttrTypes {
  std::string attr;
  TypeSet types;
};

/// An op of the runtime.
struct RuntimeOp {
  std::vector<std::string> inputs;  // names
  std::vector<std::string> outputs;
  std::vector<AttrTypes> attrs;

  /// Whether kernels of ours fit: the same inputs and outputs, and every attr known.
  bool HasInterfaceOf(const OpDefinition& op) const;
  /// Whether the op allows the types of a kernel of ours.
  bool Admits(const KernelDefinition& kernel) const;
};

/// All ops of the runtime.
class RuntimeOps {
 public:
  RuntimeOps();
  bool Has(const std::string& name) const { return ops_.count(name) != 0; }
  RuntimeOp Get(const std::string& name) const;

 private:
  std::string list_;                       // serialized OpList
  std::map<std::string, WireReader> ops_;  // parts of it
};

/// The CPU kernels that the runtime has for an op.
class RuntimeKernels {
 public:
  explicit RuntimeKernels(const std::string& op);
  /// Whether one of them serves a case that a kernel of ours would serve.
  bool Serve(const KernelDefinition& kernel) const;

 private:
  std::vector<std::vector<AttrTypes>> kernels_;
};

/// Why the C API of this runtime cannot serve an op of ours, or "".
std::string WhyNot(const OpDefinition& op);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_C_API_PROBE_H_
