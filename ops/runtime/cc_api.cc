// Registers ops and kernels with TensorFlow through its C++ API, while the library loads.
// Compiled once per runtime (build_configs/graft_library.bzl).
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ops/kernel/op.h"
#include "ops/runtime/cc_adapter.h"
#include "ops/runtime/cc_probe.h"
#include "ops/runtime/cc_tensorflow.h"
#include "ops/runtime/library.h"
#include "ops/runtime/report.h"

// The linker section that OPGRAFT_REGISTER_OP fills.
extern "C" const opgraft::OpDefinition* const __start_opgraft_ops[]
    __attribute__((visibility("hidden")));
extern "C" const opgraft::OpDefinition* const __stop_opgraft_ops[]
    __attribute__((visibility("hidden")));

namespace opgraft {

const char kBuiltFor[] = OPGRAFT_BUILT_FOR;

namespace {

TfStatus InferShape(const OpDefinition& op, tf::shape_inference::InferenceContext* context) {
  return ToTf(CatchExceptions([&] { return kAdapter->infer_shape(op, context); }));
}

#if OPGRAFT_TF >= 11400
struct ShapeFunction {
  const OpDefinition* op;
#if OPGRAFT_TF < 11500
  // This reaches 1.14 as std::function<Status(InferenceContext*)>, which its gcc 4.8 calls with the
  // pointer by value where ours expects a reference to it. So what arrives as the "address of the
  // pointer" is the pointer.
  TfStatus operator()(tf::shape_inference::InferenceContext*&& reference) const {
    void* pointer = &reference;
    asm volatile("" : "+r"(pointer));
    return InferShape(*op, static_cast<tf::shape_inference::InferenceContext*>(pointer));
  }
#else
  TfStatus operator()(tf::shape_inference::InferenceContext* context) const {
    return InferShape(*op, context);
  }
#endif
};

ShapeFunction ShapeFunctionOf(const OpDefinition& op) { return ShapeFunction{&op}; }
#else
// Up to 1.13 it is a plain function that knows nothing of its op, so each op gets one of its own:
// the N-th op of this library the one that holds N.
const int kMaxOps = 64;
const OpDefinition* g_ops[kMaxOps];

using ShapeFunction = TfStatus (*)(tf::shape_inference::InferenceContext*);

template <int N>
TfStatus InferShapeOf(tf::shape_inference::InferenceContext* context) {
  return InferShape(*g_ops[N], context);
}

template <int... N>
struct Sequence {};
template <class A, class B>
struct Concatenated;
template <int... A, int... B>
struct Concatenated<Sequence<A...>, Sequence<B...>> {
  using type = Sequence<A..., (static_cast<int>(sizeof...(A)) + B)...>;
};
template <int N>  // 0 to N - 1; C++11 has no std::make_integer_sequence
struct Count {
  using type =
      typename Concatenated<typename Count<N / 2>::type, typename Count<N - N / 2>::type>::type;
};
template <>
struct Count<1> {
  using type = Sequence<0>;
};

template <int... N>
ShapeFunction ShapeFunctionAt(int n, Sequence<N...>) {
  static const ShapeFunction functions[] = {&InferShapeOf<N>...};
  return functions[n];
}
/// Or null, if there are more ops than kMaxOps.
ShapeFunction ShapeFunctionOf(const OpDefinition& op) {
  for (int n = 0; n < kMaxOps; ++n) {
    if (g_ops[n] == nullptr) g_ops[n] = &op;
    if (g_ops[n] == &op) return ShapeFunctionAt(n, Count<kMaxOps>::type());
  }
  return nullptr;
}
#endif

bool Matches(const KernelDefinition& kernel, tf::OpKernelConstruction* construction) {
  for (const TypeConstraint& constraint : kernel.constraints) {
    if (constraint.attr == nullptr) continue;
    tf::DataType dtype;
    if (!construction->GetAttr(constraint.attr, &dtype).ok()) return false;
    if (FromTf(dtype) != constraint.dtype) return false;
  }
  return true;
}

// Every op is registered under this prefix and its name too.
const char kPrefix[] = "Opgraft";

/// Whether an op of ours may be registered under this name.
bool HasName(const OpDefinition& op, const char* name) {
  return std::strcmp(name, op.name) == 0 ||
         (op.alias != nullptr && std::strcmp(name, op.alias) == 0) ||
         (std::strncmp(name, kPrefix, std::strlen(kPrefix)) == 0 &&
          std::strcmp(name + std::strlen(kPrefix), op.name) == 0);
}

// TensorFlow has chosen the op and knows that a kernel of ours fits; this finds which.
tf::OpKernel* CreateKernel(tf::OpKernelConstruction* construction) {
  const char* const name = construction->def().op().c_str();
  for (auto op = __start_opgraft_ops; op != __stop_opgraft_ops; ++op) {
    if (!HasName(**op, name)) continue;
    for (int i = 0; i < (*op)->num_kernels; ++i) {
      if (Matches((*op)->kernels[i], construction)) {
        return kAdapter->new_kernel(**op, (*op)->kernels[i], construction);
      }
    }
  }
  construction->SetStatus(ToTf(Code::kInternal, "opgraft has no kernel for these types"));
  return nullptr;
}

/// Leaves out of "T: {float, uint32}" the types that this release does not know: it would reject
/// the whole op.
std::string KnownTypes(const std::string& attr) {
  const size_t open = attr.find('{'), close = attr.find('}');
  if (open == std::string::npos || close == std::string::npos ||
      attr.find('\'') != std::string::npos || attr.find('=') < open) {  // strings; a default
    return attr;
  }
  std::string known;
  for (size_t begin = open + 1; begin < close;) {
    const size_t end = std::min(attr.find(',', begin), close);
    const size_t first = attr.find_first_not_of(' ', begin);
    const std::string type = attr.substr(first, end - first);
    if (RuntimeHasType(type.c_str())) known += (known.empty() ? "" : ", ") + type;
    begin = end + 1;
  }
  return attr.substr(0, open + 1) + known + attr.substr(close);
}

template <class Builder>
void Describe(const OpDefinition& op, Builder* builder) {
  for (int i = 0; op.inputs[i] != nullptr; ++i) builder->Input(op.inputs[i]);
  for (int i = 0; op.outputs[i] != nullptr; ++i) builder->Output(op.outputs[i]);
  for (int i = 0; op.attrs[i] != nullptr; ++i) builder->Attr(KnownTypes(op.attrs[i]));
  if (op.is_stateful) builder->SetIsStateful();
  if (op.is_commutative) builder->SetIsCommutative();
  if (op.is_aggregate) builder->SetIsAggregate();
  if (op.takes_uninitialized) builder->SetAllowsUninitializedInput();
}

void RegisterOp(const OpDefinition& op, const char* name) {
  const auto shape = ShapeFunctionOf(op);
#if OPGRAFT_TF >= 20400
  tf::register_op::OpDefBuilderWrapper builder(name);
  Describe(op, &builder);
  builder.SetShapeFn(shape);
  builder();
#else
  tf::register_op::OpDefBuilderWrapper<true> builder(name);
  Describe(op, &builder);
  const_cast<tf::OpDefBuilder&>(builder.builder()).SetShapeFn(shape);
  tf::register_op::OpDefBuilderReceiver receiver(builder);
  (void)receiver;
#endif
}

void RegisterKernel(const KernelDefinition& kernel, const char* name) {
  tf::KernelDefBuilder builder(name);
  builder.Device(tf::DEVICE_CPU);
  for (const TypeConstraint& constraint : kernel.constraints) {
    if (constraint.attr != nullptr) {
      builder.TypeConstraint(constraint.attr, ToTf(constraint.dtype));
    }
  }
  // Lives as long as the library, as the registrars of TensorFlow's own macros do.
  new tf::kernel_factory::OpKernelRegistrar(builder.Build(), name, CreateKernel);
}

bool TypesKnown(const KernelDefinition& kernel) {
  for (const TypeConstraint& constraint : kernel.constraints) {
    if (constraint.attr != nullptr && !RuntimeHasType(DataTypeName(constraint.dtype))) return false;
  }
  return true;
}

/// Registers what the runtime lacks of one op under one name.
void Graft(const OpDefinition& op, const char* name) {
  const std::string runtime_op = RuntimeOp(name);
  if (!runtime_op.empty() && !SameInterface(op, runtime_op)) {
    ReportOp(name, false, 0,
             "the runtime has this op with another signature; the Opgraft op has the newest");
    return;
  }
#if OPGRAFT_TF < 10900
  if (op.takes_variable) {
    ReportOp(name, false, 0,
             "TensorFlow " OPGRAFT_BUILT_FOR " hides resource variables from op libraries");
    return;
  }
#endif
#if OPGRAFT_TF < 11400
  if (ShapeFunctionOf(op) == nullptr) {
    ReportOp(name, false, 0, "more ops than kMaxOps in ops/runtime/cc_api.cc");
    return;
  }
#endif
  const std::string kernels = runtime_op.empty() ? "" : tf::KernelsRegisteredForOp(name);
  if (runtime_op.empty()) RegisterOp(op, name);
  int added = 0;
  for (int i = 0; i < op.num_kernels; ++i) {
    const KernelDefinition& kernel = op.kernels[i];
    if (!TypesKnown(kernel)) continue;
    if (!runtime_op.empty() &&
        (RuntimeHasKernel(kernels, kernel) || !OpAdmits(runtime_op, kernel))) {
      continue;
    }
    RegisterKernel(kernel, name);
    ++added;
  }
  ReportOp(name, runtime_op.empty(), added, "");
}

struct Load {
  Load() {
    const std::string loaded = LoadedTensorFlow();
    if (!loaded.empty() && MinorRelease(loaded) != MinorRelease(kBuiltFor)) {
      ReportProblem(("built for TensorFlow " + std::string(kBuiltFor) + ", but this process has " +
                     loaded + "; nothing was registered. Load the library of that release: " +
                     "opgraft.library_path(\"" + kLibraryName + "\", \"" + loaded + "\")")
                        .c_str());
      return;
    }
    if (RuntimeOp("NoOp").empty()) {
      ReportProblem(
          "TensorFlow's own ops are not registered yet; nothing was registered. Load this library "
          "after TensorFlow, with tf.load_op_library or TF_LoadLibrary");
      return;
    }
    for (auto op = __start_opgraft_ops; op != __stop_opgraft_ops; ++op) {
      Graft(**op, (*op)->name);
      const char* const alias = (*op)->alias;
      if (alias != nullptr && TakesName(alias)) {
        Graft(**op, alias);
      } else if (alias != nullptr) {
        ReportOp(alias, false, 0, "TensorFlow " OPGRAFT_BUILT_FOR " takes no such name of an op");
      }
      // Names must outlive the registries, which may keep the pointer.
      Graft(**op, strdup((std::string(kPrefix) + (*op)->name).c_str()));
    }
  }
};

const Load g_load;

}  // namespace
}  // namespace opgraft
