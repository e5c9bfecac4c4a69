// The expectations are the shapes that TensorFlow 2.21.0 infers.
#include <gtest/gtest.h>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

FakeAttrs Table(DataType key = DT_STRING, DataType value = DT_INT64) { return Types(key, value); }

/// Ops on tables of string to int64.
FakeAttrs Op() {
  FakeAttrs attrs;
  for (const char* name : {"Tin", "Tkeys", "Tkey"}) attrs.Type(name, DT_STRING);
  for (const char* name : {"Tout", "Tvalues", "Tval"}) attrs.Type(name, DT_INT64);
  return attrs;
}

/// "outputs" or "!message".
std::string Infer(const std::string& op, const std::vector<std::string>& inputs,
                  const TableInfo* table = nullptr, FakeAttrs attrs = Op()) {
  std::map<int, TableInfo> tables;
  if (table != nullptr) tables[0] = *table;
  std::vector<std::string> outputs;
  const Status status = InferShapes(op, attrs, inputs, &outputs, tables);
  if (!status.ok()) return std::string("!") + status.message();
  std::string text;
  for (const std::string& output : outputs) text += (text.empty() ? "" : " ") + output;
  return text;
}

const TableInfo kScalars = {DT_STRING, "[]", DT_INT64, "[]"};
const TableInfo kVectors = {DT_STRING, "[]", DT_INT64, "[3]"};
const TableInfo kDense = {DT_STRING, "[2]", DT_INT64, "[3]"};

TEST(Shapes, Handles) {
  for (const char* op : {"HashTable", "MutableHashTable"}) {
    EXPECT_EQ(InferShape(op, Table(), {}), "[2]");
  }
  EXPECT_EQ(InferShape("MutableHashTableOfTensors", Table().Shape("value_shape", {3}), {}), "[2]");
  EXPECT_EQ(InferShape("MutableDenseHashTable", Table(), {"[2,2]"}), "[2]");
  for (const char* op : {"HashTableV2", "AnonymousHashTable"}) {
    std::vector<std::string> outputs;
    std::map<int, TableInfo> tables;
    ASSERT_OK(InferShapes(op, Table(), {}, &outputs, {}, &tables));
    EXPECT_EQ(outputs, Strings{"[]"});
    EXPECT_TRUE(tables.empty());
  }
}

TEST(Shapes, WhatIsBehindMutableTables) {
  const auto infer = [](const char* op, const FakeAttrs& attrs, const Strings& inputs) {
    std::vector<std::string> outputs;
    std::map<int, TableInfo> tables;
    EXPECT_OK(InferShapes(op, attrs, inputs, &outputs, {}, &tables));
    EXPECT_EQ(outputs, Strings{"[]"});
    EXPECT_EQ(tables[0].key, DT_STRING);
    EXPECT_EQ(tables[0].value, DT_INT64);
    return tables[0].key_shape + " " + tables[0].value_shape;
  };
  for (const char* op : {"MutableHashTableV2", "AnonymousMutableHashTable"}) {
    EXPECT_EQ(infer(op, Table(), {}), "[] []");
  }
  for (const char* op : {"MutableHashTableOfTensorsV2", "AnonymousMutableHashTableOfTensors"}) {
    EXPECT_EQ(infer(op, Table().Shape("value_shape", {3}), {}), "[] [3]");
    EXPECT_EQ(infer(op, Table().UnknownShape("value_shape"), {}), "[] ?");
  }
  for (const char* op : {"MutableDenseHashTableV2", "AnonymousMutableDenseHashTable"}) {
    const FakeAttrs attrs = Table().Shape("value_shape", {3});
    EXPECT_EQ(infer(op, attrs, {"[]", "[]"}), "[] [3]");
    EXPECT_EQ(infer(op, attrs, {"[2]", "[2]"}), "[2] [3]");
    EXPECT_EQ(infer(op, attrs, {"?", "?"}), "? [3]");
    EXPECT_EQ(InferShape(op, attrs, {"[2,2]", "[2,2]"}),
              "Shape must be at most rank 1 but is rank 2");
  }
}

TEST(Shapes, Find) {
  const char* const op = "LookupTableFindV2";
  EXPECT_EQ(Infer(op, {"[]", "[5]", "[]"}), "?");
  EXPECT_EQ(Infer(op, {"?", "[5]", "[]"}), "?");
  EXPECT_EQ(Infer(op, {"[2]", "[5]", "[]"}), "!Shape must be rank 0 but is rank 1");
  EXPECT_EQ(Infer(op, {"[]", "[]", "[]"}, &kScalars), "[]");
  EXPECT_EQ(Infer(op, {"[]", "[5,?]", "[2,2]"}, &kScalars), "[5,?]");
  EXPECT_EQ(Infer(op, {"[]", "?", "[]"}, &kScalars), "?");
  EXPECT_EQ(Infer(op, {"[]", "[]", "[]"}, &kVectors), "[3]");
  EXPECT_EQ(Infer(op, {"[]", "[?,2]", "[]"}, &kVectors), "[?,2,3]");
  EXPECT_EQ(Infer(op, {"[]", "[5]", "[]"}, &kDense), "[3]");
  EXPECT_EQ(Infer(op, {"[]", "[5,3]", "[]"}, &kDense), "[5,3]");
  EXPECT_EQ(Infer(op, {"[]", "[]", "[]"}, &kDense),
            "!Expected keys of rank 1 at least, but their rank is 0");
  const TableInfo unknown_keys = {DT_STRING, "?", DT_INT64, "[3]"};
  EXPECT_EQ(Infer(op, {"[]", "[5,3]", "[]"}, &unknown_keys), "?");
  const TableInfo unknown_values = {DT_STRING, "[]", DT_INT64, "?"};
  EXPECT_EQ(Infer(op, {"[]", "[5,3]", "[]"}, &unknown_values), "?");
  const TableInfo other = {DT_INT64, "[]", DT_INT64, "[]"};
  EXPECT_EQ(Infer(op, {"[]", "[5]", "[]"}, &other),
            "!Trying to read value with wrong dtype. Expected int64 got string");
  const TableInfo other_values = {DT_STRING, "[]", DT_FLOAT, "[]"};
  EXPECT_EQ(Infer(op, {"[]", "[5]", "[]"}, &other_values),
            "!Trying to read value with wrong dtype. Expected float got int64");
}

