"""Which source files the code in a source file needs at link time.

TensorFlow's Bazel targets say it, but too coarsely: one target has all element-wise kernels. This
reads the files instead. A file needs another if it says a name, itself or through classes and
functions of headers that it uses, that the other defines (a class by its member functions or
explicit instantiations, or a function), and a header beside the other declares it, or the file
itself as a class template. This errs on the side of more; the linker finds what it misses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from preprocess import Preprocessor

# Where code that kernels share is.
PROVIDERS = ("tensorflow/core/", "tensorflow/tsl/", "tensorflow/c/", "tensorflow/compiler/jit/")
SKIPPED = re.compile(
    r"test|benchmark|gpu|cuda|\.cu\.cc$|/mkl|/zen|/tpu/|/tfrt/|/risc|/distributed_runtime/|/debug/"
    r"|/grappler/|/rocm|/ir/|/profiler/|/python/|/windows/|/eager/|pluggable|/transforms/|/runtime_"
    r"|/c/experimental/|/function/|/api_def/|_main\.cc$|/summary/|/platform/|fuzz"
    r"|kernels/matmul_util\.cc|util/matmul_autotune\.cc"  # of cuBLAS
    r"|core/data/|kernels/data/|framework/(model|dataset)\.cc|^tensorflow/c/[^/]*$|core/graph/"
)
# Libraries from outside of TensorFlow, by a header of theirs.
LIBRARIES = {
    "ICU": re.compile(r"^unicode/"),
    "LMDB": re.compile(r"^lmdb\.h$"),
    "RE2": re.compile(r"^re2/"),
    "SQLite": re.compile(r"^sqlite3\.h$"),
    "ducc": re.compile(r"^ducc/"),
    "fft2d": re.compile(r"^third_party/fft2d/"),
    "gemmlowp": re.compile(r"^public/gemmlowp\.h$"),
    "giflib": re.compile(r"^gif_lib\.h$"),
    "highwayhash": re.compile(r"^highwayhash/"),
    "libjpeg": re.compile(r"^jpeglib\.h$|^jerror\.h$"),
    "libpng": re.compile(r"^png\.h$"),
    "sobol_data": re.compile(r"^sobol_data\.h$"),
}
# Classes that have a file for each type, of which a kernel needs only that of its own type.
PER_TYPE = re.compile(r"\btemplate\s+struct\s+LaunchConv2DOp\s*<\s*CPUDevice\s*,([^<>]+)>")
# Headers whose own needs are the framework's business.
FRAMEWORK_HEADERS = re.compile(
    r"^tensorflow/(tsl|cc|c|compiler|core/(common_runtime|framework|graph|lib|platform|profiler"
    r"|public))/"
)
_COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*")', re.S)
_MARK = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{};]')
_NAMESPACE = re.compile(r'\bnamespace\b([\w\s:]*)$|\bextern\s+"C"\s*$')
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)|\[\[.*?\]\]|\balignas\s*\(\w+\)", re.S)
_TYPE = re.compile(r"^(?:class|struct|union|enum(?:\s+class)?)\s+(?:[A-Z_]+\s+)?(\w+)")
_QUALIFIED = re.compile(r"(\w+)\s*(?:<[^()]*>)?\s*::\s*(~?\w+|operator\W*)\s*(?:<[^()]*>)?\s*$")
_LOCAL = re.compile(r"extern\s+template|static\b|using\b|typedef\b|inline\b")
NO_NAMES = {"", "string", "void", "bool", "int"}  # of conversion operators and the like
_TO_END = r"(?:[^\n\\]|\\.|\\\n)*"  # of a directive, over its continued lines
_DIRECTIVE = re.compile(r"^[ \t]*#" + _TO_END, re.M)
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(" + _TO_END + ")", re.M)
_WORD = re.compile(r"[A-Za-z_]\w+")


def is_source(name: str) -> bool:
    """Whether a file may be needed, or need others."""
    return name.endswith(".cc") and name.startswith(PROVIDERS) and not SKIPPED.search(name)


def needs(preprocessor: Preprocessor, own: dict[str, str]) -> dict[str, list[str]]:
    """{file: files that it needs}, for all that need any.

    Args:
      preprocessor: knows the headers.
      own: {file: its text after preprocessing, without headers} of the sources to choose from.
    """
    names = sorted(own)
    headers = _Headers(preprocessor)
    providers: dict[str, set[str]] = {}
    for name in names:
        for word in set(defined(own[name])) - NO_NAMES:
            providers.setdefault(word, set()).add(name)
    found = {}
    for name in names:
        included, declared = headers.closure(name), _templates(own[name])
        words = headers.expand(set(_WORD.findall(own[name])), included)
        needed = {
            provider
            for word in words & providers.keys()
            if name not in providers[word]  # files for one type each do without one another
            for provider in providers[word]
            if _is_declared(word, provider, included, headers)
            or (word in declared and _kin(name) == _kin(provider))
        }
        if needed:
            found[name] = sorted(needed)
    return found


def instantiated(own: dict[str, str]) -> dict[str, list[str]]:
    """{file: the C++ types for which it instantiates one of PER_TYPE}."""
    found = {}
    for name, text in own.items():
        types = {match[1].strip() for match in PER_TYPE.finditer(text)}
        if types:
            found[name] = sorted(types)
    return found


def libraries(preprocessor: Preprocessor, framework: set[str]) -> dict[str, list[str]]:
    """{file: LIBRARIES that it includes}, without those that the framework has."""
    headers = _Headers(preprocessor)

    def of(name: str) -> set[str]:
        files = (name, *headers.closure(name))
        names = {included for file in files for included in preprocessor.includes[file]}
        return {key for key, header in LIBRARIES.items() if any(map(header.match, names))}

    always = {key for name in framework for key in of(name)}
    found = {n: sorted(of(n) - always) for n in sorted(preprocessor.files) if is_source(n)}
    return {name: names for name, names in found.items() if names}


def _templates(text: str) -> set[str]:
    """The class templates of a text, which another file may instantiate."""
    found = set()
    for statement in _statements(text):
        template, head = _without_template(statement.head)
        if template.startswith("<") and statement.body is not None and _TYPE.match(head):
            found.add(_declared(head))
    return found


def _kin(name: str) -> str:
    """What the files of one op have in common: their folder and the first word of their names."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file.partition('_')[0]}"


