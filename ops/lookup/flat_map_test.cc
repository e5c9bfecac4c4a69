#include "ops/lookup/flat_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ops/lookup/flat_keys.h"
#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

StringView View(const std::string& text) { return {text.data(), text.size()}; }
template <class Int>
Int View(Int key) {
  return key;
}
std::string Copy(StringView view) { return std::string(view.data, view.size); }
template <class Int>
Int Copy(Int key) {
  return key;
}

/// A map under test and what it should be. K is how the model holds keys.
template <class K, class Traits, class Group = ControlGroup>
class Checked {
 public:
  using Map = FlatMap<Traits, Group>;

  explicit Checked(uint64_t seed) : map(HashSeed::From(seed)) {}

  void Put(const K& key, uint64_t value) {
    bool added;
    map.FindOrAdd(map.Prepare(View(key)), &added)->value = value;
    EXPECT_EQ(added, model.count(key) == 0);
    model[key] = value;
  }
  void Remove(const K& key) {
    auto* const slot = map.Find(map.Prepare(View(key)));
    ASSERT_EQ(slot != nullptr, model.erase(key) != 0);
    if (slot != nullptr) map.Erase(slot);
  }
  uint64_t Model(const K& key) const {
    const auto found = model.find(key);
    return found == model.end() ? kAbsent : found->second;
  }
  /// Both ways of finding give what the model has.
  void CheckFind(const std::vector<K>& keys) const {
    for (size_t at = 0; at < keys.size(); at += Map::kBlock) {
      typename Map::Key block[Map::kBlock];
      const uint64_t* values[Map::kBlock];
      const int n = static_cast<int>(std::min<size_t>(Map::kBlock, keys.size() - at));
      for (int i = 0; i < n; ++i) block[i] = View(keys[at + i]);
      map.Find(block, n, &kAbsent, values);
      for (int i = 0; i < n; ++i) {
        ASSERT_EQ(*values[i], Model(keys[at + i]));
        const auto* const slot = map.Find(map.Prepare(block[i]));
        ASSERT_EQ(slot == nullptr ? kAbsent : slot->value, Model(keys[at + i]));
      }
    }
  }
  void CheckEntries() const {
    std::map<K, uint64_t> entries;
    char space[24];
    map.ForEach([&](auto* slot) { entries[Copy(Traits::View(slot->key, space))] = slot->value; });
    ASSERT_EQ(entries, model);
    ASSERT_EQ(map.size(), static_cast<int64_t>(model.size()));
  }

  static constexpr uint64_t kAbsent = UINT64_MAX;
  Map map;
  std::map<K, uint64_t> model;
};

/// Keys from a number: none may be equal for two numbers.
template <class Int>
Int MakeKey(uint64_t n, Int) {
  return static_cast<Int>(n * 0x9e3779b1);
}
std::string MakeKey(uint64_t n, std::string) {
  // Of lengths 0 to 49, so inline and not, with zeros in them; many begin alike.
  std::string key(n % 50, '\0');
  for (size_t i = 0; i < key.size() && n != 0; ++i, n /= 50) {
    key[key.size() - 1 - i] = static_cast<char>(n % 50);
  }
  return n == 0 ? key : key + std::to_string(n) + std::string(1, '\xff');
}

template <class K, class Traits, class Group>
void RandomOperations(uint64_t seed, uint64_t universe, int steps) {
  SCOPED_TRACE(seed);
  Random random(seed);
  Checked<K, Traits, Group> checked(seed);
  for (int step = 0; step < steps; ++step) {
    // Phases in which it grows, and in which most is removed.
    const bool growing = step / (steps / 5) % 2 == 0;
    const K key = MakeKey(random.Next(universe), K());
    if (random.Next(10) < (growing ? 7 : 2)) {
      checked.Put(key, random.Next(1000));
    } else {
      checked.Remove(key);
    }
    if (step % (steps / 10) != 0) continue;
    std::vector<K> keys;
    for (int i = 0; i < 1000; ++i) keys.push_back(MakeKey(random.Next(universe), K()));
    checked.CheckFind(keys);
    checked.CheckEntries();
    EXPECT_LE(checked.map.LongestSearch(), 12);
  }
}

template <class Group>
void RandomOperationsOfAllKeys() {
  for (uint64_t seed : {1, 2}) {
    for (uint64_t universe : {3, 40, 1000, 50000}) {
      RandomOperations<int32_t, IntegerKey<int32_t>, Group>(seed, universe, 30000);
      RandomOperations<int64_t, IntegerKey<int64_t>, Group>(seed, universe, 30000);
      RandomOperations<std::string, StringKey, Group>(seed, universe, 30000);
    }
  }
}

