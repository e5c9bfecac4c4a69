"""Draws slim.json as report.html: one file, no requests, as good from a disk as from a server."""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from .attribution import op_sizes, savings, users
from .document import Document, Reason, check, replace_text

HERE = Path(__file__).resolve().parent
# Limits of what is shown, so that a page of 800 ops stays below 2 MB. slim.json has it all.
SYMBOLS, SYMBOL_NAME, REASONS, NAME = 4000, 120, 6, 200

# What C++ says where people say std::string.
SHORTER = (
    ("std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "string"),
    ("std::basic_string_view<char, std::char_traits<char> >", "string_view"),
    ("(anonymous namespace)", "{anonymous}"),
)


def write_report(path: Path, document: Document) -> None:
    """Writes report.html, whole or not at all; the same bytes for the same document.

    Raises:
      DocumentError: the document is not one, as document.check says.
      OSError: it cannot be written.
    """
    check(document)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size=format_size, show=show, difference=format_difference)
    script = (HERE / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rows = _rows(document)
    page = environment.get_template("report.html.jinja").render(
        document=document,
        ops=rows,
        widest=max((row["exclusive"] + row["shared"] for row in rows), default=0),
        parts=_parts(document),
        savings=savings(document),
        proof=_proof(document),
        data=Markup(_json(payload(document))),
        style=Markup((HERE / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=digest,
    )
    replace_text(path, page)


def format_size(size: int) -> str:
    """Bytes for people: 812 B, 4.1 kB, 523 kB, 6.30 MB, 549 MB."""
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if size >= unit * 0.9995:
            value = size / unit
            digits = 0 if value >= 99.95 else 1 if value >= 9.995 or unit == 1_000 else 2
            return f"{value:.{digits}f} {name}"
    return f"{size} B"


def format_difference(value: float | None) -> str:
    """3.0e-8, 0, or a dash for none."""
    if value is None:
        return "–"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if value else "0"


def show(text: str, limit: int = NAME) -> str:
    """A name that cannot mislead: characters that do not show are escaped, long ones shortened."""
    text = "".join(
        f"\\u{ord(char):04x}"
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else char
        for char in text[: 4 * limit]
    )
    if len(text) <= limit:
        return text
    half = (limit - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def _json(value: Any) -> str:
    """JSON that may stand in a <script>: no character of it ends one."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def payload(document: Document) -> dict[str, Any]:
    """What the script draws: files with their symbols, ops with what they need, in short keys."""
    largest = Counter(
        {
            (file["path"], number): symbol["bytes"]
            for file in document["sizes"]["files"]
            for number, symbol in enumerate(file["symbols"])
        }
    )
    shown = {key for key, _ in largest.most_common(SYMBOLS)}
    number_of = {file["path"]: at for at, file in enumerate(document["sizes"]["files"])}
    kernels: dict[str, list[Any]] = defaultdict(list)
    for kernel in document["kernels"]:
        types = ", ".join(f"{attr}: {'|'.join(of)}" for attr, of in kernel["types"].items())
        kernels[kernel["op"]].append([show(kernel["class"]), show(types), show(kernel["file"])])
    needed = users(document)
    sizes = op_sizes(document)
    return {
        "total": document["sizes"]["stripped"],
        "files": [
            {
                "path": show(file["path"]),
                "component": show(file["component"]),
                "bytes": file["bytes"],
                "users": len(needed.get(file["path"], ())),
                "symbols": [
                    [shorten(symbol["name"]), symbol["bytes"]]
                    for number, symbol in enumerate(file["symbols"])
                    if (file["path"], number) in shown
                ],
            }
            for file in document["sizes"]["files"]
        ],
        "ops": [
            {
                "name": show(op["name"]),
                "files": [number_of[path] for path in sizes[op["name"]].files if path in number_of],
                "kernels": kernels[op["name"]],
                "reasons": _reasons(op["reasons"]),
            }
            for op in document["ops"]
        ],
    }


def shorten(symbol: str) -> str:
    """The name of a symbol as people say it."""
    for long, short in SHORTER:
        symbol = symbol.replace(long, short)
    return show(symbol, SYMBOL_NAME)


def _reasons(reasons: list[Reason]) -> list[list[str]]:
    """Up to REASONS nodes per rule and model, then their number: [rule, model, node] each."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for reason in reasons:
        node = reason["node"]
        groups[reason["rule"], reason["source"]].append(
            f"{node} in {reason['function']}" if reason["function"] else node
        )
    return [
        [
            show(rule),
            show(source),
            ", ".join(show(node, 80) for node in nodes[:REASONS] if node)
            + (f" and {len(nodes) - REASONS} more" if len(nodes) > REASONS else ""),
        ]
        for (rule, source), nodes in groups.items()
    ]


def _rows(document: Document) -> list[dict[str, Any]]:
    """The table of ops, largest first; `number` is an op's place in the payload."""
    kernels = Counter(kernel["op"] for kernel in document["kernels"])
    sizes = op_sizes(document)
    rows = [
        {
            "number": number,
            "name": op["name"],
            "kernels": kernels[op["name"]],
            "files": len(sizes[op["name"]].files),
            "exclusive": sizes[op["name"]].exclusive,
            "shared": sizes[op["name"]].shared,
        }
        for number, op in enumerate(document["ops"])
    ]
    return sorted(rows, key=lambda row: (-row["exclusive"], -row["shared"], row["name"]))


def _parts(document: Document) -> list[tuple[str, str, int]]:
    """The library in four: (key, name, bytes), adding up to it."""
    needed = users(document)
    sums = {"one": 0, "shared": 0, "framework": 0, "linker": 0}
    for file in document["sizes"]["files"]:
        ops = needed.get(file["path"], ())
        made = file["component"] in ("linker", "toolchain")
        key = "one" if len(ops) == 1 else "shared" if ops else "linker" if made else "framework"
        sums[key] += file["bytes"]
    names = {
        "framework": "framework, which every model needs",
        "shared": "several ops share",
        "one": "one op alone needs",
        "linker": "linker and C++ runtime",
    }
    return [(key, names[key], sums[key]) for key in names]


def _proof(document: Document) -> dict[str, str]:
    """The proofs in one line: {"status", "text", "detail"}; the worst status counts."""
    proofs = document["proofs"]
    counts: Counter[str] = Counter(proof["status"] for proof in proofs)
    total = f"{len(proofs)} signature{'s' if len(proofs) != 1 else ''}"
    for status, text in (("fails", "fails"), ("differs", "differs")):
        if counts[status]:
            return {"status": "bad", "text": text, "detail": f"{counts[status]} of {total}"}
    if counts["agrees"]:
        largest = max((proof["largest_difference"] or 0.0) for proof in proofs)
        with_ = sorted({proof["compared_with"] for proof in proofs if proof["compared_with"]})
        few = "" if counts["agrees"] == len(proofs) else f"{counts['agrees']} of "
        detail = f"{few}{total} as in {', '.join(with_)}; largest difference "
        detail += format_difference(largest)
        return {"status": "good", "text": "agrees", "detail": detail}
    if counts["runs"]:
        return {
            "status": "fair",
            "text": "runs",
            "detail": f"{counts['runs']} of {total}; compared with nothing",
        }
    return {"status": "fair", "text": "not tried", "detail": "no model was run"}
