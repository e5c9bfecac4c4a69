"""What `python -m opgraft doctor` reports."""

import platform
import sys
import textwrap
from collections import OrderedDict
from typing import Any, Dict, List

from opgraft import _compat, _load, _manifest
from opgraft._version import __version__
from opgraft.errors import OpgraftError


def examine() -> Dict[str, Any]:
    """Loads everything that fits and describes what happened; never raises an OpgraftError.

    Returns:
      A tree of plain values, for people (`render`) and for JSON. "problems" is a list of messages,
      empty if all is well.
    """
    problems: List[str] = []
    report: Dict[str, Any] = OrderedDict(problems=problems)
    report["opgraft"] = __version__
    report["python"] = OrderedDict(
        version=platform.python_version(), path=sys.executable, platform=platform.platform()
    )
    report["tensorflow"] = report["set"] = None
    report["libraries"] = []
    try:
        report["installed"] = _describe_manifest(_manifest.read_manifest())
    except OpgraftError as e:
        problems.append(str(e))
    try:
        tf = _compat.import_tensorflow()
        report["tensorflow"] = OrderedDict(_compat.describe(tf)._asdict())
        if problems:
            return report
        loaded = _load.load()
        choice = loaded.choice
        report["set"] = OrderedDict(
            name=choice.set.key, built_for=choice.set.built_for, reason=choice.reason
        )
        report["libraries"] = [_describe_library(lib) for lib in loaded.libraries.values()]
    except OpgraftError as e:
        problems.append(str(e))
    return report


def _describe_manifest(manifest: _manifest.Manifest) -> Dict[str, Any]:
    return OrderedDict(
        directory=manifest.root, version=manifest.version, supports=manifest.supported()
    )


def _describe_library(lib: _load.Library) -> Dict[str, Any]:
    return OrderedDict(
        name=lib.name,
        path=lib.path,
        built_for=lib.built_for,
        registered=lib.registered,
        present=lib.present,
        left_out=lib.left_out,
        kernels=lib.kernels,
    )


def render(report: Dict[str, Any]) -> str:
    """The report as text of at most 100 columns, apart from paths."""
    python, tensorflow = report["python"], report["tensorflow"]
    lines = [
        "opgraft     {}".format(report["opgraft"]),
        "Python      {} ({})".format(python["version"], python["path"]),
    ]
    if tensorflow:
        lines.append(
            "TensorFlow  {} ({}) in {}".format(
                tensorflow["version"],
                tensorflow["git_version"] or "no git version",
                tensorflow["path"],
            )
        )
        abi = tensorflow["cxx11_abi"]
        lines.append(
            "C++ ABI     _GLIBCXX_USE_CXX11_ABI={}, {}".format(
                "unknown" if abi is None else abi, tensorflow["framework"] or "no framework library"
            )
        )
    else:
        lines.append("TensorFlow  none")
    if "installed" in report:
        lines.append(
            "Installed   {} (in {})".format(
                report["installed"]["supports"], report["installed"]["directory"]
            )
        )
    if report["set"]:
        lines.append("Libraries   {}: {}".format(report["set"]["name"], report["set"]["reason"]))
    for lib in report["libraries"]:
        lines += ["", "{}  {}".format(lib["name"], lib["path"])]
        lines += _ops("registered, {} kernels added".format(lib["kernels"]), lib["registered"])
        lines += _ops("already in this TensorFlow", lib["present"])
        by_note: Dict[str, List[str]] = OrderedDict()
        for op in sorted(lib["left_out"]):
            by_note.setdefault(lib["left_out"][op], []).append(op)
        for note, names in by_note.items():
            lines += _ops(note, names)
    lines.append("")
    lines += ["PROBLEM: " + p for p in report["problems"]] or ["No problems found."]
    return "\n".join(lines)


def _ops(title: str, names: List[str]) -> List[str]:
    if not names:
        return []
    # An Opgraft name goes with its plain one: half the lines for the same facts.
    plain = [n for n in names if not n.startswith("Opgraft")]
    both = {n for n in plain if "Opgraft" + n in names}
    shown = [n + "*" if n in both else n for n in plain]
    shown += [n for n in names if n.startswith("Opgraft") and n[len("Opgraft") :] not in both]
    if both:
        title += " (* and as Opgraft...)"
    text = ", ".join(shown)
    return ["  {:3d} {}".format(len(names), title)] + textwrap.wrap(
        text, 96, initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False
    )