TEST(FlatMap, RandomOperations) { RandomOperationsOfAllKeys<ControlGroup>(); }
TEST(FlatMap, RandomOperationsWithPortableGroups) { RandomOperationsOfAllKeys<PortableGroup>(); }

TEST(FlatMap, AMillionEntries) {
  Checked<int64_t, IntegerKey<int64_t>> numbers(7);
  std::vector<int64_t> keys;
  for (int64_t i = 0; i < 1000000; ++i) numbers.Put(i * 1000003, i);
  for (int64_t i = 0; i < 300000; ++i) keys.push_back(i * 1000003 * 5 / (i % 2 + 1));
  numbers.CheckFind(keys);
  numbers.CheckEntries();
  EXPECT_LE(numbers.map.LongestSearch(), 12);
  // 17 bytes per slot, and between 7/16 and 7/8 of the slots in use.
  EXPECT_NEAR(numbers.map.memory_used(), numbers.map.capacity() * 17, 16);
  EXPECT_LE(numbers.map.memory_used(), 1000000 * 39);
}

TEST(FlatMap, EveryLengthOfStrings) {
  Checked<std::string, StringKey> strings(3);
  std::vector<std::string> keys;
  int64_t heap = 0;
  for (size_t length = 0; length < 70; ++length) {
    // Strings that differ in one byte, and those that are all zeros.
    keys.push_back(std::string(length, '\0'));
    for (size_t i = 0; i < length; ++i) {
      keys.push_back(std::string(length, 'a'));
      keys.back()[i] = i % 2 == 0 ? '\0' : 'b';
    }
    if (length > StringKey::kInline) heap += static_cast<int64_t>((length + 1) * length);
  }
  for (size_t i = 0; i < keys.size(); i += 2) strings.Put(keys[i], i);
  strings.CheckFind(keys);
  for (size_t i = 1; i < keys.size(); i += 2) strings.Put(keys[i], i);
  strings.CheckFind(keys);
  strings.CheckEntries();
  EXPECT_NEAR(strings.map.memory_used(), strings.map.capacity() * 33 + heap, 32);
  for (size_t i = 0; i < keys.size(); i += 3) strings.Remove(keys[i]);
  strings.CheckFind(keys);
  for (const std::string& key : keys) strings.Remove(key);
  EXPECT_NEAR(strings.map.memory_used(), strings.map.capacity() * 33, 32);
}

TEST(FlatMap, LongStrings) {
  Checked<std::string, StringKey> strings(4);
  std::vector<std::string> keys;
  for (char c : {'a', 'b', '\0'}) {
    keys.push_back(std::string(1 << 20, 'x') + c);
    keys.push_back(c + std::string(1 << 20, 'x'));
  }
  for (size_t i = 0; i < keys.size(); ++i) strings.Put(keys[i], i);
  keys.push_back(std::string(1 << 20, 'x'));
  strings.CheckFind(keys);
  strings.CheckEntries();
  EXPECT_GE(strings.map.memory_used(), 6 << 20);
  strings.Remove(keys[0]);
  EXPECT_LT(strings.map.memory_used(), 6 << 20);
}

// Without a seed, some of these would share their group, and a search would walk over all.
TEST(FlatMap, KeysThatAnAdversaryChooses) {
  constexpr int64_t kEntries = 10000;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto check = [&](const char* what, auto make) {
      FlatMap<IntegerKey<int64_t>> map(HashSeed::From(seed));
      bool added;
      for (int64_t i = 0; i < kEntries; ++i) map.FindOrAdd(map.Prepare(make(i)), &added);
      ASSERT_EQ(map.size(), kEntries) << what;
      EXPECT_LE(map.LongestSearch(), 12) << what << " seed " << seed;
      EXPECT_LE(map.capacity(), 16384) << what;
    };
    check("consecutive", [](int64_t i) { return i; });
    check("negative", [](int64_t i) { return -i; });
    for (int shift = 1; shift <= 48; ++shift) {
      check("same low bits", [&](int64_t i) { return i << shift; });
      check("same low bits, not zero", [&](int64_t i) { return (i << shift) - 1; });
    }
    check("squares", [](int64_t i) { return i * i; });
    // Keys that the hash of an even number of bits mirrors, or that its constants were made of.
    check("mirrored", [](int64_t i) { return i << 48 | i; });
    check("golden", [](int64_t i) {
      return static_cast<int64_t>(static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15);
    });
    check("inverse", [](int64_t i) {
      return static_cast<int64_t>(static_cast<uint64_t>(i) * 0xf1de83e19937733d);
    });
    for (const char* prefix : {"", "a", "prefix_", "a prefix of more than 23 bytes"}) {
      FlatMap<StringKey> map(HashSeed::From(seed));
      bool added;
      for (int64_t i = 0; i < kEntries; ++i) {
        const std::string key = prefix + std::to_string(i) + std::string(i % 3, '\0');
        map.FindOrAdd(map.Prepare(View(key)), &added);
      }
      EXPECT_LE(map.LongestSearch(), 12) << prefix << " seed " << seed;
    }
  }
}

