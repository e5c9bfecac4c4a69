#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

using Map = std::multimap<std::string, std::string>;

TestTensor W(const Strings& words) { return Vector<std::string>(words); }
TestTensor N(const Ints& numbers) { return Vector<int64_t>(numbers); }
TestTensor One(int64_t number) { return Scalar<int64_t>(number); }

TEST(MutableHashTable, InsertFindRemove) {
  const auto table = NewMutable(DT_STRING, DT_INT64);
  EXPECT_EQ(Size(table.get()), 0);
  EXPECT_EQ(Find(table.get(), W({"a"}), One(-1)), N({-1}));
  ASSERT_OK(Insert(table.get(), W({"a", "a"}), N({1, 2})));
  EXPECT_EQ(Find(table.get(), W({"a"}), One(-1)), N({2}));
  ASSERT_OK(Insert(table.get(), Scalar<std::string>("s"), One(7)));
  ASSERT_OK(
      Insert(table.get(), TestTensor({1, 2}, Strings{"x", ""}), TestTensor({1, 2}, Ints{8, 9})));
  ASSERT_OK(Insert(table.get(), W({}), N({})));
  EXPECT_EQ(Entries(table.get()), (Map{{"a", "2"}, {"s", "7"}, {"x", "8"}, {"", "9"}}));
  ASSERT_OK(Remove(table.get(), W({"a", "a", "none"})));
  ASSERT_OK(Remove(table.get(), Scalar<std::string>("s")));
  ASSERT_OK(Remove(table.get(), TestTensor({1, 1}, Strings{""})));
  EXPECT_EQ(Entries(table.get()), (Map{{"x", "8"}}));
  EXPECT_EQ(Find(table.get(), W({"a", "x"}), N({-1, -2})), N({-1, 8}));
  EXPECT_GT(table->memory_used(), 0);
}

TEST(MutableHashTable, RefusesWrongTypesAndShapes) {
  const auto table = NewMutable(DT_STRING, DT_INT64);
  EXPECT_ERROR(Insert(table.get(), W({"x", "y"}), N({7})), Code::kInvalidArgument,
               "Expected shape [2] for value, got [1]");
  EXPECT_ERROR(Insert(table.get(), W({"x", "y"}), TestTensor({1, 2}, Ints{7, 8})),
               Code::kInvalidArgument, "Expected shape [2] for value, got [1,2]");
  EXPECT_ERROR(Insert(table.get(), N({1}), N({7})), Code::kInvalidArgument, "Signature mismatch");
  EXPECT_ERROR(Remove(table.get(), N({1})), Code::kInvalidArgument, "Signature mismatch");
  EXPECT_ERROR(Import(table.get(), N({1}), N({7})), Code::kInvalidArgument, "Signature mismatch");
  EXPECT_ERROR(Import(table.get(), W({"x", "y"}), N({7})), Code::kInvalidArgument,
               "Expected shape [2] for value, got [1]");
  EXPECT_ERROR(FindStatus(table.get(), Scalar<std::string>("a"), N({-1})), Code::kInvalidArgument,
               "Expected shape [] or [] for default value, got [1]");
  EXPECT_ERROR(Initialize(table.get(), W({"a"}), N({1})), Code::kInvalidArgument,
               "not initializable");
  EXPECT_ERROR(Initialize(table.get(), N({1}), N({1})), Code::kInvalidArgument,
               "not initializable");
  EXPECT_EQ(Size(table.get()), 0);
}

TEST(MutableHashTable, ImportReplaces) {
  const auto table = NewMutable(DT_STRING, DT_INT64);
  ASSERT_OK(Insert(table.get(), W({"a"}), N({1})));
  ASSERT_OK(Import(table.get(), W({"p", "q", "p"}), N({1, 2, 3})));
  EXPECT_EQ(Entries(table.get()), (Map{{"p", "3"}, {"q", "2"}}));
  ASSERT_OK(Import(table.get(), TestTensor({1, 1}, Strings{"z"}), TestTensor({1, 1}, Ints{5})));
  EXPECT_EQ(Entries(table.get()), (Map{{"z", "5"}}));
  ASSERT_OK(Import(table.get(), W({}), N({})));
  EXPECT_EQ(Entries(table.get()), (Map{}));
}

