// Reading serialized protocol buffers, field by field. No schema, no generated code: the C API
// hands out an op list, a kernel list and a NodeDef, of which the adapter needs a few fields.
#ifndef OPGRAFT_OPS_RUNTIME_C_API_WIRE_H_
#define OPGRAFT_OPS_RUNTIME_C_API_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace opgraft {

/// Walks the fields of one message:
///   for (WireReader field(data, size); field.Next();) if (field.number() == 1) use(field.bytes());
class WireReader {
 public:
  WireReader(const void* data, size_t size)
      : next_(static_cast<const unsigned char*>(data)), end_(next_ + size) {}
  explicit WireReader(const std::string& message) : WireReader(message.data(), message.size()) {}

  /// False at the end and where the message is malformed.
  bool Next() {
    uint64_t tag;
    if (next_ == end_ || !Varint(&tag)) return false;
    number_ = tag >> 3;
    bytes_ = nullptr;
    size_ = 0;
    value_ = 0;
    switch (tag & 7) {
      case 0:
        return Varint(&value_);
      case 1:
        return Bytes(8);
      case 2:
        uint64_t size;
        return Varint(&size) && Bytes(size);
      case 5:
        return Bytes(4);
    }
    return false;
  }

  uint64_t number() const { return number_; }
  uint64_t value() const { return value_; }  // of an integer
  /// Of a string or a message.
  std::string bytes() const { return std::string(reinterpret_cast<const char*>(bytes_), size_); }
  WireReader message() const { return WireReader(bytes_, size_); }

  /// Calls f with each integer of a repeated field, be it packed or not.
  template <class F>
  void Integers(const F& f) const {
    if (bytes_ == nullptr) {
      f(value_);
      return;
    }
    uint64_t value;
    for (WireReader packed(bytes_, size_); packed.next_ != packed.end_ && packed.Varint(&value);) {
      f(value);
    }
  }

 private:
  bool Varint(uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64 && next_ != end_; shift += 7) {
      const uint64_t byte = *next_++;
      *value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool Bytes(uint64_t size) {
    if (size > static_cast<uint64_t>(end_ - next_)) return false;
    bytes_ = next_;
    size_ = size;
    next_ += size;
    return true;
  }

  const unsigned char* next_;
  const unsigned char* end_;
  uint64_t number_ = 0;
  uint64_t value_ = 0;
  const unsigned char* bytes_ = nullptr;
  size_t size_ = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_C_API_WIRE_H_
