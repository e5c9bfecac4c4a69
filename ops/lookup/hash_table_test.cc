#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

using Map = std::multimap<std::string, std::string>;

std::unique_ptr<Table> Words() { return NewHashTable(DT_STRING, DT_INT64); }
TestTensor W(const Strings& words) { return Vector<std::string>(words); }
TestTensor N(const Ints& numbers) { return Vector<int64_t>(numbers); }
TestTensor One(int64_t number) { return Scalar<int64_t>(number); }

TEST(HashTable, BeforeInitialization) {
  const auto table = Words();
  EXPECT_EQ(Size(table.get()), 0);
  EXPECT_ERROR(FindStatus(table.get(), W({"a"}), One(-1)), Code::kFailedPrecondition,
               "Table not initialized");
  EXPECT_ERROR(FindStatus(table.get(), W({}), One(-1)), Code::kFailedPrecondition,
               "Table not initialized");
  TestTensor keys, values;
  EXPECT_ERROR(Export(table.get(), DT_STRING, DT_INT64, &keys, &values), Code::kAborted,
               "not initialized");
  EXPECT_ERROR(Insert(table.get(), W({"a"}), N({1})), Code::kUnimplemented, "Insert");
  EXPECT_ERROR(Remove(table.get(), W({"a"})), Code::kUnimplemented, "Remove");
}

TEST(HashTable, FindsWhatItWasInitializedWith) {
  const auto table = Words();
  ASSERT_OK(Initialize(table.get(), W({"a", "b", "", std::string("a\0b", 3)}), N({1, 2, 3, 4})));
  EXPECT_EQ(Size(table.get()), 4);
  EXPECT_EQ(
      Find(table.get(),
           TestTensor({2, 3}, Strings{"a", "z", "b", "", std::string("a\0b", 3), "aa"}), One(-1)),
      TestTensor({2, 3}, Ints{1, -1, 2, 3, 4, -1}));
  EXPECT_EQ(Find(table.get(), Scalar<std::string>("b"), One(-1)), One(2));
  EXPECT_EQ(Find(table.get(), TestTensor(DT_STRING, {0, 3}), One(-1)),
            TestTensor(DT_INT64, {0, 3}));
  EXPECT_GT(table->memory_used(), 0);
}

// As TensorFlow's table takes it: a default per key is allowed, but only the first counts.
TEST(HashTable, Defaults) {
  const auto table = Words();
  ASSERT_OK(Initialize(table.get(), W({"a"}), N({1})));
  EXPECT_EQ(Find(table.get(), W({"a", "y", "z"}), N({-1, -2, -3})), N({1, -1, -1}));
  EXPECT_EQ(Find(table.get(), W({"z"}), N({-1})), N({-1}));
  EXPECT_ERROR(FindStatus(table.get(), W({"y", "z"}), N({-1})), Code::kInvalidArgument,
               "Expected shape [] or [2] for default value, got [1]");
  EXPECT_ERROR(FindStatus(table.get(), W({"y", "z"}), N({})), Code::kInvalidArgument, "got [0]");
  EXPECT_ERROR(FindStatus(table.get(), W({}), N({1})), Code::kInvalidArgument, "got [1]");
}

TEST(HashTable, RefusesWrongTypesAndShapes) {
  const auto table = Words();
  EXPECT_ERROR(Initialize(table.get(), W({"a", "b"}), N({1})), Code::kInvalidArgument, "2 vs 1");
  EXPECT_ERROR(Initialize(table.get(), TestTensor({1, 1}, Strings{"a"}), N({1})),
               Code::kInvalidArgument, "Keys must be a vector");
  EXPECT_ERROR(Initialize(table.get(), Scalar<std::string>("a"), One(1)), Code::kInvalidArgument,
               "Keys must be a vector");
  EXPECT_ERROR(Initialize(table.get(), N({1}), N({1})), Code::kInvalidArgument,
               "Signature mismatch");
  EXPECT_ERROR(Initialize(table.get(), W({"a"}), Vector<int32_t>({1})), Code::kInvalidArgument,
               "Signature mismatch");
  EXPECT_ERROR(Initialize(table.get(), W({}), N({})), Code::kInvalidArgument, "empty");
  EXPECT_EQ(Size(table.get()), 0);
  ASSERT_OK(Initialize(table.get(), W({"a"}), N({1})));
  EXPECT_ERROR(FindStatus(table.get(), N({1}), One(1)), Code::kInvalidArgument,
               "have: keys int64, values int64 expected: keys string, values int64");
  EXPECT_ERROR(FindStatus(table.get(), W({"a"}), Scalar<float>(1)), Code::kInvalidArgument,
               "Signature mismatch");
  EXPECT_ERROR(Remove(table.get(), N({1})), Code::kInvalidArgument, "Signature mismatch");
  EXPECT_ERROR(Insert(table.get(), W({"a", "b"}), N({1})), Code::kInvalidArgument,
               "Expected shape [2] for value, got [1]");
  TestTensor keys, values;
  EXPECT_ERROR(Export(table.get(), DT_INT64, DT_INT64, &keys, &values), Code::kInvalidArgument,
               "have: keys int64, values int64 expected: keys string, values int64");
  EXPECT_ERROR(Export(table.get(), DT_STRING, DT_FLOAT, &keys, &values), Code::kInvalidArgument,
               "Signature mismatch");
  // Exported by an op of the runtime's own, which does not check.
  FakeContext context;
  context.output_dtypes = {DT_STRING, DT_FLOAT};
  EXPECT_ERROR(table->Export(&context), Code::kInvalidArgument,
               "the table's values are int64, but the output is float");
}

