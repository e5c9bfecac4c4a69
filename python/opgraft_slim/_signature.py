"""What a model offers to run: its signatures, read from saved_model.pb without protobuf."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Dict, Iterator, List, Optional, Tuple

from opgraft_slim import _types, _wire
from opgraft_slim.errors import ModelError

FILE = "saved_model.pb"
_HEAD = 20  # bytes that a tag and a length take at most
_SIGNATURE_BYTES = 1 << 28  # protobuf refuses messages of 2 GB; a signature has a few hundred bytes


class TensorSpec:
    """A tensor that a signature takes or gives.

    Attributes:
      name: its name in the signature, as `Model.run` takes it.
      dtype: TensorFlow's name of its type, such as "float32" or "string".
      shape: a tuple of sizes, None where any size will do; or None for any rank.
      tensor: the name of the tensor in the graph, such as "serving_default_x:0".
    """

    __slots__ = ("dtype", "dtype_number", "name", "shape", "tensor")

    def __init__(
        self, name: str, dtype: int, shape: "Optional[Tuple[Optional[int], ...]]", tensor: str
    ) -> None:
        self.name, self.shape, self.tensor = name, shape, tensor
        self.dtype_number, self.dtype = dtype, _types.name(dtype)

    def accepts(self, shape: Tuple[int, ...]) -> bool:
        """Whether an array of that shape will do."""
        if self.shape is None:
            return True
        return len(shape) == len(self.shape) and all(
            want is None or want == size for want, size in zip(self.shape, shape)
        )

    def __repr__(self) -> str:
        if self.shape is None:
            return "{}: {} of any rank".format(self.name, self.dtype)
        sizes = ", ".join("?" if size is None else str(size) for size in self.shape)
        return "{}: {} [{}]".format(self.name, self.dtype, sizes)


class Signature:
    """A function of a model.

    Attributes:
      name: what `Model.run` takes as `signature`.
      inputs, outputs: {name: TensorSpec}. A sparse tensor is three: name/indices, name/values and
        name/dense_shape.
    """

    __slots__ = ("inputs", "name", "outputs")

    def __init__(
        self, name: str, inputs: Dict[str, TensorSpec], outputs: Dict[str, TensorSpec]
    ) -> None:
        self.name, self.inputs, self.outputs = name, inputs, outputs

    def __repr__(self) -> str:
        lines = [self.name]
        lines += ["  {!r}".format(spec) for spec in self.inputs.values()]
        lines += ["  -> {!r}".format(spec) for spec in self.outputs.values()]
        return "\n".join(lines)


class Signatures(Dict[str, Signature]):
    """{name: Signature}, which prints as a list."""

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.values())) or "no signatures"


class MetaGraph:
    """What is read of the graph of a SavedModel that has the tags asked for.

    Attributes:
      signatures: {name: Signature}, sorted by name, TensorFlow's own left out.
      has_saver: whether it says how to restore variables.
    """

    def __init__(self, signatures: Signatures, has_saver: bool) -> None:
        self.signatures, self.has_saver = signatures, has_saver


def directory(path: Any) -> str:
    """The directory of a SavedModel.

    Raises:
      ModelError: it is none; the text says what was probably meant.
    """
    try:
        directory = os.fsdecode(path)
    except TypeError as e:
        raise ModelError("a model is the path of a directory: {}".format(e)) from e
    if "\0" in directory or not os.path.exists(directory):
        raise ModelError("{!r}: there is no such model.".format(directory))
    if not os.path.isdir(directory):
        meant = os.path.dirname(directory) or "."
        advice = "Name the directory of a SavedModel, which holds {}.".format(FILE)
        if os.path.basename(directory) == FILE:
            advice = "Name its directory, {}.".format(meant)
        raise ModelError("{} is a file. {}".format(directory, advice))
    if not os.path.isfile(os.path.join(directory, FILE)):
        if os.path.isfile(os.path.join(directory, "saved_model.pbtxt")):
            raise ModelError(
                "{} holds saved_model.pbtxt, text that is not read here: convert it to {}.".format(
                    directory, FILE
                )
            )
        below = [
            name
            for name in sorted(os.listdir(directory))
            if os.path.isfile(os.path.join(directory, name, FILE))
        ]
        advice = (
            " Its subdirectories {} do: name one.".format(", ".join(below[:5])) if below else ""
        )
        raise ModelError(
            "{} holds no {}, so it is no SavedModel.{}".format(directory, FILE, advice)
        )
    return directory


def read(directory: str, tags: Tuple[str, ...]) -> MetaGraph:
    """Reads the signatures; the graph itself is skipped, however large.

    Raises:
      ModelError: no SavedModel, a damaged one, or none with these tags.
    """
    found = []
    with _opened(directory) as file:
        for its_tags, parts in _graphs(file):
            if set(its_tags) == set(tags):
                return _meta_graph(file, parts)
            found.append(its_tags)
    raise ModelError(
        "{} has no graph with the tags {}; it has: {}. Name them as tags=(...).".format(
            os.path.join(directory, FILE), tuple(tags), ", ".join(map(str, found))
        )
    )


def serving_tags(directory: str) -> Tuple[str, ...]:
    """The tags of the graph to serve: ("serve",), or else the first that has this tag, or any.

    Raises:
      ModelError: no SavedModel, or a damaged one.
    """
    with _opened(directory) as file:
        found = [tags for tags, _ in _graphs(file)]
    return max(found, key=lambda tags: (set(tags) == {"serve"}, "serve" in tags))


@contextlib.contextmanager
def _opened(directory: str) -> Iterator[int]:
    path = os.path.join(directory, FILE)
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError as e:
        raise ModelError("{}: {}".format(path, e.strerror)) from e
    try:
        if not os.fstat(file).st_size:
            raise ModelError("{} is empty: it holds no model.".format(path))
        yield file
    except (_wire.WireError, OSError) as e:
        raise ModelError(
            "{} is damaged or no SavedModel: {}. Export or copy the model again.".format(path, e)
        ) from e
    finally:
        os.close(file)


def _graphs(file: int) -> Iterator[Tuple[Tuple[str, ...], List[Tuple[int, int, int]]]]:
    """The tags of each graph, and its fields."""
    count = 0
    for number, start, end in _fields(file, 0, os.fstat(file).st_size):
        if number == 2:  # SavedModel.meta_graphs
            parts = list(_fields(file, start, end))
            yield _tags(file, parts), parts
            count += 1
    if not count:
        raise _wire.WireError("it holds no graph")


def _fields(file: int, at: int, end: int) -> Iterator[Tuple[int, int, int]]:
    """(number, start, end) of the fields of a message in a file that hold bytes."""
    while at < end:
        head = os.pread(file, min(_HEAD, end - at), at)
        tag, used = _wire._varint(head, 0)
        kind = tag & 7
        if tag >> 3 == 0 or kind not in (0, 1, 2, 5):
            raise _wire.WireError("no field at byte {}".format(at))
        if kind == 0:
            at += _wire._varint(head, used)[1]
            continue
        if kind == 2:
            size, used = _wire._varint(head, used)
        else:
            size = 8 if kind == 1 else 4
        at += used
        if size > end - at:
            raise _wire.WireError(
                "cut off: {} bytes promised at byte {}, {} there".format(size, at, end - at)
            )
        if kind == 2:
            yield tag >> 3, at, at + size
        at += size


def _content(file: int, start: int, end: int) -> bytes:
    if end - start > _SIGNATURE_BYTES:
        raise _wire.WireError("{} bytes at {} where a few are expected".format(end - start, start))
    return os.pread(file, end - start, start)


def _tags(file: int, parts: List[Tuple[int, int, int]]) -> Tuple[str, ...]:
    infos = [_content(file, start, end) for number, start, end in parts if number == 1]
    return tuple(_wire.text(tag) for info in infos for tag in _wire.messages(info, 4))


def _meta_graph(file: int, parts: List[Tuple[int, int, int]]) -> MetaGraph:
    signatures = {}
    for number, start, end in parts:
        if number == 5:  # MetaGraphDef.signature_def, a map
            name, value = _entry(_content(file, start, end))
            if not name.startswith("__saved_model"):
                inputs, outputs = _specs(value, 1), _specs(value, 2)
                signatures[name] = Signature(name, inputs, outputs)
    ordered = Signatures((name, signatures[name]) for name in sorted(signatures))
    return MetaGraph(ordered, any(number == 3 for number, _, _ in parts))


def _one(message: Any, number: int, default: Any = b"") -> Any:
    """The last value of a field, as protocol buffers have it."""
    for found, value in _wire.fields(message):
        if found == number:
            default = value
    return default


def _entry(data: Any) -> Tuple[str, Any]:
    name, value = _one(data, 1), _one(data, 2)
    if isinstance(name, int) or isinstance(value, int):
        raise _wire.WireError("a number where a name or a message is expected")
    return _wire.text(name), value


def _specs(signature: Any, number: int) -> Dict[str, TensorSpec]:
    specs: Dict[str, TensorSpec] = {}
    for entry in _wire.messages(signature, number):
        name, info = _entry(entry)
        for spec in _tensors(name, info):
            specs[spec.name] = spec
    return {name: specs[name] for name in sorted(specs)}


def _tensors(name: str, info: Any) -> Iterator[TensorSpec]:
    """The tensors of a TensorInfo: one, or those that make up a sparse or composite one."""
    dtype, shape = _one(info, 2, 0), None
    for view in _wire.messages(info, 3):
        shape = _shape(view)
    if not isinstance(dtype, int):
        raise _wire.WireError("a type that is no number")
    for sparse in _wire.messages(info, 4):
        rank = None if shape is None else len(shape)
        for part, number, part_dtype, part_shape in (
            ("indices", 2, 9, (None, rank)),
            ("values", 1, dtype, (None,)),
            ("dense_shape", 3, 9, (rank,)),
        ):
            tensor = _wire.text(_one(sparse, number))
            yield TensorSpec(name + "/" + part, part_dtype, part_shape, tensor)
        return
    components = list(_wire.messages(info, 5, 2))
    for index, component in enumerate(components):
        for spec in _tensors("{}/{}".format(name, index), component):
            yield spec
    if not components:
        yield TensorSpec(name, dtype, shape, _wire.text(_one(info, 1)))


def _shape(view: Any) -> "Optional[Tuple[Optional[int], ...]]":
    if _one(view, 3, 0):  # unknown_rank
        return None
    sizes = [_one(dim, 1, 0) for dim in _wire.messages(view, 2)]
    if not all(isinstance(size, int) for size in sizes):
        raise _wire.WireError("a size that is no number")
    return tuple(size if size < 1 << 63 else None for size in sizes)  # -1 is any size
