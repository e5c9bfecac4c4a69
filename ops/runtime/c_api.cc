// Registers ops and kernels with TensorFlow through its C API, while the library loads.
// One build for TensorFlow 2.2 and everything after it, unseen releases included.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ops/kernel/op.h"
#include "ops/runtime/c_api_functions.h"
#include "ops/runtime/c_api_kernel.h"
#include "ops/runtime/c_api_probe.h"
#include "ops/runtime/c_api_shape.h"
#include "ops/runtime/c_api_status.h"
#include "ops/runtime/library.h"
#include "ops/runtime/report.h"

// The linker section that OPGRAFT_REGISTER_OP fills.
extern "C" const opgraft::OpDefinition* const __start_opgraft_ops[]
    __attribute__((visibility("hidden")));
extern "C" const opgraft::OpDefinition* const __stop_opgraft_ops[]
    __attribute__((visibility("hidden")));

namespace opgraft {

const char kBuiltFor[] = "c_api";

namespace {

// TensorFlow calls plain functions that know nothing of their op, so each op gets a pair of
// functions of its own: the N-th op of this library those that hold N.
constexpr int kMaxOps = 128;
const OpDefinition* g_ops[kMaxOps];

void InferShape(int n, TF_ShapeInferenceContext* context, TF_Status* result) {
  const Status status = CatchExceptions([&]() -> Status {
    CStatus unused;
    c_api.TF_ShapeInferenceContextSetUnknownShape(context, unused.get());
    if (g_ops[n]->shape == nullptr) return Status();
    CShapeContext shapes(context);
    Status inferred = g_ops[n]->shape(&shapes);
    // What depends on something that the C API hides stays unknown.
    if (shapes.hid_something() && inferred.code() == Code::kUnimplemented) return Status();
    return inferred;
  });
  c_api.TF_SetStatus(result, static_cast<int>(status.code()), status.message());
}

bool Matches(const KernelDefinition& kernel, CAttrs* attrs) {
  for (const TypeConstraint& constraint : kernel.constraints) {
    DataType dtype;
    if (constraint.attr == nullptr) continue;
    if (!attrs->Type(constraint.attr, &dtype).ok() || dtype != constraint.dtype) return false;
  }
  return true;
}

Status NewKernel(const OpDefinition& op, TF_OpKernelConstruction* construction, Kernel** kernel) {
  CAttrs attrs(construction);
  for (int i = 0; i < op.num_kernels; ++i) {
    if (op.kernels[i].create != nullptr && Matches(op.kernels[i], &attrs)) {
      return op.kernels[i].create(&attrs, kernel);
    }
  }
  return Error(Code::kInternal, "opgraft has no kernel of %s for these types", op.name);
}

void* CreateKernel(int n, TF_OpKernelConstruction* construction) {
  Kernel* kernel = nullptr;
  const Status status =
      CatchExceptions([&] { return NewKernel(*g_ops[n], construction, &kernel); });
  if (!status.ok()) {
    CStatus failure;
    failure.Set(status);
    c_api.TF_OpKernelConstruction_Failure(construction, failure.get());
  }
  return kernel;
}

void ComputeKernel(void* kernel, TF_OpKernelContext* context) {
  const Status status = CatchExceptions([&]() -> Status {
    CKernelContext kernel_context(context);
    OPGRAFT_RETURN_IF_ERROR(kernel_context.ReadInputs());
    return static_cast<Kernel*>(kernel)->Compute(&kernel_context);
  });
  if (!status.ok()) {
    CStatus failure;
    failure.Set(status);
    c_api.TF_OpKernelContext_Failure(context, failure.get());
  }
}

void DeleteKernel(void* kernel) { delete static_cast<Kernel*>(kernel); }

using ShapeFunction = void (*)(TF_ShapeInferenceContext*, TF_Status*);
using KernelFunction = void* (*)(TF_OpKernelConstruction*);

template <int N>
void InferShapeOf(TF_ShapeInferenceContext* context, TF_Status* status) {
  InferShape(N, context, status);
}
template <int N>
void* CreateKernelOf(TF_OpKernelConstruction* construction) {
  return CreateKernel(N, construction);
}

template <int... N>
ShapeFunction ShapeFunctionOf(int n, std::integer_sequence<int, N...>) {
  static constexpr ShapeFunction kFunctions[] = {&InferShapeOf<N>...};
  return kFunctions[n];
}
template <int... N>
KernelFunction KernelFunctionOf(int n, std::integer_sequence<int, N...>) {
  static constexpr KernelFunction kFunctions[] = {&CreateKernelOf<N>...};
  return kFunctions[n];
}
using EveryOp = std::make_integer_sequence<int, kMaxOps>;

Status RegisterOp(const OpDefinition& op, const char* name, int n) {
  TF_OpDefinitionBuilder* const builder = c_api.TF_NewOpDefinitionBuilder(name);
  for (int i = 0; op.inputs[i] != nullptr; ++i) {
    c_api.TF_OpDefinitionBuilderAddInput(builder, op.inputs[i]);
  }
  for (int i = 0; op.outputs[i] != nullptr; ++i) {
    c_api.TF_OpDefinitionBuilderAddOutput(builder, op.outputs[i]);
  }
  for (int i = 0; op.attrs[i] != nullptr; ++i) {
    c_api.TF_OpDefinitionBuilderAddAttr(builder, op.attrs[i]);
  }
  // Only where true: TensorFlow does not look at the argument.
  if (op.is_stateful) c_api.TF_OpDefinitionBuilderSetIsStateful(builder, true);
  if (op.is_aggregate) c_api.TF_OpDefinitionBuilderSetIsAggregate(builder, true);
  if (op.is_commutative) c_api.TF_OpDefinitionBuilderSetIsCommutative(builder, true);
  c_api.TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, ShapeFunctionOf(n, EveryOp()));
  CStatus status;
  c_api.TF_RegisterOpDefinition(builder, status.get());  // deletes the builder
  return status.Take();
}

Status RegisterKernel(const KernelDefinition& kernel, const char* name, int n) {
  TF_KernelBuilder* const builder = c_api.TF_NewKernelBuilder(
      name, "CPU", KernelFunctionOf(n, EveryOp()), ComputeKernel, DeleteKernel);
  CStatus status;
  for (const TypeConstraint& constraint : kernel.constraints) {
    if (constraint.attr == nullptr) continue;
    c_api.TF_KernelBuilder_TypeConstraint(builder, constraint.attr, constraint.dtype, status.get());
    if (!status.ok()) {
      c_api.TF_DeleteKernelBuilder(builder);
      return status.Take();
    }
  }
  c_api.TF_RegisterKernelBuilder(name, builder, status.get());  // deletes the builder
  return status.Take();
}

/// Registers what the runtime lacks of the n-th op under one name.
void Graft(const OpDefinition& op, const std::string& name, int n, const RuntimeOps& runtime) {
  const bool is_known = runtime.Has(name);
  std::vector<const KernelDefinition*> missing;
  if (is_known) {
    const RuntimeOp known = runtime.Get(name);
    if (!known.HasInterfaceOf(op)) {
      ReportOp(name.c_str(), false, 0, "the runtime has this op with another signature");
      return;
    }
    const RuntimeKernels kernels(name);
    for (int i = 0; i < op.num_kernels; ++i) {
      const KernelDefinition& kernel = op.kernels[i];
      if (known.Admits(kernel) && !kernels.Serve(kernel)) missing.push_back(&kernel);
    }
    if (missing.empty()) {
      ReportOp(name.c_str(), false, 0, "");
      return;
    }
  } else {
    for (int i = 0; i < op.num_kernels; ++i) missing.push_back(&op.kernels[i]);
  }

  std::string note = WhyNot(op);
  if (note.empty() && !is_known) note = RegisterOp(op, name.c_str(), n).message();
  if (!note.empty()) {
    ReportOp(name.c_str(), false, 0, note.c_str());
    return;
  }
  int added = 0;
  for (const KernelDefinition* kernel : missing) {
    const Status status = RegisterKernel(*kernel, name.c_str(), n);
    if (status.ok()) {
      ++added;
    } else {
      note = std::string("some kernels were rejected: ") + status.message();
    }
  }
  ReportOp(name.c_str(), !is_known, added, note.c_str());
}

/// Whether this TensorFlow's C API is one that we know how to use.
bool IsSupported(const char* version) {
  char* end;
  const long major = std::strtol(version, &end, 10);
  const long minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
  return major > 2 || (major == 2 && minor >= 2);
}

void GraftAll() {
  const char* const missing = FindCApi();
  if (c_api.TF_Version == nullptr) {
    ReportProblem(
        "there is no TensorFlow in this process; nothing was registered. Load this library after "
        "TensorFlow, with tf.load_op_library or TF_LoadLibrary");
    return;
  }
  const std::string version = c_api.TF_Version();
  if (missing != nullptr || !IsSupported(version.c_str())) {
    ReportProblem(("TensorFlow " + version + " is in this process, but the C API build needs 2.2 " +
                   "or newer" + (missing == nullptr ? "" : std::string(" with ") + missing) +
                   "; nothing was registered. Load the library of that release: " +
                   "opgraft.library_path(\"" + kLibraryName + "\", \"" + version + "\")")
                      .c_str());
    return;
  }
  const RuntimeOps runtime;
  if (!runtime.Has("NoOp")) {
    ReportProblem(
        "TensorFlow's own ops are not registered yet; nothing was registered. Load this library "
        "after TensorFlow, with tf.load_op_library or TF_LoadLibrary");
    return;
  }
  int n = 0;
  for (auto op = __start_opgraft_ops; op != __stop_opgraft_ops; ++op) {
    if (n == kMaxOps) {
      ReportOp((*op)->name, false, 0, "more ops than kMaxOps in ops/runtime/c_api.cc");
      continue;
    }
    g_ops[n] = *op;
    Graft(**op, (*op)->name, n, runtime);
    // Every TensorFlow that this build serves takes names like "Addons>Resampler".
    if ((*op)->alias != nullptr) Graft(**op, (*op)->alias, n, runtime);
    Graft(**op, std::string("Opgraft") + (*op)->name, n, runtime);
    ++n;
  }
}

struct Load {
  Load() {
    const Status status = CatchExceptions([] { return GraftAll(), Status(); });
    if (!status.ok()) ReportProblem(status.message());
  }
};

const Load g_load;

}  // namespace
}  // namespace opgraft