TEST(HashTable, InitializedAgainComparesOnlyTheSize) {
  const auto table = Words();
  ASSERT_OK(Initialize(table.get(), W({"a", "b"}), N({1, 2})));
  ASSERT_OK(Initialize(table.get(), W({"a", "b"}), N({1, 2})));
  ASSERT_OK(Initialize(table.get(), W({"x", "y"}), N({5, 6})));
  EXPECT_ERROR(Initialize(table.get(), W({"a"}), N({1})), Code::kFailedPrecondition,
               "already initialized");
  EXPECT_ERROR(Initialize(table.get(), W({"a", "b", "b"}), N({1, 2, 2})), Code::kFailedPrecondition,
               "already initialized");
  EXPECT_ERROR(Initialize(table.get(), W({}), N({})), Code::kInvalidArgument, "empty");
  EXPECT_EQ(Entries(table.get()), (Map{{"a", "1"}, {"b", "2"}}));
}

TEST(HashTable, DuplicateKeys) {
  const auto table = Words();
  EXPECT_ERROR(Initialize(table.get(), W({"a", "b", "a"}), N({1, 2, 3})), Code::kFailedPrecondition,
               "Key a has 1 and trying to add value 3");
  EXPECT_ERROR(FindStatus(table.get(), W({"a"}), One(-1)), Code::kFailedPrecondition,
               "not initialized");
  ASSERT_OK(Initialize(table.get(), W({"a", "b", "a"}), N({1, 2, 1})));
  EXPECT_EQ(Size(table.get()), 2);

  const auto strings = NewHashTable(DT_INT64, DT_STRING);
  EXPECT_ERROR(Initialize(strings.get(), N({1, 1}), W({"x", "y"})), Code::kFailedPrecondition,
               "Key 1 has x and trying to add value y");
  ASSERT_OK(Initialize(strings.get(), N({1, 1}), W({"x", "x"})));
}

TEST(HashTable, MessagesAreUtf8WhateverTheKeysAre) {
  std::string accents;
  for (int i = 0; i < 60; ++i) accents += "\xc3\xa9";
  const auto message = [](const std::string& key) {
    const Status status = Initialize(Words().get(), W({key, key}), N({1, 2}));
    EXPECT_EQ(status.code(), Code::kFailedPrecondition);
    return std::string(status.message());
  };
  EXPECT_NE(message(accents).find("Key " + accents.substr(0, 100) + "... (120 bytes) has 1"),
            std::string::npos);
  EXPECT_NE(message("x" + accents).find("x" + accents.substr(0, 100) + "... (121 bytes)"),
            std::string::npos);
  EXPECT_NE(message(std::string("a\0\xff\xc3", 4)).find("Key a\\x00\\xff\\xc3 has 1"),
            std::string::npos);
  EXPECT_NE(message("\xed\xa0\x80\xe2\x82\xac").find("\\xed\\xa0\\x80\xe2\x82\xac has"),
            std::string::npos);
}

