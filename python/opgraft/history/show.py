"""Ops through the ages, and between two releases, as plain values."""

from __future__ import annotations

from typing import Any

from opgraft import proto
from opgraft.errors import OpgraftError
from opgraft.history.data import Release, ages, releases
from opgraft.history.libraries import provider


class UnknownOpError(OpgraftError, LookupError):
    """No release of TensorFlow has the op."""

    def __str__(self) -> str:
        return Exception.__str__(self)


def op_ages(name: str) -> dict[str, Any]:
    """An op: its releases, its library in opgraft, and what changed when.

    Returns:
      {"name", "core": [first, last] or None, "contrib": the same for tf.contrib, "opgraft": library
      or "", "changes": [{"release", "inputs", "outputs", "attrs": {attr: text}, "kernels"}]}: of a
      change only what is new in it; None for an attr that is gone.

    Raises:
      UnknownOpError: there is no such op.
    """
    entry = ages(name)
    if entry is None:
        raise UnknownOpError(
            f"no TensorFlow from {releases()[0]} to {releases()[-1]} has an op {name!r}. "
            "Names are case-sensitive, as in a graph: AddV2."
        )
    return {
        "name": name,
        "core": _span(entry.core),
        "contrib": _span(entry.contrib),
        "opgraft": provider(name),
        "changes": _changes(entry),
    }


def lacks(runtime: str, other: str) -> dict[str, list[str]]:
    """The ops of one release that another one lacks.

    Args:
      runtime: the release that may lack them.
      other: the release that has them.

    Returns:
      {"lacks": sorted names, "opgraft": those of them that opgraft.load() provides}.
    """
    missing = sorted(Release(other).ops.keys() - Release(runtime).ops.keys())
    return {"lacks": missing, "opgraft": [name for name in missing if provider(name)]}


def _span(spans: Any) -> list[str] | None:
    names = releases()
    return [names[spans[0].first], names[spans[-1].last]] if spans else None


def _changes(entry: Any) -> list[dict[str, Any]]:
    """Per release with a change: what is new, in the order of time."""
    by_index: dict[int, dict[str, Any]] = {}
    before: dict[str, Any] = {}
    for span in entry.core or entry.contrib:
        now = _describe(span.op)
        change = {key: now[key] for key in ("inputs", "outputs") if before.get(key) != now[key]}
        old, attrs = before.get("attrs", {}), now["attrs"]
        change["attrs"] = {name: text for name, text in attrs.items() if old.get(name) != text}
        change["attrs"].update({name: None for name in old if name not in attrs})
        by_index.setdefault(span.first, {}).update(change)
        before = now
    for span in entry.kernels:
        by_index.setdefault(span.first, {})["kernels"] = [_kernels(one) for one in span.set]
    return [{"release": releases()[index], **by_index[index]} for index in sorted(by_index)]


def _describe(op: Any) -> dict[str, Any]:
    return {
        "inputs": [_argument(argument) for argument in op.input_arg],
        "outputs": [_argument(argument) for argument in op.output_arg],
        "attrs": {attr.name: _attr(attr) for attr in op.attr},
    }


def _argument(argument: Any) -> str:
    """values: N * T, as in the definition of an op."""
    kind = argument.type_attr or argument.type_list_attr
    kind = kind or proto.type_name(argument.type)
    count = f"{argument.number_attr} * " if argument.number_attr else ""
    return f"{argument.name}: {count}{'Ref(' + kind + ')' if argument.is_ref else kind}"


def _attr(attr: Any) -> str:
    """Type in [float, int32] = float, as in the definition of an op."""
    text = str(attr.type)
    if attr.HasField("allowed_values"):
        text += f" in [{value_text(attr.allowed_values)[1:-1]}]"
    if attr.has_minimum:
        text += f" >= {attr.minimum}"
    if attr.HasField("default_value"):
        text += f" = {value_text(attr.default_value)}"
    return text


def value_text(value: Any) -> str:
    """An AttrValue in a few words."""
    kind = value.WhichOneof("value")
    if kind == "list":
        fields = value.list.ListFields()
        items = [_item(field.name, item) for field, values in fields for item in values]
        return f"[{', '.join(items)}]"
    return _item(kind, getattr(value, kind)) if kind else "nothing"


def _item(kind: str, item: Any) -> str:
    if kind == "type":
        return proto.type_name(item)
    if kind == "s":
        return repr(item.decode("utf-8", "replace"))
    if kind == "shape":
        dims = ", ".join(str(dim.size) for dim in item.dim)
        return "shape(?)" if item.unknown_rank else f"shape({dims})"
    return f"{item:g}" if kind == "f" else str(item.name if kind == "func" else item)


def _kernels(one: Any) -> str:
    """T: float, double; or, of several attrs, T, U: float int32, half int32."""
    width = len(one.attr)
    names = [proto.type_name(number) for number in one.type]
    rows = [" ".join(names[i : i + width]) for i in range(0, len(names), width)] if width else []
    text = f"{', '.join(one.attr)}: {', '.join(rows)}" if width else "all types"
    other = [f"{c.name} in {value_text(c.allowed_values)}" for c in one.other]
    label = [f"_kernel = {one.label!r}"] if one.label else []
    return "; ".join([text, *other, *label])
