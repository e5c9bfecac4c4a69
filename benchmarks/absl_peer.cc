// absl::flat_hash_map, of Debian's libabsl-dev.
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

using Int64Map = absl::flat_hash_map<int64_t, int64_t>;
using StringMap = absl::flat_hash_map<std::string, int64_t>;
using StringView = absl::string_view;

#include "benchmarks/flat_map_peer.h"
