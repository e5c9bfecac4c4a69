#include "ops/runtime/c_api_kernel.h"

#include "ops/runtime/c_api_wire.h"

namespace opgraft {
namespace {

Status CannotReadAttr(const char* type, const char* name) {
  return Unimplemented("The C API of TensorFlow %s cannot read attr %s, which is of type %s",
                       c_api.TF_Version(), name, type);
}

/// Tensors that are more than memory have no data here.
bool IsPlain(int dtype) { return DataTypeSize(static_cast<DataType>(dtype)) != 0; }

}  // namespace

bool CanReadAttr(const std::string& type) {
  if (type == "float") return c_api.TF_OpKernelConstruction_GetAttrFloat != nullptr;
  if (type == "bool") return c_api.TF_OpKernelConstruction_GetAttrBool != nullptr;
  if (type == "string") {
    return c_api.TF_OpKernelConstruction_GetAttrSize != nullptr &&
           c_api.TF_OpKernelConstruction_GetAttrString != nullptr;
  }
  if (type == "list(int)") {
    return CanReadAttr("list") && c_api.TF_OpKernelConstruction_GetAttrInt64List != nullptr;
  }
  if (type.compare(0, 5, "list(") == 0) {  // list(type), list({float, int64})
    return CanReadAttr("list") && c_api.TF_OpKernelConstruction_GetAttrTypeList != nullptr;
  }
  if (type == "list") return c_api.TF_OpKernelConstruction_GetAttrSize != nullptr;
  if (type == "shape") return c_api.TF_OpKernelConstruction_GetNodeDef != nullptr;
  return true;
}

bool CanUseStrings() {
  return c_api.TF_StringGetDataPointer != nullptr && c_api.TF_StringGetSize != nullptr &&
         c_api.TF_StringCopy != nullptr;
}

Status CAttrs::Int(const char* name, int64_t* value) {
  if (c_api.TF_OpKernelConstruction_GetAttrInt64 != nullptr) {
    c_api.TF_OpKernelConstruction_GetAttrInt64(construction_, name, value, status_.get());
  } else {
    int32_t small = 0;  // TensorFlow reports what does not fit
    c_api.TF_OpKernelConstruction_GetAttrInt32(construction_, name, &small, status_.get());
    *value = small;
  }
  return status_.Take();
}

Status CAttrs::Float(const char* name, float* value) {
  if (!CanReadAttr("float")) return CannotReadAttr("float", name);
  c_api.TF_OpKernelConstruction_GetAttrFloat(construction_, name, value, status_.get());
  return status_.Take();
}

Status CAttrs::Bool(const char* name, bool* value) {
  if (!CanReadAttr("bool")) return CannotReadAttr("bool", name);
  unsigned char byte = 0;
  c_api.TF_OpKernelConstruction_GetAttrBool(construction_, name, &byte, status_.get());
  *value = byte != 0;
  return status_.Take();
}

Status CAttrs::Type(const char* name, DataType* value) {
  int dtype = 0;
  c_api.TF_OpKernelConstruction_GetAttrType(construction_, name, &dtype, status_.get());
  *value = static_cast<DataType>(dtype);
  return status_.Take();
}

Status CAttrs::String(const char* name, StringView* value) {
  if (!CanReadAttr("string")) return CannotReadAttr("string", name);
  int32_t list_size = 0, size = 0;
  c_api.TF_OpKernelConstruction_GetAttrSize(construction_, name, &list_size, &size, status_.get());
  OPGRAFT_RETURN_IF_ERROR(status_.Take());
  strings_.emplace_back(size, '\0');
  std::string& text = strings_.back();
  c_api.TF_OpKernelConstruction_GetAttrString(construction_, name, &text[0], text.size(),
                                              status_.get());
  *value = StringView{text.data(), text.size()};
  return status_.Take();
}

Status CAttrs::Shape(const char* name, int* rank, const int64_t** dims) {
  // GetAttrTensorShape fails for partly known shapes, and 2.21 lacks it.
  if (!CanReadAttr("shape")) return CannotReadAttr("shape", name);
  TF_Buffer* const buffer = c_api.TF_OpKernelConstruction_GetNodeDef(construction_, status_.get());
  OPGRAFT_RETURN_IF_ERROR(status_.Take());
  const std::string node(static_cast<const char*>(buffer->data), buffer->length);
  c_api.TF_DeleteBuffer(buffer);
  for (WireReader field(node); field.Next();) {
    if (field.number() != 5) continue;  // NodeDef.attr
    std::string key, value;
    for (WireReader entry = field.message(); entry.Next();) {
      if (entry.number() == 1) key = entry.bytes();
      if (entry.number() == 2) value = entry.bytes();
    }
    if (key != name) continue;
    shapes_.emplace_back();
    std::vector<int64_t>& sizes = shapes_.back();
    bool unknown_rank = false;
    for (WireReader attr(value); attr.Next();) {
      if (attr.number() != 7) continue;  // AttrValue.shape
      for (WireReader shape = attr.message(); shape.Next();) {
        if (shape.number() == 3) unknown_rank = shape.value() != 0;
        if (shape.number() != 2) continue;
        int64_t size = 0;
        for (WireReader dim = shape.message(); dim.Next();) {
          if (dim.number() == 1) size = static_cast<int64_t>(dim.value());
        }
        sizes.push_back(size);
      }
    }
    *rank = unknown_rank ? -1 : static_cast<int>(sizes.size());
    *dims = sizes.data();
    return Status();
  }
  return NotFound("No attr named %s in the node", name);
}

Status CAttrs::ListSize(const char* name, int* n) {
  int32_t list_size = 0, total_size = 0;
  c_api.TF_OpKernelConstruction_GetAttrSize(construction_, name, &list_size, &total_size,
                                            status_.get());
  *n = list_size;
  return status_.Take();
}

Status CAttrs::IntList(const char* name, const int64_t** values, int* n) {
  if (!CanReadAttr("list(int)")) return CannotReadAttr("list(int)", name);
  OPGRAFT_RETURN_IF_ERROR(ListSize(name, n));
  shapes_.emplace_back(*n);
  *values = shapes_.back().data();
  c_api.TF_OpKernelConstruction_GetAttrInt64List(construction_, name, shapes_.back().data(), *n,
                                                 status_.get());
  return status_.Take();
}

Status CAttrs::TypeList(const char* name, const DataType** values, int* n) {
  if (!CanReadAttr("list(type)")) return CannotReadAttr("list(type)", name);
  OPGRAFT_RETURN_IF_ERROR(ListSize(name, n));
  std::vector<int> dtypes(*n);
  c_api.TF_OpKernelConstruction_GetAttrTypeList(construction_, name, dtypes.data(), *n,
                                                status_.get());
  types_.emplace_back();
  for (const int dtype : dtypes) types_.back().push_back(static_cast<DataType>(dtype));
  *values = types_.back().data();
  return status_.Take();
}

CKernelContext::CKernelContext(TF_OpKernelContext* context)
    : context_(context),
      num_inputs_(c_api.TF_NumInputs(context)),
      num_outputs_(c_api.TF_NumOutputs(context)),
      tensors_(new Tensor[num_inputs_ + num_outputs_]()) {}

CKernelContext::~CKernelContext() {
  for (int i = 0; i < num_inputs_ + num_outputs_; ++i) {
    if (tensors_[i].tensor != nullptr) c_api.TF_DeleteTensor(tensors_[i].tensor);
  }
}

Status CKernelContext::ReadInputs() {
  for (int i = 0; i < num_inputs_; ++i) {
    TF_Tensor* tensor = nullptr;
    c_api.TF_GetInput(context_, i, &tensor, status_.get());
    OPGRAFT_RETURN_IF_ERROR(status_.Take());
    Fill(tensor, &tensors_[i]);
  }
  return Status();
}

void CKernelContext::Fill(TF_Tensor* tensor, Tensor* out) {
  if (out->tensor != nullptr) c_api.TF_DeleteTensor(out->tensor);
  out->tensor = tensor;
  TensorView& view = out->view;
  view.dtype = static_cast<DataType>(c_api.TF_TensorType(tensor));
  view.rank = c_api.TF_NumDims(tensor);
  view.count = 1;
  int64_t* dims = out->small_dims;
  if (static_cast<size_t>(view.rank) > sizeof(out->small_dims) / sizeof(out->small_dims[0])) {
    out->large_dims.reset(new int64_t[view.rank]);
    dims = out->large_dims.get();
  }
  for (int i = 0; i < view.rank; ++i) {
    dims[i] = c_api.TF_Dim(tensor, i);
    view.count *= dims[i];
  }
  view.dims = dims;
  view.handle = out;
  view.data = nullptr;
  out->element_size = 0;
  if (IsPlain(view.dtype) || view.dtype == DT_STRING) view.data = c_api.TF_TensorData(tensor);
  if (view.dtype == DT_STRING && view.count > 0) {
    out->element_size = c_api.TF_TensorByteSize(tensor) / view.count;
  }
}

// TensorFlow aborts the process on a shape that is none.
Status CKernelContext::CheckOutput(int i, int rank, const int64_t* dims, int64_t* count) {
  if (i < 0 || i >= num_outputs_) return Error(Code::kInternal, "There is no output %d", i);
  *count = 1;
  bool valid = rank >= 0 && rank <= 254;
  for (int j = 0; j < rank && valid; ++j) {
    valid = dims[j] >= 0 && !__builtin_mul_overflow(*count, dims[j], count);
  }
  int64_t bytes;
  const int dtype = c_api.TF_ExpectedOutputDataType(context_, i);
  if (!valid || __builtin_mul_overflow(*count, int64_t{32}, &bytes)) {
    return InvalidArgument("Output %d cannot have shape %s", i, ShapeText(rank, dims).c_str());
  }
  if (!IsPlain(dtype) && !(dtype == DT_STRING && CanUseStrings())) {
    return Unimplemented("Output %d is of a type that TensorFlow's C API cannot write", i);
  }
  return Status();
}

Status CKernelContext::AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) {
  int64_t count;
  OPGRAFT_RETURN_IF_ERROR(CheckOutput(i, rank, dims, &count));
  const int dtype = c_api.TF_ExpectedOutputDataType(context_, i);
  TF_Tensor* const tensor =
      c_api.TF_AllocateOutput(context_, i, dtype, dims, rank,
                              count * DataTypeSize(static_cast<DataType>(dtype)), status_.get());
  OPGRAFT_RETURN_IF_ERROR(status_.Take());
  Tensor& result = tensors_[num_inputs_ + i];
  Fill(tensor, &result);
  *output = result.view;
  return Status();
}