TEST(FlatMap, RemovedSlotsAreUsedAgain) {
  FlatMap<IntegerKey<int64_t>> map(HashSeed::From(1));
  bool added;
  int64_t largest = 0;
  for (int64_t i = 0; i < 500000; ++i) {
    map.FindOrAdd(map.Prepare(i), &added);
    if (i >= 5000) map.Erase(map.Find(map.Prepare(i - 5000)));
    largest = std::max(largest, map.capacity());
  }
  EXPECT_EQ(map.size(), 5000);
  EXPECT_EQ(largest, 8192);
  EXPECT_LE(map.LongestSearch(), 12);
  // What is absent is found out soon as well.
  EXPECT_EQ(map.Find(map.Prepare(-1)), nullptr);
}

TEST(FlatMap, ShrinksWhenItIsFilledAnew) {
  FlatMap<IntegerKey<int64_t>> map(HashSeed::From(1));
  bool added;
  for (int64_t i = 0; i < 100000; ++i) map.FindOrAdd(map.Prepare(i), &added);
  EXPECT_EQ(map.capacity(), 131072);
  for (int64_t i = 0; i < 100000; ++i) map.Erase(map.Find(map.Prepare(i)));
  for (int64_t i = 0; i < 1000000; ++i) {
    map.FindOrAdd(map.Prepare(i), &added);
    map.Erase(map.Find(map.Prepare(i)));
  }
  EXPECT_EQ(map.size(), 0);
  EXPECT_LE(map.capacity(), 131072);
}

TEST(FlatMap, MemoryThatIsNotThere) {
  Checked<int64_t, IntegerKey<int64_t>> checked(1);
  for (int64_t i = 0; i < 100; ++i) checked.Put(i, i);
  const int64_t capacity = checked.map.capacity();
  EXPECT_THROW(checked.map.Reserve(int64_t{1} << 45), std::bad_alloc);
  EXPECT_THROW(checked.map.Reserve(INT64_MAX), std::bad_alloc);
  EXPECT_EQ(checked.map.capacity(), capacity);
  checked.CheckEntries();
  checked.Put(1000, 1000);
  checked.CheckFind({1, 99, 100, 1000});
}

TEST(FlatMap, Reserve) {
  FlatMap<IntegerKey<int64_t>> map(HashSeed::From(1));
  EXPECT_EQ(map.capacity(), 0);
  EXPECT_EQ(map.memory_used(), 0);
  map.Reserve(1000);
  const int64_t capacity = map.capacity();
  bool added;
  for (int64_t i = 0; i < 1000; ++i) map.FindOrAdd(map.Prepare(i), &added);
  EXPECT_EQ(map.capacity(), capacity);
  EXPECT_EQ(capacity, 2048);
  map.Reserve(10);
  EXPECT_EQ(map.capacity(), capacity);
}

TEST(ControlGroup, IsAsThePortableOne) {
  Random random(5);
  for (int round = 0; round < 20000; ++round) {
    alignas(16) uint8_t control[16];
    const uint64_t limit = round % 2 == 0 ? 256 : 3;
    for (uint8_t& byte : control) {
      byte = static_cast<uint8_t>(random.Next(limit) ^ (random.Next(2) << 7));
    }
    const uint8_t byte = control[random.Next(16)];
    uint32_t match = 0, used = 0;
    for (int i = 0; i < 16; ++i) {
      match |= (control[i] == byte) << i;
      used |= (control[i] >> 7) << i;
    }
    ASSERT_EQ(PortableGroup(control).Match(byte), match);
    ASSERT_EQ(PortableGroup(control).InUse(), used);
    ASSERT_EQ(ControlGroup(control).Match(byte), match);
    ASSERT_EQ(ControlGroup(control).InUse(), used);
  }
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