TEST(HashTable, NoNanEqualsAnother) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (DataType dtype : {DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16}) {
    TestTensor values = dtype == DT_FLOAT    ? Vector<float>({nan, nan})
                        : dtype == DT_DOUBLE ? Vector<double>({nan, nan})
                        : dtype == DT_HALF   ? Vector<Half>({ToHalf(nan), ToHalf(nan)})
                                             : Vector<BFloat16>({ToBFloat16(nan), ToBFloat16(nan)});
    EXPECT_ERROR(Initialize(NewHashTable(DT_INT64, dtype).get(), N({1, 1}), values),
                 Code::kFailedPrecondition, "different value for same key");
    EXPECT_OK(Initialize(NewHashTable(DT_INT64, dtype).get(), N({1, 2}), values));
  }
  EXPECT_OK(
      Initialize(NewHashTable(DT_INT64, DT_FLOAT).get(), N({1, 1}), Vector<float>({0.0f, -0.0f})));
}

TEST(HashTable, ImportInitializes) {
  const auto table = Words();
  EXPECT_ERROR(Import(table.get(), W({"a", "b"}), N({1})), Code::kInvalidArgument,
               "Expected shape [2] for value, got [1]");
  EXPECT_ERROR(Import(table.get(), W({}), N({})), Code::kInvalidArgument, "empty");
  EXPECT_ERROR(Import(table.get(), W({"a", "a"}), N({1, 2})), Code::kFailedPrecondition,
               "different value for same key");
  ASSERT_OK(
      Import(table.get(), TestTensor({1, 2}, Strings{"a", "b"}), TestTensor({1, 2}, Ints{1, 2})));
  EXPECT_EQ(Size(table.get()), 2);
  EXPECT_ERROR(Import(table.get(), W({"a"}), N({1})), Code::kFailedPrecondition,
               "already initialized");
  ASSERT_OK(Import(table.get(), W({"x", "y"}), N({1, 2})));
  EXPECT_EQ(Entries(table.get()), (Map{{"a", "1"}, {"b", "2"}}));
}

TEST(HashTable, InitializedInSteps) {
  const auto table = Words();
  FakeContext context;
  const TestTensor a = W({"a"}), b = W({"b"}), one = N({1}), two = N({2});
  table->EndInitialize(&context);
  EXPECT_FALSE(table->is_initialized());
  ASSERT_OK(table->BeginInitialize(2));
  ASSERT_OK(table->AddEntries(&context, b.view(), one.view()));
  EXPECT_ERROR(table->AddEntries(&context, b.view(), two.view()), Code::kFailedPrecondition,
               "different value");
  EXPECT_EQ(Size(table.get()), 0);
  // Where the number of entries is not known beforehand, only finding is left to tell.
  ASSERT_OK(table->BeginInitialize(-1));
  ASSERT_OK(table->AddEntries(&context, b.view(), one.view()));
  ASSERT_OK(table->AddEntries(&context, b.view(), two.view()));
  table->EndInitialize(&context);
  EXPECT_FALSE(table->is_initialized());
  EXPECT_ERROR(FindStatus(table.get(), a, One(0)), Code::kFailedPrecondition, "different value");
  ASSERT_OK(table->BeginInitialize(1));
  ASSERT_OK(table->AddEntries(&context, b.view(), one.view()));
  EXPECT_ERROR(table->AddEntries(&context, a.view(), one.view()), Code::kFailedPrecondition,
               "more entries than the 1 announced");
  ASSERT_OK(table->BeginInitialize(int64_t{1} << 62));
  ASSERT_OK(table->AddEntries(&context, a.view(), one.view()));
  EXPECT_ERROR(FindStatus(table.get(), a, One(0)), Code::kFailedPrecondition, "not initialized");
  table->EndInitialize(&context);
  EXPECT_TRUE(table->is_initialized());
  EXPECT_EQ(Entries(table.get()), (Map{{"a", "1"}}));
  EXPECT_ERROR(table->BeginInitialize(1), Code::kFailedPrecondition, "already initialized");
}

