// ShapeContext on TensorFlow's C API.
//
// That API can read shapes, and make them only out of known sizes and of parts of input shapes. So
// shapes live here as lists of our own, and become the runtime's when they are set as outputs.
#ifndef OPGRAFT_OPS_RUNTIME_C_API_SHAPE_H_
#define OPGRAFT_OPS_RUNTIME_C_API_SHAPE_H_

#include <string>
#include <vector>

#include "ops/kernel/shape.h"
#include "ops/runtime/c_api_functions.h"
#include "ops/runtime/c_api_status.h"

namespace opgraft {

class CShapeContext final : public ShapeContext {
 public:
  explicit CShapeContext(TF_ShapeInferenceContext* context);
  ~CShapeContext();

  int num_inputs() override { return static_cast<int>(inputs_.size()); }
  Shape input(int i) override { return inputs_[i].shape; }
  void set_output(int i, Shape shape) override;

  int Rank(Shape shape) override { return shapes_[shape.id].rank; }
  Dimension Dim(Shape shape, int i) override;
  int64_t Value(Dimension dim) override { return dims_[dim.id].value; }

  Shape UnknownShape() override { return Add(ShapeData{-1, {}, -1}); }
  Shape MakeShape(int rank, const Dimension* dims) override;
  Dimension MakeDim(int64_t value) override { return Add(DimData{value, -1, -1}); }

  Status WithRank(Shape shape, int rank, Shape* out) override;
  Status WithRankAtLeast(Shape shape, int rank, Shape* out) override;
  Status Merge(Shape a, Shape b, Shape* out) override;
  Status MergeDim(Dimension a, Dimension b, Dimension* out) override;
  Status ReplaceDim(Shape shape, int i, Dimension dim, Shape* out) override;
  Status Concatenate(Shape a, Shape b, Shape* out) override;

  Status TypeAttr(const char* name, DataType* value) override;
  /// The C API hides other attrs from shape functions: Unimplemented, and outputs stay unknown.
  Status IntAttr(const char* name, int64_t*) override { return Hidden(name); }
  Status IntListAttr(const char* name, const int64_t**, int*) override { return Hidden(name); }
  Status StringAttr(const char* name, StringView*) override { return Hidden(name); }
  /// Whether the shape function asked for one of those.
  bool hid_something() const { return hid_something_; }
  /// Shape attrs are always unknown.
  Status ShapeAttr(const char*, Shape* value) override;

  /// The C API hides the values of inputs from shape functions.
  bool ConstantInput(int, int, int64_t*) override { return false; }

  void set_output_table(int, DataType, Shape, DataType, Shape) override {}
  bool input_table(int, DataType*, Shape*, DataType*, Shape*) override { return false; }

 private:
  struct DimData {
    int64_t value;  // -1 if unknown
    int input;      // where it came from, for the runtime to see that two dimensions are one; or -1
    int index;
  };
  struct ShapeData {
    int rank;  // -1 if unknown
    std::vector<Dimension> dims;
    int input;  // of which it is the shape; or -1
  };
  struct Input {
    TF_ShapeHandle* handle;
    Shape shape;
  };

  Status Hidden(const char* name);
  Shape Add(ShapeData shape);
  Dimension Add(DimData dim);
  std::string Text(Shape shape) const;
  /// The runtime's shape with one dimension; the caller deletes it.
  TF_ShapeHandle* NewVector(const DimData& dim);

  TF_ShapeInferenceContext* const context_;
  CStatus status_;
  std::vector<Input> inputs_;
  std::vector<ShapeData> shapes_;
  std::vector<DimData> dims_;
  bool hid_something_ = false;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_C_API_SHAPE_H_
