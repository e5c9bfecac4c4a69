#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

using Map = std::multimap<std::string, std::string>;

struct Options {
  int64_t key_index = -2;
  int64_t value_index = -1;
  int64_t vocab_size = -1;
  std::string delimiter = "\t";
  int64_t offset = 0;
};

FakeAttrs ToAttrs(const Options& options) {
  return FakeAttrs()
      .Int("key_index", options.key_index)
      .Int("value_index", options.value_index)
      .Int("vocab_size", options.vocab_size)
      .String("delimiter", options.delimiter)
      .Int("offset", options.offset);
}

Status InitializeFrom(Table* table, const std::string& text, const Options& options = Options()) {
  FakeContext context;
  context.AddFile("/file", text).InputTable(table).Input(Scalar<std::string>("/file"));
  return RunOp("InitializeTableFromTextFileV2", ToAttrs(options), &context);
}

/// What a table of these types has after it was initialized from the text.
Map Read(DataType key, DataType value, const std::string& text,
         const Options& options = Options()) {
  const auto table = NewHashTable(key, value);
  const Status status = InitializeFrom(table.get(), text, options);
  if (!status.ok()) return {{"error", status.message()}};
  return Entries(table.get());
}

/// Expects an error, and a table that is not initialized and can still be.
void ExpectError(DataType key, DataType value, const std::string& text, const Options& options,
                 Code code, const std::string& message) {
  const auto table = NewHashTable(key, value);
  EXPECT_ERROR(InitializeFrom(table.get(), text, options), code, message);
  EXPECT_EQ(Size(table.get()), 0);
  EXPECT_ERROR(FindStatus(table.get(), Numbers(key, {1}), Numbers(value, Ints{}, {1})),
               Code::kFailedPrecondition, "not initialized");
  EXPECT_OK(Initialize(table.get(), Numbers(key, {1}), Numbers(value, {1})));
}

