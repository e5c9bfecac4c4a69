#include "ops/lookup/values.h"

namespace opgraft {
namespace {

/// Bytes of a value that is inline; 0 if it is not.
size_t InlineSize(const TableType& type) {
  if (type.value_width > 8) return 0;
  const size_t size = DataTypeSize(type.value_dtype) * type.value_width;
  return size <= 8 ? size : 0;
}

/// Copies values of a size that the compiler knows.
template <size_t kSize>
void CopyInline(const uint64_t* const* from, int n, char* to) {
  for (int i = 0; i < n; ++i) std::memcpy(to + i * kSize, from[i], kSize);
}

}  // namespace

Values::Values(const TableType& type)
    : dtype_(type.value_dtype), width_(type.value_width), size_(InlineSize(type)) {
  if (size_ == 0) column_ = NewColumn(dtype_, width_);
}

int64_t Values::memory_used() const {
  if (is_inline()) return 0;
  return column_->memory_used() + static_cast<int64_t>(free_rows_.capacity() * sizeof(uint64_t));
}

Values::Default Values::PrepareDefault(const TensorView& tensor, bool per_key) const {
  Default result = {tensor, per_key, is_inline() && !per_key, 0};
  if (result.fits) std::memcpy(&result.value, tensor.data, size_);
  return result;
}

Status Values::Get(KernelContext* context, const uint64_t* const* from, int n,
                   const Default* absent, const TensorView& to, int64_t at) const {
  if (is_inline() && (absent == nullptr || absent->fits)) {
    char* const begin = to.flat<char>() + at * size_;
    switch (size_) {
      case 8:
        CopyInline<8>(from, n, begin);
        break;
      case 4:
        CopyInline<4>(from, n, begin);
        break;
      case 1:
        CopyInline<1>(from, n, begin);
        break;
      default:
        for (int i = 0; i < n; ++i) std::memcpy(begin + i * size_, from[i], size_);
    }
    return Status();
  }
  for (int i = 0; n > 1 && i < n; ++i) Prefetch(from[i]);
  for (int i = 0; i < n; ++i) {
    if (from[i] == nullptr) {
      OPGRAFT_RETURN_IF_ERROR(
          CopyRow(context, absent->tensor, absent->per_key ? at + i : 0, to, at + i, width_));
    } else if (is_inline()) {
      std::memcpy(to.flat<char>() + (at + i) * size_, from[i], size_);
    } else {
      column_->Get(context, static_cast<int64_t>(*from[i]), to, at + i);
    }
  }
  return Status();
}

void Values::ReserveRow() {
  if (is_inline() || !free_rows_.empty()) return;
  column_->Resize(rows_ + 1);
  free_rows_.reserve(1);  // so that the row can be taken back
}

uint64_t Values::Add() {
  if (is_inline()) return 0;
  if (free_rows_.empty()) return static_cast<uint64_t>(rows_++);
  const uint64_t row = free_rows_.back();
  free_rows_.pop_back();
  return row;
}

void Values::Remove(uint64_t value) {
  if (is_inline()) return;
  free_rows_.push_back(value);
  column_->Clear(static_cast<int64_t>(value));
}

bool Values::Equals(KernelContext* context, const uint64_t* value, const TensorView& tensor,
                    int64_t i) const {
  if (!is_inline()) return column_->Equals(context, static_cast<int64_t>(*value), tensor, i);
  return EqualElements(dtype_, value, tensor.flat<char>() + i * size_, width_);
}

std::string Values::Text(const uint64_t* value) const {
  return is_inline() ? ElementText(dtype_, value) : column_->Text(static_cast<int64_t>(*value));
}

}  // namespace opgraft
