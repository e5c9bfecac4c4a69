// What an entry map is after a value could not be stored.
#include "ops/lookup/entry_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {
namespace {

TableType Type(DataType value, int64_t width) {
  TableType type;
  type.key_dtype = DT_STRING;
  type.value_dtype = value;
  type.value_width = width;
  return type;
}

/// A context that runs out of objects: they are numbered from 0, and `limit` of them can be read.
class LimitedContext final : public KernelContext {
 public:
  explicit LimitedContext(int64_t limit) : limit_(limit) {}

  Status ReadObject(const TensorView&, int64_t i, Object** object) override {
    if (i >= limit_) return FailedPrecondition("no object %lld", static_cast<long long>(i));
    *object = new FakeObject(i);
    return Status();
  }
  void ReadStrings(const TensorView&, int64_t begin, int64_t n, StringView* strings) override {
    if (begin + n > limit_) throw std::bad_alloc();
    std::fill(strings, strings + n, StringView{"a string", 8});
  }
  void WriteObject(const TensorView& tensor, int64_t i, const Object& object) override {
    tensor.flat<int64_t>()[i] = static_cast<const FakeObject&>(object).number;
  }

  int num_inputs() override { return 0; }
  const TensorView& input(int) override { return none_; }
  Status AllocateOutput(int, int, const int64_t*, TensorView*) override { return Status(); }
  Status ForwardInputOrAllocateOutput(const int*, int, int, int, const int64_t*,
                                      TensorView*) override {
    return Status();
  }
  void WriteString(const TensorView&, int64_t, StringView) override {}
  void CopyStrings(const TensorView&, const int64_t*, int64_t, const TensorView&,
                   int64_t) override {}
  Status MutableInput(int, TensorView*) override { return Status(); }
  Status InitializeInput(int, TensorView*) override { return Status(); }
  Status ZeroVariable(int, DataType, int, const int64_t*) override { return Status(); }
  Status ForwardRef(int, int) override { return Status(); }
  Status GetTable(int, Table**) override { return Status(); }
  Status OpenFile(StringView, File**) override { return Status(); }
  void Log(const char*) override {}
  void ParallelFor(int64_t n, int64_t, void (*fn)(void*, int64_t, int64_t), void* arg) override {
    fn(arg, 0, n);
  }

 private:
  const int64_t limit_;
  const TensorView none_ = {};
};

std::vector<StringView> Views(const Strings& keys) {
  std::vector<StringView> views;
  for (const std::string& key : keys) views.push_back({key.data(), key.size()});
  return views;
}

/// Inserts keys with the values 0, 1, ...
Status Insert(EntryMap<StringKey>* entries, int64_t limit, const Strings& keys,
              const TensorView& values) {
  LimitedContext context(limit);
  return entries->Insert(
      &context, Views(keys).data(), static_cast<int>(keys.size()), values,
      [](int i) { return int64_t{i}; },
      [&](uint64_t* value, int64_t i) {
        return entries->values().Set(&context, value, values, i);
      });
}

TEST(EntryMap, AnObjectThatCannotBeRead) {
  EntryMap<StringKey> entries(Type(DT_VARIANT, 1));
  const TensorView values = {DT_VARIANT, 0, nullptr, 4, nullptr, &entries};
  const std::string large(100, 'x');
  EXPECT_ERROR(Insert(&entries, 2, {"a", "b", large, "d"}, values), Code::kFailedPrecondition,
               "no object 2");
  EXPECT_EQ(entries.size(), 2);
  const int64_t memory = entries.memory_used();
  // The row of the entry that was taken back is the next one's, again and again.
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(Insert(&entries, 0, {large}, values).ok());
    ASSERT_EQ(entries.size(), 2);
  }
  EXPECT_EQ(entries.memory_used(), memory);
  ASSERT_OK(Insert(&entries, 1, {"c"}, values));

  int64_t found[4] = {-1, -1, -1, -1};
  const TensorView output = {DT_VARIANT, 1, nullptr, 4, found, nullptr};
  const TensorView none = {DT_VARIANT, 0, nullptr, 1, nullptr, nullptr};
  LimitedContext context(7);
  ASSERT_OK(entries.Find(&context, Views({"a", "b", "c"}).data(), 3,
                         entries.values().PrepareDefault(none, false), output, 0));
  EXPECT_EQ(std::vector<int64_t>(found, found + 4), (std::vector<int64_t>{0, 1, 0, -1}));
}

TEST(EntryMap, MemoryThatRunsOutInTheMiddle) {
  EntryMap<StringKey> entries(Type(DT_STRING, 3));
  const TensorView values = {DT_STRING, 0, nullptr, 12, nullptr, &entries};
  EXPECT_THROW(Insert(&entries, 8, {"a", "b", "c", "d"}, values), std::bad_alloc);
  EXPECT_EQ(entries.size(), 2);
  const int64_t memory = entries.memory_used();
  EXPECT_THROW(Insert(&entries, 2, {"e"}, values), std::bad_alloc);
  EXPECT_EQ(entries.size(), 2);
  EXPECT_EQ(entries.memory_used(), memory);
  ASSERT_OK(Insert(&entries, 9, {"c", "d", "e"}, values));
  EXPECT_EQ(entries.size(), 5);
}

TEST(EntryMap, ExpectingManyCostsLittle) {
  EntryMap<StringKey> entries(Type(DT_INT64, 1));
  entries.Expect(-1);
  EXPECT_EQ(entries.memory_used(), 0);
  entries.Expect(int64_t{1} << 60);
  EXPECT_LT(entries.memory_used(), 20 << 20);
}

}  // namespace
}  // namespace testing
}  // namespace opgraft
