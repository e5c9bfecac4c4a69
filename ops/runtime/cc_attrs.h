// Attrs on TensorFlow's OpKernelConstruction.
#ifndef OPGRAFT_OPS_RUNTIME_CC_ATTRS_H_
#define OPGRAFT_OPS_RUNTIME_CC_ATTRS_H_

#include <algorithm>
#include <forward_list>
#include <string>
#include <vector>

#include "ops/kernel/kernel.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

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
    strings_.emplace_front();
    std::string& result = strings_.front();
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &result)));
    *value = StringView{result.data(), result.size()};
    return Status();
  }
  Status Shape(const char* name, int* rank, const int64_t** dims) override {
    tf::PartialTensorShape shape;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &shape)));
    *rank = shape.dims();
    shapes_.emplace_front(std::max(0, *rank));
    for (int i = 0; i < *rank; ++i) shapes_.front()[i] = shape.dim_size(i);
    *dims = shapes_.front().data();
    return Status();
  }
  Status IntList(const char* name, const int64_t** values, int* n) override {
    std::vector<TfInt64> list;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &list)));
    shapes_.emplace_front(list.begin(), list.end());
    *values = shapes_.front().data();
    *n = static_cast<int>(list.size());
    return Status();
  }
  Status TypeList(const char* name, const DataType** values, int* n) override {
    tf::DataTypeVector list;
    OPGRAFT_RETURN_IF_ERROR(FromTf(construction_->GetAttr(name, &list)));
    types_.emplace_front(list.size());
    std::transform(list.begin(), list.end(), types_.front().begin(),
                   [](tf::DataType dtype) { return FromTf(dtype); });
    *values = types_.front().data();
    *n = static_cast<int>(list.size());
    return Status();
  }

 private:
  tf::OpKernelConstruction* const construction_;
  // What the pointers that were handed out point to.
  std::forward_list<std::string> strings_;
  std::forward_list<std::vector<int64_t>> shapes_;  // and other lists of integers
  std::forward_list<std::vector<DataType>> types_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_ATTRS_H_
