"""Reads the kernels, ops and gradients that a preprocessed file registers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Union

import preprocess

DEVICES = {"DEVICE_CPU": "CPU", "DEVICE_DEFAULT": "DEFAULT"}
# C++'s names of dtypes (core/framework/types.h), without the namespace tensorflow.
CPP_TYPES = {
    "Eigen::half": "half",
    "half": "half",
    "Eigen::bfloat16": "bfloat16",
    "tstring": "string",
    "ResourceHandle": "resource",
    "Variant": "variant",
    "std::complex<float>": "complex64",
    "std::complex<double>": "complex128",
    "int": "int32",
    "short": "int16",
    "unsignedchar": "uint8",
    "int64_t": "int64",
    "int32_t": "int32",
    **{
        name: name
        for name in """float double int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool bfloat16
        complex64 complex128 qint8 qint16 qint32 quint8 quint16 int4 uint4 float8_e5m2
        float8_e4m3fn""".split()
    },
}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CALL = re.compile(r"\s*\.\s*(\w+)\s*(?:<([^()]*)>)?\s*\(")
_CONSTANT = re.compile(r"\b(k\w+)(?:\[\])?\s*=\s*([^;{}]{1,200});")


Value = Union[str, int, bool]


class NotUnderstood(ValueError):
    """A registration in a form that is not known; the message is its text."""


@dataclass
class Registration:
    """A kernel as a source file registers it.

    Attributes:
      op, kernel_class, device, label, priority: as given to TensorFlow.
      is_system: whether selective registration does not apply.
      types: {attr: dtypes} of the constraints on types.
      values: {attr: value} of the constraints on numbers, flags and strings.
    """

    op: str
    kernel_class: str
    device: str = ""
    label: str = ""
    priority: int = 0
    is_system: bool = False
    types: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)


@dataclass
class Registrations:
    """What one file registers."""

    kernels: list[Registration] = field(default_factory=list)
    ops: list[str] = field(default_factory=list)
    gradients: list[str] = field(default_factory=list)


def read(text: str) -> Registrations:
    """The CPU kernels, the ops and the gradients in preprocessed text.

    Raises:
      NotUnderstood: a registration is in no form that is known.
    """
    constants = _constants(text) if "OPGRAFT_" in text else {}
    found = Registrations()
    for arguments in preprocess.calls(text, "OPGRAFT_KERNEL"):
        name, is_system, text_of_class, builder = arguments[:4]
        kernel = Registration(
            _string(name, constants), _string(text_of_class, {}), is_system=is_system == "true"
        )
        _read_chain(kernel, builder, constants)
        if kernel.device:
            found.kernels.append(kernel)
    for arguments in preprocess.calls(text, "OPGRAFT_OP"):
        found.ops.append(_string(arguments[0], constants))
    for arguments in preprocess.calls(text, "OPGRAFT_GRADIENT"):
        found.gradients.append(_string(arguments[0], constants))
    return found


def read_c_api(text: str) -> Registrations:
    """The same for a source that registers through TensorFlow's C API, as it is written.

    Such a file has one op or one kernel, that it asks SHOULD_REGISTER_OP(_KERNEL) about; a kernel
    of several types is a template that is called for each.
    """
    found = Registrations(ops=re.findall(r'\bSHOULD_REGISTER_OP\("(\w+)"\)', text))
    classes = re.findall(r'\bSHOULD_REGISTER_OP_KERNEL\("(\w+)"\)', text)
    op = re.search(r'\bTF_NewKernelBuilder\(\s*"(\w+)",\s*\S*\bDEVICE_CPU\b', text)
    if classes and op:
        types = re.findall(r"\bRegister\w+OpKernel<([^()]+)>\(\)", text)
        kernels = [Registration(op[1], classes[0], "CPU") for _ in types or [""]]
        for kernel, name in zip(kernels, types):
            kernel.types["T"] = [dtype(name)]
        found.kernels += kernels
    return found


def _constants(text: str) -> dict[str, str]:
    """{name: expression} of the constants; of several of one name, one with a literal."""
    found: dict[str, str] = {}
    for name, value in _CONSTANT.findall(text):
        if '"' not in found.get(name, ""):
            found[name] = value
    return found


def _string(text: str, constants: dict[str, str]) -> str:
    """The value of a string literal, of several in a row, or of a constant that is one."""
    for _ in range(3):
        parts = _STRING.findall(text)
        if parts:
            return "".join(re.sub(r"\\(.)", r"\1", part) for part in parts)
        text = constants.get(text.rpartition("::")[2].strip(), "")
    raise NotUnderstood(text)


def _read_chain(kernel: Registration, builder: str, constants: dict[str, str]) -> None:
    """Reads a builder: Name("X").Device(D).TypeConstraint<T>("T") and so on."""
    at = builder.index("Name(") + len("Name(")
    at += len(_inside(builder, at)) + 1
    while at < len(builder):
        match = _CALL.match(builder, at)
        if match is None:
            raise NotUnderstood(builder)
        inside = _inside(builder, match.end())
        at = match.end() + len(inside) + 1
        arguments = preprocess.split(inside + ")", 0)
        _apply(kernel, match[1], match[2], arguments, constants, builder)


def _inside(text: str, start: int) -> str:
    """The text from `start`, just after an opening bracket, to the one that closes it."""
    depth, at = 0, start
    while depth or text[at] not in ")}]":
        if text[at] == '"':
            at = _STRING.match(text, at).end()  # type: ignore[union-attr]
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
    return text[start:at]


def _apply(
    kernel: Registration,
    method: str,
    template: str | None,
    arguments: list[str],
    constants: dict[str, str],
    builder: str,
) -> None:
    """One call of the chain."""
    if method == "Device":
        kernel.device = DEVICES.get(arguments[0].rpartition("::")[2], "")
    elif method == "Label":
        kernel.label = _string(arguments[0], constants)
    elif method == "Priority":
        kernel.priority = int(arguments[0])
    elif method == "TypeConstraint" and template is not None:
        kernel.types[_string(arguments[0], constants)] = [dtype(template)]
    elif method == "TypeConstraint":
        values = constants.get(arguments[1], arguments[1])
        kernel.types[_string(arguments[0], constants)] = _dtypes(values, builder)
    elif method == "AttrConstraint":
        kernel.values[_string(arguments[0], constants)] = _literal(arguments[1], builder)
    elif method != "HostMemory":
        raise NotUnderstood(builder)


def _literal(text: str, builder: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if _STRING.fullmatch(text):
        return _string(text, {})
    raise NotUnderstood(f"{text} in {builder}")


def dtype(text: str) -> str:
    """The dtype of a C++ type.

    Raises:
      NotUnderstood: it has none.
    """
    name = re.sub(r"\s|\btensorflow::|\btsl::", "", text).removeprefix("::")
    if name not in CPP_TYPES:
        raise NotUnderstood(name)
    return CPP_TYPES[name]


def _dtypes(text: str, builder: str) -> list[str]:
    names = re.findall(r"\bDT_(\w+)", text)
    if not names:
        raise NotUnderstood(f"{text} in {builder}")
    return [name.lower() for name in names]
