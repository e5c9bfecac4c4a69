#include "ops/runtime/c_api_shape.h"

#include <utility>

namespace opgraft {

CShapeContext::CShapeContext(TF_ShapeInferenceContext* context) : context_(context) {
  const int64_t num_inputs = c_api.TF_ShapeInferenceContextNumInputs(context);
  TF_DimensionHandle* const dim = c_api.TF_NewDimensionHandle();
  for (int i = 0; i < num_inputs; ++i) {
    TF_ShapeHandle* const handle = c_api.TF_NewShapeHandle();
    c_api.TF_ShapeInferenceContextGetInput(context, i, handle, status_.get());
    // Fails for all but the first input in older releases, whose check of i is the wrong way round:
    // those inputs are of unknown shape then.
    ShapeData shape = {-1, {}, status_.ok() ? i : -1};
    if (status_.ok() && c_api.TF_ShapeInferenceContextRankKnown(context, handle)) {
      shape.rank = static_cast<int>(c_api.TF_ShapeInferenceContextRank(context, handle));
      for (int j = 0; j < shape.rank; ++j) {
        c_api.TF_ShapeInferenceContextDim(context, handle, j, dim);
        const bool known = c_api.TF_DimensionHandleValueKnown(dim);
        shape.dims.push_back(Add(DimData{known ? c_api.TF_DimensionHandleValue(dim) : -1, i, j}));
      }
    }
    inputs_.push_back(Input{handle, Add(std::move(shape))});
  }
  c_api.TF_DeleteDimensionHandle(dim);
}

CShapeContext::~CShapeContext() {
  for (const Input& input : inputs_) c_api.TF_DeleteShapeHandle(input.handle);
}

void CShapeContext::set_output(int i, Shape shape) {
  const ShapeData& data = shapes_[shape.id];
  if (data.input >= 0) {
    c_api.TF_ShapeInferenceContextSetOutput(context_, i, inputs_[data.input].handle, status_.get());
    return;
  }
  // Unknown is what every output is to begin with. TensorFlow 2.2 and 2.3 cannot make a scalar.
  if (data.rank < 0 || (data.rank == 0 && c_api.TF_ShapeInferenceContextScalar == nullptr)) return;
  if (data.rank == 0) {
    TF_ShapeHandle* const scalar = c_api.TF_ShapeInferenceContextScalar(context_);
    c_api.TF_ShapeInferenceContextSetOutput(context_, i, scalar, status_.get());
    c_api.TF_DeleteShapeHandle(scalar);
    return;
  }
  TF_ShapeHandle* result = NewVector(dims_[data.dims[0].id]);
  for (int j = 1; j < data.rank; ++j) {
    TF_ShapeHandle* const vector = NewVector(dims_[data.dims[j].id]);
    TF_ShapeHandle* const longer = c_api.TF_NewShapeHandle();
    c_api.TF_ShapeInferenceContextConcatenateShapes(context_, result, vector, longer,
                                                    status_.get());
    c_api.TF_DeleteShapeHandle(result);
    c_api.TF_DeleteShapeHandle(vector);
    result = longer;
  }
  if (status_.ok()) c_api.TF_ShapeInferenceContextSetOutput(context_, i, result, status_.get());
  c_api.TF_DeleteShapeHandle(result);
}

TF_ShapeHandle* CShapeContext::NewVector(const DimData& dim) {
  if (dim.input < 0) {
    // -1, TensorFlow's own mark of an unknown dimension, goes through the unsigned argument.
    return c_api.TF_ShapeInferenceContextVectorFromSize(context_, static_cast<size_t>(dim.value));
  }
  TF_ShapeHandle* const vector = c_api.TF_NewShapeHandle();
  c_api.TF_ShapeInferenceContextSubshape(context_, inputs_[dim.input].handle, dim.index,
                                         dim.index + 1, vector, status_.get());
  return vector;
}

Dimension CShapeContext::Dim(Shape shape, int i) {
  const ShapeData& data = shapes_[shape.id];
  return data.dims[i < 0 ? data.rank + i : i];
}

Shape CShapeContext::MakeShape(int rank, const Dimension* dims) {
  return Add(ShapeData{rank, std::vector<Dimension>(dims, dims + rank), -1});
}

Status CShapeContext::WithRank(Shape shape, int rank, Shape* out) {
  const int existing = Rank(shape);
  if (existing >= 0 && existing != rank) {
    return InvalidArgument("Shape must be rank %d but is rank %d", rank, existing);
  }
  if (existing >= 0) {
    *out = shape;
    return Status();
  }
  std::vector<Dimension> dims;
  for (int i = 0; i < rank; ++i) dims.push_back(MakeDim(-1));
  *out = MakeShape(rank, dims.data());
  return Status();
}

Status CShapeContext::WithRankAtLeast(Shape shape, int rank, Shape* out) {
  const int existing = Rank(shape);
  if (existing >= 0 && existing < rank) {
    return InvalidArgument("Shape must be at least rank %d but is rank %d", rank, existing);
  }
  *out = shape;
  return Status();
}

Status CShapeContext::Merge(Shape a, Shape b, Shape* out) {
  const int rank = Rank(a);
  if (rank < 0 || Rank(b) < 0) {
    *out = rank < 0 ? b : a;
    return Status();
  }
  if (rank != Rank(b)) {
    return InvalidArgument("Shapes must be equal rank, but are %d and %d", rank, Rank(b));
  }
  std::vector<Dimension> dims(rank);
  for (int i = 0; i < rank; ++i) {
    if (!MergeDim(Dim(a, i), Dim(b, i), &dims[i]).ok()) {
      return InvalidArgument(
          "Dimension %d in both shapes must be equal, but are %lld and %lld. Shapes are %s and %s.",
          i, static_cast<long long>(Value(Dim(a, i))), static_cast<long long>(Value(Dim(b, i))),
          Text(a).c_str(), Text(b).c_str());
    }
  }
  *out = MakeShape(rank, dims.data());
  return Status();
}

Status CShapeContext::MergeDim(Dimension a, Dimension b, Dimension* out) {
  if (Value(a) >= 0 && Value(b) >= 0 && Value(a) != Value(b)) {
    return InvalidArgument("Dimensions must be equal, but are %lld and %lld",
                           static_cast<long long>(Value(a)), static_cast<long long>(Value(b)));
  }
  *out = Value(a) >= 0 ? a : Value(b) >= 0 ? b : a;
  return Status();
}

Status CShapeContext::ReplaceDim(Shape shape, int i, Dimension dim, Shape* out) {
  const int rank = Rank(shape);
  if (rank < 0) {
    *out = UnknownShape();
    return Status();
  }
  if (i < -rank || i >= rank) {
    return InvalidArgument("Out of range dim_index %d for shape with %d dimensions", i, rank);
  }
  std::vector<Dimension> dims = shapes_[shape.id].dims;
  dims[i < 0 ? rank + i : i] = dim;
  *out = MakeShape(rank, dims.data());
  return Status();
}

Status CShapeContext::Concatenate(Shape a, Shape b, Shape* out) {
  if (Rank(a) < 0 || Rank(b) < 0) {
    *out = UnknownShape();
    return Status();
  }
  std::vector<Dimension> dims = shapes_[a.id].dims;
  const std::vector<Dimension>& more = shapes_[b.id].dims;
  dims.insert(dims.end(), more.begin(), more.end());
  *out = MakeShape(static_cast<int>(dims.size()), dims.data());
  return Status();
}

Status CShapeContext::TypeAttr(const char* name, DataType* value) {
  int dtype = 0;
  c_api.TF_ShapeInferenceContext_GetAttrType(context_, name, &dtype, status_.get());
  *value = static_cast<DataType>(dtype);
  return status_.Take();
}

Status CShapeContext::Hidden(const char* name) {
  hid_something_ = true;
  return Unimplemented("the C API hides attr %s from shape functions", name);
}

Status CShapeContext::ShapeAttr(const char*, Shape* value) {
  *value = UnknownShape();
  return Status();
}

Shape CShapeContext::Add(ShapeData shape) {
  shapes_.push_back(std::move(shape));
  return Shape{static_cast<int>(shapes_.size()) - 1};
}

Dimension CShapeContext::Add(DimData dim) {
  dims_.push_back(dim);
  return Dimension{static_cast<int>(dims_.size()) - 1};
}

std::string CShapeContext::Text(Shape shape) const {
  std::string text = "[";
  for (const Dimension dim : shapes_[shape.id].dims) {
    const int64_t value = dims_[dim.id].value;
    if (text.size() > 1) text += ",";
    text += value < 0 ? "?" : std::to_string(value);
  }
  return text + "]";
}

}  // namespace opgraft
