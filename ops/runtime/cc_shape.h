// ShapeContext on TensorFlow's InferenceContext.
#ifndef OPGRAFT_OPS_RUNTIME_CC_SHAPE_H_
#define OPGRAFT_OPS_RUNTIME_CC_SHAPE_H_

#include <algorithm>
#include <forward_list>
#include <string>
#include <vector>

#include "ops/kernel/shape.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

class CcShapeContext : public ShapeContext {
 public:
  explicit CcShapeContext(tf::shape_inference::InferenceContext* context) : context_(context) {}

  int num_inputs() override { return context_->num_inputs(); }
  Shape input(int i) override { return Add(context_->input(i)); }
  void set_output(int i, Shape shape) override { context_->set_output(i, Get(shape)); }

  int Rank(Shape shape) override {
    return context_->RankKnown(Get(shape)) ? context_->Rank(Get(shape)) : -1;
  }
  Dimension Dim(Shape shape, int i) override { return Add(context_->Dim(Get(shape), i)); }
  int64_t Value(Dimension dim) override {
    return context_->ValueKnown(Get(dim)) ? context_->Value(Get(dim)) : -1;
  }

  Shape UnknownShape() override { return Add(context_->UnknownShape()); }
  Shape MakeShape(int rank, const Dimension* dims) override {
    std::vector<TfDim> handles(rank);
    for (int i = 0; i < rank; ++i) handles[i] = Get(dims[i]);
    return Add(context_->MakeShape(handles));
  }
  Dimension MakeDim(int64_t value) override {
    return Add(value < 0 ? context_->UnknownDim() : context_->MakeDim(value));
  }

  Status WithRank(Shape shape, int rank, Shape* out) override {
    TfShape result;
    return Return(context_->WithRank(Get(shape), rank, &result), result, out);
  }
  Status WithRankAtLeast(Shape shape, int rank, Shape* out) override {
    TfShape result;
    return Return(context_->WithRankAtLeast(Get(shape), rank, &result), result, out);
  }
  Status Merge(Shape a, Shape b, Shape* out) override {
    TfShape result;
    return Return(context_->Merge(Get(a), Get(b), &result), result, out);
  }
  Status MergeDim(Dimension a, Dimension b, Dimension* out) override {
    TfDim result;
    return Return(context_->Merge(Get(a), Get(b), &result), result, out);
  }
  Status ReplaceDim(Shape shape, int i, Dimension dim, Shape* out) override {
    TfShape result;
    return Return(context_->ReplaceDim(Get(shape), i, Get(dim), &result), result, out);
  }
  Status Concatenate(Shape a, Shape b, Shape* out) override {
    TfShape result;
    return Return(context_->Concatenate(Get(a), Get(b), &result), result, out);
  }

  Status TypeAttr(const char* name, DataType* value) override {
    tf::DataType dtype;
    const TfStatus status = context_->GetAttr(name, &dtype);
    if (status.ok()) *value = FromTf(dtype);
    return FromTf(status);
  }
  Status IntAttr(const char* name, int64_t* value) override {
    TfInt64 result;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context_->GetAttr(name, &result)));
    *value = result;
    return Status();
  }
  Status IntListAttr(const char* name, const int64_t** values, int* n) override {
    std::vector<TfInt64> list;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context_->GetAttr(name, &list)));
    int_lists_.emplace_front(list.begin(), list.end());
    *values = int_lists_.front().data();
    *n = static_cast<int>(list.size());
    return Status();
  }
  Status StringAttr(const char* name, StringView* value) override {
    strings_.emplace_front();
    std::string& result = strings_.front();
    OPGRAFT_RETURN_IF_ERROR(FromTf(context_->GetAttr(name, &result)));
    *value = StringView{result.data(), result.size()};
    return Status();
  }
  Status ShapeAttr(const char* name, Shape* value) override {
    tf::PartialTensorShape shape;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context_->GetAttr(name, &shape)));
    if (shape.dims() < 0) {
      *value = UnknownShape();
      return Status();
    }
    std::vector<Dimension> dims(shape.dims());
    for (int i = 0; i < shape.dims(); ++i) dims[i] = MakeDim(shape.dim_size(i));
    *value = MakeShape(shape.dims(), dims.data());
    return Status();
  }

  bool ConstantInput(int i, int n, int64_t* values) override {
    const tf::Tensor* const tensor = context_->input_tensor(i);
    if (tensor == nullptr || tensor->NumElements() != n) return false;
    if (FromTf(tensor->dtype()) == DT_INT32) {
      std::copy_n(tensor->flat<int32_t>().data(), n, values);
    } else if (FromTf(tensor->dtype()) == DT_INT64) {
      std::copy_n(tensor->flat<TfInt64>().data(), n, values);
    } else {
      return false;
    }
    return true;
  }

  // Not in every library.
  void set_output_table(int, DataType, Shape, DataType, Shape) override {}
  bool input_table(int, DataType*, Shape*, DataType*, Shape*) override { return false; }

 protected:
  using TfShape = tf::shape_inference::ShapeHandle;
  using TfDim = tf::shape_inference::DimensionHandle;

  TfShape Get(Shape shape) const { return shapes_[shape.id]; }
  TfDim Get(Dimension dim) const { return dims_[dim.id]; }
  Shape Add(TfShape shape) {
    shapes_.push_back(shape);
    return Shape{static_cast<int>(shapes_.size()) - 1};
  }
  Dimension Add(TfDim dim) {
    dims_.push_back(dim);
    return Dimension{static_cast<int>(dims_.size()) - 1};
  }
  template <class T, class U>
  Status Return(const TfStatus& status, T result, U* out) {
    if (status.ok()) *out = Add(result);
    return FromTf(status);
  }

  tf::shape_inference::InferenceContext* const context_;

 private:
  std::vector<TfShape> shapes_;
  std::vector<TfDim> dims_;
  // What the pointers that were handed out point to.
  std::forward_list<std::vector<int64_t>> int_lists_;
  std::forward_list<std::string> strings_;
};

/// With what is known of the tables behind handles.
class CcTableShapeContext final : public CcShapeContext {
 public:
  using CcShapeContext::CcShapeContext;

#if OPGRAFT_TF >= 10400
  void set_output_table(int i, DataType key, Shape key_shape, DataType value,
                        Shape value_shape) override {
    using tf::shape_inference::ShapeAndType;
    context_->set_output_handle_shapes_and_types(
        i, std::vector<ShapeAndType>{ShapeAndType(Get(key_shape), ToTf(key)),
                                     ShapeAndType(Get(value_shape), ToTf(value))});
  }
  bool input_table(int i, DataType* key, Shape* key_shape, DataType* value,
                   Shape* value_shape) override {
    auto* table = context_->input_handle_shapes_and_types(i);
    if (table == nullptr || table->size() != 2) return false;
    *key = FromTf((*table)[0].dtype);
    *key_shape = Add((*table)[0].shape);
    *value = FromTf((*table)[1].dtype);
    *value_shape = Add((*table)[1].shape);
    return true;
  }
#endif
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_SHAPE_H_
