// Text that kernels read numbers from, and text in their messages.
#ifndef OPGRAFT_OPS_KERNEL_TEXT_H_
#define OPGRAFT_OPS_KERNEL_TEXT_H_

#include <locale.h>

#include <cstdint>
#include <string>

#include "ops/kernel/types.h"

namespace opgraft {

/// The locale "C": programs may have set one whose decimal point is a comma.
locale_t PlainLocale();

/// Decimal digits and nothing else, at least one. False for other text, and above `limit`.
bool ParseDigits(StringView text, uint64_t limit, uint64_t* number);

/// The beginning of a string, about 100 bytes, for messages: zeros, which would end one, and what
/// is not UTF-8, on which Python fails, are escaped.
std::string Printable(StringView text);

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_TEXT_H_
