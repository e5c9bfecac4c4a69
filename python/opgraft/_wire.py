"""Reads protocol buffers without their classes: binary wire format and text format.

`missing()` and `doctor` need a few fields of graphs and op lists. TensorFlow's own classes cannot
be trusted with that: an old release stops at the first field of a newer one in text format, and a
damaged file must give a message, not a half-read graph.
"""

import re
from typing import Any, Dict, Iterator, List, Tuple, Union


class WireError(ValueError):
    """The bytes or the text are not a protocol buffer."""


def _varint(data: Any, at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise WireError("cut off or damaged at byte {}".format(at))
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def write_varint(value: int) -> bytes:
    """A number as wire format has it; negative ones are their two's complement in 64 bits."""
    value &= (1 << 64) - 1
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def fields(data: Any) -> Iterator[Tuple[int, Union[int, memoryview]]]:
    """Yields (field number, value) of a message: an int, or a view of the bytes."""
    view = memoryview(data)
    at, end = 0, len(view)
    while at < end:
        tag, at = _varint(view, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise WireError("field number 0 at byte {}".format(at))
        if kind == 0:
            value, at = _varint(view, at)
            yield number, value
            continue
        if kind == 2:
            size, at = _varint(view, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise WireError("wire type {} at byte {}".format(kind, at))
        if size > end - at:
            raise WireError(
                "cut off: {} bytes promised at byte {}, {} there".format(size, at, end - at)
            )
        yield number, view[at : at + size]
        at += size


def messages(data: Any, *path: int) -> Iterator[memoryview]:
    """The sub-messages (or strings) at a path of field numbers."""
    if not path:
        yield data
        return
    for number, value in fields(data):
        if number == path[0]:
            if isinstance(value, int):
                raise WireError("field {} is a number".format(number))
            for found in messages(value, *path[1:]):
                yield found


def text(view: Any) -> str:
    """The contents of a string field."""
    try:
        return bytes(view).decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("a name that is not UTF-8") from None


_TOKEN = (
    r"""\s+|\#[^\n]*"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<word>[A-Za-z_0-9.+-]+)"""
    r"""|(?P<mark>[{}<>\[\]:;,/])"""
)


def _tokens(source: str) -> Iterator[Tuple[str, str]]:
    at, token = 0, re.compile(_TOKEN)  # here, since most programs read no text format
    while at < len(source):
        match = token.match(source, at)
        if not match:
            raise WireError(
                "line {}: unexpected {!r}".format(source.count("\n", 0, at) + 1, source[at])
            )
        at = match.end()
        if match.lastgroup:
            yield match.lastgroup, match.group()
    yield "end", ""


def parse_text(source: str) -> Dict[str, List[Any]]:
    """A message in text format, as {field: [values]}; messages are dicts, all else is text."""
    stream = _tokens(source)
    root: Dict[str, List[Any]] = {}
    stack: List[Tuple[Dict[str, List[Any]], str, str]] = [(root, "end", "")]
    kind, token = next(stream)
    while True:
        message, closing_kind, closing = stack[-1]
        if kind == closing_kind and token == closing:
            stack.pop()
            if not stack:
                return root
            kind, token = next(stream)
        elif kind == "mark" and token in ";,":
            kind, token = next(stream)
        elif kind == "word":
            name = token
            kind, token = next(stream)
            if token == ":" and kind == "mark":
                kind, token = next(stream)
            values = message.setdefault(name, [])
            if kind == "mark" and token in "{<":
                inner: Dict[str, List[Any]] = {}
                values.append(inner)
                stack.append((inner, "mark", "}" if token == "{" else ">"))
                kind, token = next(stream)
            elif kind == "mark" and token == "[":
                # A list of scalars; no field that is read here is written like that.
                while token != "]":
                    kind, token = next(stream)
                    if kind == "end":
                        raise WireError("a list that does not end")
                kind, token = next(stream)
            elif kind == "string":
                parts = []
                while kind == "string":  # adjacent literals are one
                    parts.append(token[1:-1])
                    kind, token = next(stream)
                values.append("".join(parts))
            elif kind == "word":
                values.append(token)
                kind, token = next(stream)
            else:
                raise WireError("field {!r} has no value".format(name))
        else:
            raise WireError("unexpected {}".format(repr(token) if token else "end of file"))
