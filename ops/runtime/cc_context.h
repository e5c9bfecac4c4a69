// KernelContext and Attrs on TensorFlow's OpKernelContext and OpKernelConstruction.
#ifndef OPGRAFT_OPS_RUNTIME_CC_CONTEXT_H_
#define OPGRAFT_OPS_RUNTIME_CC_CONTEXT_H_

#include <deque>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "ops/kernel/kernel.h"
#include "ops/kernel/table.h"
#include "ops/runtime/cc_parallel.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

class CcFile final : public File {
 public:
  explicit CcFile(std::unique_ptr<tf::RandomAccessFile> file) : file_(std::move(file)) {}

  Status Read(uint64_t offset, size_t size, char* buffer, size_t* read) override {
    TfStringView result;
    const TfStatus status = file_->Read(offset, size, &result, buffer);
    // At the end of the file TensorFlow returns OutOfRange with what there was.
    if (!status.ok() && static_cast<int>(status.code()) != static_cast<int>(Code::kOutOfRange)) {
      return FromTf(status);
    }
    if (result.data() != buffer) memmove(buffer, result.data(), result.size());
    *read = result.size();
    return Status();
  }

 private:
  const std::unique_ptr<tf::RandomAccessFile> file_;
};

/// One element of a variant or resource tensor, in a tensor of its own.
class CcObject final : public Object {
 public:
  explicit CcObject(const tf::Tensor& element) : element(element) {}
  const tf::Tensor element;
};

class CcAttrs final : public Attrs {
 public:
  explicit CcAttrs(tf::OpKernelConstruction* construction) : construction_(construction) {}

  Status Int(const char* name, int64_t* value) override {
    TfInt64 result;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &result)));
    *value = result;
    return Status();
  }
  Status Float(const char* name, float* value) override {
    return FromTf(construction_->GetAttr(name, value));
  }
  Status Bool(const char* name, bool* value) override {
    return FromTf(construction_->GetAttr(name, value));
  }
  Status Type(const char* name, DataType* value) override {
    tf::DataType result;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &result)));
    *value = FromTf(result);
    return Status();
  }
  Status String(const char* name, StringView* value) override {
    strings_.emplace_back();
    std::string& result = strings_.back();
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &result)));
    *value = StringView{result.data(), result.size()};
    return Status();
  }
  Status Shape(const char* name, int* rank, const int64_t** dims) override {
    tf::PartialTensorShape shape;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &shape)));
    shapes_.emplace_back();
    for (int i = 0; i < shape.dims(); ++i) shapes_.back().push_back(shape.dim_size(i));
    *rank = shape.dims();
    *dims = shapes_.back().data();
    return Status();
  }
  Status IntList(const char* name, const int64_t** values, int* n) override {
    std::vector<TfInt64> list;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &list)));
    shapes_.emplace_back(list.begin(), list.end());
    *values = shapes_.back().data();
    *n = static_cast<int>(list.size());
    return Status();
  }
  Status TypeList(const char* name, const DataType** values, int* n) override {
    tf::DataTypeVector list;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &list)));
    types_.emplace_back();
    for (const tf::DataType dtype : list) types_.back().push_back(FromTf(dtype));
    *values = types_.back().data();
    *n = static_cast<int>(list.size());
    return Status();
  }

 private:
  tf::OpKernelConstruction* const construction_;
  std::deque<std::string> strings_;
  std::deque<std::vector<int64_t>> shapes_;  // and other lists of integers
  std::deque<std::vector<DataType>> types_;
};

class CcContext final : public KernelContext {
 public:
  explicit CcContext(tf::OpKernelContext* context) : context_(context) {
    for (TensorView& input : inputs_) input.handle = nullptr;  // not seen yet
  }
  ~CcContext();

  /// A view of any tensor, valid while the context lives.
  TensorView View(const tf::Tensor& tensor) {
    TensorView view;
    Show(tensor, &view);
    return view;
  }

  int num_inputs() override { return context_->num_inputs(); }
  const TensorView& input(int i) override {
    if (i < kInlineInputs) {
      if (inputs_[i].handle == nullptr) Show(context_->input(i), &inputs_[i]);
      return inputs_[i];
    }
    if (more_inputs_.empty()) more_inputs_.resize(context_->num_inputs());
    if (more_inputs_[i].handle == nullptr) more_inputs_[i] = View(context_->input(i));
    return more_inputs_[i];
  }

