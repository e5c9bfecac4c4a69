"""Model: a SavedModel, loaded, that any number of threads may run at once."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Tuple, Union

from opgraft_slim import _library, _signature, _types, errors
from opgraft_slim._signature import Signature, TensorSpec
from opgraft_slim._wire import write_varint
from opgraft_slim.errors import InputError, ModelError, RunError, SlimError

if TYPE_CHECKING:
    import numpy as np

    from opgraft_slim import _dtypes, _tensor

_MOST_THREADS = 4096
_PathLike = Union[str, "os.PathLike[str]"]


class _Plan:
    """A signature with its tensors looked up in the graph."""

    def __init__(self, signature: Signature, feeds: Any, fetches: Any) -> None:
        self.signature, self.feeds, self.fetches = signature, feeds, fetches
        self.inputs = list(signature.inputs.values())
        self.outputs = list(signature.outputs)


class Model:
    """A SavedModel in the slim TensorFlow.

    `run` may be called from many threads at once, and a process may hold many models. Use it as a
    context manager, or call `close`, to free it before the object goes away.

    Args:
      path: the directory that holds saved_model.pb.
      library: the TensorFlow library, if it is not the package's own.
      tags: those of the graph in the SavedModel.
      threads: how many threads compute: a number, for work inside an op and for ops side by side,
        or a pair of the two. TensorFlow's default is one per processor. The threads inside ops are
        shared by the process: the first model that runs decides about them. With 1, ops run in the
        thread that calls.

    Raises:
      LibraryError: no library.
      MissingOpError: the model uses an op that the library lacks.
      ModelError: no model, or one that cannot be read.
    """

    def __init__(
        self,
        path: _PathLike,
        library: Optional[_PathLike] = None,
        tags: "Tuple[str, ...] | List[str]" = ("serve",),
        threads: "int | Tuple[int, int] | None" = None,
    ) -> None:
        self._session = self._graph = None
        self.path = _signature.directory(path)
        config, encoded = _config(threads), _encoded(tags)
        meta_graph = _signature.read(self.path, tuple(tags))
        self.signatures: _signature.Signatures = meta_graph.signatures
        if meta_graph.has_saver:
            _check_variables(self.path)
        self._plans: Dict[str, _Plan] = {}
        self._idle = threading.Condition()
        self._running, self._process = 0, os.getpid()
        _while_numpy_is_imported(lambda: self._load(library, config, encoded))

    def _load(self, library: Optional[_PathLike], config: bytes, tags: "List[bytes]") -> None:
        tf = self._library = _library.load(library)
        options, self._graph = tf.NewSessionOptions(), tf.NewGraph()
        try:
            self._check(*tf.checked(tf.SetConfig, options, config, len(config))[1:])
            names = (ctypes.c_char_p * len(tags))(*tags)
            directory = os.fsencode(self.path)
            arguments = (options, None, directory, names, len(tags), self._graph, None)
            self._session, code, text = tf.checked(tf.LoadSessionFromSavedModel, *arguments)
            self._check(code, text)
        except BaseException:
            self.close()
            raise
        finally:
            tf.DeleteSessionOptions(options)

    def _check(self, code: int, text: str) -> None:
        if code:
            text = text or "TensorFlow's status code {}".format(code)
            raise errors.missing_op(text, self.path) or ModelError(
                "{} cannot be loaded: {}".format(self.path, text)
            )

    def run(
        self, /, signature: str = "serving_default", **inputs: Any
    ) -> "Dict[str, np.ndarray[Any, Any]]":
        """Runs a signature.

        Args:
          signature: one of `signatures`.
          **inputs: an array for each input. Arrays must have its type; lists and Python's numbers
            and strings become it. str is encoded as UTF-8. `run_inputs` takes names that Python
            does not.

        Returns:
          {output: array}. Strings are objects of type bytes. The arrays are the caller's own.

        Raises:
          InputError: no such signature; or an input is missing, unknown, or of a wrong type,
            rank or size.
          MissingOpError: the library lacks the kernel of an op for these types.
          RunError: the model failed.
        """
        return self.run_inputs(inputs, signature)

    def run_inputs(
        self, inputs: Mapping[str, Any], signature: str = "serving_default"
    ) -> "Dict[str, np.ndarray[Any, Any]]":
        """As `run`, with the inputs in a mapping."""
        session = self._begin()
        tensors: List[int] = []
        tf = self._library
        try:
            plan = self._plans.get(signature) or self._plan(signature)
            if len(inputs) != len(plan.inputs) or not all(
                n in inputs for n in plan.signature.inputs
            ):
                raise _wrong_names(plan.signature, inputs)
            for spec in plan.inputs:
                tensors.append(self._feed(spec, inputs[spec.name]))
            given = (ctypes.c_void_p * len(tensors))(*tensors)
            made = (ctypes.c_void_p * len(plan.outputs))()
            feeds, fetches = (plan.feeds, given, len(given)), (plan.fetches, made, len(made))
            arguments = (session, None, *feeds, *fetches, None, 0, None)
            _, code, text = tf.checked(tf.SessionRun, *arguments)
            if code:
                raise errors.missing_op(text, self.path) or RunError(
                    "{}: {} failed: {}\nIt was given: {}.".format(
                        self.path, signature, text, _given(inputs)
                    ),
                    code,
                )
            return _taken(tf, plan.outputs, list(made))
        finally:
            for tensor in tensors:
                tf.DeleteTensor(tensor)
            self._end()

    def _feed(self, spec: TensorSpec, value: Any) -> int:
        try:
            array = _dtypes.convert(value, spec.dtype_number)
            if not spec.accepts(array.shape):
                sizes = ", ".join(map(str, array.shape))
                raise InputError("has the shape [{}].".format(sizes))
            return _tensor.make(self._library, array, spec.dtype_number)
        except InputError as e:
            raise InputError("input {} {} The model takes {!r}.".format(spec.name, e, spec)) from e

    def _plan(self, name: str) -> _Plan:
        found = self.signatures.get(name) if isinstance(name, str) else None
        if found is None:
            existing = ", ".join(self.signatures) or "none"
            raise InputError(
                "{} has no signature {!r}; it has: {}.".format(self.path, name, existing)
            )
        for spec in (*found.inputs.values(), *found.outputs.values()):
            _dtypes.to_numpy(spec.dtype_number)
        feeds = [self._output(spec) for spec in found.inputs.values()]
        fetches = [self._output(spec) for spec in found.outputs.values()]
        array = _library.Output
        plan = _Plan(found, (array * len(feeds))(*feeds), (array * len(fetches))(*fetches))
        self._plans[name] = plan
        return plan

    def _output(self, spec: TensorSpec) -> _library.Output:
        """The output of a node that a signature names.

        Raises:
          ModelError: the graph has none, or of another type.
        """
        tf, (name, colon, index) = self._library, spec.tensor.partition(":")
        number = int(index) if index.isdigit() and len(index) < 9 else 0
        node = None
        if "\0" not in name and (index.isdigit() or not colon):
            node = tf.GraphOperationByName(self._graph, name.encode("utf-8"))
        if not node or number >= tf.OperationNumOutputs(node):
            raise ModelError(
                "{} is damaged: its signature's {} is the tensor {!r}, which its graph has "
                "not.".format(self.path, spec.name, spec.tensor)
            )
        output = _library.Output(node, number)
        dtype = tf.OperationOutputType(output) % 100  # 101.. are references to 1..
        if dtype != spec.dtype_number:
            raise ModelError(
                "{} is damaged: its signature's {} is {}, in its graph {}.".format(
                    self.path, spec.name, spec.dtype, _types.name(dtype)
                )
            )
        return output

    def _begin(self) -> Any:
        """The session, which `close` leaves alone until `_end`."""
        with self._idle:
            if self._session is None:
                raise SlimError("{}: the model is closed.".format(self.path))
            if self._process != os.getpid():
                raise SlimError(
                    "{}: the model was loaded before this process was forked off, and its threads "
                    "stayed behind. Load it here.".format(self.path)
                )
            self._running += 1
            return self._session

    def _end(self) -> None:
        with self._idle:
            self._running -= 1
            if not self._running:
                self._idle.notify_all()

    def close(self) -> None:
        """Frees the model, after the runs in other threads; it cannot run any more."""
        with self._idle:
            session, self._session = self._session, None
            self._idle.wait_for(lambda: not self._running)
            graph, self._graph = self._graph, None
        if self._process != os.getpid():
            return
        tf = self._library
        if session is not None:
            tf.checked(tf.CloseSession, session)
            tf.checked(tf.DeleteSession, session)
        if graph is not None:
            tf.DeleteGraph(graph)

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_graph", None) is not None:
            self.close()

    def __repr__(self) -> str:
        return "Model({!r}): {}".format(self.path, ", ".join(self.signatures) or "no signature")


def _while_numpy_is_imported(load: Callable[[], None]) -> None:
    """Loads a model; where a program has not imported numpy yet, this is done at the same time.

    Of the start of a small model, Python's own included, numpy is three quarters.
    """
    if "numpy" in sys.modules:
        _import_numpy()
        load()
        return
    failed: List[BaseException] = []

    def work() -> None:
        try:
            load()
        except BaseException as e:
            failed.append(e)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        _import_numpy()
    finally:
        thread.join()
    if failed:
        raise failed[0]


def _import_numpy() -> None:
    """What of this package needs numpy as well."""
    global np, _dtypes, _tensor
    import numpy as np

    from opgraft_slim import _dtypes, _tensor


def _check_variables(directory: str) -> None:
    """TensorFlow loads a model whose variables are missing, and fails when it runs.

    Raises:
      ModelError: they are missing.
    """
    index = os.path.join(directory, "variables", "variables.index")
    if os.path.exists(index):
        return
    with open(os.path.join(directory, _signature.FILE), "rb") as f:
        graph = f.read()
    if b"VarHandleOp" in graph or b"VariableV2" in graph:
        raise ModelError(
            "{} is missing: export or copy the model again, with its variables.".format(index)
        )


def _given(inputs: Mapping[str, Any]) -> str:
    """The inputs' types and shapes, for a message about their values."""
    arrays = [(name, np.asarray(value)) for name, value in inputs.items()]
    return ", ".join("{} {} {}".format(n, a.dtype, list(a.shape)) for n, a in arrays) or "nothing"


