#include "ops/kernel/kernel.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

namespace opgraft {
namespace {

char* Format(const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, arguments);
  char* const text = size < 0 ? nullptr : static_cast<char*>(std::malloc(size + 1));
  if (text != nullptr) std::vsnprintf(text, size + 1, format, again);
  va_end(again);
  return text;
}

Status FormatStatus(Code code, const char* format, va_list arguments) {
  char* const text = Format(format, arguments);
  Status status(code, text == nullptr ? format : text);
  std::free(text);
  return status;
}

}  // namespace

Status::Status(Code code, const char* message)
    : code_(code), message_(code == Code::kOk ? nullptr : strdup(message)) {}

Status CaughtException() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Status(Code::kResourceExhausted, "out of memory");
  } catch (const std::length_error&) {
    return Status(Code::kResourceExhausted, "more elements than memory can hold");
  } catch (const std::exception& error) {
    return Status(Code::kInternal, error.what());
  }
}

#define OPGRAFT_ERROR(code)                              \
  va_list arguments;                                     \
  va_start(arguments, format);                           \
  Status status = FormatStatus(code, format, arguments); \
  va_end(arguments);                                     \
  return status

Status Error(Code code, const char* format, ...) { OPGRAFT_ERROR(code); }
Status InvalidArgument(const char* format, ...) { OPGRAFT_ERROR(Code::kInvalidArgument); }
Status FailedPrecondition(const char* format, ...) { OPGRAFT_ERROR(Code::kFailedPrecondition); }
Status NotFound(const char* format, ...) { OPGRAFT_ERROR(Code::kNotFound); }
Status Unimplemented(const char* format, ...) { OPGRAFT_ERROR(Code::kUnimplemented); }
#undef OPGRAFT_ERROR

const char* DataTypeName(DataType dtype) {
  switch (dtype) {
    case DT_FLOAT:
      return "float";
    case DT_DOUBLE:
      return "double";
    case DT_INT32:
      return "int32";
    case DT_UINT8:
      return "uint8";
    case DT_INT16:
      return "int16";
    case DT_INT8:
      return "int8";
    case DT_STRING:
      return "string";
    case DT_COMPLEX64:
      return "complex64";
    case DT_INT64:
      return "int64";
    case DT_BOOL:
      return "bool";
    case DT_QINT8:
      return "qint8";
    case DT_QUINT8:
      return "quint8";
    case DT_QINT32:
      return "qint32";
    case DT_BFLOAT16:
      return "bfloat16";
    case DT_UINT16:
      return "uint16";
    case DT_COMPLEX128:
      return "complex128";
    case DT_HALF:
      return "half";
    case DT_RESOURCE:
      return "resource";
    case DT_VARIANT:
      return "variant";
    case DT_UINT32:
      return "uint32";
    case DT_UINT64:
      return "uint64";
    case DT_INVALID:
      break;
  }
  return "unknown";
}

size_t DataTypeSize(DataType dtype) {
  switch (dtype) {
    case DT_BOOL:
    case DT_INT8:
    case DT_UINT8:
    case DT_QINT8:
    case DT_QUINT8:
      return 1;
    case DT_HALF:
    case DT_BFLOAT16:
    case DT_INT16:
    case DT_UINT16:
      return 2;
    case DT_FLOAT:
    case DT_INT32:
    case DT_UINT32:
    case DT_QINT32:
      return 4;
    case DT_DOUBLE:
    case DT_INT64:
    case DT_UINT64:
    case DT_COMPLEX64:
      return 8;
    case DT_COMPLEX128:
      return 16;
    default:
      return 0;
  }
}

ShapeText::ShapeText(int rank, const int64_t* dims) {
  size_t used = static_cast<size_t>(std::snprintf(text, sizeof(text), "["));
  for (int i = 0; i < rank; ++i) {
    char dim[24];
    const int n =
        std::snprintf(dim, sizeof(dim), i == 0 ? "%lld" : ",%lld", static_cast<long long>(dims[i]));
    if (used + n + sizeof("...]") > sizeof(text)) {
      used += std::snprintf(text + used, sizeof(text) - used, "...");
      break;
    }
    std::memcpy(text + used, dim, n + 1);
    used += n;
  }
  std::memcpy(text + used, "]", 2);
}

}  // namespace opgraft