  Status AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) override {
    tf::TensorShape shape;
    OPGRAFT_RETURN_IF_ERROR(MakeShape(rank, dims, &shape));
    tf::Tensor* tensor = nullptr;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context_->allocate_output(i, shape, &tensor)));
    Show(*tensor, output);
    return Status();
  }
  Status ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i, int rank,
                                      const int64_t* dims, TensorView* output) override {
#if OPGRAFT_TF >= 10100
    tf::TensorShape shape;
    OPGRAFT_RETURN_IF_ERROR(MakeShape(rank, dims, &shape));
    tf::Tensor* tensor = nullptr;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context_->forward_input_or_allocate_output(
        tf::gtl::ArraySlice<int>(inputs, num_inputs), i, shape, &tensor)));
    *output = View(*tensor);
    return Status();
#else
    (void)inputs;
    (void)num_inputs;
    return AllocateOutput(i, rank, dims, output);
#endif
  }

  void ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                   StringView* strings) override {
    const TfString* from = static_cast<const TfString*>(tensor.data) + begin;
    for (int64_t i = 0; i < n; ++i) {
      __builtin_prefetch(from + n + i);  // for the call that follows
      strings[i] = StringView{from[i].data(), from[i].size()};
    }
  }
  void WriteString(const TensorView& tensor, int64_t i, StringView value) override {
    static_cast<TfString*>(tensor.data)[i].assign(value.data, value.size);
  }

  void CopyStrings(const TensorView& from, const int64_t* indices, int64_t n, const TensorView& to,
                   int64_t begin) override {
    const TfString* const source = static_cast<const TfString*>(from.data);
    TfString* const target = static_cast<TfString*>(to.data) + begin;
    for (int64_t i = 0; i < n; ++i) target[i] = source[indices[i]];
  }

  Status ReadObject(const TensorView& tensor, int64_t i, Object** object) override;
  void WriteObject(const TensorView& tensor, int64_t i, const Object& object) override;

  Status MutableInput(int i, TensorView* variable) override {
    variables_.push_back(context_->mutable_input(i, /*lock_held=*/false));
    if (!variables_.back().IsInitialized()) {
      return FailedPrecondition("Attempting to use uninitialized value of input %d", i);
    }
    *variable = View(variables_.back());
    return Status();
  }
  Status InitializeInput(int i, TensorView* variable) override {
    const tf::Tensor declared = context_->mutable_input(i, /*lock_held=*/false);
    // An empty tensor counts as initialized, in TensorFlow's own initializers too.
    if (declared.IsInitialized()) return InvalidArgument("input is already initialized");
    variables_.emplace_back();
    tf::Tensor& value = variables_.back();
    OPGRAFT_RETURN_IF_ERROR(
        FromTf(context_->allocate_temp(declared.dtype(), declared.shape(), &value)));
    context_->replace_ref_input(i, value, /*lock_held=*/false);
    *variable = View(value);
    return Status();
  }
  Status ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) override;
  Status ForwardRef(int input, int i) override {
    context_->forward_ref_input_to_ref_output(input, i);
    return Status();
  }

  Status GetTable(int input, Table** table) override;  // cc_table.h

  Status OpenFile(StringView path, File** file) override {
    std::unique_ptr<tf::RandomAccessFile> opened;
    OPGRAFT_RETURN_IF_ERROR(FromTf(
        tf::Env::Default()->NewRandomAccessFile(std::string(path.data, path.size), &opened)));
    *file = new CcFile(std::move(opened));
    return Status();
  }

  void Log(const char* message) override { LOG(INFO) << message; }

  void ParallelFor(int64_t n, int64_t cost, void (*fn)(void*, int64_t, int64_t),
                   void* arg) override {
    RunParallel(context_, n, cost, fn, arg);
  }
  using KernelContext::ParallelFor;

 private:
  /// Fills the view in: at -Os, to return and assign it takes longer than all the rest.
  void Show(const tf::Tensor& tensor, TensorView* view) {
    int64_t* const dims = Dims(tensor.dims());
    for (int i = 0; i < tensor.dims(); ++i) dims[i] = tensor.dim_size(i);
    view->dtype = FromTf(tensor.dtype());
    view->rank = tensor.dims();
    view->dims = dims;
    view->count = tensor.NumElements();
    view->data = Data(tensor);
    view->handle = const_cast<tf::Tensor*>(&tensor);
  }

  // tensor_data() aborts for types that are not plain memory in newer releases.
  static void* Data(const tf::Tensor& tensor) {
    if (tensor.dtype() == tf::DT_STRING) {
      return const_cast<TfString*>(tensor.flat<TfString>().data());
    }
    if (!tf::DataTypeCanUseMemcpy(tensor.dtype())) return nullptr;
    return const_cast<char*>(tensor.tensor_data().data());
  }

  static Status MakeShape(int rank, const int64_t* dims, tf::TensorShape* shape) {
    int64_t count = 1;
    for (int i = 0; i < rank; ++i) {
      if (dims[i] < 0 || __builtin_mul_overflow(count, dims[i], &count)) {
        return InvalidArgument("an output of shape %s is impossible",
                               ShapeText(rank, dims).c_str());
      }
      shape->AddDim(dims[i]);
    }
    return Status();
  }

  // Space for dimensions: in the object for usual kernels, on the heap beyond.
  int64_t* Dims(int rank) {
    if (used_ + rank <= kInlineDims) {
      used_ += rank;
      return dims_ + used_ - rank;
    }
    more_dims_.emplace_back(new int64_t[rank]);
    return more_dims_.back().get();
  }

  // A usual kernel costs no allocation here.
  static constexpr int kInlineInputs = 8;
  static constexpr int kInlineDims = 32;
  tf::OpKernelContext* const context_;
  TensorView inputs_[kInlineInputs];
  std::vector<TensorView> more_inputs_;  // sized once: input() hands out references
  int64_t dims_[kInlineDims];
  int used_ = 0;
  std::vector<std::unique_ptr<int64_t[]>> more_dims_;
  std::list<tf::Tensor> variables_;                  // keep the buffers that views show
  std::unique_ptr<Table> foreign_;                   // wraps a table of the runtime's
  tf::lookup::LookupInterface* resource_ = nullptr;  // referenced until the context ends
};

