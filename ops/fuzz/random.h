// A small random generator: a case's numbers come from its seed alone, on every platform.
#ifndef OPGRAFT_OPS_FUZZ_RANDOM_H_
#define OPGRAFT_OPS_FUZZ_RANDOM_H_

#include <cstddef>
#include <cstdint>

namespace opgraft {
namespace fuzz {

/// splitmix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
class Random {
 public:
  Random(uint64_t seed, uint64_t stream) : state_(seed) { state_ = Next() ^ stream; }

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  /// In [0, n); n > 0.
  int64_t Below(int64_t n) { return static_cast<int64_t>(Next() % static_cast<uint64_t>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }
  /// In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  template <class T, size_t N>
  const T& Pick(const T (&list)[N]) {
    return list[Below(N)];
  }
  template <class List>
  const typename List::value_type& Pick(const List& list) {
    return list[Below(static_cast<int64_t>(list.size()))];
  }

 private:
  uint64_t state_;
};

}  // namespace fuzz
}  // namespace opgraft

#endif  // OPGRAFT_OPS_FUZZ_RANDOM_H_
