// Shape functions of the lookup ops. "V1" ones are those of ops with a Ref(string) handle.
#ifndef OPGRAFT_OPS_LOOKUP_SHAPES_H_
#define OPGRAFT_OPS_LOOKUP_SHAPES_H_

#include "ops/kernel/shape.h"

namespace opgraft {

/// A handle of two strings, for every table with a Ref(string) handle.
Status TableShapeV1(ShapeContext* context);
/// A scalar handle. Nothing is told about the table: TensorFlow does so for mutable ones only.
Status HashTableShape(ShapeContext* context);
/// A scalar handle, and what is behind it.
Status MutableHashTableShape(ShapeContext* context);
Status MutableHashTableOfTensorsShape(ShapeContext* context);
Status MutableDenseHashTableShape(ShapeContext* context);

Status FindShapeV1(ShapeContext* context);
Status FindShape(ShapeContext* context);
Status InsertShapeV1(ShapeContext* context);  // also LookupTableImport's
Status InsertShape(ShapeContext* context);
Status ImportShape(ShapeContext* context);
Status RemoveShape(ShapeContext* context);
Status ExportShapeV1(ShapeContext* context);
Status ExportShape(ShapeContext* context);
Status SizeShapeV1(ShapeContext* context);
Status SizeShape(ShapeContext* context);
Status InitializeShapeV1(ShapeContext* context);
Status InitializeShape(ShapeContext* context);
Status InitializeFromTextFileShapeV1(ShapeContext* context);
Status InitializeFromTextFileShape(ShapeContext* context);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_SHAPES_H_
