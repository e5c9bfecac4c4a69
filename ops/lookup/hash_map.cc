// The storage of MutableHashTable: a FlatMap with scalar keys.
#include <utility>

#include "ops/lookup/entry_map.h"
#include "ops/lookup/storage.h"
#include "ops/lookup/table_checks.h"
#include "ops/lookup/traits.h"

namespace opgraft {
namespace {

template <class Traits>
class HashMap final : public Storage {
  using Key = typename Traits::Key;

 public:
  HashMap(const TableType& type, int64_t expected_size) : type_(type), entries_(type) {
    entries_.Expect(expected_size);
  }

  int64_t size() const override { return entries_.size(); }
  int64_t memory_used() const override {
    return static_cast<int64_t>(sizeof(*this)) + entries_.memory_used();
  }

  Status Find(KernelContext* context, const TensorView& keys, const TensorView& default_value,
              const TensorView& values, int64_t begin, int64_t end) const override {
    const Values::Default absent =
        entries_.values().PrepareDefault(default_value, default_value.count == values.count);
    return ForEachKeyBlock<Key>(context, keys, begin, end,
                                [&](int64_t at, const Key* block, int n) {
                                  return entries_.Find(context, block, n, absent, values, at);
                                });
  }

  Status Insert(KernelContext* context, const TensorView& keys, const TensorView& values,
                OnDuplicate on_duplicate) override {
    entries_.Expect(keys.count);
    const auto check = [&](uint64_t* value, int64_t i) {
      return CheckEqual(context, value, keys, values, i);
    };
    return ForEachKeyBlock<Key>(
        context, keys, 0, keys.count, [&](int64_t at, const Key* block, int n) {
          const auto row = [&](int i) { return at + i; };
          return on_duplicate == OnDuplicate::kOverwrite
                     ? entries_.Put(context, block, n, values, row)
                     : entries_.Insert(context, block, n, values, row, check);
        });
  }

  Status Remove(KernelContext* context, const TensorView& keys) override {
    return ForEachKeyBlock<Key>(
        context, keys, 0, keys.count,
        [&](int64_t, const Key* block, int n) { return entries_.Remove(block, n), Status(); });
  }

  Status Import(KernelContext* context, const TensorView& keys, const TensorView& values,
                std::unique_ptr<Storage>* imported) const override {
    OPGRAFT_RETURN_IF_ERROR(CheckShape(
        values,
        ValueShape(keys, 0, static_cast<int>(type_.value_dims.size()), type_.value_dims.data()),
        "value"));
    std::unique_ptr<HashMap> storage(new HashMap(type_, 0));
    storage->entries_.Reserve(keys.count);
    OPGRAFT_RETURN_IF_ERROR(storage->Insert(context, keys, values, OnDuplicate::kOverwrite));
    *imported = std::move(storage);
    return Status();
  }

  Status Export(KernelContext* context) const override {
    TensorView keys, values;
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 0, type_.key_dtype, size(), type_.key_dims, &keys));
    OPGRAFT_RETURN_IF_ERROR(
        AllocateExport(context, 1, type_.value_dtype, size(), type_.value_dims, &values));
    int64_t at = 0;
    entries_.ForEachBlock([&](const Key* block, const uint64_t* const* found, int n) {
      for (int i = 0; i < n; ++i) WriteKey(context, keys, at + i, block[i]);
      entries_.values().Get(context, found, n, nullptr, values, at);
      at += n;
    });
    return Status();
  }

 private:
  Status CheckEqual(KernelContext* context, const uint64_t* value, const TensorView& keys,
                    const TensorView& values, int64_t i) const {
    if (entries_.values().Equals(context, value, values, i)) return Status();
    return FailedPrecondition(
        "HashTable has different value for same key. Key %s has %s and trying to add value %s",
        ElementText(context, keys, i).c_str(), entries_.values().Text(value).c_str(),
        ElementText(context, values, i).c_str());
  }

  const TableType type_;
  EntryMap<Traits> entries_;
};

}  // namespace

std::unique_ptr<Storage> NewHashMap(const TableType& type, int64_t expected_size) {
  switch (type.key_dtype) {
    case DT_INT32:
      return std::unique_ptr<Storage>(new HashMap<IntegerKey<int32_t>>(type, expected_size));
    case DT_INT64:
      return std::unique_ptr<Storage>(new HashMap<IntegerKey<int64_t>>(type, expected_size));
    default:
      return std::unique_ptr<Storage>(new HashMap<StringKey>(type, expected_size));
  }
}

Status AllocateExport(KernelContext* context, int i, DataType dtype, int64_t rows,
                      const std::vector<int64_t>& dims, TensorView* output) {
  std::vector<int64_t> shape = {rows};
  shape.insert(shape.end(), dims.begin(), dims.end());
  OPGRAFT_RETURN_IF_ERROR(
      context->AllocateOutput(i, static_cast<int>(shape.size()), shape.data(), output));
  if (output->dtype == dtype) return Status();
  return InvalidArgument("the table's %s are %s, but the output is %s", i == 0 ? "keys" : "values",
                         DataTypeName(dtype), DataTypeName(output->dtype));
}

}  // namespace opgraft
