// TextFileIterator against a slow and simple parser.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "ops/lookup/column.h"
#include "ops/lookup/number.h"
#include "ops/lookup/testing.h"
#include "ops/lookup/text_file.h"

namespace opgraft {
namespace testing {
namespace {

/// Entries as the bytes of their elements, and the error that comes after them.
struct Parsed {
  std::vector<std::pair<std::string, std::string>> entries;
  Status status;
};

Parsed ParseFast(FakeContext* context, const TextFileOptions& options, DataType key, DataType value,
                 const TextFileTuning& tuning) {
  const auto bytes = [](const TensorView& tensor, int64_t i) {
    if (tensor.dtype == DT_STRING) {
      const StringView text = tensor.flat<StringView>()[i];
      return std::string(text.data, text.size);
    }
    const size_t size = DataTypeSize(tensor.dtype);
    return std::string(tensor.flat<char>() + i * size, size);
  };
  Parsed parsed;
  TextFileIterator iterator({"/file", 5}, options, key, value, tuning);
  parsed.status = iterator.Open(context);
  for (bool done = false; parsed.status.ok();) {
    TensorView keys, values;
    parsed.status = iterator.Next(context, &done, &keys, &values);
    if (!parsed.status.ok() || done) break;
    EXPECT_GT(keys.count, 0);
    EXPECT_EQ(keys.count, values.count);
    for (int64_t i = 0; i < keys.count; ++i) {
      parsed.entries.emplace_back(bytes(keys, i), bytes(values, i));
    }
  }
  return parsed;
}

/// The specification, one line at a time.
Parsed ParseSlowly(const std::string& text, const TextFileOptions& options, DataType key,
                   DataType value) {
  Parsed parsed;
  long long number = 0;
  const auto element = [&](int64_t index, DataType dtype, const std::string& line,
                           const Strings& columns) {
    const std::string part = index < 0 ? line : columns[index];
    int64_t line_number = number + options.offset;
    std::string bytes(8, 0);
    if (index == -1) return std::string(reinterpret_cast<char*>(&line_number), 8);
    if (dtype == DT_STRING) return part;
    if (!ParseNumber({part.data(), part.size()}, dtype, &bytes[0]) && parsed.status.ok()) {
      parsed.status = InvalidArgument("Field %s in line %lld of /file is not a valid %s.",
                                      ElementText({part.data(), part.size()}).c_str(), number,
                                      DataTypeName(dtype));
    }
    bytes.resize(DataTypeSize(dtype));
    return bytes;
  };
  for (size_t begin = 0; begin < text.size() && number != options.vocab_size; ++number) {
    const size_t newline = text.find('\n', begin);
    std::string line = text.substr(begin, newline - begin);
    begin = newline == std::string::npos ? text.size() : newline + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() && newline == std::string::npos) break;
    Strings columns(1);
    for (char c : line) {
      if (c != options.delimiter) {
        columns.back() += c;
      } else {
        columns.emplace_back();
      }
    }
    const int64_t last = std::max(options.key_index, options.value_index);
    if (line.empty()) {
      parsed.status =
          InvalidArgument("Invalid content in /file: empty line found at line %lld", number);
    } else if (last >= static_cast<int64_t>(columns.size())) {
      parsed.status = InvalidArgument(
          "Invalid number of columns in /file line %lld (%s) : expected at least %lld got %zu",
          number, ElementText({line.data(), line.size()}).c_str(), static_cast<long long>(last + 1),
          columns.size());
    } else {
      const std::string key_bytes = element(options.key_index, key, line, columns);
      const std::string value_bytes = element(options.value_index, value, line, columns);
      if (parsed.status.ok()) parsed.entries.emplace_back(key_bytes, value_bytes);
    }
    if (!parsed.status.ok()) return parsed;
  }
  if (options.vocab_size == 0) {
    parsed.status = Error(Code::kOutOfRange, "Finished reading 0 of lines from /file");
  } else if (options.vocab_size < 0 && number == 0) {
    parsed.status =
        Error(Code::kOutOfRange, "/file is empty: there is nothing to initialize a table with");
  } else if (options.vocab_size >= 0 && number < options.vocab_size) {
    parsed.status = InvalidArgument("Invalid vocab_size in /file: expected %lld but got %lld",
                                    static_cast<long long>(options.vocab_size), number);
  }
  return parsed;
}

std::string RandomText(Random* random) {
  const char kGood[] = "0123456789";
  const char kAny[] = {'\t', '\t', '\r', '\n', ' ', '\0', 'x', '\xff', '-', '7'};
  const uint64_t bad = random->Next(3) == 0 ? 8 : 1000;  // one character of so many
  std::string text;
  for (uint64_t lines = random->Next(30); lines > 0; --lines) {
    for (uint64_t columns = 1 + random->Next(3); columns > 0; --columns) {
      for (uint64_t n = 1 + random->Next(random->Next(8) == 0 ? 25 : 3); n > 0; --n) {
        text += random->Next(bad) == 0 ? kAny[random->Next(sizeof(kAny))] : kGood[random->Next(10)];
      }
      if (columns > 1) text += '\t';
    }
    text += random->Next(4) == 0 ? "\r\n" : "\n";
  }
  if (random->Next(3) == 0 && !text.empty()) text.pop_back();
  return text;
}

/// Small blocks and pieces, so that their ends are everywhere in lines.
void ExpectSame(uint64_t seed, int rounds, int threads) {
  Random random(seed);
  const DataType types[] = {DT_STRING, DT_INT64, DT_INT32, DT_UINT8};
  int good = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string text = RandomText(&random);
    TextFileOptions options;
    options.key_index = static_cast<int64_t>(random.Next(4)) - 2;
    options.value_index = static_cast<int64_t>(random.Next(4)) - 2;
    if (random.Next(2) == 0) options.vocab_size = random.Next(30);
    options.offset = static_cast<int64_t>(random.Next(3)) - 1;
    const DataType key = options.key_index == -1 ? DT_INT64 : types[random.Next(3)];
    const DataType value = options.value_index == -1 ? DT_INT64 : types[random.Next(4)];
    TextFileTuning tuning;
    tuning.first_block = 1 + random.Next(30);
    tuning.block = tuning.first_block + random.Next(100);
    tuning.piece = 1 + random.Next(40);
    FakeContext context;
    context.AddFile("/file", text).Parallel(threads == 0 ? 0 : 1, threads);
    const Parsed fast = ParseFast(&context, options, key, value, tuning);
    const Parsed slow = ParseSlowly(text, options, key, value);
    const std::string what = "round " + std::to_string(round) + ":\n" + text;
    ASSERT_EQ(fast.entries, slow.entries) << what;
    ASSERT_EQ(fast.status.code(), slow.status.code()) << fast.status << " " << what;
    ASSERT_STREQ(fast.status.message(), slow.status.message()) << what;
    good += slow.status.ok() && !slow.entries.empty();
  }
  EXPECT_GT(good, rounds / 10);
  EXPECT_LT(good, rounds * 9 / 10);
}

TEST(TextFileIterator, RandomFilesInSmallBlocks) { ExpectSame(1, 20000, 0); }
TEST(TextFileIterator, RandomFilesInParallel) { ExpectSame(2, 500, 2); }

TEST(TextFileIterator, ALineThatNeverEndsTakesLinearTime) {
  // 8 MB in one line, read by the byte at first: too slow to wait for if each read moved it all.
  FakeContext context;
  context.AddFile("/file", std::string(8 << 20, 'x'));
  TextFileTuning tuning;
  tuning.first_block = tuning.block = tuning.piece = 1;
  TextFileOptions options;
  options.key_index = -2;
  options.value_index = -1;
  const Parsed parsed = ParseFast(&context, options, DT_STRING, DT_INT64, tuning);
  EXPECT_TRUE(parsed.status.ok()) << parsed.status;
  ASSERT_EQ(parsed.entries.size(), 1u);
  EXPECT_EQ(parsed.entries[0].first.size(), 8u << 20);
}

TEST(TextFileIterator, LongLoadsAreLogged) {
  std::string text;
  for (int line = 0; line < 800; ++line) text += std::string(1023, 'x') + "\n";
  FakeContext context;
  context.AddFile("/file", text);
  TextFileOptions options;
  options.key_index = -2;
  options.value_index = -1;
  TextFileTuning tuning;
  tuning.first_block = tuning.block = 2 << 20;
  tuning.piece = 100 << 10;  // 100 lines
  static double clock;
  clock = 1000;
  tuning.now = [] { return clock += 4; };  // once per piece
  EXPECT_OK(ParseFast(&context, options, DT_STRING, DT_INT64, tuning).status);
  EXPECT_EQ(context.messages(),
            (Strings{"opgraft: /file: 200 lines so far, 0 MB read, 16 lines per second",
                     "opgraft: /file: 500 lines so far, 0 MB read, 20 lines per second",
                     "opgraft: /file: 800 lines so far, 0 MB read, 22 lines per second"}));
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
