// The interface between a shape function and the runtime's shape inference.
#ifndef OPGRAFT_OPS_KERNEL_SHAPE_H_
#define OPGRAFT_OPS_KERNEL_SHAPE_H_

#include <cstdint>

#include "ops/kernel/status.h"
#include "ops/kernel/types.h"

namespace opgraft {

/// Handles into the context that made them. A dimension keeps its identity: two unknown
/// dimensions that are known to be equal share one handle in the runtime.
struct Shape {
  int id;
};
struct Dimension {
  int id;
};

class ShapeContext {
 public:
  virtual int num_inputs() = 0;
  virtual Shape input(int i) = 0;
  virtual void set_output(int i, Shape shape) = 0;

  /// -1 if unknown.
  virtual int Rank(Shape shape) = 0;
  /// i may count from the end: -1 is the last. The rank must be known.
  virtual Dimension Dim(Shape shape, int i) = 0;
  /// -1 if unknown.
  virtual int64_t Value(Dimension dimension) = 0;

  virtual Shape UnknownShape() = 0;
  virtual Shape MakeShape(int rank, const Dimension* dims) = 0;
  /// -1 makes an unknown dimension.
  virtual Dimension MakeDim(int64_t value) = 0;

  /// Errors name the shapes as TensorFlow's own do ("Shape must be rank 3 but is rank 2").
  virtual Status WithRank(Shape shape, int rank, Shape* out) = 0;
  virtual Status WithRankAtLeast(Shape shape, int rank, Shape* out) = 0;
  virtual Status Merge(Shape a, Shape b, Shape* out) = 0;
  virtual Status MergeDim(Dimension a, Dimension b, Dimension* out) = 0;
  virtual Status ReplaceDim(Shape shape, int i, Dimension dimension, Shape* out) = 0;
  virtual Status Concatenate(Shape a, Shape b, Shape* out) = 0;

  virtual Status TypeAttr(const char* name, DataType* value) = 0;
  virtual Status IntAttr(const char* name, int64_t* value) = 0;
  /// Pointers stay valid as long as the context.
  virtual Status IntListAttr(const char* name, const int64_t** values, int* n) = 0;
  virtual Status StringAttr(const char* name, StringView* value) = 0;
  /// The `n` values of an int32 or int64 input, if they are known while the graph is built.
  virtual bool ConstantInput(int i, int n, int64_t* values) = 0;
  /// A fully or partly known shape attr.
  virtual Status ShapeAttr(const char* name, Shape* value) = 0;

  /// The key and value type of the table behind output `i`, for ops that follow.
  /// Ignored where the runtime has no such information.
  virtual void set_output_table(int i, DataType key, Shape key_shape, DataType value,
                                Shape value_shape) = 0;
  /// False if nothing is known about the table behind input `i`.
  virtual bool input_table(int i, DataType* key, Shape* key_shape, DataType* value,
                           Shape* value_shape) = 0;

 protected:
  ~ShapeContext() {}
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_SHAPE_H_
