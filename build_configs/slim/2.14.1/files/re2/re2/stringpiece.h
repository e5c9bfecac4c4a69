// TensorFlow passes absl::string_view, which is std::string_view here, where RE2 of this age has a
// class of its own. With the standard one in its place no caller needs a change.
#ifndef RE2_STRINGPIECE_H_
#define RE2_STRINGPIECE_H_

#include <stddef.h>
#include <string.h>

#include <algorithm>
#include <iosfwd>
#include <iterator>
#include <string>
#include <string_view>

namespace re2 {

using StringPiece = std::string_view;

}  // namespace re2

#endif  // RE2_STRINGPIECE_H_
