"""Compiles python/opgraft/proto/*.proto into descriptors.pb.

    python build_configs/protos.py

Needs grpcio-tools, which has protoc. The result is checked in: descriptors serve
every release of protobuf, the Python files that protoc makes only some.
"""

from __future__ import annotations

from pathlib import Path

PROTO = Path(__file__).resolve().parents[1] / "python" / "opgraft" / "proto"
DESCRIPTORS = PROTO / "descriptors.pb"
NAMES = ("graph.proto", "saved_model.proto", "history.proto")


def compile_to(target: Path) -> None:
    """Writes the descriptor set.

    Raises:
      RuntimeError: protoc refuses a file; it has printed why.
    """
    import grpc_tools
    from grpc_tools import protoc

    well_known = Path(next(iter(grpc_tools.__path__)), "_proto")
    include = [f"-I{PROTO.parents[1]}", f"-I{well_known}"]
    names = [f"opgraft/proto/{name}" for name in NAMES]
    if protoc.main(["protoc", *include, f"--descriptor_set_out={target}", *names]) != 0:
        raise RuntimeError("protoc refused the files")


if __name__ == "__main__":
    compile_to(DESCRIPTORS)
