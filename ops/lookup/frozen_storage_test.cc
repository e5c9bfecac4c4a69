#include "ops/lookup/frozen_storage.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

constexpr DataType kKeys[] = {DT_INT32, DT_INT64, DT_STRING};
constexpr DataType kValues[] = {DT_BOOL,  DT_INT8, DT_UINT8,    DT_INT16, DT_UINT16, DT_INT32,
                                DT_INT64, DT_HALF, DT_BFLOAT16, DT_FLOAT, DT_DOUBLE, DT_STRING};

TableType TypeOf(DataType key, DataType value) {
  TableType type;
  type.key_dtype = key;
  type.value_dtype = value;
  return type;
}

Status Build(const TestTensor& keys, const TestTensor& values, int attempts, FakeContext* context,
             std::unique_ptr<ReadableStorage>* storage) {
  const auto builder = FrozenBuilder::New(TypeOf(keys.dtype(), values.dtype()), -1, attempts);
  OPGRAFT_RETURN_IF_ERROR(builder->Add(context, keys.view(), values.view()));
  EXPECT_EQ(builder->added(), keys.count());
  return builder->Build(context, storage);
}

TestTensor FindIn(const ReadableStorage& storage, const TestTensor& keys, const TestTensor& other) {
  FakeContext context;
  const TestTensor values(other.dtype(), keys.dims());
  EXPECT_OK(storage.Find(&context, keys.view(), other.view(), values.view(), 0, keys.count()));
  return values;
}

/// What a plain dictionary would find. Keys are compared as texts.
void Check(const TestTensor& keys, const TestTensor& values, const TestTensor& missing,
           FakeContext* context) {
  std::map<std::string, int64_t> dictionary;
  for (int64_t i = 0; i < keys.count(); ++i) dictionary.emplace(keys.Text(i), i);
  for (int attempts : {4, 0}) {
    SCOPED_TRACE(attempts == 0 ? "mutable" : "frozen");
    std::unique_ptr<ReadableStorage> storage;
    ASSERT_OK(Build(keys, values, attempts, context, &storage));
    ASSERT_EQ(storage->size(), static_cast<int64_t>(dictionary.size()));
    const TestTensor other = Numbers(values.dtype(), Ints{}, {101});
    const TestTensor found = FindIn(*storage, keys, other);
    for (int64_t i = 0; i < keys.count(); ++i) {
      ASSERT_EQ(found.Text(i), values.Text(dictionary[keys.Text(i)])) << keys.Text(i);
    }
    const TestTensor none = FindIn(*storage, missing, other);
    for (int64_t i = 0; i < missing.count(); ++i) {
      ASSERT_EQ(none.Text(i), other.Text(0)) << missing.Text(i);
    }
    FakeContext exported;
    exported.output_dtypes = {keys.dtype(), values.dtype()};
    ASSERT_OK(storage->Export(&exported));
    std::map<std::string, std::string> entries;
    for (int64_t i = 0; i < exported.output(0).count(); ++i) {
      entries.emplace(exported.output(0).Text(i), exported.output(1).Text(i));
    }
    ASSERT_EQ(entries.size(), dictionary.size());
    for (const auto& entry : dictionary) ASSERT_EQ(entries[entry.first], values.Text(entry.second));
  }
}

Ints Range(int64_t begin, int64_t end, int64_t step = 1) {
  Ints range;
  for (int64_t i = begin; i < end; i += step) range.push_back(i);
  return range;
}

TEST(FrozenStorage, EveryPair) {
  FakeContext context;
  for (DataType key : kKeys) {
    for (DataType value : kValues) {
      for (int64_t n : {0, 1, 2, 300}) {
        SCOPED_TRACE(std::string(DataTypeName(key)) + " " + DataTypeName(value));
        Check(Numbers(key, Range(0, 3 * n, 3)), Numbers(value, Range(0, n)),
              Numbers(key, Range(1, 3 * n + 1, 3)), &context);
      }
    }
  }
}

