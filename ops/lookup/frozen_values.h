// Values of frozen storages: scalars of 1 to 8 bytes, or strings, which are references to an arena.
#ifndef OPGRAFT_OPS_LOOKUP_FROZEN_VALUES_H_
#define OPGRAFT_OPS_LOOKUP_FROZEN_VALUES_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "ops/lookup/arena.h"
#include "ops/lookup/column.h"
#include "ops/lookup/frozen_map.h"
#include "ops/lookup/traits.h"

namespace opgraft {

class FrozenValues {
 public:
  explicit FrozenValues(DataType dtype)
      : dtype_(dtype),
        width_(dtype == DT_STRING ? sizeof(Arena::Ref) : DataTypeSize(dtype)),
        narrow_(dtype == DT_INT64) {}

  DataType dtype() const { return dtype_; }
  /// Bytes of a value in a row.
  size_t width() const { return width_; }
  /// Whether each of the values so far is an int64 that fits 4 bytes.
  bool narrow() const { return narrow_; }
  int64_t memory_used() const { return strings_.memory_used(); }

  /// Calls add(i, value) for each element; `value` points to width() bytes.
  template <class F>
  void ForEach(KernelContext* context, const TensorView& values, const F& add) {
    if (dtype_ == DT_STRING) return ForEachString(context, values, add);
    const char* const data = values.flat<char>();
    if (narrow_) {
      const int64_t* const numbers = values.flat<int64_t>();
      uint64_t high = 0;  // bits that do not survive
      for (int64_t i = 0; i < values.count; ++i) {
        high |= (static_cast<uint64_t>(numbers[i]) + 0x80000000) >> 32;
      }
      narrow_ = high == 0;
    }
    for (int64_t i = 0; i < values.count; ++i) add(i, data + i * width_);
  }

  /// As EqualElements, for values in rows.
  bool Equal(const char* a, const char* b) const {
    if (dtype_ == DT_STRING) return String(a) == String(b);
    return EqualElements(dtype_, a, b, 1);
  }
  std::string Text(const char* value) const {
    return dtype_ == DT_STRING ? ElementText(String(value)) : ElementText(dtype_, value);
  }
  StringView String(const char* value) const { return strings_.Get(LoadWord(value)); }

  /// Calls f(FixedValue<...>()) with the type that a map with slots of `stored` bytes per value
  /// has.
  template <class F>
  void WithType(size_t stored, const F& f) const {
    switch (width_) {
      case 1:
        return f(FixedValue<uint8_t, uint8_t>());
      case 2:
        return f(FixedValue<uint16_t, uint16_t>());
      case 4:
        return f(FixedValue<uint32_t, uint32_t>());
      default:
        return stored == 4 ? f(FixedValue<int32_t, int64_t>())
                           : f(FixedValue<uint64_t, uint64_t>());
    }
  }

  /// find(type, begin, n, other, values) writes what it finds for the keys [begin, begin + n), as
  /// numbers of type::Type; this makes them the values of a tensor from `begin` on.
  template <class F>
  void Find(KernelContext* context, size_t stored, const TensorView& default_value,
            const TensorView& values, int64_t begin, int64_t end, const F& find) const {
    if (dtype_ == DT_STRING) {
      return FindStrings(context, default_value, values, begin, end, find);
    }
    WithType(stored, [&](auto type) {
      using Type = typename decltype(type)::Type;
      Type other;
      std::memcpy(&other, default_value.data, sizeof(other));
      find(type, begin, end - begin, other, values.flat<Type>() + begin);
    });
  }

  /// Writes the value of a slot.
  void Write(KernelContext* context, size_t stored, const char* value, const TensorView& values,
             int64_t i) const {
    if (dtype_ == DT_STRING) return context->WriteString(values, i, String(value));
    WithType(stored, [&](auto type) {
      values.flat<typename decltype(type)::Type>()[i] = decltype(type)::Load(value);
    });
  }

 private:
  template <class F>
  void ForEachString(KernelContext* context, const TensorView& values, const F& add) {
    constexpr int64_t kBatch = 64;
    StringView batch[kBatch];
    for (int64_t i = 0; i < values.count; i += kBatch) {
      const int64_t n = std::min(kBatch, values.count - i);
      ReadStrings(context, values, i, n, batch);
      for (int64_t j = 0; j < n; ++j) {
        const Arena::Ref ref = strings_.Add(batch[j]);
        add(i + j, reinterpret_cast<const char*>(&ref));
      }
    }
  }

  template <class F>
  void FindStrings(KernelContext* context, const TensorView& default_value,
                   const TensorView& values, int64_t begin, int64_t end, const F& find) const {
    constexpr uint64_t kAbsent = ~uint64_t{0};  // no reference of an arena
    constexpr int64_t kBatch = 512, kAhead = 16;
    uint64_t refs[kBatch];
    StringView other;
    ReadStrings(context, default_value, 0, 1, &other);
    for (; begin < end; begin += kBatch) {
      const int64_t n = std::min(kBatch, end - begin);
      find(FixedValue<uint64_t, uint64_t>(), begin, n, kAbsent, refs);
      for (int64_t i = 0; i < n; ++i) {
        if (i + kAhead < n && refs[i + kAhead] != kAbsent) strings_.Prefetch(refs[i + kAhead]);
        context->WriteString(values, begin + i, refs[i] == kAbsent ? other : strings_.Get(refs[i]));
      }
    }
  }

  const DataType dtype_;
  const size_t width_;
  bool narrow_;
  Arena strings_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_FROZEN_VALUES_H_
