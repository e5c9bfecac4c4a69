// Lowercase of Unicode text.
#ifndef OPGRAFT_OPS_CORE_UNICODE_LOWER_H_
#define OPGRAFT_OPS_CORE_UNICODE_LOWER_H_

#include <string>

#include "ops/kernel/types.h"

namespace opgraft {

/// Replaces *lower by the lowercase of UTF-8 `text`: Unicode 13.0's full mapping without a
/// language's own rules, final sigma included. U+FFFD stands for each maximal invalid sequence. The
/// text ends at its first zero byte, as it does in TensorFlow.
void LowerUtf8(StringView text, std::string* lower);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CORE_UNICODE_LOWER_H_
