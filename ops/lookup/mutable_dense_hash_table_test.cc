// Exports are compared with those of stock TensorFlow 2.21.0: every bucket where it has it.
#include <gtest/gtest.h>

#include <map>

#include "ops/lookup/dense_testing.h"

namespace opgraft {
namespace testing {
namespace {

/// Buckets in use, of a table of strings.
std::map<int64_t, Strings> StringBuckets(Table* table) {
  TestTensor k, v;
  EXPECT_OK(Export(table, DT_STRING, DT_INT64, &k, &v));
  const int64_t width = k.dims()[1];
  std::map<int64_t, Strings> buckets;
  for (int64_t i = 0; i < k.dims()[0]; ++i) {
    Strings key;
    for (int64_t j = 0; j < width; ++j) key.push_back(k.Text(i * width + j));
    if (key != Strings(width, "")) buckets[i] = key;
  }
  return buckets;
}

TEST(Dense, FindInsertRemove) {
  const auto table = IntTable();
  EXPECT_EQ(Size(table.get()), 0);
  EXPECT_EQ(Find(table.get(), N({1, 2}), One(9)), N({9, 9}));
  ASSERT_OK(Insert(table.get(), N({1, 2, 1}), N({10, 20, 11})));
  EXPECT_EQ(Size(table.get()), 2);
  Ints values;
  EXPECT_EQ(Buckets(table.get(), &values), (Ints{-1, 1, 2, -1, -1, -1, -1, -1}));
  EXPECT_EQ(values, (Ints{0, 11, 20, 0, 0, 0, 0, 0}));
  ASSERT_OK(Remove(table.get(), N({1, 77})));
  EXPECT_EQ(Size(table.get()), 1);
  EXPECT_EQ(Find(table.get(), N({1, 2}), One(9)), N({9, 20}));
  // TensorFlow's leaves deleted_key and the value in the bucket.
  EXPECT_EQ(Buckets(table.get(), &values), (Ints{-1, -1, 2, -1, -1, -1, -1, -1}));
  EXPECT_EQ(values, (Ints{0, 0, 20, 0, 0, 0, 0, 0}));
  ASSERT_OK(Insert(table.get(), One(100), One(5)));
  ASSERT_OK(Insert(table.get(), TestTensor({1, 1}, Ints{101}), TestTensor({1, 1}, Ints{6})));
  EXPECT_EQ(Find(table.get(), One(100), One(0)), One(5));
  EXPECT_EQ(Find(table.get(), N({}), One(0)), N({}));
  EXPECT_GT(table->memory_used(), 8 * 16);
}

TEST(Dense, SpecialKeysAreRefused) {
  const auto table = IntTable();
  EXPECT_ERROR(FindStatus(table.get(), N({1, -1}), One(0)), Code::kInvalidArgument,
               "Using the empty_key as a table key is not allowed");
  EXPECT_ERROR(FindStatus(table.get(), N({1, -2}), One(0)), Code::kInvalidArgument,
               "Using the deleted_key as a table key is not allowed");
  // What comes before the bad key stays, as in TensorFlow.
  EXPECT_ERROR(Insert(table.get(), N({5, -1, 6}), N({1, 2, 3})), Code::kInvalidArgument,
               "empty_key");
  EXPECT_EQ(Size(table.get()), 1);
  EXPECT_ERROR(Insert(table.get(), N({-2}), N({1})), Code::kInvalidArgument, "deleted_key");
  EXPECT_ERROR(Remove(table.get(), N({-1})), Code::kInvalidArgument, "empty_key");
  EXPECT_ERROR(Remove(table.get(), N({-2})), Code::kInvalidArgument, "deleted_key");
}

TEST(Dense, OnlyTheFirstDefaultCounts) {
  const auto table = IntTable();
  EXPECT_EQ(Find(table.get(), N({1, 2}), N({8, 9})), N({8, 8}));
  EXPECT_ERROR(FindStatus(table.get(), N({1, 2}), N({8})), Code::kInvalidArgument,
               "Expected shape [] or [2] for default value, got [1]");
}

TEST(Dense, PlacesIntegersAsTensorFlowDoes) {
  auto table = IntTable();
  ASSERT_OK(Insert(table.get(), N({1, 9, 17, 25, 33}), N({1, 2, 3, 4, 5})));
  EXPECT_EQ(Buckets(table.get()), (Ints{-1, 1, 9, 33, 17, -1, -1, 25}));
  table = IntTable();
  ASSERT_OK(Insert(table.get(), N({-3, -9}), N({1, 2})));
  EXPECT_EQ(Buckets(table.get()), (Ints{-1, -1, -1, -1, -1, -3, -1, -9}));

  const auto narrow = Dense(Scalar<int32_t>(-1), Scalar<int32_t>(-2), {{}, 8, 0.8f, DT_INT32});
  ASSERT_OK(
      Insert(narrow.get(), Vector<int32_t>({1, -9, -7, 1000}), Vector<int32_t>({1, 2, 3, 4})));
  TestTensor k, v;
  ASSERT_OK(Export(narrow.get(), DT_INT32, DT_INT32, &k, &v));
  EXPECT_EQ(k, TestTensor({8, 1}, std::vector<int32_t>{1000, 1, -7, -1, -1, -1, -1, -9}));
}

TEST(Dense, PlacesStringsAsTensorFlowDoes) {
  const Strings words = {"a",
                         "b",
                         "abc",
                         "hello world",
                         "12345678",
                         "123456789",
                         std::string(31, 'x'),
                         "\u00e9",
                         std::string("\0", 1),
                         "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"};
  const auto table = Dense(Scalar<std::string>(""), Scalar<std::string>("~"), {{}, 64, 0.8f});
  ASSERT_OK(Insert(table.get(), W(words), N({0, 1, 2, 3, 4, 5, 6, 7, 8, 9})));
  EXPECT_EQ(StringBuckets(table.get()), (std::map<int64_t, Strings>{{6, {words[8]}},
                                                                    {10, {"b"}},
                                                                    {11, {"123456789"}},
                                                                    {47, {"hello world"}},
                                                                    {54, {"abc"}},
                                                                    {55, {"12345678"}},
                                                                    {56, {words[9]}},
                                                                    {57, {words[7]}},
                                                                    {58, {words[6]}},
                                                                    {60, {"a"}}}));
}

TEST(Dense, PlacesVectorsAsTensorFlowDoes) {
  const auto words = Dense(W({"", ""}), W({"~", "~"}), {{}, 64, 0.8f});
  ASSERT_OK(
      Insert(words.get(), TestTensor({3, 2}, Strings{"a", "b", "b", "a", "", "x"}), N({1, 2, 3})));
  EXPECT_EQ(StringBuckets(words.get()),
            (std::map<int64_t, Strings>{{21, {"a", "b"}}, {34, {"b", "a"}}, {40, {"", "x"}}}));

  const auto ints = Dense(N({-1, -1, -1}), N({-2, -2, -1}), {{}, 64, 0.8f});
  ASSERT_OK(Insert(ints.get(), TestTensor({3, 3}, Ints{1, 2, 3, 3, 2, 1, -5, 7, int64_t{1} << 40}),
                   N({1, 2, 3})));
  const Ints keys = Buckets(ints.get());
  EXPECT_EQ(Ints(keys.begin() + 56 * 3, keys.begin() + 59 * 3),
            (Ints{1, 2, 3, 3, 2, 1, -5, 7, int64_t{1} << 40}));
}

TEST(Dense, VectorsAsKeysAndValues) {
  const auto table = Dense(N({-1, -1}), N({-2, -2}), {{3}});
  EXPECT_EQ(table->key_rank(), 1);
  EXPECT_EQ(table->key_dims()[0], 2);
  ASSERT_OK(Insert(table.get(), TestTensor({2, 2}, Ints{1, 2, 3, 4}),
                   TestTensor({2, 3}, Ints{1, 2, 3, 4, 5, 6})));
  EXPECT_EQ(Size(table.get()), 2);
  EXPECT_EQ(Find(table.get(), TestTensor({2, 2}, Ints{1, 2, 3, 3}), N({-1, -2, -3})),
            TestTensor({2, 3}, Ints{1, 2, 3, -1, -2, -3}));
  // A part of a special key is no special key.
  EXPECT_OK(FindStatus(table.get(), TestTensor({1, 2}, Ints{-1, 2}), N({-1, -2, -3})));
  EXPECT_ERROR(FindStatus(table.get(), TestTensor({1, 2}, Ints{-1, -1}), N({-1, -2, -3})),
               Code::kInvalidArgument, "empty_key");
  const Ints keys = Buckets(table.get());
  EXPECT_EQ(Ints(keys.begin() + 6, keys.begin() + 8), (Ints{1, 2}));
  EXPECT_EQ(Ints(keys.begin() + 14, keys.begin() + 16), (Ints{3, 4}));
  const TestTensor d = N({-1, -2, -3});
  EXPECT_ERROR(FindStatus(table.get(), N({1, 2}), d), Code::kInvalidArgument,
               "Expected key shape [2,2] got [2]");
  EXPECT_ERROR(FindStatus(table.get(), TestTensor({1, 3}, Ints{1, 2, 3}), d),
               Code::kInvalidArgument, "must end with the table's key shape [2]");
  EXPECT_ERROR(FindStatus(table.get(), One(1), d), Code::kInvalidArgument, "[] must end");
  EXPECT_ERROR(FindStatus(table.get(), TestTensor({1, 2, 2}, Ints{1, 2, 1, 2}), d),
               Code::kInvalidArgument, "Expected key shape [1,2] got [1,2,2]");
  EXPECT_ERROR(FindStatus(table.get(), TestTensor({1, 2}, Ints{1, 2}), N({-1})),
               Code::kInvalidArgument, "Expected shape [3] or [1,3]");
  EXPECT_ERROR(Insert(table.get(), TestTensor({1, 2}, Ints{1, 2}), TestTensor({1, 2}, Ints{1, 2})),
               Code::kInvalidArgument, "Expected shape [1,3] for value, got [1,2]");
  EXPECT_ERROR(Remove(table.get(), N({3, 4})), Code::kInvalidArgument, "Expected key shape");
  ASSERT_OK(Remove(table.get(), TestTensor({1, 2}, Ints{1, 2})));
  EXPECT_EQ(Size(table.get()), 1);
}

TEST(Dense, ScalarKeysOfAMatrixNeedOneColumn) {
  const auto table = IntTable();
  EXPECT_ERROR(FindStatus(table.get(), TestTensor({1, 3}, Ints{1, 2, 3}), One(0)),
               Code::kInvalidArgument, "Expected key shape [1,1] got [1,3]");
}

TEST(Dense, GrowsAsTensorFlowDoes) {
  const auto sizes = [](int64_t buckets, float load, const Ints& steps) {
    const auto table = IntTable(buckets, load);
    Ints counts;
    int64_t next = 0;
    for (int64_t step : steps) {
      Ints keys;
      if (step == 0) keys.assign(10, 0);
      for (int64_t i = 0; i < step; ++i) keys.push_back(next + i);
      for (int64_t i = step; i < 0; ++i) keys.push_back(next + i);
      EXPECT_OK(step < 0 ? Remove(table.get(), N(keys))
                         : Insert(table.get(), N(keys), N(Ints(keys.size()))));
      next += step;
      counts.push_back(static_cast<int64_t>(Buckets(table.get()).size()));
    }
    return counts;
  };
  const Ints steps = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100, 0, 0, 5};
  EXPECT_EQ(sizes(4, 0.8f, steps),
            (Ints{4, 4, 4, 8, 8, 8, 16, 16, 16, 16, 16, 16, 256, 256, 256, 256}));
  EXPECT_EQ(sizes(4, 0.5f, steps),
            (Ints{4, 4, 8, 8, 16, 16, 16, 16, 32, 32, 32, 32, 256, 256, 256, 256}));
  EXPECT_EQ(sizes(4, 0.99f, steps),
            (Ints{4, 4, 4, 8, 8, 8, 8, 16, 16, 16, 16, 16, 128, 128, 128, 128}));
  EXPECT_EQ(sizes(4, 0.8f, {0, 0, 3, 0, 1, -1, 1, -1, 1, -3, 3, -2, -1, 3}),
            (Ints{16, 16, 16, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32}));
  EXPECT_EQ(sizes(4, 0.01f, {1, 1, 1}), (Ints{128, 256, 512}));
}

// Where TensorFlow 2.21.0 inserts a key a second time into the bucket of a removed one, and fails
// with "Internal error" once no bucket is empty any more.
TEST(Dense, RemovedBucketsAreUsedAgain) {
  auto table = IntTable();
  ASSERT_OK(Insert(table.get(), N({1, 9}), N({10, 90})));
  ASSERT_OK(Remove(table.get(), N({1})));
  ASSERT_OK(Insert(table.get(), N({9}), N({91})));
  EXPECT_EQ(Size(table.get()), 1);
  ASSERT_OK(Remove(table.get(), N({9})));
  EXPECT_EQ(Find(table.get(), N({9}), One(0)), N({0}));
  EXPECT_EQ(Size(table.get()), 0);

  table = IntTable(4);
  for (int64_t i = 0; i < 100; ++i) {
    ASSERT_OK(Insert(table.get(), N({i}), N({i})));
    ASSERT_OK(Remove(table.get(), N({i})));
    EXPECT_EQ(Find(table.get(), N({i, i + 4}), One(-1)), N({-1, -1}));
  }
  EXPECT_EQ(Buckets(table.get()).size(), 4u);
  // Also when nothing was inserted since the last empty bucket went.
  table = IntTable(4, 0.99f);
  ASSERT_OK(Insert(table.get(), N({0, 1, 2}), N({0, 1, 2})));
  ASSERT_OK(Remove(table.get(), N({0, 1, 2})));
  ASSERT_OK(Insert(table.get(), N({3}), N({3})));
  EXPECT_EQ(Find(table.get(), N({0, 3, 7}), One(-1)), N({-1, 3, -1}));
}

TEST(Dense, ImportTakesAnExport) {
  const auto table = IntTable();
  ASSERT_OK(Insert(table.get(), N({1, 9, 25}), N({10, 90, 250})));
  ASSERT_OK(Remove(table.get(), N({9})));
  TestTensor k, v;
  ASSERT_OK(Export(table.get(), DT_INT64, DT_INT64, &k, &v));
  EXPECT_EQ(k.dims(), (Ints{8, 1}));
  EXPECT_EQ(v.dims(), (Ints{8, 1}));
  const auto other = IntTable(16);
  ASSERT_OK(Insert(other.get(), N({3}), N({4})));
  ASSERT_OK(Import(other.get(), k, v));
  EXPECT_EQ(Size(other.get()), 2);
  EXPECT_EQ(Find(other.get(), N({1, 9, 25, 3}), One(-1)), N({10, -1, 250, -1}));
  EXPECT_EQ(Buckets(other.get()).size(), 8u);
  // A number of buckets that is no power of 2, and one that is too full.
  ASSERT_OK(
      Import(other.get(), TestTensor({3, 1}, Ints{5, 6, 7}), TestTensor({3, 1}, Ints{5, 6, 7})));
  EXPECT_EQ(Find(other.get(), N({5, 6, 7, 8}), One(-1)), N({5, 6, 7, -1}));
  ASSERT_OK(Insert(other.get(), N({8, 9}), N({8, 9})));
  EXPECT_EQ(Size(other.get()), 5);
  ASSERT_OK(Import(other.get(), TestTensor(DT_INT64, {0, 1}), TestTensor(DT_INT64, {0, 1})));
  EXPECT_EQ(Size(other.get()), 0);
  ASSERT_OK(Insert(other.get(), N({8, 9}), N({8, 9})));
  EXPECT_ERROR(Import(other.get(), N({7, 8}), N({1, 2})), Code::kInvalidArgument,
               "Expected shape [2,1] for key, got [2]");
  EXPECT_ERROR(Import(other.get(), One(7), One(7)), Code::kInvalidArgument, "Expected shape [0,1]");
  EXPECT_ERROR(Import(other.get(), TestTensor({2, 1}, Ints{7, 8}), N({1, 2})),
               Code::kInvalidArgument, "Expected shape [2,1] for value, got [2]");
  EXPECT_ERROR(Import(other.get(), W({"a"}), N({1})), Code::kInvalidArgument, "Signature mismatch");
  EXPECT_EQ(Size(other.get()), 2);
}

TEST(Dense, BadParameters) {
  std::unique_ptr<Table> table;
  for (int64_t buckets : Ints{0, 1, 2, 3, 12, -4, INT64_MIN}) {
    EXPECT_ERROR(NewDense(One(-1), One(-2), {{}, buckets}, &table), Code::kInvalidArgument,
                 "at least 4 and a power of 2, got: " + std::to_string(buckets));
  }
  EXPECT_ERROR(NewDense(One(-1), One(-2), {{}, int64_t{1} << 62}, &table), Code::kResourceExhausted,
               "out of memory");
  for (float load : {0.0f, 1.0f, 1.5f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_ERROR(NewDense(One(-1), One(-2), {{}, 8, load}, &table), Code::kInvalidArgument,
                 "max_load_factor must be between 0 and 1");
  }
  EXPECT_ERROR(NewDense(One(-1), One(-1), {}, &table), Code::kInvalidArgument, "cannot be equal");
  EXPECT_ERROR(NewDense(One(-1), N({-1}), {}, &table), Code::kInvalidArgument,
               "same shape, got shapes: [] and [1]");
  EXPECT_ERROR(NewDense(TestTensor({1, 1}, Ints{1}), TestTensor({1, 1}, Ints{2}), {}, &table),
               Code::kInvalidArgument, "Empty key must be a scalar or a vector");
  EXPECT_ERROR(NewDense(N({}), N({}), {}, &table), Code::kInvalidArgument, "Empty key");
  EXPECT_ERROR(NewDense(One(-1), One(-2), {{2, 2}}, &table), Code::kInvalidArgument,
               "Empty value must be a scalar or a vector, got shape [2,2]");
  EXPECT_ERROR(NewDense(One(-1), One(-2), {{-1}}, &table), Code::kInvalidArgument,
               "not fully defined");
  EXPECT_ERROR(NewDense(One(-1), One(-2), {{INT64_MAX}}, &table), Code::kInvalidArgument,
               "too large");
  EXPECT_ERROR(NewDense(One(-1), One(-2), {{INT64_MAX / 16}}, &table), Code::kResourceExhausted,
               "out of memory");
  EXPECT_OK(NewDense(One(-1), One(-2), {{0}}, &table));
}

// The V1 op of TensorFlow 2.21.0 always fails, as it has no deleted_key; that of 1.1.0 works.
TEST(Dense, RefStringFormHasNoDeletedKey) {
  FakeContext context;
  context.Input(One(-1));
  std::unique_ptr<Table> table;
  ASSERT_OK(MakeTable("MutableDenseHashTable", FakeAttrs().Type("value_dtype", DT_INT64), &context,
                      &table));
  ASSERT_OK(Insert(table.get(), N({-2, 5}), N({1, 2})));
  EXPECT_EQ(Find(table.get(), N({-2, 5, 6}), One(0)), N({1, 2, 0}));
  EXPECT_ERROR(Remove(table.get(), N({5})), Code::kUnimplemented, "deleted_key");
  EXPECT_EQ(Size(table.get()), 2);
}

TEST(Dense, EveryPairAndForm) {
  for (const char* op : {"MutableDenseHashTableV2", "AnonymousMutableDenseHashTable"}) {
    const OpDefinition& definition = FindOp(op);
    EXPECT_EQ(definition.num_kernels, 38);
    for (int i = 0; i < definition.num_kernels; ++i) {
      const DataType key = definition.kernels[i].constraints[0].dtype;
      const DataType value = definition.kernels[i].constraints[1].dtype;
      SCOPED_TRACE(std::string(op) + " " + DataTypeName(key) + " " + DataTypeName(value));
      std::unique_ptr<Table> table;
      ASSERT_OK(NewDense(Numbers(key, Ints{}, {0}), Numbers(key, Ints{}, {99}),
                         {{2}, 4, 0.8f, value}, &table, op));
      ASSERT_OK(Insert(table.get(), Numbers(key, {1, 2, 3}),
                       Numbers(value, {3, 2}, {10, 11, 20, 21, 30, 31})));
      ASSERT_OK(Insert(table.get(), Numbers(key, {3, 4, 5, 6}),
                       Numbers(value, {4, 2}, {32, 33, 40, 41, 50, 51, 60, 61})));
      ASSERT_OK(Remove(table.get(), Numbers(key, {4})));
      EXPECT_EQ(Find(table.get(), Numbers(key, {1, 3, 4, 6}), Numbers(value, {7, 8})),
                Numbers(value, {4, 2}, {10, 11, 32, 33, 7, 8, 60, 61}));
      TestTensor k, v;
      ASSERT_OK(Export(table.get(), key, value, &k, &v));
      EXPECT_EQ(v.dims(), (Ints{16, 2}));
      ASSERT_OK(Import(table.get(), k, v));
      EXPECT_EQ(Size(table.get()), 5);
      EXPECT_EQ(Find(table.get(), Numbers(key, {1, 3, 4, 6}), Numbers(value, {7, 8})),
                Numbers(value, {4, 2}, {10, 11, 32, 33, 7, 8, 60, 61}));
    }
  }
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
