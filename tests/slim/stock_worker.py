"""Answers, from inside a stock TensorFlow, what its selective registration would take.

    python stock_worker.py kernels OUT         all its kernels, as a KernelList
    python stock_worker.py classes IN OUT      the kernel class of each NodeDef of a GraphDef
    python stock_worker.py select IN... OUT    get_ops_and_kernels of each GraphDef

Lists are JSON.
"""

import json
import sys

from tensorflow.core.framework import graph_pb2
from tensorflow.python.framework import kernels
from tensorflow.python.tools import selective_registration_header_lib as selective
from tensorflow.python.util import _pywrap_kernel_registry as registry


def classes(path):
    """The class of each node of a graph, or None."""
    with open(path, "rb") as f:
        graph = graph_pb2.GraphDef.FromString(f.read())
    found = (registry.TryFindKernelClass(node.SerializeToString()) for node in graph.node)
    return [name.decode() if name else None for name in found]


def main(mode, *paths):
    """Writes what is asked for to the last path."""
    if mode == "kernels":
        data = kernels.get_all_registered_kernels().SerializeToString()
    elif mode == "classes":
        data = json.dumps(classes(paths[0])).encode()
    else:
        found = [selective.get_ops_and_kernels("rawproto", [path], None) for path in paths[:-1]]
        data = json.dumps(found).encode()
    with open(paths[-1], "wb") as f:
        f.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