TEST(TextFile, WholeLinesAndNumbers) {
  const Map abc = {{"a", "0"}, {"b", "1"}, {"c", "2"}};
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\nc\n"), abc);
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\nc"), abc);
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\r\nb\r\nc\r\n"), abc);
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\rb\nc\r"), (Map{{"a\rb", "0"}, {"c", "1"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\n\r"), (Map{{"a", "0"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\r\r\nc"), (Map{{"a\r", "0"}, {"c", "1"}}));
  EXPECT_EQ(Read(DT_INT64, DT_STRING, "a\nb\n", {-1, -2}), (Map{{"0", "a"}, {"1", "b"}}));
  EXPECT_EQ(Read(DT_STRING, DT_STRING, "a\nb\n", {-2, -2}), (Map{{"a", "a"}, {"b", "b"}}));
  EXPECT_EQ(Read(DT_INT64, DT_INT64, "x\ny\n", {-1, -1}), (Map{{"0", "0"}, {"1", "1"}}));
  EXPECT_EQ(Read(DT_INT64, DT_INT32, "7\n 8 \n", {-2, -2}), (Map{{"7", "7"}, {"8", "8"}}));
  EXPECT_EQ(Read(DT_INT64, DT_INT64, "7\n8\n", {-1, -2}), (Map{{"0", "7"}, {"1", "8"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, std::string("a\0b\nc\0\n", 7)),
            (Map{{std::string("a\0b", 3), "0"}, {std::string("c\0", 2), "1"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "\xff\xfe\x80\n"), (Map{{"\xff\xfe\x80", "0"}}));
}

TEST(TextFile, Columns) {
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t1\nb\t2\n", {0, 1}), (Map{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "1\ta\n2\tb\n", {1, 0}), (Map{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(Read(DT_STRING, DT_STRING, "1\ta\n", {1, 1}), (Map{{"a", "a"}}));
  EXPECT_EQ(Read(DT_STRING, DT_STRING, "a\t\n\tx\n", {0, 1}), (Map{{"a", ""}, {"", "x"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t1\tz\n", {0, 1}), (Map{{"a", "1"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t1\r\n", {0, 1}), (Map{{"a", "1"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t1\nb\t2\n", {0, -1}), (Map{{"a", "0"}, {"b", "1"}}));
  EXPECT_EQ(Read(DT_INT64, DT_INT64, "a\t5\nb\t6\n", {-1, 1}), (Map{{"0", "5"}, {"1", "6"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t5\n", {-2, 1}), (Map{{"a\t5", "5"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a,1\n", {0, 1, -1, ","}), (Map{{"a", "1"}}));
  EXPECT_EQ(Read(DT_STRING, DT_STRING, "a b  2\n", {0, 2, -1, " "}), (Map{{"a", ""}}));
}

TEST(TextFile, OffsetCountsLineNumbersOnly) {
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\n", {-2, -1, -1, "\t", 5}),
            (Map{{"a", "5"}, {"b", "6"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\n", {-2, -1, -1, "\t", -5}),
            (Map{{"a", "-5"}, {"b", "-4"}}));
  EXPECT_EQ(Read(DT_INT64, DT_STRING, "a\nb\n", {-1, -2, -1, "\t", 5}),
            (Map{{"5", "a"}, {"6", "b"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t1\n", {0, 1, -1, "\t", 5}), (Map{{"a", "1"}}));
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\n", {-2, -1, -1, "\t", INT64_MAX}),
            (Map{{"a", std::to_string(INT64_MAX)}, {"b", std::to_string(INT64_MIN)}}));
}

TEST(TextFile, VocabSize) {
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\nc\n", {-2, -1, 3}).size(), 3u);
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\nb\nc\n", {-2, -1, 2}), (Map{{"a", "0"}, {"b", "1"}}));
  // What is behind the last line that counts is not looked at.
  EXPECT_EQ(Read(DT_STRING, DT_INT64, "a\t1\nb\n", {0, 1, 1}), (Map{{"a", "1"}}));
  ExpectError(DT_STRING, DT_INT64, "a\nb\nc\n", {-2, -1, 4}, Code::kInvalidArgument,
              "Invalid vocab_size in /file: expected 4 but got 3");
  ExpectError(DT_STRING, DT_INT64, "a\n", {-2, -1, int64_t{1} << 62}, Code::kInvalidArgument,
              "Invalid vocab_size");
  ExpectError(DT_STRING, DT_INT64, "", {-2, -1, 3}, Code::kInvalidArgument, "expected 3 but got 0");
  ExpectError(DT_STRING, DT_INT64, "a\n", {-2, -1, 0}, Code::kOutOfRange, "0 of lines");
  ExpectError(DT_STRING, DT_INT64, "a\n", {-2, -1, -2}, Code::kInvalidArgument, "vocab_size");
}

TEST(TextFile, BadFiles) {
  ExpectError(DT_STRING, DT_INT64, "", {}, Code::kOutOfRange, "/file is empty");
  ExpectError(DT_STRING, DT_INT64, "\r", {}, Code::kOutOfRange, "/file is empty");
  ExpectError(DT_STRING, DT_INT64, "\n", {}, Code::kInvalidArgument, "empty line found at line 0");
  ExpectError(DT_STRING, DT_INT64, "a\n\nb\n", {}, Code::kInvalidArgument, "empty line");
  ExpectError(DT_STRING, DT_INT64, "a\n\r\nb", {}, Code::kInvalidArgument, "empty line");
  ExpectError(DT_STRING, DT_INT64, "a\n\n", {}, Code::kInvalidArgument, "empty line");
  ExpectError(DT_INT64, DT_INT64, "a\n\nb\n", {-1, -1}, Code::kInvalidArgument, "empty line");
  ExpectError(DT_STRING, DT_INT64, "a\nb\na\n", {}, Code::kFailedPrecondition,
              "Key a has 0 and trying to add value 2");
  ExpectError(DT_STRING, DT_INT64, "a\t1\nb\n", {0, 1}, Code::kInvalidArgument,
              "Invalid number of columns in /file line 1 (b) : expected at least 2 got 1");
  ExpectError(DT_STRING, DT_INT64, "a\t1\n", {INT64_MAX, 1}, Code::kInvalidArgument,
              "expected at least 9223372036854775808 got 2");
  ExpectError(DT_STRING, DT_INT64, "a\t1\nb\tx\n", {0, 1}, Code::kInvalidArgument,
              "Field x in line 1 of /file is not a valid int64");
  ExpectError(DT_STRING, DT_INT64, "a\t\n", {0, 1}, Code::kInvalidArgument, "not a valid int64");
  ExpectError(DT_STRING, DT_INT64, "k\t" + std::string(100000, '9') + "\n", {0, 1},
              Code::kInvalidArgument, "(100000 bytes)");
}

TEST(TextFile, BadArguments) {
  for (const char* delimiter : {"", ",,", "\u2192"}) {
    ExpectError(DT_STRING, DT_INT64, "a\n", {-2, -1, -1, delimiter}, Code::kInvalidArgument,
                "delimiter should be only 1 char");
  }
  ExpectError(DT_STRING, DT_INT64, "a\n", {-3, -1}, Code::kInvalidArgument, "key_index");
  ExpectError(DT_STRING, DT_INT64, "a\n", {-2, -3}, Code::kInvalidArgument, "value_index");
  ExpectError(DT_INT32, DT_STRING, "a\n", {-1, -2}, Code::kInvalidArgument,
              "Key index for line number requires table key dtype of int64, got int32");
  ExpectError(DT_STRING, DT_STRING, "a\n", {-2, -1}, Code::kInvalidArgument,
              "Value index for line number requires table value dtype of int64, got string");
  ExpectError(DT_INT64, DT_FLOAT, "1\n", {-1, -2}, Code::kInvalidArgument,
              "Value index for whole line requires table value dtype of integer or string");
  ExpectError(DT_STRING, DT_BOOL, "a\t1\n", {0, 1}, Code::kInvalidArgument,
              "Data type bool not supported");
  const auto mutable_table = NewMutable(DT_STRING, DT_INT64);
  EXPECT_ERROR(InitializeFrom(mutable_table.get(), "a\n"), Code::kInvalidArgument,
               "not initializable");
  FakeContext vector;
  const auto table = NewHashTable(DT_STRING, DT_INT64);
  vector.InputTable(table.get()).Input(Vector<std::string>({"/file"}));
  EXPECT_ERROR(RunOp("InitializeTableFromTextFileV2", ToAttrs({}), &vector), Code::kInvalidArgument,
               "filename should be a single string, but got [1]");
}

TEST(TextFile, FilesOnDisk) {
  char directory[] = "/tmp/opgraft_text_file_test_XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  const std::string path = std::string(directory) + "/words";
  const auto initialize = [](Table* table, const std::string& name) {
    FakeContext context;
    context.InputTable(table).Input(Scalar<std::string>(name));
    return RunOp("InitializeTableFromTextFile", ToAttrs({}), &context);
  };
  const auto table = NewHashTable(DT_STRING, DT_INT64);
  EXPECT_ERROR(initialize(table.get(), path), Code::kNotFound, path);
  EXPECT_ERROR(initialize(table.get(), directory), Code::kFailedPrecondition, directory);
  FILE* const file = std::fopen(path.c_str(), "w");
  std::fputs("a\nb\n", file);
  std::fclose(file);
  EXPECT_OK(initialize(table.get(), path));
  EXPECT_EQ(Size(table.get()), 2);
  std::remove(path.c_str());
  rmdir(directory);
}

// TensorFlow 2.21.0 keeps the table, whatever is in the other file.
TEST(TextFile, InitializedAgain) {
  const auto table = NewHashTable(DT_STRING, DT_INT64);
  ASSERT_OK(InitializeFrom(table.get(), "a\nb\nc\n"));
  EXPECT_OK(InitializeFrom(table.get(), "a\nb\nc\n"));
  EXPECT_OK(InitializeFrom(table.get(), "x\ny\n"));
  EXPECT_OK(InitializeFrom(table.get(), "x\n\nz\n"));
  EXPECT_OK(InitializeFrom(table.get(), "x\n", {-2, -1, 3}));
  EXPECT_ERROR(InitializeFrom(table.get(), ""), Code::kOutOfRange, "empty");
  EXPECT_EQ(Entries(table.get()), (Map{{"a", "0"}, {"b", "1"}, {"c", "2"}}));
}

TEST(TextFile, LongLinesAcrossBlocks) {
  // Lines around the block sizes of 64 KB and 2 MB and the piece size, and one of several blocks.
  std::string text;
  std::vector<std::string> lines;
  for (size_t size :
       {(1u << 16) - 1, 1u, 1u << 17, 1u << 21, (1u << 21) - 1, 1u, (1u << 21) + 1, 9u << 20, 3u}) {
    lines.push_back(std::string(size, static_cast<char>('a' + lines.size())));
    text += lines.back() + "\r\n";
  }
  const auto table = NewHashTable(DT_INT64, DT_STRING);
  ASSERT_OK(InitializeFrom(table.get(), text, {-1, -2}));
  EXPECT_EQ(
      Find(table.get(), Vector<int64_t>({0, 1, 2, 3, 4, 5, 6, 7, 8}), Scalar<std::string>("")),
      Vector<std::string>(lines));
}

TEST(TextFile, ManyLines) {
  constexpr int64_t kLines = 300000;
  std::string text;
  for (int64_t i = 0; i < kLines; ++i) text += "word" + std::to_string(i) + "\n";
  for (const char* end : {"\n", ""}) {
    if (*end == 0) text.pop_back();
    const auto table = NewHashTable(DT_STRING, DT_INT64);
    FakeContext context;
    context.AddFile("/file", text).InputTable(table.get()).Input(Scalar<std::string>("/file"));
    context.Parallel(1, 2);
    ASSERT_OK(RunOp("InitializeTableFromTextFileV2", ToAttrs({}), &context));
    EXPECT_EQ(context.messages(), Strings());
    EXPECT_EQ(Size(table.get()), kLines);
    EXPECT_EQ(Find(table.get(), Vector<std::string>({"word0", "word299999", "word123456", "word"}),
                   Scalar<int64_t>(-1)),
              Vector<int64_t>({0, 299999, 123456, -1}));
  }
}

TEST(TextFile, RandomBytesNeverCrash) {
  Random random(1);
  const char alphabet[] = {'\n', '\r', '\t', ' ', '1', '-', '.', 'e', '\0', '\xff', 'x', '9'};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint64_t n = random.Next(40); n > 0; --n) text += alphabet[random.Next(sizeof(alphabet))];
    const DataType types[] = {DT_INT64, DT_STRING, DT_INT32};
    const DataType values[] = {DT_INT64, DT_STRING, DT_FLOAT, DT_DOUBLE, DT_INT8, DT_HALF};
    const Options options = {
        static_cast<int64_t>(random.Next(4)) - 2, static_cast<int64_t>(random.Next(4)) - 2,
        static_cast<int64_t>(random.Next(4)) - 1, "\t", static_cast<int64_t>(random.Next(3)) - 1};
    const auto table = NewHashTable(types[random.Next(3)], values[random.Next(6)]);
    const Status status = InitializeFrom(table.get(), text, options);
    EXPECT_EQ(status.ok(), Size(table.get()) > 0);
  }
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
