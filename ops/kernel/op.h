// Definitions of ops and kernels: plain data that an adapter registers with its runtime.
// Op files write them with op_builder.h; only adapters and tests read them.
#ifndef OPGRAFT_OPS_KERNEL_OP_H_
#define OPGRAFT_OPS_KERNEL_OP_H_

#include "ops/kernel/kernel.h"
#include "ops/kernel/shape.h"
#include "ops/kernel/table.h"

namespace opgraft {

struct TypeConstraint {
  const char* attr;
  DataType dtype;
};

/// A CPU kernel. Exactly one of the two functions is set; both return new objects.
struct KernelDefinition {
  static constexpr int kMaxConstraints = 4;
  TypeConstraint constraints[kMaxConstraints];  // unused ones have a null attr
  Status (*create)(Attrs*, Kernel**);
  Status (*create_table)(Attrs*, TableFactory**);
};

/// How the op hands out the table that its kernel makes.
enum class TableOutput {
  kNone,
  kRefString,  // "table_handle: Ref(string)", container and shared_name attrs
  kResource,   // "table_handle: resource", container and shared_name attrs
  kAnonymous,  // "table_handle: resource", one table per execution, freed with its last handle
};

/// An op. Every op is also registered as "Opgraft" + name, on every runtime: that name always means
/// this definition, whatever the runtime has under the plain one.
struct OpDefinition {
  static constexpr int kMaxStrings = 24;
  const char* name;
  const char* alias;  // another name of the same op, or null: "Addons>Resampler"
  // Specifications in the language of tensorflow::OpDefBuilder; null ends a list.
  const char* inputs[kMaxStrings];
  const char* outputs[kMaxStrings];
  const char* attrs[kMaxStrings];
  bool is_stateful;
  bool is_aggregate;
  bool is_commutative;
  bool takes_uninitialized;  // Ref inputs may be variables without a value
  bool takes_variable;       // a resource input is the handle of a variable
  TableOutput table_output;
  Status (*shape)(ShapeContext*);
  const KernelDefinition* kernels;
  int num_kernels;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_OP_H_
