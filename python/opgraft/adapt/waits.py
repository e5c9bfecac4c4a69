"""Control edges as Grappler of TensorFlow 1.4 leaves them alone.

Where its arithmetic optimizer puts one tensor in the place of another (two Transpose that undo each
other), it does so in every input that names the node, control inputs among them: "^transpose"
becomes a tensor that is read. A Const then has an input, and the runtime reads past the end of its
list of dtypes. An input from an Identity is rewritten as it should be, and an Identity that
somebody waits for is not touched; TensorFlow 1's own loops wait for nothing else. (Who waits for a
Switch does not care which of its outputs lives, so that stays.)
"""

from __future__ import annotations

from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body, Node, Tensor, attr
from opgraft.adapt.target import Target

_SOUND = (1, 15)  # the oldest release that was seen to do it right
_LEFT_ALONE = frozenset(("Assert", "Const", "Identity", "NoOp", "Placeholder"))
_CONTROL_FLOW = frozenset(("Enter", "Exit", "LoopCond", "Merge", "NextIteration", "Switch"))


def behind_identity(body: Body, target: Target, changes: Changes) -> None:
    """Lets nodes that wait for a tensor's maker wait for an Identity of the tensor instead."""
    if target.number >= _SOUND:
        return
    anchors: dict[str, str] = {}
    for node in list(body.nodes.values()):
        node.controls = list(dict.fromkeys(_anchor(body, name, anchors) for name in node.controls))
    moved = sum(name != anchor for name, anchor in anchors.items())
    if moved:
        changes.add("control edges", "from an Identity of the tensor", moved)


def _anchor(body: Body, name: str, anchors: dict[str, str]) -> str:
    """What to wait for instead of a node."""
    if name not in anchors:
        anchors[name] = name
        source = body.nodes[name]
        dtype = body.type_of(Tensor(name))
        if source.op not in _LEFT_ALONE | _CONTROL_FLOW and dtype:
            anchor = Node(body.fresh(f"{name}/Identity"), "Identity", [Tensor(name)])
            anchor.attrs["T"] = attr(type=dtype)
            anchors[name] = body.add(anchor).name
    return anchors[name]
