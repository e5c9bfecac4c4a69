#include "ops/lookup/text_file.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <string_view>

#include "ops/lookup/column.h"
#include "ops/lookup/number.h"
#include "ops/lookup/table.h"

namespace opgraft {
namespace {

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

/// Where the first `c` is in [begin, end); `end` if there is none.
const char* Find(const char* begin, const char* end, char c) {
  const void* const found = begin == end ? nullptr : std::memchr(begin, c, end - begin);
  return found == nullptr ? end : static_cast<const char*>(found);
}

int64_t Count(StringView text, char c) {
  int64_t count = 0;
  for (size_t begin = 0; begin < text.size;) {
    // A byte counts up to 255, and compilers count 16 of them at once.
    uint8_t part = 0;
    for (const size_t end = std::min(begin + 240, text.size); begin < end; ++begin) {
      part += text.data[begin] == c;
    }
    count += part;
  }
  return count;
}

}  // namespace

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Status CheckTextFileTypes(const TextFileOptions& options, DataType key_dtype,
                          DataType value_dtype) {
  OPGRAFT_RETURN_IF_ERROR(CheckType(options.key_index, key_dtype, "Key", "key"));
  return CheckType(options.value_index, value_dtype, "Value", "value");
}

TextFileIterator::TextFileIterator(StringView path, const TextFileOptions& options,
                                   DataType key_dtype, DataType value_dtype,
                                   const TextFileTuning& tuning)
    : path_(path.data, path.size),
      options_(options),
      tuning_(tuning),
      key_{options.key_index, key_dtype},
      value_{options.value_index, value_dtype},
      block_(tuning.first_block) {}

Status TextFileIterator::Open(KernelContext* context) {
  started_ = logged_ = tuning_.now();
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
  OPGRAFT_RETURN_IF_ERROR(Read());
  return end_ == 0 ? CheckEnd() : Status();
}

Status TextFileIterator::Next(KernelContext* context, bool* done, TensorView* keys,
                              TensorView* values) {
  LogProgress(context);
  *done = false;
  while (line_ != options_.vocab_size) {
    if (piece_ < num_pieces_) {
      Piece* const piece = &pieces_[piece_];
      if (piece->lines > 0) return HandOver(piece, keys, values), Status();
      if (!piece->status.ok()) return std::move(piece->status);
      if (piece->bad.data != nullptr) return BadLine(piece->bad);
      ++piece_;
    } else if (Cut()) {
      constexpr int64_t kBytesPerNanosecond = 1;
      context->ParallelFor(num_pieces_, tuning_.piece / kBytesPerNanosecond,
                           [this](int64_t begin, int64_t end) {
                             for (int64_t i = begin; i < end; ++i) Parse(&pieces_[i]);
                           });
    } else if (!at_end_) {
      OPGRAFT_RETURN_IF_ERROR(Read());
    } else {
      break;
    }
  }
  *done = true;
  pieces_.clear();  // what is made of the entries next may need the memory
  num_pieces_ = piece_ = 0;
  return CheckEnd();
}

Status TextFileIterator::Read() {
  const size_t left = end_ - begin_;
  // Doubling makes the moves of a line longer than a block cost no more than its length.
  const size_t wanted = std::max(block_, 2 * left);
  const char* const text = buffer_.get() + begin_;
  if (capacity_ < wanted) {
    std::unique_ptr<char[]> buffer(new char[wanted]);
    std::copy_n(text, left, buffer.get());
    buffer_ = std::move(buffer);
    capacity_ = wanted;
  } else {
    std::memmove(buffer_.get(), text, left);
  }
  begin_ = 0;
  scanned_ = end_ = left;
  size_t read = 0;
  OPGRAFT_RETURN_IF_ERROR(file_->Read(file_offset_, capacity_ - left, &buffer_[left], &read));
  at_end_ = read == 0;
  file_offset_ += read;
  end_ += read;
  block_ = std::min(4 * block_, tuning_.block);
  return Status();
}

bool TextFileIterator::Cut() {
  const char* const text = buffer_.get();
  size_t end = end_;
  if (!at_end_) {
    // Behind the last newline there is a line that goes on in the next block.
    const size_t newline = std::string_view(text + scanned_, end_ - scanned_).rfind('\n');
    end = newline == std::string_view::npos ? begin_ : scanned_ + newline + 1;
  }
  scanned_ = end_;
  num_pieces_ = piece_ = 0;
  while (begin_ < end) {
    const size_t least = std::min(tuning_.piece, end - begin_);
    const char* const newline = Find(text + begin_ + least - 1, text + end, '\n');
    const size_t piece_end = std::min<size_t>(newline - text + 1, end);
    if (num_pieces_ == pieces_.size()) pieces_.emplace_back();
    pieces_[num_pieces_++].text = {text + begin_, piece_end - begin_};
    begin_ = piece_end;
  }
  return num_pieces_ > 0;
}

void TextFileIterator::Parse(Piece* piece) const {
  piece->lines = 0;
  piece->bad = {nullptr, 0};
  piece->status = CatchExceptions([&] { return ParseLines(piece), Status(); });
}

void TextFileIterator::ParseLines(Piece* piece) const {
  const size_t key_size = key_.size(), value_size = value_.size();
  const int64_t lines = Count(piece->text, '\n') + 1;
  if (piece->capacity < lines) {
    piece->capacity = 0;  // until there is memory
    piece->keys.reset(new char[lines * key_size]);
    piece->values.reset(new char[lines * value_size]);
    piece->capacity = lines;
  }
  char* key = piece->keys.get();
  char* value = piece->values.get();
  const char* begin = piece->text.data;
  const char* const end = begin + piece->text.size;
  while (begin < end) {
    const char* const newline = Find(begin, end, '\n');
    StringView line = {begin, static_cast<size_t>(newline - begin)};
    if (line.size > 0 && newline[-1] == '\r') --line.size;
    if (line.size == 0 && newline == end) break;  // no line: a carriage return at the very end
    if (!ParseLine(line, key, value)) {
      piece->bad = line;
      break;
    }
    ++piece->lines;
    key += key_size;
    value += value_size;
    begin = newline == end ? end : newline + 1;
  }
}

bool TextFileIterator::ParseLine(StringView line, char* key, char* value) const {
  StringView key_text, value_text;
  return line.size > 0 && Split(line, &key_text, &value_text) && key_.Parse(key_text, key) &&
         value_.Parse(value_text, value);
}

bool TextFileIterator::Split(StringView line, StringView* key, StringView* value) const {
  *key = *value = line;
  const int64_t last = std::max(key_.index, value_.index);
  const char* begin = line.data;
  const char* const end = begin + line.size;
  for (int64_t column = 0; column <= last; ++column) {
    const char* const column_end = Find(begin, end, options_.delimiter);
    const StringView text = {begin, static_cast<size_t>(column_end - begin)};
    if (column == key_.index) *key = text;
    if (column == value_.index) *value = text;
    if (column_end == end) return column == last;
    begin = column_end + 1;
  }
  return true;
}

size_t TextFileIterator::Field::size() const {
  if (is_line_number()) return 0;  // HandOver numbers the lines
  return dtype == DT_STRING ? sizeof(StringView) : DataTypeSize(dtype);
}

bool TextFileIterator::Field::Parse(StringView text, char* to) const {
  if (is_line_number()) return true;
  if (dtype != DT_STRING) return ParseNumber(text, dtype, to);
  new (to) StringView(text);
  return true;
}

void TextFileIterator::HandOver(Piece* piece, TensorView* keys, TensorView* values) {
  batch_size_ = piece->lines;
  if (options_.vocab_size >= 0) {
    batch_size_ = std::min(batch_size_, options_.vocab_size - line_);
  }
  if (key_.is_line_number() || value_.is_line_number()) {
    // Unsigned, as the sum may overflow.
    uint64_t number = static_cast<uint64_t>(line_) + static_cast<uint64_t>(options_.offset);
    line_numbers_.resize(batch_size_);
    for (int64_t& to : line_numbers_) to = static_cast<int64_t>(number++);
  }
  *keys = View(key_, piece->keys.get());
  *values = View(value_, piece->values.get());
  line_ += batch_size_;
  piece->lines = 0;
}

TensorView TextFileIterator::View(const Field& field, char* elements) {
  void* const data = field.is_line_number() ? static_cast<void*>(line_numbers_.data()) : elements;
  return {field.dtype, 1, &batch_size_, batch_size_, data, nullptr};
}

Status TextFileIterator::BadLine(StringView line) const {
  const long long number = line_;
  if (line.size == 0) {
    return InvalidArgument("Invalid content in %s: empty line found at line %lld", path_.c_str(),
                           number);
  }
  StringView key, value;
  if (!Split(line, &key, &value)) {
    const uint64_t last = std::max(key_.index, value_.index);  // up to 2^63 - 1
    return InvalidArgument(
        "Invalid number of columns in %s line %lld (%s) : expected at least %llu got %lld",
        path_.c_str(), number, ElementText(line).c_str(), static_cast<unsigned long long>(last + 1),
        static_cast<long long>(Count(line, options_.delimiter) + 1));
  }
  alignas(StringView) char ignored[sizeof(StringView)];
  const bool is_key = !key_.Parse(key, ignored);
  return InvalidArgument("Field %s in line %lld of %s is not a valid %s.",
                         ElementText(is_key ? key : value).c_str(), number, path_.c_str(),
                         DataTypeName(is_key ? key_.dtype : value_.dtype));
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

void TextFileIterator::LogProgress(KernelContext* context) {
  const double now = tuning_.now();
  if (now - logged_ < tuning_.log_interval) return;
  logged_ = now;
  const double seconds = now - started_;
  const std::string message = "opgraft: " + path_ + ": " + std::to_string(line_) +
                              " lines so far, " + std::to_string(file_offset_ >> 20) +
                              " MB read, " + std::to_string(static_cast<int64_t>(line_ / seconds)) +
                              " lines per second";
  context->Log(message.c_str());
}

}  // namespace opgraft
