#include "ops/kernel/testing_spec.h"

#include <cstdlib>
#include <sstream>

namespace opgraft {
namespace testing {
namespace {

std::string Strip(const std::string& text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

DataType TypeNamed(const std::string& name) {
  for (int i = DT_INVALID + 1; i <= DT_UINT64; ++i) {
    if (name == DataTypeName(static_cast<DataType>(i))) return static_cast<DataType>(i);
  }
  if (name == "float16") return DT_HALF;
  if (name == "float32") return DT_FLOAT;
  if (name == "float64") return DT_DOUBLE;
  return DT_INVALID;
}

ArgumentSpec::ArgumentSpec(const std::string& spec) {
  const size_t colon = spec.find(':');
  name = Strip(spec.substr(0, colon));
  type = Strip(spec.substr(colon + 1));
  is_ref = type.compare(0, 4, "Ref(") == 0;
  if (is_ref) type = type.substr(4, type.size() - 5);
  const size_t star = type.find('*');
  if (star != std::string::npos) {
    number = Strip(type.substr(0, star));
    type = Strip(type.substr(star + 1));
  }
}

AttrSpec::AttrSpec(const std::string& spec) {
  const size_t colon = spec.find(':');
  name = Strip(spec.substr(0, colon));
  // Past ">= minimum".
  const size_t equals = spec.find(" = ", colon);
  has_default = equals != std::string::npos;
  if (has_default) value = Strip(spec.substr(equals + 3));
  type = Strip(spec.substr(colon + 1, has_default ? equals - colon - 1 : std::string::npos));
  const size_t at_least = type.find(">=");
  if (at_least != std::string::npos) {
    minimum = std::atoll(type.c_str() + at_least + 2);
    type = Strip(type.substr(0, at_least));
  }
  const size_t open = type.find('{');
  if (open == std::string::npos) return;
  std::stringstream in(type.substr(open + 1, type.find('}') - open - 1));
  for (std::string item; std::getline(in, item, ',');) {
    item = Strip(item);
    if (item[0] == '\'' || item[0] == '"') {
      words.push_back(item.substr(1, item.size() - 2));
    } else {
      types.push_back(TypeNamed(item));
    }
  }
  const char* const kind = words.empty() ? "type" : "string";
  type = open == 0 ? kind : std::string("list(") + kind + ")";
}

}  // namespace testing
}  // namespace opgraft