Status CKernelContext::ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i,
                                                    int rank, const int64_t* dims,
                                                    TensorView* output) {
  if (num_inputs == 0 || c_api.TF_ForwardInputOrAllocateOutput == nullptr) {
    return AllocateOutput(i, rank, dims, output);
  }
  int64_t count;
  OPGRAFT_RETURN_IF_ERROR(CheckOutput(i, rank, dims, &count));
  // A buffer that is referenced here too would never be free to be reused.
  for (int j = 0; j < num_inputs; ++j) {
    Tensor& input = tensors_[inputs[j]];
    c_api.TF_DeleteTensor(input.tensor);
    input.tensor = nullptr;
  }
  int forwarded = -1;
  TF_Tensor* const tensor = c_api.TF_ForwardInputOrAllocateOutput(
      context_, inputs, num_inputs, i, dims, rank, &forwarded, status_.get());
  OPGRAFT_RETURN_IF_ERROR(status_.Take());
  Tensor& result = tensors_[num_inputs_ + i];
  Fill(tensor, &result);
  for (int j = 0; j < num_inputs; ++j) {
    if (inputs[j] == forwarded) {
      tensors_[forwarded].view.data = result.view.data;
      continue;
    }
    TF_Tensor* input = nullptr;
    c_api.TF_GetInput(context_, inputs[j], &input, status_.get());
    OPGRAFT_RETURN_IF_ERROR(status_.Take());
    Fill(input, &tensors_[inputs[j]]);
  }
  *output = result.view;
  return Status();
}