TEST(MutableHashTable, EveryPairAndForm) {
  for (const char* op : {"MutableHashTable", "MutableHashTableV2", "AnonymousMutableHashTable"}) {
    const OpDefinition& definition = FindOp(op);
    EXPECT_EQ(definition.num_kernels, 37);
    for (int i = 0; i < definition.num_kernels; ++i) {
      const DataType key = definition.kernels[i].constraints[0].dtype;
      const DataType value = definition.kernels[i].constraints[1].dtype;
      SCOPED_TRACE(std::string(op) + " " + DataTypeName(key) + " " + DataTypeName(value));
      const auto table = NewTable(op, Types(key, value));
      ASSERT_OK(Insert(table.get(), Numbers(key, {1, 2, 3}), Numbers(value, {10, 21, 30})));
      ASSERT_OK(Insert(table.get(), Numbers(key, {1}), Numbers(value, {11})));
      ASSERT_OK(Remove(table.get(), Numbers(key, {3})));
      EXPECT_EQ(Find(table.get(), Numbers(key, {3, 2, 1}), Numbers(value, {7, 8, 9})),
                Numbers(value, {7, 21, 11}));
      TestTensor k, v;
      ASSERT_OK(Export(table.get(), key, value, &k, &v));
      ASSERT_OK(Insert(table.get(), Numbers(key, {4}), Numbers(value, {40})));
      ASSERT_OK(Import(table.get(), k, v));
      EXPECT_EQ(Find(table.get(), Numbers(key, {4, 2, 1}), Numbers(value, Ints{}, {7})),
                Numbers(value, {7, 21, 11}));
    }
  }
}

TEST(MutableHashTableOfTensors, EveryPairAndForm) {
  for (const char* op : {"MutableHashTableOfTensors", "MutableHashTableOfTensorsV2",
                         "AnonymousMutableHashTableOfTensors"}) {
    const OpDefinition& definition = FindOp(op);
    EXPECT_EQ(definition.num_kernels, 36);
    for (int i = 0; i < definition.num_kernels; ++i) {
      const DataType key = definition.kernels[i].constraints[0].dtype;
      const DataType value = definition.kernels[i].constraints[1].dtype;
      SCOPED_TRACE(std::string(op) + " " + DataTypeName(key) + " " + DataTypeName(value));
      for (int64_t width : {0, 1, 2, 3, 9}) {
        const auto table = NewTable(op, Types(key, value).Shape("value_shape", {width}));
        Ints rows, expected, zeros(width, 5);
        for (int64_t n = 0; n < 2 * width; ++n) rows.push_back(n);
        expected.assign(rows.begin() + width, rows.end());
        expected.insert(expected.end(), width, 5);
        ASSERT_OK(Insert(table.get(), Numbers(key, {1, 2}), Numbers(value, {2, width}, rows)));
        EXPECT_EQ(Find(table.get(), Numbers(key, {2, 3}), Numbers(value, {width}, zeros)),
                  Numbers(value, {2, width}, expected));
        TestTensor k, v;
        ASSERT_OK(Export(table.get(), key, value, &k, &v));
        EXPECT_EQ(v.dims(), (Ints{2, width}));
        ASSERT_OK(Import(table.get(), k, v));
        ASSERT_OK(Remove(table.get(), Numbers(key, {1})));
        EXPECT_EQ(Find(table.get(), Numbers(key, {2, 3}), Numbers(value, {width}, zeros)),
                  Numbers(value, {2, width}, expected));
        EXPECT_EQ(Size(table.get()), 1);
      }
    }
  }
}

