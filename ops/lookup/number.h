// Numbers in text files, with TensorFlow's rules.
#ifndef OPGRAFT_OPS_LOOKUP_NUMBER_H_
#define OPGRAFT_OPS_LOOKUP_NUMBER_H_

#include "ops/kernel/types.h"

namespace opgraft {

/// Whether ParseNumber knows the type: signed and unsigned integers up to 64 bits (no bool), half,
/// bfloat16, float and double.
bool IsParsable(DataType dtype);

/// Parses a decimal integer, or a float as strtod does, with white space on both sides, up to the
/// first zero byte. False if it is not a number or an integer is out of range; floats beyond the
/// range are infinite.
bool ParseNumber(StringView text, DataType dtype, void* value);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_NUMBER_H_
