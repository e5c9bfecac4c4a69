// What the tests of the lookup ops share: the ops as functions.
#ifndef OPGRAFT_OPS_LOOKUP_TESTING_H_
#define OPGRAFT_OPS_LOOKUP_TESTING_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ops/kernel/half.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace testing {

using Strings = std::vector<std::string>;
using Ints = std::vector<int64_t>;

/// Numbers as a tensor of any type: strings are "s1", bools are odd.
inline TestTensor Numbers(DataType dtype, const std::vector<int64_t>& dims, const Ints& numbers) {
  const auto as = [&](auto convert) {
    std::vector<decltype(convert(int64_t{}))> values;
    for (int64_t number : numbers) values.push_back(convert(number));
    return TestTensor(dims, values);
  };
  switch (dtype) {
    case DT_BOOL:
      return as([](int64_t n) { return n % 2 != 0; });
    case DT_INT8:
      return as([](int64_t n) { return static_cast<int8_t>(n); });
    case DT_UINT8:
      return as([](int64_t n) { return static_cast<uint8_t>(n); });
    case DT_INT16:
      return as([](int64_t n) { return static_cast<int16_t>(n); });
    case DT_UINT16:
      return as([](int64_t n) { return static_cast<uint16_t>(n); });
    case DT_INT32:
      return as([](int64_t n) { return static_cast<int32_t>(n); });
    case DT_INT64:
      return as([](int64_t n) { return n; });
    case DT_HALF:
      return as([](int64_t n) { return ToHalf(static_cast<float>(n)); });
    case DT_BFLOAT16:
      return as([](int64_t n) { return ToBFloat16(static_cast<float>(n)); });
    case DT_FLOAT:
      return as([](int64_t n) { return static_cast<float>(n); });
    case DT_DOUBLE:
      return as([](int64_t n) { return static_cast<double>(n); });
    case DT_STRING:
      return as([](int64_t n) { return "s" + std::to_string(n); });
    default:
      return TestTensor::Objects(dtype, dims, numbers);
  }
}
inline TestTensor Numbers(DataType dtype, const Ints& numbers) {
  return Numbers(dtype, {static_cast<int64_t>(numbers.size())}, numbers);
}

inline FakeAttrs Types(DataType key, DataType value) {
  return FakeAttrs().Type("key_dtype", key).Type("value_dtype", value);
}

inline Status NewTable(const std::string& op, const FakeAttrs& attrs,
                       std::unique_ptr<Table>* table) {
  FakeContext context;
  return MakeTable(op, attrs, &context, table);
}

/// A table that does not need inputs; null (and a failed test) if it cannot be made.
inline std::unique_ptr<Table> NewTable(const std::string& op, const FakeAttrs& attrs) {
  std::unique_ptr<Table> table;
  EXPECT_OK(NewTable(op, attrs, &table));
  return table;
}

inline std::unique_ptr<Table> NewHashTable(DataType key, DataType value) {
  return NewTable("HashTableV2", Types(key, value));
}
inline std::unique_ptr<Table> NewMutable(DataType key, DataType value) {
  return NewTable("MutableHashTableV2", Types(key, value));
}

inline Status Find(Table* table, const TestTensor& keys, const TestTensor& default_value,
                   TestTensor* values) {
  FakeContext context;
  context.InputTable(table).Input(keys).Input(default_value);
  OPGRAFT_RETURN_IF_ERROR(RunOp("LookupTableFindV2", FakeAttrs(), &context));
  *values = context.output(0);
  return Status();
}
/// DT_INVALID (and a failed test) if it fails.
inline TestTensor Find(Table* table, const TestTensor& keys, const TestTensor& default_value) {
  TestTensor values;
  EXPECT_OK(Find(table, keys, default_value, &values));
  return values;
}
inline Status FindStatus(Table* table, const TestTensor& keys, const TestTensor& default_value) {
  TestTensor values;
  return Find(table, keys, default_value, &values);
}

inline Status RunOnTable(const std::string& op, Table* table, const TestTensor& keys,
                         const TestTensor& values) {
  FakeContext context;
  context.InputTable(table).Input(keys).Input(values);
  return RunOp(op, FakeAttrs(), &context);
}
inline Status Insert(Table* table, const TestTensor& keys, const TestTensor& values) {
  return RunOnTable("LookupTableInsertV2", table, keys, values);
}
inline Status Import(Table* table, const TestTensor& keys, const TestTensor& values) {
  return RunOnTable("LookupTableImportV2", table, keys, values);
}
inline Status Initialize(Table* table, const TestTensor& keys, const TestTensor& values) {
  return RunOnTable("InitializeTableV2", table, keys, values);
}
inline Status Remove(Table* table, const TestTensor& keys) {
  FakeContext context;
  context.InputTable(table).Input(keys);
  return RunOp("LookupTableRemoveV2", FakeAttrs(), &context);
}
inline int64_t Size(Table* table) {
  FakeContext context;
  context.InputTable(table);
  EXPECT_OK(RunOp("LookupTableSizeV2", FakeAttrs(), &context));
  return context.output(0).values<int64_t>()[0];
}

inline Status Export(Table* table, DataType key, DataType value, TestTensor* keys,
                     TestTensor* values) {
  FakeContext context;
  context.InputTable(table);
  OPGRAFT_RETURN_IF_ERROR(RunOp("LookupTableExportV2",
                                FakeAttrs().Type("Tkeys", key).Type("Tvalues", value), &context));
  *keys = context.output(0);
  *values = context.output(1);
  return Status();
}

/// The entries of a table with scalar keys and values as texts.
inline std::multimap<std::string, std::string> Entries(Table* table) {
  TestTensor keys, values;
  EXPECT_OK(Export(table, table->key_dtype(), table->value_dtype(), &keys, &values));
  std::multimap<std::string, std::string> entries;
  for (int64_t i = 0; i < keys.count(); ++i) entries.emplace(keys.Text(i), values.Text(i));
  return entries;
}

/// A small generator of the same numbers everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next(uint64_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % limit;
  }

 private:
  uint64_t state_;
};

}  // namespace testing
}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_TESTING_H_
