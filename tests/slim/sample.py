"""Documents as a slim build makes them, in any size, from a seed; and with names that mean harm."""

from __future__ import annotations

import copy
import hashlib
import random

from slim.document import Document
from slim.sizes import component

FRAMEWORK = {
    "tensorflow/core/common_runtime": 1_300_000,
    "tensorflow/core/framework": 700_000,
    "tensorflow/core/graph": 260_000,
    "tensorflow/core/util": 180_000,
    "tensorflow/core/util/tensor_bundle": 270_000,
    "tensorflow/core/platform": 60_000,
    "tensorflow/core/protobuf": 900_000,
    "tensorflow/cc/saved_model": 120_000,
    "tensorflow/c": 110_000,
    "tensorflow/tsl/platform": 240_000,
    "external/com_google_absl/absl/strings": 160_000,
    "external/com_google_absl/absl/status": 30_000,
    "external/com_google_protobuf/src/google/protobuf": 480_000,
    "external/com_googlesource_code_re2/re2": 240_000,
    "external/nsync/internal": 20_000,
    "external/double_conversion/double-conversion": 30_000,
    "toolchain/libstdc++": 150_000,
}
LINKER = {".rela.dyn": 210_000, ".dynstr": 9_000, "merged constants": 190_000, "padding": 60_000}
NAMES = (
    "MatMul AddV2 Softmax HashTableV2 LookupTableFindV2 Const Identity NoOp RestoreV2 SaveV2 "
    "ResourceGather VarHandleOp ReadVariableOp AssignVariableOp StaticRegexFullMatch StringJoin "
    "PartitionedCall StatefulPartitionedCall Pack ConcatV2 Reshape Shape StridedSlice Select Relu "
    "BiasAdd Placeholder _Send _Recv MergeV2Checkpoints"
).split()
WORDS = "tensor shape graph function device executor node kernel memory step session bundle".split()


HOSTILE = [
    "<script>document.title='harm'</script>",
    "</script><script>document.title='harm'</script>",
    '"><img src=x onerror="document.title=\'harm\'">',
    "<!--<script>",
    "]]>&lt;&amp;'\"`{{ 7 * 7 }}{% raw %}${document.title='harm'}",
    "\u202eevil\u2066\u200b",
    "\ud800\x00\x07\n",
    "x" * 5000,
]


