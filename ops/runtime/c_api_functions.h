// TensorFlow's C API, as far as the adapter needs it, found in the process while the library loads.
//
// Declared here instead of included from TensorFlow, so that one build serves every release. Looked
// up instead of linked, because most wheels hide these functions from the libraries that they load,
// and because a release that lacks one must give a message and not an undefined symbol.
#ifndef OPGRAFT_OPS_RUNTIME_C_API_FUNCTIONS_H_
#define OPGRAFT_OPS_RUNTIME_C_API_FUNCTIONS_H_

#include <cstddef>
#include <cstdint>

struct TF_DimensionHandle;
struct TF_KernelBuilder;
struct TF_OpDefinitionBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_ShapeHandle;
struct TF_ShapeInferenceContext;
struct TF_Status;
struct TF_Tensor;
struct TF_TString;

struct TF_Buffer {
  const void* data;
  size_t length;
  void (*data_deallocator)(void* data, size_t length);
};

// Enums of the C API are int here; TF_Bool is unsigned char.

// Functions that every TensorFlow from 2.2 on has.
#define OPGRAFT_C_API_REQUIRED(F)                                                                 \
  F(const char*, TF_Version, ())                                                                  \
  F(TF_Status*, TF_NewStatus, ())                                                                 \
  F(void, TF_DeleteStatus, (TF_Status*))                                                          \
  F(void, TF_SetStatus, (TF_Status*, int code, const char* message))                              \
  F(int, TF_GetCode, (const TF_Status*))                                                          \
  F(const char*, TF_Message, (const TF_Status*))                                                  \
  F(void, TF_DeleteBuffer, (TF_Buffer*))                                                          \
  F(TF_Buffer*, TF_GetAllOpList, ())                                                              \
  F(TF_Buffer*, TF_GetRegisteredKernelsForOp, (const char* op, TF_Status*))                       \
  F(TF_OpDefinitionBuilder*, TF_NewOpDefinitionBuilder, (const char* name))                       \
  F(void, TF_OpDefinitionBuilderAddInput, (TF_OpDefinitionBuilder*, const char* spec))            \
  F(void, TF_OpDefinitionBuilderAddOutput, (TF_OpDefinitionBuilder*, const char* spec))           \
  F(void, TF_OpDefinitionBuilderAddAttr, (TF_OpDefinitionBuilder*, const char* spec))             \
  F(void, TF_OpDefinitionBuilderSetIsStateful, (TF_OpDefinitionBuilder*, bool))                   \
  F(void, TF_OpDefinitionBuilderSetIsAggregate, (TF_OpDefinitionBuilder*, bool))                  \
  F(void, TF_OpDefinitionBuilderSetIsCommutative, (TF_OpDefinitionBuilder*, bool))                \
  F(void, TF_OpDefinitionBuilderSetShapeInferenceFunction,                                        \
    (TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)))                   \
  F(void, TF_RegisterOpDefinition, (TF_OpDefinitionBuilder*, TF_Status*))                         \
  F(int64_t, TF_ShapeInferenceContextNumInputs, (TF_ShapeInferenceContext*))                      \
  F(void, TF_ShapeInferenceContextGetInput,                                                       \
    (TF_ShapeInferenceContext*, int i, TF_ShapeHandle*, TF_Status*))                              \
  F(void, TF_ShapeInferenceContextSetOutput,                                                      \
    (TF_ShapeInferenceContext*, int i, TF_ShapeHandle*, TF_Status*))                              \
  F(void, TF_ShapeInferenceContextSetUnknownShape, (TF_ShapeInferenceContext*, TF_Status*))       \
  F(TF_ShapeHandle*, TF_ShapeInferenceContextVectorFromSize,                                      \
    (TF_ShapeInferenceContext*, size_t size))                                                     \
  F(void, TF_ShapeInferenceContextSubshape,                                                       \
    (TF_ShapeInferenceContext*, TF_ShapeHandle*, int64_t begin, int64_t end, TF_ShapeHandle* out, \
     TF_Status*))                                                                                 \
  F(void, TF_ShapeInferenceContextConcatenateShapes,                                              \
    (TF_ShapeInferenceContext*, TF_ShapeHandle*, TF_ShapeHandle*, TF_ShapeHandle * out,           \
     TF_Status*))                                                                                 \
  F(int64_t, TF_ShapeInferenceContextRank, (TF_ShapeInferenceContext*, TF_ShapeHandle*))          \
  F(int, TF_ShapeInferenceContextRankKnown, (TF_ShapeInferenceContext*, TF_ShapeHandle*))         \
  F(void, TF_ShapeInferenceContextDim,                                                            \
    (TF_ShapeInferenceContext*, TF_ShapeHandle*, int64_t i, TF_DimensionHandle* out))             \
  F(void, TF_ShapeInferenceContext_GetAttrType,                                                   \
    (TF_ShapeInferenceContext*, const char* name, int* dtype, TF_Status*))                        \
  F(TF_ShapeHandle*, TF_NewShapeHandle, ())                                                       \
  F(void, TF_DeleteShapeHandle, (TF_ShapeHandle*))                                                \
  F(TF_DimensionHandle*, TF_NewDimensionHandle, ())                                               \
  F(void, TF_DeleteDimensionHandle, (TF_DimensionHandle*))                                        \
  F(int, TF_DimensionHandleValueKnown, (TF_DimensionHandle*))                                     \
  F(int64_t, TF_DimensionHandleValue, (TF_DimensionHandle*))                                      \
  F(TF_KernelBuilder*, TF_NewKernelBuilder,                                                       \
    (const char* op, const char* device, void* (*create)(TF_OpKernelConstruction*),               \
     void (*compute)(void* kernel, TF_OpKernelContext*), void (*destroy)(void* kernel)))          \
  F(void, TF_KernelBuilder_TypeConstraint,                                                        \
    (TF_KernelBuilder*, const char* attr, int dtype, TF_Status*))                                 \
  F(void, TF_RegisterKernelBuilder, (const char* name, TF_KernelBuilder*, TF_Status*))            \
  F(void, TF_DeleteKernelBuilder, (TF_KernelBuilder*))                                            \
  F(void, TF_OpKernelConstruction_GetAttrType,                                                    \
    (TF_OpKernelConstruction*, const char* name, int* dtype, TF_Status*))                         \
  F(void, TF_OpKernelConstruction_GetAttrInt32,                                                   \
    (TF_OpKernelConstruction*, const char* name, int32_t* value, TF_Status*))                     \
  F(void, TF_OpKernelConstruction_Failure, (TF_OpKernelConstruction*, TF_Status*))                \
  F(void, TF_OpKernelContext_Failure, (TF_OpKernelContext*, TF_Status*))                          \
  F(int, TF_NumInputs, (TF_OpKernelContext*))                                                     \
  F(int, TF_NumOutputs, (TF_OpKernelContext*))                                                    \
  F(void, TF_GetInput, (TF_OpKernelContext*, int i, TF_Tensor**, TF_Status*))                     \
  F(int, TF_ExpectedOutputDataType, (TF_OpKernelContext*, int i))                                 \
  F(TF_Tensor*, TF_AllocateOutput,                                                                \
    (TF_OpKernelContext*, int i, int dtype, const int64_t* dims, int rank, size_t bytes,          \
     TF_Status*))                                                                                 \
  F(int, TF_TensorType, (const TF_Tensor*))                                                       \
  F(int, TF_NumDims, (const TF_Tensor*))                                                          \
  F(int64_t, TF_Dim, (const TF_Tensor*, int i))                                                   \
  F(void*, TF_TensorData, (const TF_Tensor*))                                                     \
  F(size_t, TF_TensorByteSize, (const TF_Tensor*))                                                \
  F(void, TF_DeleteTensor, (TF_Tensor*))