void CKernelContext::ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                                 StringView* strings) {
  const size_t size = static_cast<const Tensor*>(tensor.handle)->element_size;
  const char* element = tensor.flat<const char>() + begin * size;
  for (int64_t i = 0; i < n; ++i, element += size) {
    const TF_TString* const text = reinterpret_cast<const TF_TString*>(element);
    strings[i] = StringView{c_api.TF_StringGetDataPointer(text), c_api.TF_StringGetSize(text)};
  }
}

void CKernelContext::WriteString(const TensorView& tensor, int64_t i, StringView value) {
  const size_t size = static_cast<const Tensor*>(tensor.handle)->element_size;
  c_api.TF_StringCopy(reinterpret_cast<TF_TString*>(tensor.flat<char>() + i * size), value.data,
                      value.size);
}

void CKernelContext::CopyStrings(const TensorView& from, const int64_t* indices, int64_t n,
                                 const TensorView& to, int64_t begin) {
  for (int64_t i = 0; i < n; ++i) {
    StringView text;
    ReadStrings(from, indices[i], 1, &text);
    WriteString(to, begin + i, text);
  }
}

Status CKernelContext::ReadObject(const TensorView&, int64_t, Object**) {
  return Unimplemented("TensorFlow's C API cannot copy variants and resources");
}

// WhyNot() leaves ops with Ref inputs out.
Status CKernelContext::MutableInput(int, TensorView*) {
  return Unimplemented("opgraft's C API build has no variables");
}

Status CKernelContext::InitializeInput(int, TensorView*) {
  return Unimplemented("opgraft's C API build has no variables");
}

Status CKernelContext::ZeroVariable(int, DataType, int, const int64_t*) {
  return Unimplemented("opgraft's C API build has no variables");
}

Status CKernelContext::ForwardRef(int, int) {
  return Unimplemented("opgraft's C API build has no variables");
}

Status CKernelContext::GetTable(int, Table**) {
  return Unimplemented("TensorFlow's C API has no lookup tables");
}

Status CKernelContext::OpenFile(StringView, File**) {
  return Unimplemented("TensorFlow's C API cannot read files");
}

void CKernelContext::Log(const char* message) {
  constexpr int kInfo = 0;
  if (c_api.TF_Log != nullptr) c_api.TF_Log(kInfo, "%s", message);
}

// The C API does not reach the runtime's threads, and threads of our own would ignore the limits
// that a session sets on them. Measured on 10^6 elements, one thread takes 0.3 to 1.5 times as long
// as TensorFlow's own AddV2 on two.
void CKernelContext::ParallelFor(int64_t n, int64_t, void (*fn)(void*, int64_t, int64_t),
                                 void* arg) {
  if (n > 0) fn(arg, 0, n);
}

}  // namespace opgraft