inline CcContext::~CcContext() {
  if (resource_ != nullptr) resource_->Unref();
}

inline Status CcContext::ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) {
#if OPGRAFT_TF >= 10900
  const tf::DataType type = ToTf(dtype);
  tf::TensorShape shape;
  OPGRAFT_RETURN_IF_ERROR(MakeShape(rank, dims, &shape));
  tf::Var* variable = nullptr;
  OPGRAFT_RETURN_IF_ERROR(FromTf(tf::LookupOrCreateResource<tf::Var>(
      context_, tf::HandleFromInput(context_, input), &variable, [type](tf::Var** created) {
        *created = new tf::Var(type);
        return TfStatus();
      })));
  const tf::core::ScopedUnref unref(variable);
  const tf::mutex_lock lock(*variable->mu());
  if (variable->is_initialized) return InvalidArgument("input is already initialized");
  tf::Tensor zeros;
  OPGRAFT_RETURN_IF_ERROR(FromTf(context_->allocate_temp(type, shape, &zeros)));
  if (zeros.TotalBytes() > 0) memset(Data(zeros), 0, zeros.TotalBytes());
  *variable->tensor() = zeros;
  variable->is_initialized = true;
  return Status();
#else
  (void)input, (void)dtype, (void)rank, (void)dims;
  return Unimplemented("TensorFlow " OPGRAFT_BUILT_FOR
                       " hides resource variables from op libraries");
#endif
}

inline Status CcContext::ReadObject(const TensorView& tensor, int64_t i, Object** object) {
  const tf::Tensor& from = *static_cast<const tf::Tensor*>(tensor.handle);
  tf::Tensor element(from.dtype(), tf::TensorShape({}));
  switch (tensor.dtype) {
#if OPGRAFT_TF >= 10400
    case DT_VARIANT:
      element.scalar<tf::Variant>()() = from.flat<tf::Variant>()(i);
      break;
    case DT_RESOURCE:
      element.scalar<tf::ResourceHandle>()() = from.flat<tf::ResourceHandle>()(i);
      break;
#endif
    default:
      return Unimplemented("TensorFlow " OPGRAFT_BUILT_FOR " has no tables of %s values",
                           DataTypeName(tensor.dtype));
  }
  (void)i;
  *object = new CcObject(element);
  return Status();
}

inline void CcContext::WriteObject(const TensorView& tensor, int64_t i, const Object& object) {
#if OPGRAFT_TF >= 10400
  tf::Tensor& to = *static_cast<tf::Tensor*>(tensor.handle);
  const tf::Tensor& element = static_cast<const CcObject&>(object).element;
  if (tensor.dtype == DT_VARIANT) {
    to.flat<tf::Variant>()(i) = element.scalar<tf::Variant>()();
  } else {
    to.flat<tf::ResourceHandle>()(i) = element.scalar<tf::ResourceHandle>()();
  }
#else
  (void)tensor, (void)i, (void)object;
#endif
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_CONTEXT_H_