TEST(HashTable, EveryPairAndForm) {
  for (const char* op : {"HashTable", "HashTableV2", "AnonymousHashTable"}) {
    const OpDefinition& definition = FindOp(op);
    EXPECT_EQ(definition.num_kernels, 36);
    for (int i = 0; i < definition.num_kernels; ++i) {
      const DataType key = definition.kernels[i].constraints[0].dtype;
      const DataType value = definition.kernels[i].constraints[1].dtype;
      SCOPED_TRACE(std::string(op) + " " + DataTypeName(key) + " " + DataTypeName(value));
      const auto table = NewTable(op, Types(key, value));
      EXPECT_EQ(table->key_dtype(), key);
      EXPECT_EQ(table->value_dtype(), value);
      ASSERT_OK(Initialize(table.get(), Numbers(key, {1, 2, 3}), Numbers(value, {10, 21, 30})));
      EXPECT_EQ(Find(table.get(), Numbers(key, {2, 4, 3}), Numbers(value, Ints{}, {7})),
                Numbers(value, {21, 7, 30}));
      EXPECT_EQ(Find(table.get(), Numbers(key, {5, 4, 1}), Numbers(value, {7, 8, 9})),
                Numbers(value, {7, 7, 10}));
      EXPECT_EQ(Entries(table.get()).size(), 3u);
    }
  }
  std::unique_ptr<Table> none;
  EXPECT_ERROR(NewTable("HashTableV2", Types(DT_FLOAT, DT_INT64), &none), Code::kNotFound, "");
}

TEST(HashTable, RefStringOps) {
  const auto table = NewTable("HashTable", Types(DT_STRING, DT_INT64));
  FakeContext initialize;
  initialize.InputTable(table.get()).Input(W({"a"})).Input(N({1}));
  ASSERT_OK(RunOp("InitializeTable", FakeAttrs(), &initialize));
  FakeContext find;
  find.InputTable(table.get()).Input(W({"a", "b"})).Input(One(-1));
  ASSERT_OK(RunOp("LookupTableFind", FakeAttrs(), &find));
  EXPECT_EQ(find.output(0), N({1, -1}));
  FakeContext no_table;
  no_table.Input(TestTensor(DT_RESOURCE, {})).Input(W({"a"})).Input(One(-1));
  EXPECT_ERROR(RunOp("LookupTableFindV2", FakeAttrs(), &no_table), Code::kNotFound, "");
}

TEST(HashTable, FindInParallel) {
  constexpr int64_t kSize = 20000;
  for (DataType key : {DT_INT32, DT_INT64, DT_STRING}) {
    Ints numbers, expected;
    for (int64_t i = 0; i < kSize; ++i) {
      numbers.push_back(i);
      expected.push_back(i % 2 == 0 ? i : -1);
    }
    Ints even;
    for (int64_t i = 0; i < kSize; i += 2) even.push_back(i);
    const auto table = NewHashTable(key, DT_INT64);
    ASSERT_OK(Initialize(table.get(), Numbers(key, even), N(even)));
    FakeContext context;
    context.Parallel(1, 3).InputTable(table.get()).Input(Numbers(key, numbers));
    context.Input(One(-1));
    ASSERT_OK(RunOp("LookupTableFindV2", FakeAttrs(), &context));
    EXPECT_EQ(context.output(0), N(expected));
  }
}

TEST(HashTable, FindWhileInitializing) {
  for (int round = 0; round < 20; ++round) {
    const auto table = NewHashTable(DT_STRING, DT_INT64);
    Ints numbers;
    for (int64_t i = 0; i < 500; ++i) numbers.push_back(i);
    std::atomic<int> initialized(0);
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        EXPECT_OK(Initialize(table.get(), Numbers(DT_STRING, numbers), N(numbers)));
        ++initialized;
      });
    }
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        while (initialized < 2) {
          TestTensor values;
          const Status status = Find(table.get(), Numbers(DT_STRING, {499, 0}), One(-1), &values);
          if (status.ok()) {
            EXPECT_EQ(values, N({499, 0}));
          } else {
            EXPECT_EQ(status.code(), Code::kFailedPrecondition);
          }
          Size(table.get());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(Size(table.get()), 500);
  }
}

TEST(HashTable, AllocationFailureIsAStatus) {
  const auto table = Words();
  ASSERT_OK(Initialize(table.get(), W({"a", "b"}), N({1, 2})));
  FakeContext find;
  find.AllocationLimit(1).InputTable(table.get()).Input(W({"a", "b"})).Input(One(0));
  EXPECT_ERROR(RunOp("LookupTableFindV2", FakeAttrs(), &find), Code::kResourceExhausted, "OOM");
  FakeContext exports;
  exports.AllocationLimit(1).InputTable(table.get());
  EXPECT_ERROR(RunOp("LookupTableExportV2",
                     FakeAttrs().Type("Tkeys", DT_STRING).Type("Tvalues", DT_INT64), &exports),
               Code::kResourceExhausted, "OOM");
  EXPECT_EQ(Size(table.get()), 2);
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
