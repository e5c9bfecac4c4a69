// The entries of a table from a text file with one entry per line.
#ifndef OPGRAFT_OPS_LOOKUP_TEXT_FILE_H_
#define OPGRAFT_OPS_LOOKUP_TEXT_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ops/kernel/table.h"

namespace opgraft {

struct TextFileOptions {
  static constexpr int64_t kWholeLine = -2;
  static constexpr int64_t kLineNumber = -1;  // from `offset` on
  int64_t key_index = 0;                      // one of the above, or a column from 0 on
  int64_t value_index = 0;
  int64_t vocab_size = -1;  // lines to read; -1 is all
  int64_t offset = 0;
  char delimiter = '\t';
};

/// Whether the parts of a line can become keys and values of these types.
Status CheckTextFileTypes(const TextFileOptions& options, DataType key_dtype, DataType value_dtype);

/// Batches are views into the text or into arrays of the iterator, without a tensor behind them
/// (handle is null); strings are arrays of StringView.
class TextFileIterator final : public TableIterator {
 public:
  TextFileIterator(StringView path, const TextFileOptions& options, DataType key_dtype,
                   DataType value_dtype);

  /// Opens the file. OutOfRange if there is nothing in it.
  Status Open(KernelContext* context);
  Status Next(KernelContext* context, bool* done, TensorView* keys, TensorView* values) override;
  /// vocab_size.
  int64_t total_size() override { return options_.vocab_size; }

 private:
  /// One part of each line of a batch.
  struct Field {
    Status Append(const TextFileIterator& file, StringView line,
                  const std::vector<StringView>& columns);
    TensorView View(const int64_t* dims) const;

    int64_t index;
    DataType dtype;
    std::vector<StringView> strings;
    std::vector<char> numbers;
  };

  /// Sets *found to false at the end of the text that is in the buffer.
  bool NextLine(StringView* line);
  /// Keeps what is left in the buffer and reads on behind it.
  Status Fill();
  Status Parse(StringView line);
  Status CheckEnd() const;

  const std::string path_;
  const TextFileOptions options_;
  std::unique_ptr<File> file_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // the text in the buffer that is still to be parsed
  size_t scanned_ = 0;
  size_t end_ = 0;
  uint64_t file_offset_ = 0;
  bool at_end_ = false;
  int64_t line_ = 0;  // lines parsed
  Field key_, value_;
  int64_t batch_size_ = 0;
  std::vector<StringView> columns_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_TEXT_FILE_H_
