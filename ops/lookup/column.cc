#include "ops/lookup/column.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "ops/kernel/half.h"
#include "ops/lookup/buffer.h"
#include "ops/lookup/traits.h"

namespace opgraft {
namespace {

size_t Product(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) throw std::bad_alloc();
  return static_cast<size_t>(product);
}

class PlainColumn final : public Column {
 public:
  PlainColumn(DataType dtype, int64_t width)
      : dtype_(dtype), width_(width), stride_(Product(width, DataTypeSize(dtype))) {}

  void Resize(int64_t rows) override {
    const size_t size = Product(rows, stride_);
    if (size < size_used_) std::memset(data_.data() + size, 0, size_used_ - size);
    if (size > data_.size()) {
      Buffer grown(std::max({size, data_.size() * 2, kSmallest}));
      if (size_used_ != 0) std::memcpy(grown.data(), data_.data(), size_used_);
      data_ = std::move(grown);
    }
    size_used_ = size;
  }
  Status Set(KernelContext*, int64_t row, const TensorView& from, int64_t from_row) override {
    Copy(At(row), from.flat<char>() + from_row * stride_);
    return Status();
  }
  void Get(KernelContext*, int64_t row, const TensorView& to, int64_t to_row) const override {
    Copy(to.flat<char>() + to_row * stride_, At(row));
  }
  void Clear(int64_t) override {}
  void Prefetch(int64_t row) const override {
    // The hardware follows a long row by itself.
    const size_t fetched = std::min<size_t>(stride_, 512);
    for (size_t i = 0; i < fetched; i += 64) __builtin_prefetch(At(row) + i);
    if (fetched != 0) __builtin_prefetch(At(row) + fetched - 1);
  }
  bool Equals(KernelContext*, int64_t row, const TensorView& tensor,
              int64_t tensor_row) const override {
    return EqualElements(dtype_, At(row), tensor.flat<char>() + tensor_row * stride_, width_);
  }
  std::string Text(int64_t row) const override { return ElementText(dtype_, At(row)); }
  int64_t memory_used() const override { return static_cast<int64_t>(data_.size()); }

 private:
  static constexpr size_t kSmallest = 256;

  char* At(int64_t row) { return data_.data() + row * stride_; }
  const char* At(int64_t row) const { return data_.data() + row * stride_; }
  void Copy(char* to, const char* from) const {
    if (stride_ != 0) std::memcpy(to, from, stride_);
  }

  const DataType dtype_;
  const int64_t width_;
  const size_t stride_;
  Buffer data_;
  size_t size_used_ = 0;
};

class StringColumn final : public Column {
 public:
  explicit StringColumn(int64_t width) : width_(width) {}

  void Resize(int64_t rows) override {
    const size_t size = Product(rows, width_);
    for (size_t i = size; i < strings_.size(); ++i) bytes_ -= strings_[i].view().size;
    strings_.resize(size);
  }
  Status Set(KernelContext* context, int64_t row, const TensorView& from,
             int64_t from_row) override {
    for (int64_t i = 0; i < width_; ++i) {
      StringView view;
      ReadStrings(context, from, from_row * width_ + i, 1, &view);
      Replace(&strings_[row * width_ + i], OwnedString(view));
    }
    return Status();
  }
  void Get(KernelContext* context, int64_t row, const TensorView& to,
           int64_t to_row) const override {
    for (int64_t i = 0; i < width_; ++i) {
      context->WriteString(to, to_row * width_ + i, strings_[row * width_ + i].view());
    }
  }
  void Clear(int64_t row) override {
    for (int64_t i = 0; i < width_; ++i) Replace(&strings_[row * width_ + i], OwnedString());
  }
  void Prefetch(int64_t row) const override { __builtin_prefetch(strings_.data() + row * width_); }
  bool Equals(KernelContext* context, int64_t row, const TensorView& tensor,
              int64_t tensor_row) const override {
    for (int64_t i = 0; i < width_; ++i) {
      StringView view;
      ReadStrings(context, tensor, tensor_row * width_ + i, 1, &view);
      if (!(view == strings_[row * width_ + i].view())) return false;
    }
    return true;
  }
  std::string Text(int64_t row) const override {
    return width_ == 0 ? "" : ElementText(strings_[row * width_].view());
  }
  int64_t memory_used() const override {
    return static_cast<int64_t>(strings_.capacity() * sizeof(OwnedString) + bytes_);
  }

 private:
  void Replace(OwnedString* old, OwnedString text) {
    bytes_ += text.view().size - old->view().size;
    *old = std::move(text);
  }

  const int64_t width_;
  std::vector<OwnedString> strings_;
  size_t bytes_ = 0;  // of all strings
};

/// Variants and resources.
class ObjectColumn final : public Column {
 public:
  explicit ObjectColumn(int64_t width) : width_(width) {}