TEST(FrozenStorage, BlocksAndPartitions) {
  FakeContext context;
  context.Parallel(1, 2);
  for (int64_t n : {127, 128, 129, 255, 256, 257, 511, 70000, 140000}) {
    SCOPED_TRACE(n);
    for (DataType key : kKeys) {
      Check(Numbers(key, Range(0, 2 * n, 2)), Numbers(DT_INT64, Range(0, n)),
            Numbers(key, Range(1, 2 * n, 2)), &context);
    }
  }
}

TEST(FrozenStorage, Integers64WithAPattern) {
  FakeContext context;
  for (int shift : {0, 1, 8, 16, 24, 31, 32, 33, 40, 48, 52}) {
    SCOPED_TRACE(shift);
    Ints keys, missing;
    for (int64_t i = 0; i < 2000; ++i) {
      keys.push_back(static_cast<int64_t>(static_cast<uint64_t>(i - 1000) << shift));
      missing.push_back(static_cast<int64_t>(static_cast<uint64_t>(i + 1001) << shift));
    }
    Check(Vector(keys), Vector(Range(0, 2000)), Vector(missing), &context);
  }
  const int64_t least = std::numeric_limits<int64_t>::min();
  const int64_t most = std::numeric_limits<int64_t>::max();
  Check(Vector<int64_t>({0, -1, least, most}), Vector<int64_t>({1, 2, 3, 4}),
        Vector<int64_t>({1, -2, least + 1, most - 1}), &context);
}

TEST(FrozenStorage, ValuesAtTheLimitOf4Bytes) {
  FakeContext context;
  const int64_t least = std::numeric_limits<int32_t>::min();
  const int64_t most = std::numeric_limits<int32_t>::max();
  for (int64_t value : {least, most, least - 1, most + 1, int64_t{1} << 62}) {
    Ints keys = Range(0, 40000), values = Range(-1000, 39000);
    values[77] = value;
    Check(Vector(keys), Vector(values), Vector<int64_t>({-1}), &context);
    std::unique_ptr<ReadableStorage> storage;
    ASSERT_OK(Build(Vector(keys), Vector(values), 4, &context, &storage));
    EXPECT_EQ(storage->memory_used() < 14 * 40000, value >= least && value <= most);
    EXPECT_LT(storage->memory_used(), 18.5 * 40000);
  }
}

TEST(FrozenStorage, StringsOfEveryLength) {
  FakeContext context;
  Strings keys, missing, values;
  for (size_t n = 0; n < 140; ++n) {
    for (const char c : {'\0', 'a', '\xff'}) {
      std::string key(n, c);
      keys.push_back(key);
      if (n == 0) break;
      for (size_t at : {size_t{0}, n / 2, n - 1}) {
        std::string other = key;
        other[at] = static_cast<char>(other[at] ^ 1);
        if (at % 2 == 0) {
          missing.push_back(other);
        } else {
          keys.push_back(other);
        }
      }
    }
  }
  std::set<std::string> seen;
  Strings different;
  for (const std::string& key : keys) {
    if (seen.insert(key).second) different.push_back(key);
  }
  Strings absent;
  for (const std::string& key : missing) {
    if (seen.count(key) == 0) absent.push_back(key);
  }
  for (size_t i = 0; i < different.size(); ++i) values.push_back("v" + std::to_string(i));
  ASSERT_GT(absent.size(), 200u);
  Check(Vector(different), Vector(values), Vector(absent), &context);
}

TEST(FrozenStorage, LongStrings) {
  FakeContext context;
  Strings keys, values;
  for (size_t n : {65, 1000, 1 << 20, 17 << 20}) {
    keys.emplace_back(n, 'k');
    values.emplace_back(n + 1, 'v');
  }
  std::string almost = keys[2];
  almost.back() = 'l';
  Check(Vector(keys), Vector(values), Vector(Strings{almost, std::string(64, 'k')}), &context);
}