// Functions that came later, or went; null where the runtime lacks them.
#define OPGRAFT_C_API_OPTIONAL(F)                                                                  \
  F(TF_ShapeHandle*, TF_ShapeInferenceContextScalar, (TF_ShapeInferenceContext*))                  \
  F(void, TF_OpKernelConstruction_GetAttrInt64,                                                    \
    (TF_OpKernelConstruction*, const char* name, int64_t* value, TF_Status*))                      \
  F(void, TF_OpKernelConstruction_GetAttrFloat,                                                    \
    (TF_OpKernelConstruction*, const char* name, float* value, TF_Status*))                        \
  F(void, TF_OpKernelConstruction_GetAttrBool,                                                     \
    (TF_OpKernelConstruction*, const char* name, unsigned char* value, TF_Status*))                \
  F(void, TF_OpKernelConstruction_GetAttrSize,                                                     \
    (TF_OpKernelConstruction*, const char* name, int32_t* list_size, int32_t* total_size,          \
     TF_Status*))                                                                                  \
  F(void, TF_OpKernelConstruction_GetAttrString,                                                   \
    (TF_OpKernelConstruction*, const char* name, char* value, size_t max_length, TF_Status*))      \
  F(void, TF_OpKernelConstruction_GetAttrInt64List,                                                \
    (TF_OpKernelConstruction*, const char* name, int64_t* values, int max_values, TF_Status*))     \
  F(void, TF_OpKernelConstruction_GetAttrTypeList,                                                 \
    (TF_OpKernelConstruction*, const char* name, int* dtypes, int max_values, TF_Status*))         \
  F(TF_Buffer*, TF_OpKernelConstruction_GetNodeDef, (TF_OpKernelConstruction*, TF_Status*))        \
  F(TF_Tensor*, TF_ForwardInputOrAllocateOutput,                                                   \
    (TF_OpKernelContext*, const int* inputs, int num_inputs, int i, const int64_t* dims, int rank, \
     int* forwarded_input, TF_Status*))                                                            \
  F(void, TF_Log, (int level, const char* format, ...))                                            \
  F(const char*, TF_StringGetDataPointer, (const TF_TString*))                                     \
  F(size_t, TF_StringGetSize, (const TF_TString*))                                                 \
  F(void, TF_StringCopy, (TF_TString*, const char* data, size_t size))

namespace opgraft {

struct CApi {
#define OPGRAFT_DECLARE(result, name, arguments) result(*name) arguments;
  OPGRAFT_C_API_REQUIRED(OPGRAFT_DECLARE)
  OPGRAFT_C_API_OPTIONAL(OPGRAFT_DECLARE)
#undef OPGRAFT_DECLARE
};

extern CApi c_api;

/// Fills c_api. Returns the name of a required function that is missing, or null.
const char* FindCApi();

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_C_API_FUNCTIONS_H_
