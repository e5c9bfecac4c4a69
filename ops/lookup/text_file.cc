#include "ops/lookup/text_file.h"

#include <algorithm>
#include <cstring>

#include "ops/lookup/column.h"
#include "ops/lookup/number.h"

namespace opgraft {
namespace {

constexpr size_t kFirstBlock = 1 << 16;  // most files are small
constexpr size_t kBlock = 1 << 20;
constexpr int64_t kMaxBatch = 4096;

Status CheckType(int64_t index, DataType dtype, const char* name, const char* lower_name) {
  if (index == TextFileOptions::kLineNumber && dtype != DT_INT64) {
    return InvalidArgument("%s index for line number requires table %s dtype of int64, got %s",
                           name, lower_name, DataTypeName(dtype));
  }
  const bool is_integer = dtype == DT_INT8 || dtype == DT_UINT8 || dtype == DT_INT16 ||
                          dtype == DT_UINT16 || dtype == DT_INT32 || dtype == DT_INT64;
  if (index == TextFileOptions::kWholeLine && dtype != DT_STRING && !is_integer) {
    return InvalidArgument(
        "%s index for whole line requires table %s dtype of integer or string, got %s", name,
        lower_name, DataTypeName(dtype));
  }
  return Status();
}

void Split(StringView line, char delimiter, std::vector<StringView>* columns) {
  columns->clear();
  for (;;) {
    const void* const found =
        line.size == 0 ? nullptr : std::memchr(line.data, delimiter, line.size);
    if (found == nullptr) break;
    const size_t size = static_cast<const char*>(found) - line.data;
    columns->push_back({line.data, size});
    line = {line.data + size + 1, line.size - size - 1};
  }
  columns->push_back(line);
}

}  // namespace

Status CheckTextFileTypes(const TextFileOptions& options, DataType key_dtype,
                          DataType value_dtype) {
  OPGRAFT_RETURN_IF_ERROR(CheckType(options.key_index, key_dtype, "Key", "key"));
  return CheckType(options.value_index, value_dtype, "Value", "value");
}

TextFileIterator::TextFileIterator(StringView path, const TextFileOptions& options,
                                   DataType key_dtype, DataType value_dtype)
    : path_(path.data, path.size),
      options_(options),
      key_{options.key_index, key_dtype, {}, {}},
      value_{options.value_index, value_dtype, {}, {}} {}

Status TextFileIterator::Open(KernelContext* context) {
  File* file = nullptr;
  OPGRAFT_RETURN_IF_ERROR(context->OpenFile({path_.data(), path_.size()}, &file));
  file_.reset(file);
  for (const Field* field : {&key_, &value_}) {
    if (field->dtype != DT_STRING && !IsParsable(field->dtype)) {
      return InvalidArgument("Data type %s not supported in text files",
                             DataTypeName(field->dtype));
    }
  }
  if (options_.vocab_size == 0) {
    return Error(Code::kOutOfRange, "Finished reading 0 of lines from %s", path_.c_str());
  }
  OPGRAFT_RETURN_IF_ERROR(Fill());
  return end_ == 0 ? CheckEnd() : Status();
}

Status TextFileIterator::Next(KernelContext*, bool* done, TensorView* keys, TensorView* values) {
  for (Field* field : {&key_, &value_}) {
    field->strings.clear();
    field->numbers.clear();
  }
  batch_size_ = 0;
  const int64_t limit = options_.vocab_size;
  while (batch_size_ < kMaxBatch && (limit < 0 || line_ < limit)) {
    StringView line;
    if (NextLine(&line)) {
      OPGRAFT_RETURN_IF_ERROR(Parse(line));
    } else if (at_end_ || batch_size_ > 0) {
      break;  // the batch refers to the buffer: parse on with the next one
    } else {
      OPGRAFT_RETURN_IF_ERROR(Fill());
    }
  }
  *done = batch_size_ == 0;
  if (*done) return CheckEnd();
  *keys = key_.View(&batch_size_);
  *values = value_.View(&batch_size_);
  return Status();
}

bool TextFileIterator::NextLine(StringView* line) {
  const char* const text = buffer_.data();
  const void* const newline =
      scanned_ == end_ ? nullptr : std::memchr(text + scanned_, '\n', end_ - scanned_);
  size_t line_end = end_;
  if (newline != nullptr) {
    line_end = static_cast<const char*>(newline) - text;
  } else if (!at_end_ || begin_ == end_) {
    scanned_ = end_;
    return false;
  }
  *line = {text + begin_, line_end - begin_};
  if (line->size > 0 && line->data[line->size - 1] == '\r') --line->size;
  begin_ = scanned_ = std::min(line_end + 1, end_);
  return newline != nullptr || line->size > 0;  // no line: a carriage return at the very end
}

Status TextFileIterator::Fill() {
  const size_t left = end_ - begin_;
  const size_t block = file_offset_ == 0 ? kFirstBlock : kBlock;
  // Doubling makes the moves of a line longer than a block cost no more than its length.
  if (buffer_.size() < left + block) buffer_.resize(std::max(left + block, 2 * left));
  std::memmove(buffer_.data(), buffer_.data() + begin_, left);
  scanned_ -= begin_;
  begin_ = 0;
  end_ = left;
  size_t read = 0;
  OPGRAFT_RETURN_IF_ERROR(
      file_->Read(file_offset_, buffer_.size() - left, buffer_.data() + left, &read));
  at_end_ = read == 0;
  file_offset_ += read;
  end_ += read;
  return Status();
}

Status TextFileIterator::Parse(StringView line) {
  if (line.size == 0) {
    return InvalidArgument("Invalid content in %s: empty line found at line %lld", path_.c_str(),
                           static_cast<long long>(line_));
  }
  const int64_t last = std::max(key_.index, value_.index);
  if (last >= 0) {
    Split(line, options_.delimiter, &columns_);
    if (static_cast<uint64_t>(last) >= columns_.size()) {
      return InvalidArgument(
          "Invalid number of columns in %s line %lld (%s) : expected at least %lld got %zu",
          path_.c_str(), static_cast<long long>(line_), ElementText(line).c_str(),
          static_cast<long long>(last + 1), columns_.size());
    }
  }
  OPGRAFT_RETURN_IF_ERROR(key_.Append(*this, line, columns_));
  OPGRAFT_RETURN_IF_ERROR(value_.Append(*this, line, columns_));
  ++line_;
  ++batch_size_;
  return Status();
}

Status TextFileIterator::CheckEnd() const {
  if (options_.vocab_size < 0 && line_ == 0) {
    return Error(Code::kOutOfRange, "%s is empty: there is nothing to initialize a table with",
                 path_.c_str());
  }
  if (options_.vocab_size < 0 || line_ == options_.vocab_size) return Status();
  return InvalidArgument("Invalid vocab_size in %s: expected %lld but got %lld", path_.c_str(),
                         static_cast<long long>(options_.vocab_size),
                         static_cast<long long>(line_));
}

Status TextFileIterator::Field::Append(const TextFileIterator& file, StringView line,
                                       const std::vector<StringView>& columns) {
  const StringView text = index >= 0 ? columns[index] : line;
  if (index != TextFileOptions::kLineNumber && dtype == DT_STRING) {
    strings.push_back(text);
    return Status();
  }
  const size_t size = numbers.size();
  numbers.resize(size + DataTypeSize(dtype));
  if (index == TextFileOptions::kLineNumber) {
    const int64_t number = static_cast<int64_t>(static_cast<uint64_t>(file.line_) +
                                                static_cast<uint64_t>(file.options_.offset));
    std::memcpy(&numbers[size], &number, sizeof(number));
    return Status();
  }
  if (ParseNumber(text, dtype, &numbers[size])) return Status();
  return InvalidArgument("Field %s in line %lld of %s is not a valid %s.",
                         ElementText(text).c_str(), static_cast<long long>(file.line_),
                         file.path_.c_str(), DataTypeName(dtype));
}

TensorView TextFileIterator::Field::View(const int64_t* dims) const {
  const void* const data = strings.empty() ? static_cast<const void*>(numbers.data())
                                           : static_cast<const void*>(strings.data());
  return {dtype, 1, dims, *dims, const_cast<void*>(data), nullptr};
}

}  // namespace opgraft
