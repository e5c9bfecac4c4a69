// Reads the specifications of inputs, outputs and attrs in an OpDefinition.
#ifndef OPGRAFT_OPS_KERNEL_TESTING_SPEC_H_
#define OPGRAFT_OPS_KERNEL_TESTING_SPEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ops/kernel/types.h"

namespace opgraft {
namespace testing {

/// "int64" is DT_INT64; DT_INVALID if there is no such type.
DataType TypeNamed(const std::string& name);

/// "name: type", "name: number * type" or "name: Ref(type)"; type may be the name of an attr.
struct ArgumentSpec {
  explicit ArgumentSpec(const std::string& spec);
  std::string name, type, number;
  bool is_ref = false;
};

/// "name: type = value", "name: {half, float}", "name: int >= 1", "name: list(type) >= 0".
struct AttrSpec {
  explicit AttrSpec(const std::string& spec);
  std::string name;
  std::string type;  // "type" and "string" if the allowed values are listed
  std::vector<DataType> types;
  std::vector<std::string> words;
  int64_t minimum = INT64_MIN;
  bool has_default = false;
  std::string value;  // the default
};

}  // namespace testing
}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_TESTING_SPEC_H_
