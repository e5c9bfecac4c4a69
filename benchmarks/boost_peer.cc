// boost::unordered_flat_map, of Debian's libboost1.81-dev.
#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

struct ViewHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return boost::hash<std::string_view>()(text); }
};

using Int64Map = boost::unordered_flat_map<int64_t, int64_t>;
using StringMap = boost::unordered_flat_map<std::string, int64_t, ViewHash, std::equal_to<>>;
using StringView = std::string_view;

#include "benchmarks/flat_map_peer.h"
