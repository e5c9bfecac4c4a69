// Numbers in text, with the rules of TensorFlow's string-to-number ops (tf.strings.to_number).
#ifndef OPGRAFT_OPS_CONTRIB_NUMERIC_TEXT_H_
#define OPGRAFT_OPS_CONTRIB_NUMERIC_TEXT_H_

#include <cstdint>

#include "ops/kernel/types.h"

namespace opgraft {

/// Decimal digits after an optional minus. False for anything else, and out of range.
bool ParseNumericText(StringView text, int32_t* value);
bool ParseNumericText(StringView text, int64_t* value);

/// A decimal or hexadecimal number of fewer than 32 characters, "inf" or "nan" in either case, with
/// an optional sign. Rounded to nearest; too large is infinite. False for anything else.
bool ParseNumericText(StringView text, float* value);
bool ParseNumericText(StringView text, double* value);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_CONTRIB_NUMERIC_TEXT_H_
