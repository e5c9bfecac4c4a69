// What a library needs of the adapter. Each names one of these (library.cc), and the linker leaves
// out what only the others use: virtual functions would keep it in all of them, in every release.
#ifndef OPGRAFT_OPS_RUNTIME_CC_ADAPTER_H_
#define OPGRAFT_OPS_RUNTIME_CC_ADAPTER_H_

#include "ops/kernel/op.h"
#include "ops/runtime/cc_kernel.h"
#include "ops/runtime/cc_shape.h"
#include "ops/runtime/cc_table_kernel.h"
#include "ops/runtime/cc_tensorflow.h"
#include "ops/runtime/cc_variable.h"

namespace opgraft {

struct Adapter {
  tf::OpKernel* (*new_kernel)(const OpDefinition&, const KernelDefinition&,
                              tf::OpKernelConstruction*);
  Status (*infer_shape)(const OpDefinition&, tf::shape_inference::InferenceContext*);
};

template <class Context>
tf::OpKernel* NewKernel(const OpDefinition&, const KernelDefinition& kernel,
                        tf::OpKernelConstruction* construction) {
  return new CcKernel<Context>(construction, kernel);
}

inline tf::OpKernel* NewTableKernel(const OpDefinition& op, const KernelDefinition& kernel,
                                    tf::OpKernelConstruction* construction) {
  switch (op.table_output) {
    case TableOutput::kNone:
      return new CcKernel<CcTableContext>(construction, kernel);
    case TableOutput::kRefString:
      return new CcNamedTable(construction, kernel, true);
    case TableOutput::kResource:
      return new CcNamedTable(construction, kernel, false);
    case TableOutput::kAnonymous:
      return new CcAnonymousTable(construction, kernel);
  }
  return nullptr;
}

template <class Context>
Status InferShape(const OpDefinition& op, tf::shape_inference::InferenceContext* context) {
  Context c(context);
  return op.shape(&c);
}

/// Tensors, no more.
extern const Adapter kPlainAdapter;
const Adapter kPlainAdapter = {NewKernel<CcContext>, InferShape<CcShapeContext>};

/// Kernels that change variables.
extern const Adapter kVariableAdapter;
const Adapter kVariableAdapter = {NewKernel<CcVariableContext>, InferShape<CcShapeContext>};

/// Tables.
extern const Adapter kTableAdapter;
const Adapter kTableAdapter = {NewTableKernel, InferShape<CcTableShapeContext>};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_ADAPTER_H_