def _is_declared(word: str, provider: str, included: set[str], headers: _Headers) -> bool:
    """Whether a header beside a source declares a word for those who include it."""
    folder = provider.rpartition("/")[0]
    common = included & headers.closure(provider)
    return any(h.rpartition("/")[0] == folder and word in headers.bodies(h) for h in common)


class _Headers:
    """The headers of a tree as they are written, each read once."""

    def __init__(self, preprocessor: Preprocessor) -> None:
        self._preprocessor = preprocessor
        self._closures: dict[str, set[str]] = {}
        self._bodies: dict[str, dict[str, set[str]]] = {}

    def closure(self, name: str) -> set[str]:
        """The headers of the tree that a file includes, also through others."""
        if name not in self._closures:
            stack, seen = [name], {name}
            while stack:
                for included in self._preprocessor.includes[stack.pop()]:
                    if included in self._preprocessor.files and included not in seen:
                        seen.add(included)
                        stack.append(included)
            self._closures[name] = seen - {name}
        return self._closures[name]

    def bodies(self, name: str) -> dict[str, set[str]]:
        """{class or function: words of its definition} of what a header declares."""
        if name not in self._bodies:
            text = (self._preprocessor.tree / name).read_text("utf-8", "replace")
            text = _COMMENT.sub(lambda match: match[1] or " ", text)
            found: dict[str, set[str]] = {}
            for macro in _MACRO.finditer(text):  # what functions say through macros
                found.setdefault(macro[1], set()).update(_WORD.findall(macro[2]))
            text = _DIRECTIVE.sub("", text)
            self._bodies[name] = found
            for statement in _statements(text):
                declared = _declared(statement.head)
                if declared:
                    words = set(_WORD.findall(f"{statement.head} {statement.body or ''}"))
                    found.setdefault(declared, set()).update(words)
        return self._bodies[name]

    def expand(self, words: set[str], included: set[str]) -> set[str]:
        """Words with those of the definitions that they stand for in some headers."""
        own = [self.bodies(name) for name in included if not FRAMEWORK_HEADERS.search(name)]
        found, stack = set(words), list(words)
        while stack:
            word = stack.pop()
            for bodies in own:
                new = bodies.get(word, set()) - found
                found |= new
                stack += new
        return found