TEST(MutableHashTableOfTensors, Shapes) {
  const auto table =
      NewTable("MutableHashTableOfTensorsV2", Types(DT_STRING, DT_INT64).Shape("value_shape", {2}));
  EXPECT_EQ(Find(table.get(), Scalar<std::string>("a"), N({1, 2})), N({1, 2}));
  EXPECT_EQ(Find(table.get(), W({"a", "b"}), TestTensor({2, 2}, Ints{1, 2, 3, 4})),
            TestTensor({2, 2}, Ints{1, 2, 3, 4}));
  for (const TestTensor& bad :
       {One(5), N({5}), N({5, 6, 7}), N({5, 6, 7, 8}), TestTensor({1, 2}, Ints{5, 6})}) {
    EXPECT_ERROR(FindStatus(table.get(), W({"a", "b"}), bad), Code::kInvalidArgument,
                 "Expected shape [2] or [2,2] for default value");
  }
  ASSERT_OK(Insert(table.get(), Scalar<std::string>("c"), N({5, 6})));
  ASSERT_OK(
      Insert(table.get(), TestTensor({1, 1}, Strings{"d"}), TestTensor({1, 1, 2}, Ints{7, 8})));
  EXPECT_EQ(Find(table.get(), TestTensor({1, 2}, Strings{"d", "z"}), N({-1, -2})),
            TestTensor({1, 2, 2}, Ints{7, 8, -1, -2}));
  EXPECT_ERROR(Insert(table.get(), W({"d"}), N({5, 6})), Code::kInvalidArgument,
               "Expected shape [1,2] for value, got [2]");
  EXPECT_ERROR(Insert(table.get(), W({"d"}), TestTensor({1, 3}, Ints{5, 6, 7})),
               Code::kInvalidArgument, "got [1,3]");
  EXPECT_ERROR(Import(table.get(), W({"d"}), TestTensor({2, 2}, Ints{5, 6, 7, 8})),
               Code::kInvalidArgument, "Expected shape [1,2] for value, got [2,2]");
  EXPECT_EQ(Size(table.get()), 2);

  std::unique_ptr<Table> none;
  const auto with_shape = [](const std::vector<int64_t>& shape) {
    return Types(DT_STRING, DT_INT64).Shape("value_shape", shape);
  };
  const char* const op = "MutableHashTableOfTensorsV2";
  EXPECT_ERROR(NewTable(op, with_shape({}), &none), Code::kInvalidArgument,
               "must be a vector, got shape []");
  EXPECT_ERROR(NewTable(op, with_shape({2, 2}), &none), Code::kInvalidArgument, "got shape [2,2]");
  EXPECT_ERROR(NewTable(op, with_shape({-1}), &none), Code::kInvalidArgument, "not fully defined");
  EXPECT_ERROR(NewTable(op, Types(DT_STRING, DT_INT64).UnknownShape("value_shape"), &none),
               Code::kInvalidArgument, "not fully defined");
}

TEST(MutableHashTable, RandomOperationsAgainstAModel) {
  const std::pair<DataType, DataType> pairs[] = {{DT_INT32, DT_INT16},   {DT_INT64, DT_DOUBLE},
                                                 {DT_STRING, DT_INT64},  {DT_INT64, DT_STRING},
                                                 {DT_INT64, DT_VARIANT}, {DT_STRING, DT_STRING}};
  for (const auto& pair : pairs) {
    Random random(7);
    const DataType key = pair.first, value = pair.second;
    const auto table = NewMutable(key, value);
    std::map<int64_t, int64_t> model;
    for (int step = 0; step < 3000; ++step) {
      Ints keys, values;
      for (uint64_t n = random.Next(100); n > 0; --n) {
        keys.push_back(static_cast<int64_t>(random.Next(300)));
        values.push_back(static_cast<int64_t>(random.Next(1000)));
      }
      switch (random.Next(4)) {
        case 0:
          ASSERT_OK(Insert(table.get(), Numbers(key, keys), Numbers(value, values)));
          for (size_t i = 0; i < keys.size(); ++i) model[keys[i]] = values[i];
          break;
        case 1:
          ASSERT_OK(Remove(table.get(), Numbers(key, keys)));
          for (int64_t k : keys) model.erase(k);
          break;
        case 2: {
          Ints expected;
          for (int64_t k : keys) expected.push_back(model.count(k) ? model[k] : 5);
          ASSERT_EQ(Find(table.get(), Numbers(key, keys), Numbers(value, Ints{}, {5})),
                    Numbers(value, expected));
          break;
        }
        default:
          if (random.Next(30) != 0) break;
          ASSERT_OK(Import(table.get(), Numbers(key, keys), Numbers(value, values)));
          model.clear();
          for (size_t i = 0; i < keys.size(); ++i) model[keys[i]] = values[i];
      }
      ASSERT_EQ(Size(table.get()), static_cast<int64_t>(model.size()));
    }
  }
}

