// Writes OpDefinitions. An op's file ends with, for example:
//
//   constexpr KernelDefinition kKernels[] = {
//       FunctionKernel<Twice<float>>({{"T", DT_FLOAT}}),
//       FunctionKernel<Twice<int32_t>>({{"T", DT_INT32}}),
//   };
//   OPGRAFT_REGISTER_OP(twice, OpBuilder("Twice")
//                                  .Input("x: T")
//                                  .Output("y: T")
//                                  .Attr("T: {float, int32}")
//                                  .Shape(UnchangedShape)
//                                  .Kernels(kKernels));
#ifndef OPGRAFT_OPS_KERNEL_OP_BUILDER_H_
#define OPGRAFT_OPS_KERNEL_OP_BUILDER_H_

#include <initializer_list>
#include <new>

#include "ops/kernel/op.h"

namespace opgraft {

class OpBuilder {
 public:
  explicit constexpr OpBuilder(const char* name) : op_{} { op_.name = name; }
  constexpr OpBuilder& Input(const char* spec) { return Append(op_.inputs, spec); }
  constexpr OpBuilder& Output(const char* spec) { return Append(op_.outputs, spec); }
  constexpr OpBuilder& Attr(const char* spec) { return Append(op_.attrs, spec); }
  /// The same op under another name too.
  constexpr OpBuilder& Alias(const char* name) { return op_.alias = name, *this; }
  constexpr OpBuilder& Stateful() { return op_.is_stateful = true, *this; }
  constexpr OpBuilder& Aggregate() { return op_.is_aggregate = true, *this; }
  constexpr OpBuilder& Commutative() { return op_.is_commutative = true, *this; }
  constexpr OpBuilder& TakesUninitialized() { return op_.takes_uninitialized = true, *this; }
  constexpr OpBuilder& TakesVariable() { return op_.takes_variable = true, *this; }
  constexpr OpBuilder& Shape(Status (*function)(ShapeContext*)) {
    return op_.shape = function, *this;
  }
  template <int N>
  constexpr OpBuilder& Kernels(const KernelDefinition (&kernels)[N]) {
    op_.kernels = kernels;
    op_.num_kernels = N;
    return *this;
  }
  constexpr OpBuilder& MakesTable(TableOutput output) { return op_.table_output = output, *this; }
  constexpr OpDefinition Build() const { return op_; }

 private:
  constexpr OpBuilder& Append(const char* (&list)[OpDefinition::kMaxStrings], const char* spec) {
    int n = 0;
    while (list[n] != nullptr) ++n;
    list[n] = spec;  // past the end is an error at compile time
    return *this;
  }

  OpDefinition op_;
};

namespace internal {

template <Status (*Function)(KernelContext*)>
class StatelessKernel final : public Kernel {
 public:
  Status Compute(KernelContext* context) override { return Function(context); }
};

template <class T, class Base>
Status Create(Attrs* attrs, Base** out) {
  T* object = new T;
  Status status = object->Init(attrs);
  if (status.ok()) {
    *out = object;
  } else {
    delete object;
  }
  return status;
}

constexpr KernelDefinition MakeKernel(std::initializer_list<TypeConstraint> constraints) {
  KernelDefinition kernel{};
  int n = 0;
  for (const TypeConstraint& constraint : constraints) kernel.constraints[n++] = constraint;
  return kernel;
}

}  // namespace internal

/// A kernel that is a plain function.
template <Status (*Function)(KernelContext*)>
constexpr KernelDefinition FunctionKernel(std::initializer_list<TypeConstraint> constraints = {}) {
  KernelDefinition kernel = internal::MakeKernel(constraints);
  kernel.create = internal::Create<internal::StatelessKernel<Function>, Kernel>;
  return kernel;
}

/// A kernel that is a class derived from Kernel.
template <class K>
constexpr KernelDefinition ClassKernel(std::initializer_list<TypeConstraint> constraints = {}) {
  KernelDefinition kernel = internal::MakeKernel(constraints);
  kernel.create = internal::Create<K, Kernel>;
  return kernel;
}

/// A kernel that makes tables with a class derived from TableFactory.
template <class F>
constexpr KernelDefinition TableKernel(std::initializer_list<TypeConstraint> constraints = {}) {
  KernelDefinition kernel = internal::MakeKernel(constraints);
  kernel.create_table = internal::Create<F, TableFactory>;
  return kernel;
}

}  // namespace opgraft

/// Puts a pointer to the definition into the linker section that the adapter walks while the
/// library loads. No static initializer runs, so no order of initialization can matter.
#define OPGRAFT_REGISTER_OP(id, builder)                                                    \
  static constexpr ::opgraft::OpDefinition opgraft_op_##id = (builder).Build();             \
  __attribute__((used, section("opgraft_ops"))) static const ::opgraft::OpDefinition* const \
      opgraft_op_pointer_##id = &opgraft_op_##id

#endif  // OPGRAFT_OPS_KERNEL_OP_BUILDER_H_
