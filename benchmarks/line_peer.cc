// No map, but the least that one has to do for a key: a hash, and one access to memory of the size
// that the table's entries have, prefetched. No table with an access per key is faster, so this
// says how much of the time is memory's. Finds nothing; behind the interface of flat_map_peer.h.
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#define PEER_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr size_t kLine = 64;
constexpr size_t kBlock = 256;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kEntry = 16;  // bytes

struct Lines {
  char* memory;
  size_t lines;
};

/// On huge pages, and touched.
void* NewLines(size_t entries) {
  Lines* const result = new Lines;
  result->lines = entries * kEntry / kLine + 1;
  const size_t bytes = (result->lines * kLine + kHugePage - 1) / kHugePage * kHugePage;
  result->memory = static_cast<char*>(aligned_alloc(kHugePage, bytes));
  madvise(result->memory, bytes, MADV_HUGEPAGE);
  memset(result->memory, 0, bytes);
  return result;
}

void Delete(void* lines) {
  free(static_cast<Lines*>(lines)->memory);
  delete static_cast<Lines*>(lines);
}

/// hash(i) is that of key i, 32 bits.
template <class F>
void Read(const Lines& lines, size_t n, int64_t missing, int64_t* found, const F& hash) {
  const char* block[kBlock];
  for (size_t begin = 0; begin < n; begin += kBlock) {
    const size_t size = std::min(kBlock, n - begin);
    for (size_t i = 0; i < size; ++i) {
      block[i] = lines.memory + (hash(begin + i) * lines.lines >> 32) * kLine;
      __builtin_prefetch(block[i]);
    }
    for (size_t i = 0; i < size; ++i) found[begin + i] = missing + *block[i];
  }
}

uint64_t Mix(uint64_t key) { return key * 0x9e3779b97f4a7c15 >> 32; }

}  // namespace

PEER_EXPORT void* NewInt64(const int64_t*, const int64_t*, size_t n) { return NewLines(n); }
PEER_EXPORT void DeleteInt64(void* lines) { Delete(lines); }
PEER_EXPORT void FindInt64(const void* lines, const int64_t* keys, size_t n, int64_t missing,
                           int64_t* found) {
  Read(*static_cast<const Lines*>(lines), n, missing, found,
       [&](size_t i) { return Mix(keys[i]); });
}

PEER_EXPORT void* NewString(const char*, const int64_t*, const int64_t*, size_t n) {
  return NewLines(n);
}
PEER_EXPORT void DeleteString(void* lines) { Delete(lines); }
/// The keys have at least 8 bytes, and differ in them.
PEER_EXPORT void FindString(const void* lines, const char* bytes, const int64_t* offsets, size_t n,
                            int64_t missing, int64_t* found) {
  Read(*static_cast<const Lines*>(lines), n, missing, found, [&](size_t i) {
    uint64_t word;
    memcpy(&word, bytes + offsets[i], sizeof(word));
    return Mix(word);
  });
}
