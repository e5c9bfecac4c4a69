"""SavedModels to damage: one for each rewrite, and the small models of tests/models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opgraft import proto
from opgraft.adapt import graph

from tests.adapt.case_graphs import build
from tests.adapt.rewrite_cases import CASES

MODELS = Path(__file__).resolve().parents[1] / "models"
SIGNATURE = "serving_default"


def saved_model(body: graph.Body, feeds: dict[str, Any], fetches: list[str]) -> Any:
    """A graph as a SavedModel."""
    model = proto.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.graph_def.versions.producer = 2474
    graph.write_graph(body, meta.graph_def)
    signature = meta.signature_def[SIGNATURE]
    for number, (name, array) in enumerate(feeds.items()):
        info = signature.inputs[f"i{number}"]
        info.name = name
        info.tensor_shape.SetInParent()
        for size in array.shape:
            info.tensor_shape.dim.add(size=size)
    for number, name in enumerate(fetches):
        signature.outputs[f"o{number}"].name = name
    return model


def seeds() -> Iterator[Any]:
    """Each as a SavedModel with one graph."""
    for case in CASES:
        yield saved_model(*build(case))
    for path in sorted(MODELS.glob("**/saved_model.pb")):
        model = proto.SavedModel.FromString(path.read_bytes())
        for meta in model.meta_graphs:
            for asset in meta.asset_file_def:
                asset.filename = "words.txt"
        yield model
