#pragma once

#include <string>

#include "tensorflow/core/framework/types.pb.h"

namespace tensorflow {

inline const std::string& EnumName_DataType(DataType type) { return DataType_Name(type); }

}  // namespace tensorflow
