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

/// Seconds from some moment on.
double Seconds();

/// What tests make small, in bytes and seconds.
struct TextFileTuning {
  size_t first_block = 1 << 16;  // most files are small
  size_t block = 1 << 21;        // read at once, after the first ones
  size_t piece = 1 << 17;        // parsed by one thread; with what is made of it it fits a cache
  double log_interval = 10;
  double (*now)() = Seconds;
};

/// Whether the parts of a line can become keys and values of these types.
Status CheckTextFileTypes(const TextFileOptions& options, DataType key_dtype, DataType value_dtype);

/// Reads a block, cuts it into pieces at line ends, parses these in parallel and yields a batch for
/// each. All lines before the first bad one are handed over before its error.
/// Batches are views into the text or into arrays of the iterator, without a tensor behind them
/// (handle is null); strings are arrays of StringView.
class TextFileIterator final : public TableIterator {
 public:
  TextFileIterator(StringView path, const TextFileOptions& options, DataType key_dtype,
                   DataType value_dtype, const TextFileTuning& tuning = TextFileTuning());

  /// Opens the file. OutOfRange if there is nothing in it.
  Status Open(KernelContext* context);
  Status Next(KernelContext* context, bool* done, TensorView* keys, TensorView* values) override;
  /// vocab_size.
  int64_t total_size() override { return options_.vocab_size; }

 private:
  /// Which part of a line becomes the key or the value, and as what.
  struct Field {
    bool is_line_number() const { return index == TextFileOptions::kLineNumber; }
    /// Bytes of an element in a piece.
    size_t size() const;
    /// Makes an element of the text; false if it is not a number.
    bool Parse(StringView text, char* to) const;

    int64_t index;
    DataType dtype;
  };

  /// Some lines of the block, and what they are parsed into.
  struct Piece {
    StringView text;
    int64_t lines = 0;  // that are good and not handed over
    StringView bad;     // the line behind them, if it is bad; else without data
    Status status;      // out of memory
    std::unique_ptr<char[]> keys, values;
    int64_t capacity = 0;
  };

  /// Keeps what is left in the buffer and reads on behind it.
  Status Read();
  /// Cuts the lines that are complete into pieces; false if there are none.
  bool Cut();
  void Parse(Piece* piece) const;
  void ParseLines(Piece* piece) const;
  bool ParseLine(StringView line, char* key, char* value) const;
  /// Finds the texts of key and value; false if the line has too few columns.
  bool Split(StringView line, StringView* key, StringView* value) const;
  void HandOver(Piece* piece, TensorView* keys, TensorView* values);
  TensorView View(const Field& field, char* elements);
  /// What is wrong with the line, whose number is line_.
  Status BadLine(StringView line) const;
  Status CheckEnd() const;
  void LogProgress(KernelContext* context);

  const std::string path_;
  const TextFileOptions options_;
  const TextFileTuning tuning_;
  const Field key_, value_;
  std::unique_ptr<File> file_;
  uint64_t file_offset_ = 0;
  bool at_end_ = false;
  size_t block_;  // the least to read next

  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;    // the text in the buffer that is in no piece yet
  size_t scanned_ = 0;  // no newline from begin_ up to here
  size_t end_ = 0;
  std::vector<Piece> pieces_;
  size_t num_pieces_ = 0;
  size_t piece_ = 0;  // the next to be handed over

  int64_t line_ = 0;  // lines handed over
  int64_t batch_size_ = 0;
  std::vector<int64_t> line_numbers_;  // of the batch
  double started_ = 0;
  double logged_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_TEXT_FILE_H_