TEST(Shapes, FindByString) {
  const char* const op = "LookupTableFind";
  EXPECT_EQ(Infer(op, {"[2]", "[5]", "[]"}), "?");
  EXPECT_EQ(Infer(op, {"?", "[5]", "[3]"}), "?");
  EXPECT_EQ(Infer(op, {"[2]", "[5]", "?"}), "?");
  EXPECT_EQ(Infer(op, {"[2]", "[5]", "[2,2]"}), "!Shape must be at most rank 1 but is rank 2");
  EXPECT_EQ(Infer(op, {"[3]", "[5]", "[]"}), "!Dimensions must be equal, but are 3 and 2");
  EXPECT_EQ(Infer(op, {"[]", "[5]", "[]"}), "!Shape must be rank 1 but is rank 0");
}

TEST(Shapes, ChangesOfATable) {
  EXPECT_EQ(Infer("LookupTableInsertV2", {"[]", "[5,2]", "[3]"}), "");
  EXPECT_EQ(Infer("LookupTableInsertV2", {"[2]", "[5]", "[5]"}),
            "!Shape must be rank 0 but is rank 1");
  EXPECT_EQ(Infer("LookupTableInsert", {"[2]", "[5,2]", "[3]"}), "");
  EXPECT_EQ(Infer("LookupTableInsert", {"[]", "[5]", "[5]"}),
            "!Shape must be rank 1 but is rank 0");
  EXPECT_EQ(Infer("LookupTableImport", {"[2]", "[5,2]", "[3]"}), "");
  EXPECT_EQ(Infer("LookupTableImportV2", {"[]", "[5]", "[5,3]"}), "");
  EXPECT_EQ(Infer("LookupTableImportV2", {"[]", "?", "[5,3]"}), "");
  EXPECT_EQ(Infer("LookupTableImportV2", {"[]", "[5]", "?"}), "");
  EXPECT_EQ(Infer("LookupTableImportV2", {"[]", "[5,2]", "[5]"}),
            "!Shape must be rank 1 but is rank 2");
  EXPECT_EQ(Infer("LookupTableImportV2", {"[]", "?", "[]"}),
            "!Shape must be at least rank 1 but is rank 0");
  EXPECT_EQ(Infer("LookupTableImportV2", {"[]", "[5]", "[3]"}),
            "!Dimensions must be equal, but are 5 and 3");
  EXPECT_EQ(Infer("LookupTableRemoveV2", {"[]", "[5,2]"}), "");
  EXPECT_EQ(Infer("LookupTableRemoveV2", {"[]", "?"}), "");
  EXPECT_EQ(Infer("LookupTableRemoveV2", {"[]", "[]"}),
            "!Shape must be at least rank 1 but is rank 0");
}

TEST(Shapes, SizeAndExport) {
  EXPECT_EQ(Infer("LookupTableSize", {"[2]"}), "[]");
  EXPECT_EQ(Infer("LookupTableSizeV2", {"?"}), "[]");
  EXPECT_EQ(Infer("LookupTableSizeV2", {"[2]"}), "!Shape must be rank 0 but is rank 1");
  EXPECT_EQ(Infer("LookupTableExport", {"[2]"}), "[?] ?");
  EXPECT_EQ(Infer("LookupTableExportV2", {"[]"}, &kVectors), "? ?");
  const TableInfo other = {DT_INT64, "[]", DT_INT64, "[]"};
  EXPECT_EQ(Infer("LookupTableExportV2", {"[]"}, &other),
            "!Trying to read value with wrong dtype. Expected int64 got string");
}

TEST(Shapes, Initializers) {
  for (const char* op : {"InitializeTable", "InitializeTableV2"}) {
    const std::string handle = op == std::string("InitializeTable") ? "[2]" : "[]";
    EXPECT_EQ(Infer(op, {handle, "[5]", "[5]"}), "");
    EXPECT_EQ(Infer(op, {handle, "?", "[5]"}), "");
    EXPECT_EQ(Infer(op, {handle, "[5]", "?"}), "");
    EXPECT_EQ(Infer(op, {handle, "[5,2]", "[5]"}), "!Shape must be rank 1 but is rank 2");
    EXPECT_EQ(Infer(op, {handle, "[5]", "[5,2]"}), "!Shapes must be equal rank, but are 1 and 2");
    EXPECT_EQ(Infer(op, {handle, "[5]", "[3]"}), "!Dimensions must be equal, but are 5 and 3");
    EXPECT_EQ(Infer(op, {"[7]", "[5]", "[5]"}).substr(0, 1), "!");
  }
  for (const char* op : {"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"}) {
    const std::string handle = op == std::string("InitializeTableFromTextFile") ? "[2]" : "[]";
    EXPECT_EQ(Infer(op, {handle, "[]"}), "");
    EXPECT_EQ(Infer(op, {handle, "?"}), "");
    EXPECT_EQ(Infer(op, {handle, "[1]"}), "!Shape must be rank 0 but is rank 1");
  }
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