TEST(FrozenStorage, Duplicates) {
  FakeContext context;
  for (DataType key : kKeys) {
    for (int64_t different : {1, 5, 900, 70000}) {
      SCOPED_TRACE(different);
      const int64_t n = different == 70000 ? 150000 : 1000;
      Ints keys, values;
      for (int64_t i = 0; i < n; ++i) {
        keys.push_back(i % different);
        values.push_back(i % different * 2);
      }
      Check(Numbers(key, keys), Numbers(DT_FLOAT, values), Numbers(key, {-1, 70000}), &context);
      values[n - 1] = -5;
      std::unique_ptr<ReadableStorage> storage;
      for (int attempts : {4, 0}) {
        EXPECT_ERROR(
            Build(Numbers(key, keys), Numbers(DT_FLOAT, values), attempts, &context, &storage),
            Code::kFailedPrecondition, "trying to add value -5");
        EXPECT_EQ(storage, nullptr);
      }
    }
  }
}

TEST(FrozenStorage, OneKeyFillsAPartition) {
  FakeContext context;
  Ints keys(100000, 5), values(100000, 50);
  for (int64_t i = 0; i < 100000; ++i) {
    keys.push_back(1000 + i);
    values.push_back(i);
  }
  std::unique_ptr<ReadableStorage> storage;
  ASSERT_OK(Build(Vector(keys), Vector(values), 4, &context, &storage));
  EXPECT_EQ(storage->size(), 100001);
  EXPECT_LT(storage->memory_used(), 14 * 100001);
  EXPECT_EQ(FindIn(*storage, Vector(keys), Scalar<int64_t>(-1)), Vector(values));
}

TEST(FrozenStorage, RandomStringsAndMemory) {
  FakeContext context;
  Random random(5);
  Strings keys;
  std::set<std::string> seen;
  while (keys.size() < 100000) {
    std::string key(8 + random.Next(13), ' ');
    for (char& c : key) c = static_cast<char>('a' + random.Next(26));
    if (seen.insert(key).second) keys.push_back(key);
  }
  const TestTensor all = Vector(keys);
  std::unique_ptr<ReadableStorage> storage;
  ASSERT_OK(Build(all, Vector(Range(0, 100000)), 4, &context, &storage));
  EXPECT_EQ(FindIn(*storage, all, Scalar<int64_t>(-1)), Vector(Range(0, 100000)));
  EXPECT_LT(storage->memory_used(), 27.5 * 100000);
}

TEST(FrozenStorage, TenMillionEntries) {
  FakeContext context;
  const int64_t n = 10000000;
  const auto key = [](int64_t i) {
    return static_cast<int64_t>(static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15);
  };
  const auto builder = FrozenBuilder::New(TypeOf(DT_INT64, DT_INT64), n);
  TestTensor block(DT_INT64, {100000}), values(DT_INT64, {100000});
  const auto fill = [&](int64_t begin, int64_t step) {
    for (int64_t i = 0; i < 100000; ++i) block.view().flat<int64_t>()[i] = key(begin + i * step);
  };
  for (int64_t begin = 0; begin < n; begin += 100000) {
    fill(begin, 1);
    for (int64_t i = 0; i < 100000; ++i) values.view().flat<int64_t>()[i] = begin + i;
    ASSERT_OK(builder->Add(&context, block.view(), values.view()));
  }
  std::unique_ptr<ReadableStorage> storage;
  ASSERT_OK(builder->Build(&context, &storage));
  ASSERT_EQ(storage->size(), n);
  EXPECT_LT(storage->memory_used(), 14 * n);
  fill(17, 99);
  const TestTensor found = FindIn(*storage, block, Scalar<int64_t>(-1));
  for (int64_t i = 0; i < 100000; ++i) ASSERT_EQ(found.view().flat<int64_t>()[i], 17 + i * 99);
  fill(n, 1);
  const TestTensor missing = FindIn(*storage, block, Scalar<int64_t>(-1));
  for (int64_t i = 0; i < 100000; ++i) ASSERT_EQ(missing.view().flat<int64_t>()[i], -1);
}

TEST(FrozenStorage, FoundFromSeveralThreads) {
  FakeContext context;
  const TestTensor keys = Numbers(DT_STRING, Range(0, 3000)), values = Vector(Range(0, 3000));
  std::unique_ptr<ReadableStorage> storage;
  ASSERT_OK(Build(keys, values, 4, &context, &storage));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] { EXPECT_EQ(FindIn(*storage, keys, Scalar<int64_t>(-1)), values); });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
