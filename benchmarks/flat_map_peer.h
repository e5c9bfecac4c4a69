// A hash map behind the C interface that benchmarks/native.py calls. A peer's source defines
// Int64Map, StringMap and StringView and includes this.
#include <cstddef>
#include <cstdint>

#define PEER_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

StringView StringAt(const char* bytes, const int64_t* offsets, size_t i) {
  return {bytes + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i])};
}

}  // namespace

/// A map of n entries, reserved to its size as TensorFlow's table is.
PEER_EXPORT void* NewInt64(const int64_t* keys, const int64_t* values, size_t n) {
  auto* const map = new Int64Map;
  map->reserve(n);
  for (size_t i = 0; i < n; ++i) map->emplace(keys[i], values[i]);
  return map;
}

PEER_EXPORT void DeleteInt64(void* map) { delete static_cast<Int64Map*>(map); }

/// The plain loop that a caller would write.
PEER_EXPORT void FindInt64(const void* map, const int64_t* keys, size_t n, int64_t missing,
                           int64_t* found) {
  const Int64Map& entries = *static_cast<const Int64Map*>(map);
  for (size_t i = 0; i < n; ++i) {
    const auto entry = entries.find(keys[i]);
    found[i] = entry == entries.end() ? missing : entry->second;
  }
}

/// String i is bytes[offsets[i]] to bytes[offsets[i + 1]].
PEER_EXPORT void* NewString(const char* bytes, const int64_t* offsets, const int64_t* values,
                            size_t n) {
  auto* const map = new StringMap;
  map->reserve(n);
  for (size_t i = 0; i < n; ++i) map->emplace(StringAt(bytes, offsets, i), values[i]);
  return map;
}

PEER_EXPORT void DeleteString(void* map) { delete static_cast<StringMap*>(map); }

PEER_EXPORT void FindString(const void* map, const char* bytes, const int64_t* offsets, size_t n,
                            int64_t missing, int64_t* found) {
  const StringMap& entries = *static_cast<const StringMap*>(map);
  for (size_t i = 0; i < n; ++i) {
    const auto entry = entries.find(StringAt(bytes, offsets, i));
    found[i] = entry == entries.end() ? missing : entry->second;
  }
}
