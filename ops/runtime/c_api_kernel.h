// Attrs and KernelContext on TensorFlow's C API.
#ifndef OPGRAFT_OPS_RUNTIME_C_API_KERNEL_H_
#define OPGRAFT_OPS_RUNTIME_C_API_KERNEL_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "ops/kernel/kernel.h"
#include "ops/runtime/c_api_functions.h"
#include "ops/runtime/c_api_status.h"

namespace opgraft {

/// Whether the runtime lets kernels read attrs of a type ("int", "string", ...).
bool CanReadAttr(const std::string& type);
/// Whether the runtime's string tensors can be read and written.
bool CanUseStrings();

class CAttrs final : public Attrs {
 public:
  explicit CAttrs(TF_OpKernelConstruction* construction) : construction_(construction) {}

  Status Int(const char* name, int64_t* value) override;
  Status Float(const char* name, float* value) override;
  Status Bool(const char* name, bool* value) override;
  Status Type(const char* name, DataType* value) override;
  Status String(const char* name, StringView* value) override;
  Status Shape(const char* name, int* rank, const int64_t** dims) override;
  Status IntList(const char* name, const int64_t** values, int* n) override;
  Status TypeList(const char* name, const DataType** values, int* n) override;

 private:
  Status ListSize(const char* name, int* n);

  TF_OpKernelConstruction* const construction_;
  CStatus status_;
  std::deque<std::string> strings_;          // what pointers that were handed out point to
  std::deque<std::vector<int64_t>> shapes_;  // and other lists of integers
  std::deque<std::vector<DataType>> types_;
};

class CKernelContext final : public KernelContext {
 public:
  explicit CKernelContext(TF_OpKernelContext* context);
  ~CKernelContext();

  /// To be called once, before the kernel computes.
  Status ReadInputs();

  int num_inputs() override { return num_inputs_; }
  const TensorView& input(int i) override { return tensors_[i].view; }
  Status AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) override;
  Status ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i, int rank,
                                      const int64_t* dims, TensorView* output) override;
  void ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                   StringView* strings) override;
  void WriteString(const TensorView& tensor, int64_t i, StringView value) override;
  void CopyStrings(const TensorView& from, const int64_t* indices, int64_t n, const TensorView& to,
                   int64_t begin) override;
  Status ReadObject(const TensorView& tensor, int64_t i, Object** object) override;
  void WriteObject(const TensorView&, int64_t, const Object&) override {}
  Status MutableInput(int i, TensorView* variable) override;
  Status InitializeInput(int i, TensorView* variable) override;
  Status ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) override;
  Status ForwardRef(int input, int i) override;
  Status GetTable(int input, Table** table) override;
  Status OpenFile(StringView path, File** file) override;
  void Log(const char* message) override;
  void ParallelFor(int64_t n, int64_t cost, void (*fn)(void* arg, int64_t begin, int64_t end),
                   void* arg) override;

 private:
  struct Tensor {
    TF_Tensor* tensor;
    TensorView view;
    int64_t small_dims[8];
    std::unique_ptr<int64_t[]> large_dims;
    size_t element_size;  // of a string tensor
  };

  void Fill(TF_Tensor* tensor, Tensor* out);
  Status CheckOutput(int i, int rank, const int64_t* dims, int64_t* count);

  TF_OpKernelContext* const context_;
  CStatus status_;
  const int num_inputs_;
  const int num_outputs_;
  std::unique_ptr<Tensor[]> tensors_;  // inputs, then outputs
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_C_API_KERNEL_H_
