// Keys of any type mapped to values of any type, a block of keys at a time.
#ifndef OPGRAFT_OPS_LOOKUP_ENTRY_MAP_H_
#define OPGRAFT_OPS_LOOKUP_ENTRY_MAP_H_

#include <algorithm>
#include <cstdint>

#include "ops/lookup/flat_keys.h"
#include "ops/lookup/flat_map.h"
#include "ops/lookup/values.h"

namespace opgraft {

template <class Traits>
class EntryMap {
  using Map = FlatMap<Traits>;
  using Probe = typename Map::Probe;
  using Slot = typename Map::Slot;

 public:
  using Key = typename Traits::Key;
  /// How many keys the functions below take at most.
  static constexpr int kBlock = Map::kBlock;

  explicit EntryMap(const TableType& type) : map_(HashSeed::Random()), values_(type) {}

  int64_t size() const { return map_.size(); }
  int64_t memory_used() const { return map_.memory_used() + values_.memory_used(); }
  Values& values() { return values_; }
  const Values& values() const { return values_; }

  void Reserve(int64_t n) { map_.Reserve(n); }
  /// Makes room for n entries, but not for very many: a wrong expectation (a huge vocab_size of a
  /// small file, a batch of a few keys again and again) must not cost memory.
  void Expect(int64_t n) { map_.Reserve(std::min<int64_t>(n, 1 << 18)); }

  /// to[at + i] = the value of keys[i].
  Status Find(KernelContext* context, const Key* keys, int n, const Values::Default& absent,
              const TensorView& to, int64_t at) const {
    const uint64_t* found[kBlock];
    map_.Find(keys, n, absent.absent(), found);
    return values_.Get(context, found, n, &absent, to, at);
  }

  /// from[row(i)] becomes the value of keys[i]. What comes before an error stays.
  template <class Row>
  Status Put(KernelContext* context, const Key* keys, int n, const TensorView& from,
             const Row& row) {
    if (!values_.is_inline()) {
      return Insert(context, keys, n, from, row, [&](uint64_t* value, int64_t i) {
        return values_.Set(context, value, from, i);
      });
    }
    Probe probes[kBlock];
    map_.Prepare(keys, n, probes);
    for (int i = 0; i < n; ++i) {
      bool added;
      values_.SetInline(&map_.FindOrAdd(probes[i], &added)->value, from, row(i));
    }
    return Status();
  }

  /// The same, but if a key is there on_present(uint64_t* value, int64_t row) decides.
  template <class Row, class F>
  Status Insert(KernelContext* context, const Key* keys, int n, const TensorView& from,
                const Row& row, const F& on_present) {
    Probe probes[kBlock];
    PrepareChange(keys, n, probes);
    for (int i = 0; i < n; ++i) {
      bool added;
      values_.ReserveRow();
      Slot* const slot = map_.FindOrAdd(probes[i], &added);
      if (added) {
        Rollback rollback = {this, slot};
        slot->value = values_.Add();
        OPGRAFT_RETURN_IF_ERROR(values_.Set(context, &slot->value, from, row(i)));
        rollback.slot = nullptr;
      } else {
        OPGRAFT_RETURN_IF_ERROR(on_present(&slot->value, row(i)));
      }
    }
    return Status();
  }

  void Remove(const Key* keys, int n) {
    Probe probes[kBlock];
    PrepareChange(keys, n, probes);
    for (int i = 0; i < n; ++i) {
      Slot* const slot = map_.Find(probes[i]);
      if (slot != nullptr) Remove(slot);
    }
  }

  /// Calls f(const Key* keys, const uint64_t* const* values, int n) for all entries, in blocks.
  /// The keys live as long as the call.
  template <class F>
  void ForEachBlock(const F& f) const {
    Key keys[kBlock];
    char space[kBlock][24];
    const uint64_t* values[kBlock];
    int n = 0;
    map_.ForEach([&](const Slot* slot) {
      keys[n] = Traits::View(slot->key, space[n]);
      values[n++] = &slot->value;
      if (n < kBlock) return;
      f(keys, values, n);
      n = 0;
    });
    if (n != 0) f(keys, values, n);
  }

 private:
  /// Takes an entry back whose value could not be set.
  struct Rollback {
    EntryMap* entries;
    Slot* slot;
    ~Rollback() {
      if (slot != nullptr) entries->Remove(slot);
    }
  };

  void Remove(Slot* slot) {
    values_.Remove(slot->value);
    map_.Erase(slot);
  }

  void PrepareChange(const Key* keys, int n, Probe* probes) const {
    map_.Prepare(keys, n, probes);
    if (n == 1 || values_.is_inline()) return;
    for (int i = 0; i < n; ++i) {
      const Slot* const slot = map_.Find(probes[i]);
      if (slot != nullptr) values_.Prefetch(&slot->value);
    }
  }

  Map map_;
  Values values_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_ENTRY_MAP_H_
