// Keys: the three types, how they are read from tensors and how a table owns them.
#ifndef OPGRAFT_OPS_LOOKUP_TRAITS_H_
#define OPGRAFT_OPS_LOOKUP_TRAITS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "ops/kernel/kernel.h"

namespace opgraft {

/// Bytes of its own, moved but never copied.
class OwnedString {
 public:
  OwnedString() = default;
  explicit OwnedString(StringView view)
      : data_(view.size == 0 ? nullptr : new char[view.size]), size_(view.size) {
    if (size_ != 0) std::memcpy(data_.get(), view.data, size_);
  }
  StringView view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
};

/// As KernelContext::ReadStrings, also for the views that a text file's iterator makes: those have
/// no tensor of the runtime behind them, and an array of StringView as data.
inline void ReadStrings(KernelContext* context, const TensorView& tensor, int64_t begin, int64_t n,
                        StringView* strings) {
  if (tensor.handle == nullptr) {
    std::copy_n(tensor.flat<StringView>() + begin, n, strings);
  } else {
    context->ReadStrings(tensor, begin, n, strings);
  }
}

/// How a key is owned that is not in a map. K is int32_t, int64_t or StringView.
template <class K>
struct KeyTraits {
  using Stored = K;
  static K View(K stored) { return stored; }
  static K Own(K key) { return key; }
};

template <>
struct KeyTraits<StringView> {
  using Stored = OwnedString;
  static StringView View(const OwnedString& stored) { return stored.view(); }
  static OwnedString Own(StringView key) { return OwnedString(key); }
};

/// Reads rows of `width` keys from a tensor, a batch at a time.
template <class K>
class KeyReader {
 public:
  KeyReader(KernelContext*, const TensorView& keys, int64_t width)
      : keys_(keys.flat<K>()), width_(width) {}
  int64_t batch() const { return 64; }
  /// n <= batch(); valid until the next call.
  const K* Read(int64_t begin, int64_t) { return keys_ + begin * width_; }

 private:
  const K* const keys_;
  const int64_t width_;
};

template <>
class KeyReader<StringView> {
 public:
  KeyReader(KernelContext* context, const TensorView& keys, int64_t width)
      : context_(context), keys_(keys), width_(width) {
    if (width > kBuffer) large_.reset(new StringView[width]);
  }
  int64_t batch() const { return width_ > kBuffer ? 1 : kBuffer / width_; }
  const StringView* Read(int64_t begin, int64_t n) {
    StringView* const buffer = large_ != nullptr ? large_.get() : small_;
    ReadStrings(context_, keys_, begin * width_, n * width_, buffer);
    return buffer;
  }

 private:
  static constexpr int64_t kBuffer = 64;
  KernelContext* const context_;
  const TensorView& keys_;
  const int64_t width_;
  StringView small_[kBuffer];
  std::unique_ptr<StringView[]> large_;
};

/// Calls f(i, row) for each row of keys in [begin, end); stops at the first error.
template <class K, class F>
Status ForEachKey(KernelContext* context, const TensorView& keys, int64_t width, int64_t begin,
                  int64_t end, const F& f) {
  KeyReader<K> reader(context, keys, width);
  while (begin < end) {
    const int64_t n = std::min(end - begin, reader.batch());
    const K* const rows = reader.Read(begin, n);
    for (int64_t i = 0; i < n; ++i) OPGRAFT_RETURN_IF_ERROR(f(begin + i, rows + i * width));
    begin += n;
  }
  return Status();
}

/// The same for scalar keys, in blocks: f(index of the first, keys, how many), at most 64.
template <class K, class F>
Status ForEachKeyBlock(KernelContext* context, const TensorView& keys, int64_t begin, int64_t end,
                       const F& f) {
  KeyReader<K> reader(context, keys, 1);
  while (begin < end) {
    const int64_t n = std::min(end - begin, reader.batch());
    OPGRAFT_RETURN_IF_ERROR(f(begin, reader.Read(begin, n), static_cast<int>(n)));
    begin += n;
  }
  return Status();
}

inline void WriteKey(KernelContext* context, const TensorView& keys, int64_t i, StringView key) {
  context->WriteString(keys, i, key);
}
template <class Int>
void WriteKey(KernelContext*, const TensorView& keys, int64_t i, Int key) {
  keys.flat<Int>()[i] = key;
}

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_TRAITS_H_