TEST(MutableHashTable, ManyKeysAgainstAModel) {
  struct Kind {
    DataType key, value;
    int64_t width;  // 0: scalars
  };
  const Kind kinds[] = {{DT_INT64, DT_INT64, 0},   {DT_INT32, DT_FLOAT, 0},
                        {DT_STRING, DT_INT64, 0},  {DT_INT64, DT_FLOAT, 3},
                        {DT_STRING, DT_STRING, 0}, {DT_INT64, DT_STRING, 2},
                        {DT_INT64, DT_VARIANT, 0}};
  constexpr int64_t kUniverse = 30000;
  for (const Kind& kind : kinds) {
    SCOPED_TRACE(std::string(DataTypeName(kind.key)) + " " + DataTypeName(kind.value));
    const auto table =
        kind.width == 0 ? NewMutable(kind.key, kind.value)
                        : NewTable("MutableHashTableOfTensorsV2",
                                   Types(kind.key, kind.value).Shape("value_shape", {kind.width}));
    const int64_t width = std::max<int64_t>(kind.width, 1);
    const auto value_dims = [&](int64_t n) {
      return kind.width == 0 ? Ints{n} : Ints{n, kind.width};
    };
    Random random(11);
    std::map<int64_t, int64_t> model;
    const auto check = [&](Table* t) {
      Ints all, expected;
      for (int64_t key = 0; key < kUniverse; ++key) {
        all.push_back(key * 1000);
        const auto found = model.find(key * 1000);
        for (int64_t i = 0; i < width; ++i) {
          expected.push_back(found == model.end() ? 5 : found->second + i);
        }
      }
      const TestTensor none = kind.width == 0 ? Numbers(kind.value, Ints{}, {5})
                                              : Numbers(kind.value, {width}, Ints(width, 5));
      EXPECT_EQ(Find(t, Numbers(kind.key, all), none),
                Numbers(kind.value, value_dims(kUniverse), expected));
      EXPECT_EQ(Size(t), static_cast<int64_t>(model.size()));
    };
    for (int round = 0; round < 6; ++round) {
      Ints keys, values, gone;
      for (int i = 0; i < 20000; ++i) {
        keys.push_back(static_cast<int64_t>(random.Next(kUniverse)) * 1000);
        const int64_t value = static_cast<int64_t>(random.Next(1000));
        for (int64_t j = 0; j < width; ++j) values.push_back(value + j);
        model[keys.back()] = value;  // the last one counts
      }
      ASSERT_OK(Insert(table.get(), Numbers(kind.key, keys),
                       Numbers(kind.value, value_dims(20000), values)));
      check(table.get());
      for (int i = 0; i < (round % 2 == 0 ? 1000 : 60000); ++i) {
        gone.push_back(static_cast<int64_t>(random.Next(kUniverse)) * 1000);
        model.erase(gone.back());
      }
      ASSERT_OK(Remove(table.get(), Numbers(kind.key, gone)));
      check(table.get());
    }
    TestTensor k, v;
    ASSERT_OK(Export(table.get(), kind.key, kind.value, &k, &v));
    ASSERT_OK(Insert(table.get(), Numbers(kind.key, {-1}),
                     Numbers(kind.value, value_dims(1), Ints(width))));
    ASSERT_OK(Import(table.get(), k, v));
    check(table.get());
  }
}

