"""ops_to_register.h: what TensorFlow's macros ask when they register (selective registration).

They ask with the name of an op and the text of a kernel's class, as the compiler stringifies it;
compilers differ in its spaces, so these do not count. The answers are constants, so that what is
not registered is not even compiled in. See tensorflow/core/framework/registration/registration.h.
"""

from __future__ import annotations

from collections.abc import Iterable

_TEXT = """\
// Made by opgraft. The ops and kernels of this build; see slim.json for the reasons.
#ifndef OPS_TO_REGISTER_H_
#define OPS_TO_REGISTER_H_

namespace opgraft_slim {{

constexpr const char* kOps[] = {{
{ops}
}};

constexpr const char* kKernelClasses[] = {{
{classes}
}};

// Whether two texts are equal but for their spaces.
constexpr bool SameText(const char* a, const char* b) {{
  while (true) {{
    while (*a == ' ') ++a;
    while (*b == ' ') ++b;
    if (*a != *b) return false;
    if (*a == '\\0') return true;
    ++a;
    ++b;
  }}
}}

template <unsigned long kCount>
constexpr bool IsAmong(const char* text, const char* const (&list)[kCount]) {{
  for (const char* one : list) {{
    if (SameText(text, one)) return true;
  }}
  return false;
}}

}}  // namespace opgraft_slim

#define SHOULD_REGISTER_OP(op) (::opgraft_slim::IsAmong(op, ::opgraft_slim::kOps))
#define SHOULD_REGISTER_OP_KERNEL(name) \\
  (::opgraft_slim::IsAmong(name, ::opgraft_slim::kKernelClasses))
#define SHOULD_REGISTER_OP_GRADIENT false

#endif  // OPS_TO_REGISTER_H_
"""


def text(ops: Iterable[str], classes: Iterable[str]) -> str:
    """The header that registers some ops and the kernels of some classes, each at least one."""
    return _TEXT.format(ops=_lines(ops), classes=_lines(classes))


def _lines(names: Iterable[str]) -> str:
    return "\n".join(f'    "{name}",' for name in sorted(set(names)))
