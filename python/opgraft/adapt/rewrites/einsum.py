"""Einsum of one or two inputs."""

from __future__ import annotations

from opgraft.adapt.builder import Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.table import composition


def _expand(terms: list[str], output: str, ranks: list[int]) -> tuple[list[str], str]:
    """Replaces "..." by labels of its own, the same in all terms."""
    used = set("".join(terms) + output)
    free = [chr(code) for code in range(ord("A"), ord("z")) if chr(code).isalpha()]
    free = [label for label in free if label not in used]
    widths = [
        rank - len(term.replace("...", "")) if "..." in term else 0
        for term, rank in zip(terms, ranks)
    ]
    width = max(widths)
    if any("..." in term and own != width for term, own in zip(terms, widths)):
        raise NoRewriteError("its inputs have different numbers of dimensions for ...")
    labels = "".join(free[:width])
    return [t.replace("...", labels) for t in terms], output.replace("...", labels)


def _sum_out(b: Builder, x: Tensor, labels: str, kept: set[str]) -> tuple[Tensor, str]:
    """Sums over the labels that nobody else has."""
    axes = [i for i, label in enumerate(labels) if label not in kept]
    if not axes:
        return x, labels
    return b("Sum", x, b.const(axes)), "".join(label for label in labels if label in kept)


def _transpose(b: Builder, x: Tensor, labels: str, wanted: str) -> Tensor:
    if labels == wanted:
        return x
    return b("Transpose", x, b.const([labels.index(label) for label in wanted]))


def _part(b: Builder, shape: Tensor, start: int, count: int) -> Tensor:
    return b("Slice", shape, b.const([start]), b.const([count]))


@composition("Einsum")
def einsum(b: Builder, node: Node) -> list[Tensor]:
    """Transpose, Reshape and BatchMatMul."""
    left, _, output = node.text("equation").replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(node.inputs) or len(terms) > 2:
        raise NoRewriteError(f"it has {len(node.inputs)} inputs")
    needs_rank = any("..." in term for term in terms)
    ranks = [b.rank_of(tensor) if needs_rank else 0 for tensor in node.inputs]
    if needs_rank:
        terms, output = _expand(terms, output, ranks)
    if any(len(set(term)) != len(term) for term in (*terms, output)):
        raise NoRewriteError(f"the equation {node.text('equation')} repeats a label")
    if len(terms) == 1:
        x, labels = _sum_out(b, node.inputs[0], terms[0], set(output))
        return [_transpose(b, x, labels, output)]
    first, second = terms
    x, first = _sum_out(b, node.inputs[0], first, set(output) | set(second))
    y, second = _sum_out(b, node.inputs[1], second, set(output) | set(first))
    return [_contract(b, x, first, y, second, output)]


def _contract(b: Builder, x: Tensor, first: str, y: Tensor, second: str, output: str) -> Tensor:
    """One batched matrix product; each group of labels is one dimension of it."""
    batch = "".join(label for label in output if label in first and label in second)
    inner = "".join(label for label in first if label in second and label not in output)
    rows = "".join(label for label in first if label not in second)
    columns = "".join(label for label in second if label not in first)
    x = _transpose(b, x, first, batch + rows + inner)
    y = _transpose(b, y, second, batch + inner + columns)
    shape_x, shape_y = b("Shape", x), b("Shape", y)
    dims = {
        "batch": _part(b, shape_x, 0, len(batch)),
        "rows": _part(b, shape_x, len(batch), len(rows)),
        "inner": _part(b, shape_x, len(batch) + len(rows), len(inner)),
        "columns": _part(b, shape_y, len(batch) + len(inner), len(columns)),
    }
    sizes = {name: b("Prod", part, b.const(0)) for name, part in dims.items()}
    x = b("Reshape", x, b("Pack", [sizes["batch"], sizes["rows"], sizes["inner"]]))
    y = b("Reshape", y, b("Pack", [sizes["batch"], sizes["inner"], sizes["columns"]]))
    product = b("BatchMatMul", x, y)
    shape = b("ConcatV2", [dims["batch"], dims["rows"], dims["columns"]], b.const(0))
    return _transpose(b, b("Reshape", product, shape), batch + rows + columns, output)
