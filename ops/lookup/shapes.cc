#include "ops/lookup/shapes.h"

#include <vector>

namespace opgraft {
namespace {

Shape ScalarShape(ShapeContext* context) { return context->MakeShape(0, nullptr); }

Status CheckHandleV1(ShapeContext* context) {
  Shape handle;
  Dimension two;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(0), 1, &handle));
  return context->MergeDim(context->Dim(handle, 0), context->MakeDim(2), &two);
}

Status CheckHandle(ShapeContext* context) {
  Shape handle;
  return context->WithRank(context->input(0), 0, &handle);
}

Status CheckAtMostVector(ShapeContext* context, Shape shape) {
  const int rank = context->Rank(shape);
  if (rank <= 1) return Status();
  return InvalidArgument("Shape must be at most rank 1 but is rank %d", rank);
}

/// Keys and values of an initializer: vectors of one length.
Status CheckEntries(ShapeContext* context) {
  Shape keys;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(1), 1, &keys));
  return context->Merge(keys, context->input(2), &keys);
}

Status CheckFilename(ShapeContext* context) {
  Shape filename;
  return context->WithRank(context->input(1), 0, &filename);
}

Status SetTable(ShapeContext* context, Shape key_shape, Shape value_shape) {
  DataType key, value;
  OPGRAFT_RETURN_IF_ERROR(context->TypeAttr("key_dtype", &key));
  OPGRAFT_RETURN_IF_ERROR(context->TypeAttr("value_dtype", &value));
  context->set_output(0, ScalarShape(context));
  context->set_output_table(0, key, key_shape, value, value_shape);
  return Status();
}

/// Checks type attrs of an op against the table behind its handle. *known is false if nothing is
/// known about that.
Status ReadTable(ShapeContext* context, const char* key_attr, const char* value_attr, bool* known,
                 Shape* key_shape, Shape* value_shape) {
  DataType key, value, key_expected, value_expected;
  *known = context->input_table(0, &key, key_shape, &value, value_shape);
  if (!*known) return Status();
  OPGRAFT_RETURN_IF_ERROR(context->TypeAttr(key_attr, &key_expected));
  OPGRAFT_RETURN_IF_ERROR(context->TypeAttr(value_attr, &value_expected));
  if (key != key_expected || value != value_expected) {
    const bool key_differs = key != key_expected;
    return InvalidArgument("Trying to read value with wrong dtype. Expected %s got %s",
                           DataTypeName(key_differs ? key : value),
                           DataTypeName(key_differs ? key_expected : value_expected));
  }
  return Status();
}

}  // namespace

Status TableShapeV1(ShapeContext* context) {
  const Dimension two = context->MakeDim(2);
  context->set_output(0, context->MakeShape(1, &two));
  return Status();
}

Status HashTableShape(ShapeContext* context) {
  context->set_output(0, ScalarShape(context));
  return Status();
}

Status MutableHashTableShape(ShapeContext* context) {
  return SetTable(context, ScalarShape(context), ScalarShape(context));
}

Status MutableHashTableOfTensorsShape(ShapeContext* context) {
  Shape value_shape;
  OPGRAFT_RETURN_IF_ERROR(context->ShapeAttr("value_shape", &value_shape));
  return SetTable(context, ScalarShape(context), value_shape);
}

Status MutableDenseHashTableShape(ShapeContext* context) {
  Shape value_shape;
  const Shape key_shape = context->input(0);
  OPGRAFT_RETURN_IF_ERROR(CheckAtMostVector(context, key_shape));
  OPGRAFT_RETURN_IF_ERROR(context->ShapeAttr("value_shape", &value_shape));
  return SetTable(context, key_shape, value_shape);
}

Status FindShapeV1(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandleV1(context));
  OPGRAFT_RETURN_IF_ERROR(CheckAtMostVector(context, context->input(2)));
  context->set_output(0, context->UnknownShape());
  return Status();
}

Status FindShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  bool known;
  Shape key_shape, value_shape;
  OPGRAFT_RETURN_IF_ERROR(ReadTable(context, "Tin", "Tout", &known, &key_shape, &value_shape));
  Shape output = context->UnknownShape();
  const Shape keys = context->input(1);
  const int rank = context->Rank(keys);
  if (known && context->Rank(key_shape) >= 0 && rank >= 0) {
    const int batch_rank = rank - context->Rank(key_shape);
    if (batch_rank < 0) {
      return InvalidArgument("Expected keys of rank %d at least, but their rank is %d",
                             context->Rank(key_shape), rank);
    }
    std::vector<Dimension> dims;
    for (int i = 0; i < batch_rank; ++i) dims.push_back(context->Dim(keys, i));
    OPGRAFT_RETURN_IF_ERROR(
        context->Concatenate(context->MakeShape(batch_rank, dims.data()), value_shape, &output));
  }
  context->set_output(0, output);
  return Status();
}

Status InsertShapeV1(ShapeContext* context) { return CheckHandleV1(context); }

Status InsertShape(ShapeContext* context) { return CheckHandle(context); }

Status ImportShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  Shape keys, values;
  Dimension rows;
  OPGRAFT_RETURN_IF_ERROR(context->WithRank(context->input(1), 1, &keys));
  OPGRAFT_RETURN_IF_ERROR(context->WithRankAtLeast(context->input(2), 1, &values));
  if (context->Rank(values) < 0) return Status();
  return context->MergeDim(context->Dim(keys, 0), context->Dim(values, 0), &rows);
}

Status RemoveShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  Shape keys;
  return context->WithRankAtLeast(context->input(1), 1, &keys);
}

Status ExportShapeV1(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandleV1(context));
  const Dimension unknown = context->MakeDim(-1);
  context->set_output(0, context->MakeShape(1, &unknown));
  context->set_output(1, context->UnknownShape());
  return Status();
}

Status ExportShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  bool known;
  Shape key_shape, value_shape;
  OPGRAFT_RETURN_IF_ERROR(ReadTable(context, "Tkeys", "Tvalues", &known, &key_shape, &value_shape));
  context->set_output(0, context->UnknownShape());
  context->set_output(1, context->UnknownShape());
  return Status();
}

Status SizeShapeV1(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandleV1(context));
  context->set_output(0, ScalarShape(context));
  return Status();
}

Status SizeShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  context->set_output(0, ScalarShape(context));
  return Status();
}

Status InitializeShapeV1(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandleV1(context));
  return CheckEntries(context);
}

Status InitializeShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  return CheckEntries(context);
}

Status InitializeFromTextFileShapeV1(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandleV1(context));
  return CheckFilename(context);
}

Status InitializeFromTextFileShape(ShapeContext* context) {
  OPGRAFT_RETURN_IF_ERROR(CheckHandle(context));
  return CheckFilename(context);
}

}  // namespace opgraft
