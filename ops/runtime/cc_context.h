// KernelContext on TensorFlow's OpKernelContext: tensors and threads.
#ifndef OPGRAFT_OPS_RUNTIME_CC_CONTEXT_H_
#define OPGRAFT_OPS_RUNTIME_CC_CONTEXT_H_

#include <forward_list>
#include <memory>
#include <new>
#include <utility>

#include "ops/kernel/kernel.h"
#include "ops/kernel/table.h"
#include "ops/runtime/cc_parallel.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

/// What every kernel uses. The rest is in the contexts derived from it, each in the libraries
/// whose kernels use it (cc_adapter.h).
class CcContext : public KernelContext {
 public:
  explicit CcContext(tf::OpKernelContext* context) : context_(context) {}

  /// A view of any tensor, valid while the context lives.
  TensorView View(const tf::Tensor& tensor) {
    TensorView view;
    Show(tensor, &view);
    return view;
  }

  int num_inputs() override { return context_->num_inputs(); }
  const TensorView& input(int i) override {
    if (i >= kInlineInputs) return MoreInputs(i);
    if ((seen_ >> i & 1) == 0) {
      seen_ |= 1u << i;
      Show(context_->input(i), &inputs_[i]);
    }
    return inputs_[i];
  }

  Status AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) override {
    return NewOutput(rank, dims, output, [&](const tf::TensorShape& shape, tf::Tensor** tensor) {
      return context_->allocate_output(i, shape, tensor);
    });
  }
  Status ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i, int rank,
                                      const int64_t* dims, TensorView* output) override {
#if OPGRAFT_TF >= 10100
    return NewOutput(rank, dims, output, [&](const tf::TensorShape& shape, tf::Tensor** tensor) {
      return context_->forward_input_or_allocate_output(
          tf::gtl::ArraySlice<int>(inputs, num_inputs), i, shape, tensor);
    });
#else
    (void)inputs;
    (void)num_inputs;
    return AllocateOutput(i, rank, dims, output);
#endif
  }

  void ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                   StringView* strings) override {
    const TfString* from = static_cast<const TfString*>(tensor.data) + begin;
    const TfString* const next = from + n;  // for the call that follows
    const int64_t ahead = std::min(n, tensor.count - begin - n);
    for (int64_t i = 0; i < ahead; ++i) __builtin_prefetch(next + i);
    for (int64_t i = 0; i < n; ++i) strings[i] = StringView{from[i].data(), from[i].size()};
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

  void ParallelFor(int64_t n, int64_t cost, void (*fn)(void*, int64_t, int64_t),
                   void* arg) override {
    RunParallel(context_, n, cost, fn, arg);
  }
  using KernelContext::ParallelFor;

  // Not in every library.
  Status ReadObject(const TensorView&, int64_t, Object**) override { return LeftOut(); }
  void WriteObject(const TensorView&, int64_t, const Object&) override {}
  Status MutableInput(int, TensorView*) override { return LeftOut(); }
  Status InitializeInput(int, TensorView*) override { return LeftOut(); }
  Status ZeroVariable(int, DataType, int, const int64_t*) override { return LeftOut(); }
  Status ForwardRef(int, int) override { return LeftOut(); }
  Status GetTable(int, Table**) override { return LeftOut(); }
  Status OpenFile(StringView, File**) override { return LeftOut(); }
  void Log(const char*) override {}

 protected:
  /// Fills the view in: at -Os, to return and assign it takes longer than all the rest.
  void Show(const tf::Tensor& tensor, TensorView* view) {
    const int rank = tensor.dims();
    const int64_t count = tensor.NumElements();
    int64_t* const dims = Dims(rank);
    if (rank == 1) {
      dims[0] = count;
    } else {
      for (int i = 0; i < rank; ++i) dims[i] = tensor.dim_size(i);
    }
    view->dtype = FromTf(tensor.dtype());
    view->rank = rank;
    view->dims = dims;
    view->count = count;
    view->data = Data(tensor);
    view->handle = const_cast<tf::Tensor*>(&tensor);
  }

  static void* Data(const tf::Tensor& tensor) {
    if (FromTf(tensor.dtype()) == DT_VARIANT || FromTf(tensor.dtype()) == DT_RESOURCE) {
      return nullptr;
    }
    // Not flat() and not tensor_data(), which check what is known and abort for some types.
    return const_cast<void*>(tf::DMAHelper::base(&tensor));
  }

  /// A shape that TensorFlow can make of `dims`: it aborts on others.
  static Status CheckShape(int rank, const int64_t* dims) {
    int64_t count = 1;
    bool possible = rank <= tf::TensorShape::MaxDimensions();
    for (int i = 0; i < rank && possible; ++i) {
      possible = dims[i] >= 0 && !__builtin_mul_overflow(count, dims[i], &count);
    }
    if (possible) return Status();
    return InvalidArgument("an output of shape %s is impossible", ShapeText(rank, dims).c_str());
  }
  static tf::TensorShape MakeShape(int rank, const int64_t* dims) {
    return tf::TensorShape(
        tf::gtl::ArraySlice<TfInt64>(reinterpret_cast<const TfInt64*>(dims), rank));
  }

  tf::OpKernelContext* const context_;

 private:
  static Status LeftOut() {
    return Status(Code::kInternal, "left out of this library: see ops/runtime/cc_adapter.h");
  }

  /// allocate(shape, &tensor) makes an output of the shape.
  template <class F>
  Status NewOutput(int rank, const int64_t* dims, TensorView* output, const F& allocate) {
    tf::Tensor* tensor = nullptr;
    if (const tf::Tensor* const input = InputOf(rank, dims)) {
      OPGRAFT_RETURN_IF_ERROR(FromTf(allocate(input->shape(), &tensor)));
    } else {
      OPGRAFT_RETURN_IF_ERROR(CheckShape(rank, dims));
      OPGRAFT_RETURN_IF_ERROR(FromTf(allocate(MakeShape(rank, dims), &tensor)));
    }
    Show(*tensor, output);
    return Status();
  }

  /// The input whose own dimensions these are, which has their shape already; usual, and much
  /// faster than to make it. Or null.
  const tf::Tensor* InputOf(int rank, const int64_t* dims) const {
    if (rank == 0) return nullptr;  // the next view may begin where one without dimensions does
    for (unsigned i = 0, rest = seen_; rest != 0; ++i, rest >>= 1) {
      if ((rest & 1) != 0 && inputs_[i].dims == dims && inputs_[i].rank == rank) {
        return static_cast<const tf::Tensor*>(inputs_[i].handle);
      }
    }
    return nullptr;
  }

  const TensorView& MoreInputs(int i) {
    if (more_inputs_ == nullptr) more_inputs_.reset(new TensorView[context_->num_inputs()]());
    if (more_inputs_[i].handle == nullptr) Show(context_->input(i), &more_inputs_[i]);
    return more_inputs_[i];
  }

  // Space for dimensions: in the object for usual kernels, on the heap beyond.
  int64_t* Dims(int rank) {
    if (used_ + rank <= kInlineDims) {
      used_ += rank;
      return dims_ + used_ - rank;
    }
    more_dims_.emplace_front(new int64_t[rank]);
    return more_dims_.front().get();
  }

  // A usual kernel costs no allocation here.
  static constexpr int kInlineInputs = 8;
  static constexpr int kInlineDims = 32;
  unsigned seen_ = 0;  // a bit for each of inputs_ that is filled in
  int used_ = 0;       // of dims_
  TensorView inputs_[kInlineInputs];
  int64_t dims_[kInlineDims];
  std::unique_ptr<TensorView[]> more_inputs_;  // made once: input() hands out references
  std::forward_list<std::unique_ptr<int64_t[]>> more_dims_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_CONTEXT_H_
