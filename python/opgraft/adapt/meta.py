"""Names that a MetaGraphDef gives to its nodes."""

from __future__ import annotations

from typing import Any

INIT_SIGNATURE = "__saved_model_init_op"
INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")


def is_init_signature(key: str) -> bool:
    """Whether a signature is the one that names the initialiser."""
    return key in (INIT_SIGNATURE, "__saved_model_train_op")


def initializers(meta: Any) -> list[str]:
    """The nodes that a loader runs once: tables are filled there."""
    names = []
    if INIT_SIGNATURE in meta.signature_def:
        names += [i.name for i in meta.signature_def[INIT_SIGNATURE].outputs.values()]
    for key in INIT_COLLECTIONS:
        if key in meta.collection_def:
            names += meta.collection_def[key].node_list.value
    return list(dict.fromkeys(name.partition(":")[0] for name in names if name))