  void Resize(int64_t rows) override { objects_.resize(Product(rows, width_)); }
  Status Set(KernelContext* context, int64_t row, const TensorView& from,
             int64_t from_row) override {
    for (int64_t i = 0; i < width_; ++i) {
      Object* object = nullptr;
      OPGRAFT_RETURN_IF_ERROR(context->ReadObject(from, from_row * width_ + i, &object));
      objects_[row * width_ + i].reset(object);
    }
    return Status();
  }
  void Get(KernelContext* context, int64_t row, const TensorView& to,
           int64_t to_row) const override {
    for (int64_t i = 0; i < width_; ++i) {
      const Object* const object = objects_[row * width_ + i].get();
      // An element that was never set stays what the runtime makes of an empty one.
      if (object != nullptr) context->WriteObject(to, to_row * width_ + i, *object);
    }
  }
  void Clear(int64_t row) override {
    for (int64_t i = 0; i < width_; ++i) objects_[row * width_ + i].reset();
  }
  void Prefetch(int64_t row) const override { __builtin_prefetch(objects_.data() + row * width_); }
  bool Equals(KernelContext*, int64_t, const TensorView&, int64_t) const override { return false; }
  std::string Text(int64_t) const override { return "an object"; }
  int64_t memory_used() const override {
    return static_cast<int64_t>(objects_.capacity() * sizeof(objects_[0]));
  }

 private:
  const int64_t width_;
  std::vector<std::unique_ptr<Object>> objects_;
};

template <class T>
T Load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

/// The value of a floating point element.
double LoadFloat(DataType dtype, const void* element) {
  switch (dtype) {
    case DT_DOUBLE:
      return Load<double>(element);
    case DT_FLOAT:
      return Load<float>(element);
    case DT_HALF:
      return ToFloat(Load<Half>(element));
    default:
      return ToFloat(Load<BFloat16>(element));
  }
}

bool IsFloat(DataType dtype) {
  return dtype == DT_DOUBLE || dtype == DT_FLOAT || dtype == DT_HALF || dtype == DT_BFLOAT16;
}

}  // namespace

std::unique_ptr<Column> NewColumn(DataType dtype, int64_t width) {
  if (dtype == DT_STRING) return std::unique_ptr<Column>(new StringColumn(width));
  if (DataTypeSize(dtype) == 0) return std::unique_ptr<Column>(new ObjectColumn(width));
  return std::unique_ptr<Column>(new PlainColumn(dtype, width));
}

Status CopyRow(KernelContext* context, const TensorView& from, int64_t from_row,
               const TensorView& to, int64_t to_row, int64_t width) {
  const size_t size = DataTypeSize(from.dtype) * width;
  if (size != 0) {
    std::memcpy(to.flat<char>() + to_row * size, from.flat<char>() + from_row * size, size);
    return Status();
  }
  for (int64_t i = 0; i < width; ++i) {
    if (from.dtype == DT_STRING) {
      StringView text;
      context->ReadStrings(from, from_row * width + i, 1, &text);
      context->WriteString(to, to_row * width + i, text);
    } else {
      Object* read = nullptr;
      OPGRAFT_RETURN_IF_ERROR(context->ReadObject(from, from_row * width + i, &read));
      const std::unique_ptr<Object> object(read);
      context->WriteObject(to, to_row * width + i, *object);
    }
  }
  return Status();
}

bool EqualElements(DataType dtype, const void* a, const void* b, int64_t n) {
  const size_t size = DataTypeSize(dtype);
  if (!IsFloat(dtype)) return n == 0 || std::memcmp(a, b, n * size) == 0;
  for (int64_t i = 0; i < n; ++i) {
    const double x = LoadFloat(dtype, static_cast<const char*>(a) + i * size);
    const double y = LoadFloat(dtype, static_cast<const char*>(b) + i * size);
    if (!(x == y)) return false;
  }
  return true;
}

std::string ElementText(DataType dtype, const void* element) {
  switch (dtype) {
    case DT_BOOL:
    case DT_UINT8:
      return std::to_string(Load<uint8_t>(element));
    case DT_INT8:
      return std::to_string(Load<int8_t>(element));
    case DT_UINT16:
      return std::to_string(Load<uint16_t>(element));
    case DT_INT16:
      return std::to_string(Load<int16_t>(element));
    case DT_INT32:
      return std::to_string(Load<int32_t>(element));
    case DT_INT64:
      return std::to_string(Load<int64_t>(element));
    default:
      break;
  }
  char text[32] = "an object";
  if (IsFloat(dtype)) std::snprintf(text, sizeof(text), "%.9g", LoadFloat(dtype, element));
  return text;
}

std::string ElementText(KernelContext* context, const TensorView& tensor, int64_t i) {
  if (tensor.dtype == DT_STRING) {
    StringView text;
    ReadStrings(context, tensor, i, 1, &text);
    return Printable(text);
  }
  return ElementText(tensor.dtype, tensor.flat<char>() + i * DataTypeSize(tensor.dtype));
}

}  // namespace opgraft