def sha256(text: str) -> str:
    """Some hash that depends on the text."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def make_document(
    ops: int = 30, files: int = 400, seed: int = 1, model: str = "export/1"
) -> Document:
    """A consistent document: `ops` ops, some that share files, and about `files` files."""
    draw = random.Random(seed)
    names = [*NAMES, *(f"Op{number}" for number in range(ops))][:ops]
    sources: dict[str, dict] = {}

    def source(path: str) -> dict:
        return sources.setdefault(
            path, {"path": path, "sha256": sha256(path), "ops": [], "needed_by": []}
        )

    kernels = []
    helper = source("tensorflow/core/kernels/training_op_helpers.cc")
    for number, name in enumerate(names):
        # Every third op shares its file with the one before.
        path = f"tensorflow/core/kernels/{names[number - (number % 3 == 2)].lower()}_op.cc"
        definition = f"tensorflow/core/ops/{'array math nn io string'.split()[number % 5]}_ops.cc"
        for at in (path, definition):
            source(at)["ops"].append(name)
        if number % 4 == 1 and path not in helper["needed_by"]:
            helper["needed_by"].append(path)
        kernels += [
            {
                "op": name,
                "class": f"{name}Op<CPUDevice, {dtype}>",
                "types": {"T": [dtype]},
                "label": "",
                "priority": 0,
                "file": path,
                "reasons": [
                    {"rule": "node", "source": model, "function": "", "node": f"dense/{name}_{n}"}
                    for n in range(1 + number % 9)
                ],
            }
            for dtype in ("float", "int64")[: 1 + number % 2]
        ]
    sizes = {path: int(draw.paretovariate(1.0) * 9_000) % 600_000 for path in sources}
    for directory, total in FRAMEWORK.items():
        count = max(2, files * total // 5_000_000)
        weights = [draw.paretovariate(1.2) for _ in range(count)]
        for number, weight in enumerate(weights):
            end = "pb.cc" if directory.endswith("protobuf") and "core" in directory else "cc"
            stem = f"{draw.choice(WORDS)}_{draw.choice(WORDS)}_{number}"
            path = f"{directory}/{stem}.{'o' if directory.startswith('toolchain') else end}"
            sizes[path] = int(total * weight / sum(weights))
            if not path.startswith("toolchain"):
                source(path)
    sizes.update({f"linker/{name}": size for name, size in LINKER.items()})
    stripped = sum(sizes.values())
    sections = {".text": stripped * 6 // 10, ".rodata": stripped // 10, ".eh_frame": stripped // 10}
    sections["headers and alignment"] = stripped - sum(sections.values())
    return {
        "format": 1,
        "release": "2.14.1",
        "platform": "linux-x86_64",
        "profile": "size",
        "models": [{"name": model, "sha256": sha256(model)}],
        "ops": [
            {
                "name": name,
                "reasons": [
                    {"rule": "node", "source": model, "function": "", "node": f"dense/{name}_{n}"}
                    for n in range(1 + number % 9)
                ],
            }
            for number, name in enumerate(names)
        ],
        "kernels": kernels,
        "sources": sorted(sources.values(), key=lambda entry: entry["path"]),
        "archives": [{"name": "tensorflow-2.14.1.tar.gz", "sha256": sha256("tensorflow")}],
        "flags": {
            "compile": ["-Os", "-fPIC"],
            "kernels": {"any": ["-Os"]},
            "link": ["-Wl,--gc-sections", "-Wl,--icf=all"],
        },
        "tools": {"bazel": "4.2.3", "g++": "12.2.0", "ld.lld": "14.0.6"},
        "stock": {
            "package": "tensorflow-cpu 2.14.1",
            "library": 549_000_000,
            "installed": 867_000_000,
        },
        "sizes": {
            "built": stripped * 2,
            "stripped": stripped,
            "compressed": stripped * 28 // 100,
            "sections": [{"name": name, "bytes": size} for name, size in sections.items()],
            "files": [
                {
                    "path": path,
                    "component": component(path),
                    "bytes": size,
                    "symbols": [
                        {
                            "name": f"tensorflow::{path.split('/')[-1]}::Compute{n}("
                            "tensorflow::OpKernelContext*, std::vector<int, std::allocator<int> >)",
                            "bytes": size // 2 ** (n + 1),
                        }
                        for n in range(8)
                        if size // 2 ** (n + 1) > 64 and not path.startswith("linker/")
                    ],
                }
                for path, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
            ],
        },
        "proofs": [
            {
                "model": model,
                "signature": "serving_default",
                "status": "agrees",
                "inputs": "generated",
                "compared_with": "tensorflow-cpu 2.14.1",
                "largest_difference": 3e-8,
                "detail": "",
            }
        ],
    }


def renamed(document, names):
    """The document with hostile names for ops, classes, nodes, models, files and symbols."""
    document = copy.deepcopy(document)
    old = [op["name"] for op in document["ops"]]
    new = dict(zip(old, (f"{names[i % len(names)]}{i}" for i in range(len(old)))))
    for op in document["ops"]:
        op["name"] = new[op["name"]]
    for kernel in document["kernels"]:
        kernel["class"], kernel["op"] = names[0], new[kernel["op"]]
    for source in document["sources"]:
        source["ops"] = [new[op] for op in source["ops"]]
    model = names[1]
    document["models"][0]["name"] = document["proofs"][0]["model"] = model
    document["proofs"][0]["detail"] = document["proofs"][0]["compared_with"] = names[2]
    for part in ("ops", "kernels"):
        for number, entry in enumerate(document[part]):
            for reason in entry["reasons"]:
                reason.update(source=model, node=names[number % len(names)], rule=names[3])
    for number, file in enumerate(document["sizes"]["files"]):
        for symbol in file["symbols"]:
            symbol["name"] = names[number % len(names)]
    document["tools"][names[4]] = names[0]
    document["flags"]["link"].append(names[1])
    return document
