"""What inspect says is what adapt does, for each rewrite and for each refusal of one."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from opgraft.adapt import CannotAdaptError, adapt, rewrites
from opgraft.inspect import Report, inspect

from tests.adapt.case_graphs import build
from tests.adapt.refused_cases import NOT_THE_TROUBLE, REFUSED, REFUSED_WITHOUT_SHAPES
from tests.adapt.rewrite_cases import CASES, Case
from tests.adapt.seeds import saved_model

RELEASES = ("0.12", "1.4.1", "1.8", "1.15.5", "2.0", "2.3.4", "2.8.4", "2.14.1")
OLD = "1.4.1"
HARD = [(case, text, True) for case, text in REFUSED]
HARD += [(case, text, False) for case, text in REFUSED_WITHOUT_SHAPES]


def both(model: Any, release: str, path: Path) -> tuple[Report, str]:
    """What inspect reports, and why adapt refuses, or ""."""
    source = path / "model"
    source.mkdir(parents=True)
    (source / "saved_model.pb").write_bytes(model.SerializeToString())
    try:
        adapt(source, path / "out", release)
    except CannotAdaptError as e:
        return inspect(source, release), str(e)
    return inspect(source, release), ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_what_is_promised_is_kept(case: Case, tmp_path: Path) -> None:
    """Runnable for inspect is what adapt adapts, with static shapes and without."""
    for shapes in (True, False):
        model = saved_model(*build(case, shapes))
        for release in RELEASES:
            report, refused = both(model, release, tmp_path / f"{release}{shapes}")
            assert (report.status < 2) == (not refused), (release, refused, report.as_dict())


@pytest.mark.parametrize(
    ("case", "text", "shapes"), HARD, ids=[f"{case.op}-{text}" for case, text, _ in HARD]
)
def test_what_is_refused_is_foreseen(case: Case, text: str, shapes: bool, tmp_path: Path) -> None:
    """By both, for the same reason."""
    report, refused = both(saved_model(*build(case, shapes)), OLD, tmp_path)
    assert text in refused
    assert report.status == 2
    assert any(text in problem.refusal for problem in report.problems)


def refusals() -> list[str]:
    """The longest constant part of each reason that a rewrite gives."""
    found = []
    for path in sorted(Path(rewrites.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                if getattr(node.exc.func, "id", "") == "NoRewriteError":
                    parts = [n.value for n in ast.walk(node.exc) if isinstance(n, ast.Constant)]
                    found.append(max((p for p in parts if isinstance(p, str)), key=len))
    return found


def test_each_refusal_is_tried() -> None:
    """A new reason needs a case."""
    known = [part for part in refusals() if NOT_THE_TROUBLE not in part]
    assert len(known) > 30
    tried = [text for _, text, _ in HARD]
    assert [p for p in known if not any(text in p or p in text for text in tried)] == []
