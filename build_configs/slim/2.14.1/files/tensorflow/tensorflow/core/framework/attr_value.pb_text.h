// Upstream generates these functions; protobuf's own text format serves as well.
#pragma once

#include <string>

#include "google/protobuf/text_format.h"
#include "tensorflow/core/framework/attr_value.pb.h"

namespace tensorflow {

inline bool ProtoParseFromString(const std::string& text, AttrValue* value) {
  return google::protobuf::TextFormat::ParseFromString(text, value);
}

}  // namespace tensorflow
