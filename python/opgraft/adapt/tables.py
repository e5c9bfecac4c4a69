"""Lookup tables and the files that fill them."""

from __future__ import annotations

from typing import Any

from opgraft import proto
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body
from opgraft.adapt.saver import source

ASSETS = "saved_model_assets"
_FILLED_ONCE = ("HashTableV2", "HashTable")
_TYPE = "type.googleapis.com/tensorflow.AssetFileDef"


def initialize_once(body: Body, changes: Changes) -> None:
    """Fills static tables by InitializeTableV2.

    TensorFlow 2 fills them by LookupTableImportV2, which old releases refuse for a table that is
    filled once.
    """
    for node in body.nodes.values():
        if node.op != "LookupTableImportV2" or not node.inputs:
            continue
        table = body.nodes.get(source(body, node.inputs[0]).node)
        if table is not None and table.op in _FILLED_ONCE:
            node.op = "InitializeTableV2"
            node.attrs = {"Tkey": node.attrs["Tin"], "Tval": node.attrs["Tout"]}
            changes.add("tables", "filled by InitializeTableV2")


def collect_assets(meta: Any, changes: Changes) -> None:
    """Names the assets in the collection where loaders before 1.14 look for them, too."""
    if not meta.asset_file_def:
        return
    collection = proto.CollectionDef()
    for asset in meta.asset_file_def:
        packed = collection.any_list.value.add()
        packed.type_url, packed.value = _TYPE, asset.SerializeToString()
    meta.collection_def[ASSETS].CopyFrom(collection)
    changes.add("assets", "listed where old loaders look")
