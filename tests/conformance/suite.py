"""All cases, and their results in every (runtime, mode), each computed once."""

from __future__ import annotations

import functools
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .case import NEWEST, RENAMED
from .cases import (
    contrib_fused_conv,
    contrib_image,
    contrib_math,
    contrib_stereograms,
    contrib_text,
    contrib_variables,
    errors,
    files,
    mixed,
    objects,
    pairs,
    plain,
    semantics,
    sequences,
)
from .harness import Result, run, runtimes
from .judge import crashed

MODES = ("grafted", "opgraft")
CONTRIB = {
    "1.15.5": (
        "tensorflow.contrib.boosted_trees.python.ops.quantile_ops",
        "tensorflow.contrib.factorization",
        "tensorflow.contrib.fused_conv",
        "tensorflow.contrib.image",
        "tensorflow.contrib.layers",
        "tensorflow.contrib.libsvm",
        "tensorflow.contrib.nearest_neighbor",
        "tensorflow.contrib.periodic_resample",
        "tensorflow.contrib.reduce_slice_ops.python.ops.reduce_slice_ops",
        "tensorflow.contrib.resampler",
        "tensorflow.contrib.seq2seq",
        "tensorflow.contrib.text",
        "framework/python/ops/_variable_ops.so",
        "input_pipeline/python/ops/_input_pipeline_ops.so",
        "memory_stats/python/ops/_memory_stats_ops.so",
        "tensor_forest/python/ops/_tensor_forest_ops.so",
    )
}
ORACLES = ((NEWEST, "native"), ("1.15.5", "native"))
PARALLEL = 2

Case = dict[str, Any]


@functools.cache
def all_cases() -> list[Case]:
    """The one list."""
    lists = (plain, pairs, objects, semantics, files, errors, sequences, mixed)
    lists += (contrib_fused_conv, contrib_image, contrib_math, contrib_stereograms)
    lists += (contrib_text, contrib_variables)
    cases = [case for module in lists for case in module.cases()]
    names = [case["id"] for case in cases]
    repeated = {name for name in names if names.count(name) > 1}
    assert not repeated, f"cases of the same name: {sorted(repeated)}"
    return cases


def is_mixed(case: Case) -> bool:
    """Whether a case names our ops itself, so that it needs no other mode."""
    return str(case["id"]).startswith("mixed-")


class Suite:
    """Runs (runtime, mode) pairs in the background, two at a time."""

    def __init__(self, package: Path | None, cases: list[Case]) -> None:
        self.package = package
        self.cases = cases
        self._pool = ThreadPoolExecutor(PARALLEL)
        self._futures: dict[tuple[str, str], Future[dict[str, Result]]] = {}

    def start(self, version: str, mode: str) -> Future[dict[str, Result]]:
        """Begins to run a mode of a runtime, unless that has been done."""
        key = (version, mode)
        if key not in self._futures:
            if mode == "grafted":  # it leaves out what kills the stock runtime
                self.start(version, "native")
            self._futures[key] = self._pool.submit(self._run, version, mode)
        return self._futures[key]

    def results(self, version: str, mode: str) -> dict[str, Result]:
        """The results by id of case, when they are there."""
        future = self.start(version, mode)
        problem = future.exception()
        if problem is not None:  # raised anew: one exception's traceback grows with every raise
            raise RuntimeError(str(problem))
        return future.result()

    def native(self, version: str) -> dict[str, Result]:
        """What the stock runtime gives, with tf.contrib where opgraft.load() loads that too."""
        return self.results(version, "native")

    def oracle(self, case: Case) -> Result:
        """What the release that is right about a case gives."""
        if case["values"] is not None:
            return case["values"]
        return self.native(case["oracle"])[case["id"]]

    def _run(self, version: str, mode: str) -> dict[str, Result]:
        cases = [case for case in self.cases if self._belongs(case, version, mode)]
        if mode == "native":
            return run(version, mode, cases, RENAMED, None, imports=CONTRIB.get(version, ()))
        return run(version, mode, cases, RENAMED, self.package)

    def _belongs(self, case: Case, version: str, mode: str) -> bool:
        if is_mixed(case):
            return mode == "grafted"
        # Such values are there because this release's own op answers by chance.
        if mode == "grafted" and version in CONTRIB and case["values"] is not None:
            return case["oracle"] != version
        # Where stock TensorFlow aborts on its own op, so it does on its own op after load().
        return not (mode == "grafted" and crashed(self.native(version)[case["id"]]))


def tested() -> list[str]:
    """The runtimes of every run."""
    return [row.version for row in runtimes.runtimes("tested")]
