// How fast this machine reads random cache lines: no table can look keys up faster from memory.
#include <sys/mman.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

constexpr size_t kLine = 64;
constexpr size_t kDistance = 32;
constexpr size_t kHugePage = size_t{2} << 20;

uint64_t Mix(uint64_t x) {
  x *= 0x9e3779b97f4a7c15;
  return (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
}

uint64_t Read(const char* memory, size_t lines, uint64_t seed, size_t reads) {
  const auto line = [&](uint64_t i) {
    return memory + ((Mix(seed + i) >> 20) & (lines - 1)) * kLine;
  };
  uint64_t sum = 0;
  for (size_t i = 0; i < reads; ++i) {
    __builtin_prefetch(line(i + kDistance));
    sum += *reinterpret_cast<const uint64_t*>(line(i));
  }
  return sum;
}

double NanosecondsPerLine(const char* memory, size_t lines, size_t reads, int threads,
                          uint64_t seed) {
  std::vector<uint64_t> sums(threads);
  std::vector<std::thread> readers;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < threads; ++i) {
    readers.emplace_back(
        [=, &sums] { sums[i] = Read(memory, lines, (seed * threads + i) << 40, reads); });
  }
  for (std::thread& reader : readers) reader.join();
  const auto elapsed = std::chrono::steady_clock::now() - start;
  for (const uint64_t sum : sums) {
    if (sum != reads) return -1;
  }
  return std::chrono::duration<double, std::nano>(elapsed).count() / (double(reads) * threads);
}

}  // namespace

/// Nanoseconds per random line of `bytes` of memory, a power of 2, read by `threads` together: one
/// figure for each of `runs`. Returns 0, or -1 if there is no such memory.
extern "C" __attribute__((visibility("default"))) int MemoryCeiling(size_t bytes, int huge,
                                                                    int threads, size_t reads,
                                                                    size_t runs, double* figures) {
  const size_t size = bytes + kHugePage;
  void* const mapped =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return -1;
  madvise(mapped, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  const uintptr_t address = reinterpret_cast<uintptr_t>(mapped);
  char* const memory = reinterpret_cast<char*>((address + kHugePage - 1) / kHugePage * kHugePage);
  for (size_t i = 0; i < bytes; i += kLine) memory[i] = 1;
  for (size_t run = 0; run < runs; ++run) {
    figures[run] = NanosecondsPerLine(memory, bytes / kLine, reads, threads, run);
  }
  munmap(mapped, size);
  return 0;
}