def _encoded(tags: Any) -> "List[bytes]":
    if isinstance(tags, str) or not all(isinstance(tag, str) and "\0" not in tag for tag in tags):
        raise ModelError("tags are a tuple of strings, not {!r}.".format(tags))
    return [tag.encode("utf-8", "surrogateescape") for tag in tags]


def _config(threads: "int | Tuple[int, int] | None") -> bytes:
    """A ConfigProto with numbers of threads."""
    if threads is None:
        return b""
    both = tuple(threads) if isinstance(threads, (tuple, list)) else (threads, threads)
    if len(both) != 2 or not all(type(n) is int and 1 <= n <= _MOST_THREADS for n in both):
        raise ModelError(
            "threads={!r}: a number from 1 to {}, or a pair of them.".format(threads, _MOST_THREADS)
        )
    intra, inter = both
    # intra_op_parallelism_threads = 2, inter_op_parallelism_threads = 5 (-1: the caller's thread),
    # use_per_session_threads = 9.
    fields = [(2, intra), (5, inter if inter > 1 else -1), (9, 1)]
    return b"".join(write_varint(number << 3) + write_varint(value) for number, value in fields)


def _wrong_names(signature: Signature, inputs: Mapping[str, Any]) -> InputError:
    missing = [name for name in signature.inputs if name not in inputs]
    unknown = [str(name) for name in inputs if name not in signature.inputs]
    parts = ["misses the input {}".format(", ".join(missing))] if missing else []
    parts += ["has no input {}".format(", ".join(unknown))] if unknown else []
    text = "; ".join(repr(spec) for spec in signature.inputs.values()) or "none"
    return InputError("{} {}. Its inputs: {}.".format(signature.name, " and ".join(parts), text))


def _taken(
    library: Any, names: "List[str]", tensors: "List[Optional[int]]"
) -> "Dict[str, np.ndarray[Any, Any]]":
    """The arrays of the tensors that a run has made, which are deleted whatever happens."""
    made = {}
    try:
        while tensors:
            tensor = tensors.pop()
            if tensor is not None:
                made[names[len(tensors)]] = _tensor.take(library, tensor)
    finally:
        for tensor in filter(None, tensors):
            library.DeleteTensor(tensor)
    return {name: made[name] for name in names}