TEST(MutableHashTable, MemoryOfRemovedEntries) {
  const auto table = NewMutable(DT_STRING, DT_STRING);
  const int64_t empty = table->memory_used();
  const std::string large(1 << 20, 'x');
  ASSERT_OK(Insert(table.get(), W({large, "a"}), W({"b", large})));
  EXPECT_GE(table->memory_used(), empty + (2 << 20));
  EXPECT_LT(table->memory_used(), empty + (2 << 20) + 2000);
  ASSERT_OK(Insert(table.get(), W({"a"}), W({"small"})));
  EXPECT_LT(table->memory_used(), empty + (1 << 20) + 2000);
  ASSERT_OK(Remove(table.get(), W({large})));
  EXPECT_LT(table->memory_used(), empty + 2000);

  const auto vectors = NewTable("MutableHashTableOfTensorsV2",
                                Types(DT_INT64, DT_FLOAT).Shape("value_shape", {100}));
  int64_t most = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    ASSERT_OK(Insert(vectors.get(), N({i}), Numbers(DT_FLOAT, {1, 100}, Ints(100, i))));
    if (i >= 10) ASSERT_OK(Remove(vectors.get(), N({i - 10})));
    most = std::max(most, vectors->memory_used());
  }
  EXPECT_LT(most, 16 * 400 + 4000);
}

TEST(MutableHashTable, FindWhileItGrowsAndShrinks) {
  const auto table =
      NewTable("MutableHashTableOfTensorsV2", Types(DT_STRING, DT_INT64).Shape("value_shape", {2}));
  constexpr int64_t kKeys = 20000;  // enough to be found by several threads
  Ints numbers, rows;
  for (int64_t i = 0; i < kKeys; ++i) {
    numbers.push_back(i);
    rows.push_back(i);
    rows.push_back(-i);
  }
  const TestTensor keys = Numbers(DT_STRING, numbers);
  std::thread writer([&] {
    for (int round = 0; round < 30; ++round) {
      EXPECT_OK(Insert(table.get(), keys, TestTensor({kKeys, 2}, rows)));
      EXPECT_OK(Remove(table.get(), keys));
    }
  });
  for (int round = 0; round < 60; ++round) {
    FakeContext context;
    context.Parallel(1, 2).InputTable(table.get()).Input(keys).Input(N({-7, -7}));
    ASSERT_OK(RunOp("LookupTableFindV2", FakeAttrs(), &context));
    const Ints found = context.output(0).values<int64_t>();
    EXPECT_TRUE(found == rows || found == Ints(2 * kKeys, -7));
    EXPECT_GT(table->memory_used(), 0);
  }
  writer.join();
  EXPECT_EQ(Size(table.get()), 0);
}

TEST(MutableHashTable, ConcurrentWritersAndReaders) {
  const auto table = NewMutable(DT_STRING, DT_INT64);
  Ints low, high;
  for (int64_t i = 0; i < 100; ++i) low.push_back(i), high.push_back(i + 1000);
  ASSERT_OK(Insert(table.get(), Numbers(DT_STRING, low), N(low)));
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (int i = 0; i < 100; ++i) {
      EXPECT_OK(Insert(table.get(), Numbers(DT_STRING, low), N(i % 2 == 0 ? high : low)));
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 100; ++i) {
      EXPECT_OK(Import(table.get(), Numbers(DT_STRING, low), N(i % 2 == 0 ? low : high)));
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < 100; ++i) {
      TestTensor k, v;
      EXPECT_OK(Export(table.get(), DT_STRING, DT_INT64, &k, &v));
      EXPECT_EQ(k.count(), 100);
    }
  });
  for (int i = 0; i < 100; ++i) {
    FakeContext context;
    context.Parallel(9, 2).InputTable(table.get()).Input(Numbers(DT_STRING, low)).Input(One(-1));
    ASSERT_OK(RunOp("LookupTableFindV2", FakeAttrs(), &context));
    const Ints values = context.output(0).values<int64_t>();
    EXPECT_TRUE(values == low || values == high);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(MutableHashTable, LookupsOfStringsWithoutCopies) {
  const auto table = NewMutable(DT_STRING, DT_STRING);
  const std::string large(1 << 20, 'x');
  ASSERT_OK(Insert(table.get(), W({large}), W({large + "y"})));
  EXPECT_EQ(Find(table.get(), W({large, "x"}), Scalar<std::string>("none")),
            W({large + "y", "none"}));
  EXPECT_GE(table->memory_used(), 2 << 20);
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