@dataclass(frozen=True)
class _Statement:
    """A declaration in a namespace: the text up to the body or the ";", and the body if any."""

    head: str
    body: str | None
    is_anonymous: bool


def _declared(head: str) -> str:
    """The class or function that a declaration is about, or ""."""
    _, head = _without_template(head)
    match = _TYPE.match(head)
    if match:
        return match[1]
    if "(" in head or head.startswith("extern "):
        return (_WORD.findall(head.partition("(")[0]) or [""])[-1]
    return ""


def defined(text: str) -> Iterator[str]:
    """The names of what C++ text defines for other files."""
    for statement in _statements(text):
        if statement.is_anonymous or _LOCAL.match(statement.head):
            continue
        template, head = _without_template(statement.head)
        is_explicit, has_body = template == "template", statement.body is not None
        if _TYPE.match(head):
            if is_explicit and not has_body:
                yield re.sub(r"^\w+\s+(?:\w+::)*", "", head).partition("<")[0].strip()
            continue
        if template and not is_explicit and not has_body:  # a specialization, told beforehand
            continue
        before = head.partition("(")[0] if "(" in head else head.partition("=")[0]
        before = re.sub(r"<[^()]*>\s*$", "", before.strip().removesuffix("[]"))
        match = _QUALIFIED.search(before)
        if match:
            yield match[1]
            if match[1][0].islower():  # a namespace
                yield match[2]
        elif "(" in head:
            if is_explicit or (has_body and template in ("", "<>")):
                yield from _WORD.findall(before)[-1:]
        elif not has_body and "=" in head and not template:
            yield from _WORD.findall(before)[-1:]


def _without_template(head: str) -> tuple[str, str]:
    """A declaration's template<…>, all of them, and the rest; "template" for an instantiation."""
    template = ""
    while head.startswith("template"):
        rest = head[len("template") :].lstrip()
        if not rest.startswith("<"):
            return "template", rest
        depth = 0
        end = 0
        while end < len(rest) and (depth or end == 0):
            depth += (rest[end] == "<") - (rest[end] == ">")
            end += 1
        template, head = rest[:end], rest[end:].lstrip()
    return template, head


def _statements(text: str) -> Iterator[_Statement]:
    """The declarations in the namespaces of a text."""
    namespaces: list[bool] = []  # whether each is anonymous
    depth, begin, head, body = 0, 0, "", 0
    for mark in _MARK.finditer(text):
        char = mark[0]
        if char not in "{};":
            continue
        if depth:
            depth += (char == "{") - (char == "}")
            if depth == 0:
                yield _Statement(head, text[body : mark.start()], any(namespaces))
            begin = mark.end()
            continue
        head = _ATTRIBUTE.sub("", text[begin : mark.start()]).strip()
        begin = mark.end()
        if char == "}":
            namespaces = namespaces[:-1]
        elif char == "{":
            namespace = _NAMESPACE.search(head)
            if namespace:
                namespaces.append(namespace[1] is not None and not namespace[1].strip())
            else:
                depth, body = 1, mark.end()
        elif head:
            yield _Statement(head, None, any(namespaces))
