"""Will this model run there? `opgraft inspect MODEL --runtime V`, as a function.

    from opgraft.inspect import inspect

    report = inspect("export/1", "1.15")
    report.status     # 0: runs as it is; 1: after opgraft.load(); 2: does not run
    report.problems   # all of them, each with its nodes and remedies

What the JSON says is in docs/inspect.md. Needs `pip install "opgraft[tools]"`, no TensorFlow.
"""

from opgraft.inspect.model import Graph, Model, Node, read
from opgraft.inspect.report import (
    DOES_NOT_RUN,
    RUNS,
    RUNS_WITH_OPGRAFT,
    Problem,
    Report,
    examine,
    inspect,
)

__all__ = [
    "DOES_NOT_RUN",
    "RUNS",
    "RUNS_WITH_OPGRAFT",
    "Graph",
    "Model",
    "Node",
    "Problem",
    "Report",
    "examine",
    "inspect",
    "read",
]
