# ruff: noqa: E501
"""Nodes to rewrite: for each op of the table of rewrites, what is hard about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

rng = np.random.default_rng(17)


@dataclass(frozen=True)
class Const:
    """An input that is a Const node, as axes and keys are in real graphs."""

    value: Any


@dataclass(frozen=True)
class Case:
    """A node: arrays are fed, Consts are not; a list is an argument with many tensors.

    oldest: the oldest release that it is rewritten for.
    newest: the newest; 1.15.5 has an op of its own with another result.
    """

    op: str
    inputs: tuple[Any, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    oldest: str = "1.4.1"
    newest: str = "1.15.5"


def f32(*shape: int) -> Any:
    """Floats from -1 to 1."""
    return (rng.random(shape) * 2 - 1).astype(np.float32)


def i32(values: Any) -> Any:
    """An int32 array."""
    return np.array(values, np.int32)


def i64(values: Any) -> Any:
    """An int64 array."""
    return np.array(values, np.int64)


def text(*values: str) -> Any:
    """Strings in UTF-8."""
    return np.array([value.encode() for value in values], object)


NAN, INF = float("nan"), float("inf")
ZEROS = np.array([0, 0, 2, -3, NAN, INF], np.float32)
OTHERS = np.array([0, 5, 0, 4, 0, 0], np.float32)
BOXES = np.array([[0, 0, 1, 1], [0, 0, 1, 0.9], [0.5, 0.5, 1.5, 1.5], [3, 3, 4, 4]], np.float32)
SCORES = np.array([0.9, 0.8, 0.7, 0.1], np.float32)
NMS = (BOXES, SCORES, Const(i32(5)), Const(np.float32(0.5)), Const(np.float32(0.3)))
WORDS = text("a", "bb", "c", "dd", "e", "f")
SPLITS = i64([0, 3, 3, 4, 6])
HALF = {"half_pixel_centers": True}

CASES = [
    Case("AddV2", (f32(2, 3), f32(3))),
    Case("AddV2", (i64([[1], [2]]), i64([3, 4]))),
    Case("BatchMatMulV2", (f32(2, 3, 4), f32(2, 4, 5))),
    Case("BatchMatMulV2", (f32(2, 1, 3, 4), f32(5, 4, 3)), {"adj_y": False}),
    Case("BatchMatMulV2", (f32(4, 3), f32(2, 4, 5)), {"adj_x": True}),
    Case("BatchMatMulV2", (f32(3, 4), f32(5, 4)), {"adj_y": True}),
    Case("BatchMatMulV3", (f32(2, 3, 4), f32(1, 4, 5)), {"Tout": "float"}),
    Case("BatchMatMulV3", (i32([[1, 2]]), i32([[3], [4]])), {"Tout": "int32"}),
    Case("BatchMatMulV3", (np.array([[9, -9]], np.int8), np.array([[99], [4]], np.int8)),
         {"Tout": "int32"}),
    Case("DivNoNan", (ZEROS, OTHERS)),
    Case("DivNoNan", (f32(2, 3), np.array([0, 1, 2], np.float32))),
    Case("MulNoNan", (ZEROS, OTHERS)),
    Case("Xlogy", (ZEROS, OTHERS)),
    Case("Xlogy", (f32(2, 1), f32(3) + 2)),
    Case("Xlog1py", (ZEROS, OTHERS)),
    Case("Xdivy", (ZEROS, OTHERS)),
    Case("SelectV2", (np.array([True, False]), f32(3, 2), np.float32(7))),
    Case("SelectV2", (np.array([[True], [False]]), text("a", "b"), text("z"))),
    Case("SelectV2", (np.array(True), f32(0, 2), f32(1, 2))),
    Case("SelectV2", (np.array([True, False, True]), i64([1, 2, 3]), i64([4, 5, 6]))),
    Case("ClipByValue", (f32(3, 3), np.float32(-0.2), np.float32(0.3))),
    Case("EuclideanNorm", (f32(3, 4), Const(i32([1]))), {"keep_dims": True}),
    Case("Einsum", ([f32(2, 3, 4), f32(2, 4, 5)],), {"equation": "bij,bjk->bik"}),
    Case("Einsum", ([f32(2, 3, 4), f32(4, 5, 6)],), {"equation": "abc,cde->abde"}),
    Case("Einsum", ([f32(2, 3, 4), f32(2, 5, 4)],), {"equation": "bij,bkj->kbi"}),
    Case("Einsum", ([f32(2, 3), f32(3)],), {"equation": "ij,j->i"}),
    Case("Einsum", ([f32(2, 3), f32(4, 5)],), {"equation": "ij,kl->"}),
    Case("Einsum", ([f32(2, 3, 4), f32(2, 4, 5)],), {"equation": "...ij,...jk->...ik"}),
    Case("Einsum", ([f32(2, 3, 4)],), {"equation": "abc->ca"}),
    Case("Einsum", ([f32(0, 3), f32(3, 2)],), {"equation": "ij,jk->ik"}),
    Case("LeakyRelu", (np.array([-2, 0, 3, INF, -INF], np.float32),), {"alpha": 0.3}),
    Case(
        "FusedBatchNormV3",
        (f32(2, 3, 3, 4), f32(4), f32(4), f32(4), f32(4) + 2),
        {"epsilon": 0.001, "is_training": False, "U": "float"},
        "inference",
    ),
    Case("BroadcastTo", (f32(3, 1), i32([2, 3, 4]))),
    Case("BroadcastTo", (text("a"), i64([3]))),
    Case("BroadcastTo", (np.float32(3), i32([0, 2]))),
    Case("Roll", (f32(4, 5), Const(i32(2)), Const(i32(0)))),
    Case("Roll", (f32(4, 5), i32([-1, 7]), Const(i32([0, -1])))),
    Case("Roll", (f32(4, 5), i32([-1, 7]), i32([0, -1]))),
    Case("MatrixDiagPartV3", (f32(2, 3, 4), Const(i32(0)), np.float32(0))),
    Case("MatrixDiagPartV2", (f32(4, 3), Const(i32(0)), np.float32(0))),
    Case("MatrixDiagV3", (f32(2, 3), Const(i32(0)), Const(i32(-1)), Const(i32(-1)), np.float32(0))),
    Case("MatrixDiagV2", (f32(3), Const(i32(0)), Const(i32(-1)), Const(i32(-1)), np.float32(0))),
    Case("MatrixDiagPartV3", (f32(2, 3, 4), Const(i32(1)), np.float32(7))),
    Case("MatrixDiagPartV3", (f32(2, 4, 3), i32([-2, 1]), np.float32(7))),
    Case("MatrixDiagPartV3", (f32(3, 4), i32([-1, 2]), np.float32(7)), {"align": "LEFT_RIGHT"}),
    Case("MatrixDiagPartV3", (i32([[1, 2], [3, 4]]), i32([0, 1]), i32(9)), {"align": "RIGHT_RIGHT"}),
    Case("MatrixDiagPartV2", (f32(3, 5), i32([-1, 1]), np.float32(0))),
    Case("MatrixDiagPartV3", (f32(0, 3, 3), i32(-1), np.float32(0))),
    Case("MatrixDiagV3", (f32(2, 3), i32(1), i32(-1), i32(-1), np.float32(0))),
    Case("MatrixDiagV3", (f32(2, 3), i32(-2), i32(-1), Const(i32(4)), np.float32(5))),
    Case("MatrixDiagV3", (f32(2, 3), Const(i32(0)), Const(i32(3)), Const(i32(3)), np.float32(5))),
    Case("MatrixDiagV3", (f32(3, 4), i32([-1, 1]), i32(4), i32(5), np.float32(0))),
    Case("MatrixDiagV3", (f32(3, 4), i32([-1, 1]), i32(-1), i32(-1), np.float32(0)),
         {"align": "LEFT_LEFT"}),
    Case("MatrixDiagV2", (f32(2, 3), i32([0, 1]), i32(3), i32(-1), np.float32(0))),
    Case("MatrixSetDiagV3", (f32(2, 3, 4), f32(2, 3), i32(1))),
    Case("MatrixSetDiagV3", (f32(3, 3), f32(3, 3), i32([-1, 1])), {"align": "LEFT_RIGHT"}),
    Case("MatrixSetDiagV2", (i64([[1, 2], [3, 4]]), i64([8]), i32(-1))),
    Case("MatrixSetDiagV3", (f32(2, 3, 4), f32(2, 3), Const(i32(0)))),
    Case("MatrixSetDiagV2", (f32(3, 3), f32(3), Const(i32(0)))),
    Case("TensorScatterUpdate", (f32(4, 3), i32([[2], [0]]), f32(2, 3))),
    Case("TensorScatterUpdate", (f32(5), i32([[1], [3], [1]]), f32(3)), {}, "twice"),
    Case("TensorScatterUpdate", (text("a", "b", "c"), i64([[2]]), text("z"))),
    Case("TensorScatterUpdate", (f32(3, 4), i32([[1, 2], [0, 0]]), f32(2))),
    Case("TensorScatterAdd", (f32(4, 3), i32([[2], [2]]), f32(2, 3))),
    Case("TensorScatterSub", (f32(4), i64([[2], [1]]), f32(2))),
    Case("EnsureShape", (f32(4, 3),), {"shape": [-1, 3]}),
    Case("Snapshot", (f32(2),)),
    Case("DeepCopy", (f32(2),)),
    Case("GuaranteeConst", (f32(2),)),
    Case("ConjugateTranspose", ((f32(2, 3) + 1j * f32(2, 3)).astype(np.complex64), Const(i32([1, 0])))),
    Case("MatrixBandPart", (f32(4, 4), i32(1), i32(-1)), {"Tindex": "int32"}),
    Case("UnsortedSegmentSum", (f32(3), i32([0, 2, 0]), i64(4)), {"Tnumsegments": "int64"}),
    Case("UnsortedSegmentMax", (f32(3), i32([0, 1, 0]), i64(2)), {"Tnumsegments": "int64"}),
    Case("SparseSegmentSum", (f32(4, 2), i32([1, 3, 0]), i64([0, 0, 1])), {"Tsegmentids": "int64"}),
    Case("SparseSegmentMean", (f32(4, 2), i32([1, 3, 0]), i64([0, 0, 1])), {"Tsegmentids": "int64"}),
    Case("SparseSegmentSqrtN", (f32(4, 2), i32([1, 3, 0]), i64([0, 0, 1])), {"Tsegmentids": "int64"}),
    Case("Fill", (i64([2, 3]), np.float32(4)), {"index_type": "int64"}),
    Case("Transpose", (f32(2, 3), i64([1, 0])), {"Tperm": "int64"}),
    Case("TopKV2", (f32(3, 5), i32(2)), {"index_type": "int64"}),
    Case("GatherV2", (f32(3, 4, 2), i32([[1], [0], [3]]), Const(i32(1))), {"batch_dims": 1}),
    Case("GatherV2", (f32(2, 3, 5), i32([[[1], [0], [3]]] * 2), Const(i32(2))), {"batch_dims": -1}),
    Case("GatherV2", (f32(2, 3, 5, 4), i32([[1, 0, 2]] * 2), Const(i32(3))), {"batch_dims": 1}),
    Case("GatherV2", (f32(2, 3, 5), i32([1, 2]), Const(i32(-1))), {"batch_dims": 1},
         newest="1.4.1"),  # 1.15 wants more dimensions of the indices
    Case("DenseBincount", (i32([1, 5, 1, 9]), i32(6), np.zeros(0, np.float32))),
    Case("DenseBincount", (i32([1, 5, 1]), i32(6), f32(3))),
    Case("DenseBincount", (i64([[1, 2], [9, 1]]), i64(4), np.zeros(0, np.float32))),
    Case("DenseBincount", (i32([[1, 2], [3, 1]]), i32(4), f32(2, 2))),
    Case(
        "DenseBincount", (i32([[1, 1], [3, 1]]), i32(4), np.zeros(0, np.int32)), {"binary_output": True}
    ),
    Case("DenseBincount", (np.zeros(0, np.int32), i32(3), np.zeros(0, np.int64))),
    Case("RaggedBincount", (SPLITS, i64([0, 1, 1, 2, 5, 2]), i64(4), np.zeros(0, np.float32))),
    Case(
        "RaggedBincount",
        (SPLITS, i64([0, 1, 1, 2, 5, 2]), i64(4), np.zeros(0, np.float32)),
        {"binary_output": True},
    ),
    Case("RaggedBincount", (SPLITS, i64([0, 1, 1, 2, 5, 2]), i64(4), f32(6))),
    Case("ResizeBilinear", (f32(1, 4, 5, 2), Const(i32([7, 3]))), HALF),
    Case("ResizeBilinear", (np.arange(24, dtype=np.uint8).reshape(1, 4, 6, 1), i32([3, 8])), HALF),
    Case("ResizeNearestNeighbor", (f32(2, 4, 5, 1), i32([9, 2])), HALF),
    Case("ResizeNearestNeighbor", (np.arange(12).reshape(1, 3, 4, 1).astype(np.uint8), i32([5, 7])), HALF),
    Case("ResizeBicubic", (f32(1, 4, 5, 2), i32([7, 3])), HALF),
    Case("ResizeBicubic", (f32(1, 1, 2, 1), i32([4, 4])), HALF),
    Case("NonMaxSuppressionV3", NMS),
    Case("NonMaxSuppressionV4", NMS, {"pad_to_max_output_size": True}),
    Case("NonMaxSuppressionV4", NMS),
    Case("NonMaxSuppressionV5", (*NMS, Const(np.float32(0)))),
    Case("NonMaxSuppressionV5", (*NMS, Const(np.float32(0))), {"pad_to_max_output_size": True}),
    Case("ParseExampleV2", (text(), text(), Const(text()), Const(text("a")), Const(text()), [f32(2)]),
         {"num_sparse": 0, "sparse_types": [], "ragged_value_types": [], "ragged_split_types": [],
          "dense_shapes": [[2]]}, "none"),
    Case("ParseExampleV2",
         (np.array([b"", b""], object), text(), Const(text("t")), Const(text("a")), Const(text()), [f32(2)]),
         {"num_sparse": 1, "sparse_types": ["string"], "ragged_value_types": [],
          "ragged_split_types": [], "dense_shapes": [[2]]}, "defaults"),
    Case("RaggedTensorToSparse", ([SPLITS], f32(6))),
    Case("RaggedTensorToSparse", ([i64([0])], text())),
    Case(
        "RaggedTensorToTensor",
        (Const(i64([-1, -1])), f32(6), np.float32(-1), [SPLITS]),
        {"row_partition_types": ["ROW_SPLITS"]},
    ),
    Case(
        "RaggedTensorToTensor",
        (Const(i64([-1, 2])), WORDS, np.array(b"?", object), [SPLITS]),
        {"row_partition_types": ["ROW_SPLITS"]},
    ),
    Case(
        "RaggedTensorToTensor",
        (Const(i64([3, 5])), i64([4, 5, 6]), i64(0), [i64(4), i64([0, 2, 2])]),
        {"row_partition_types": ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]},
    ),
    Case("RaggedRange", (i32([0, 5, 8]), i32([3, 5, 1]), i32([1, 1, -3])), {"Tsplits": "int64"}),
    Case("RaggedGather", ([SPLITS], f32(6, 2), i32([3, 1, 0, 0])), {"OUTPUT_RAGGED_RANK": 1}),
    Case("RaggedRange", (i32(1), i32([4, 0]), i32(2)), {"Tsplits": "int32"}),
    Case("StringSplitV2", (text(" a  b\tc", "", "d\n"), Const(np.array(b"", object)))),
    Case("StringSplitV2", (text("a,,b", "", ",c,"), Const(np.array(b",", object)))),
    Case("StringLength", (text("", "abc", "é€x"),)),
    Case("StringLength", (text("", "abc", "é€x"),), {"unit": "UTF8_CHAR"}),
    Case("StringStrip", (text("", "  ", " a b\t", "c", "\nx"),)),
    Case("StaticRegexReplace", (text("", "a,b.c", "é-é"),), {"pattern": "[,.\\-]", "rewrite": ""}),
    Case("StaticRegexReplace", (text("foo", "", "o"),), {"pattern": "o", "rewrite": "00"}),
    Case(
        "StaticRegexReplace",
        (text("A b, c!", "x_y~z'[\\]"),),
        {"pattern": "[!\"#$%&()\\*\\+,-\\./:;<=>?@\\[\\\\\\]^_`{|}~\\']", "rewrite": ""},
        "the punctuation of Keras",
    ),
    Case(
        "RegexReplace",
        (text("a b\tc", ""), Const(np.array(rb"\s", object)), Const(np.array(b"_", object))),
    ),
    Case("StringUpper", (text("abC1", ""),)),
    Case("StringLower", (text("AbC1", ""),)),
    Case("StringNGrams", (WORDS, SPLITS), {
        "separator": "-", "ngram_widths": [1, 2], "left_pad": "", "right_pad": "", "pad_width": 0,
        "preserve_short_sequences": False}),
    Case("StringNGrams", (WORDS, SPLITS), {
        "separator": " ", "ngram_widths": [2], "left_pad": "", "right_pad": "", "pad_width": 0,
        "preserve_short_sequences": False}),
    Case("LowerBound", (np.sort(f32(2, 5)), f32(2, 3))),
    Case("UpperBound", (i32([[1, 2, 2, 4]]), i32([[2, 0, 9]])), {"out_type": "int64"}),
    Case("HistogramFixedWidth", (f32(20), np.array([-0.5, 0.5], np.float32), i32(4))),
    Case("HistogramFixedWidth", (i32([1, 5, 9]), i32([0, 10]), i32(3)), {"dtype": "int64"}),
    Case("UniqueV2", (i64([3, 3, 1]), i64([0]))),
    Case("UniqueWithCountsV2", (text("b", "a", "b"), np.zeros(0, np.int64)), {"out_idx": "int64"}),
    Case("ApproxTopK", (f32(2, 9),), {"k": 3}),
    Case("LeftShift", (i32([1, -3, 5, 7]), i32([31, 2, 0, 30]))),
    Case("LeftShift", (i64([1, -3]), i64(40))),
    Case("RightShift", (i32([-1, -9, 2**31 - 1, 6]), i32([31, 2, 31, 1]))),
    Case("RightShift", (np.array([200, 7], np.uint8), np.array([3, 0], np.uint8))),
    Case("SparseSegmentSumWithNumSegments", (f32(4, 2), i32([3, 0, 1]), i32([0, 0, 2]), i32(4))),
    Case("SparseSegmentMeanWithNumSegments", (f32(4, 2), i32([3, 0, 1]), i32([0, 0, 2]), i32(4))),
    Case("SparseSegmentSqrtNWithNumSegments", (f32(4), i32([3, 0, 1]), i32([0, 0, 2]), i32(4))),
    Case("UnsortedSegmentMin", (f32(4, 2), i32([0, 2, 0, 2]), i32(3))),
    Case("UnsortedSegmentMin", (i32([4, -7, 2]), i32([0, 0, 2]), i32(3))),
    Case("UnsortedSegmentProd", (f32(2, 2, 3), i32([[0, 2], [0, 2]]), i32(3))),
    Case("TensorScatterMax", (f32(4, 3), i32([[2], [2]]), f32(2, 3))),
    Case("TensorScatterMin", (f32(4), i32([[2], [1]]), f32(2))),
    Case("CumulativeLogsumexp", (f32(3, 4) * 50, Const(i32(1)))),
    Case(
        "CumulativeLogsumexp",
        (f32(3, 4), Const(i32(-2))),
        {"exclusive": True, "reverse": True},
        newest="1.4.1",  # 1.15 has the lowest number where 2.21 has -inf
    ),
    Case("CheckNumericsV2", (f32(3),), {"message": "no"}),
    Case("ParseExampleV2",
         (np.array(b"", object), text(), Const(text()), Const(text("a")), Const(text()), [f32(2)]),
         {"num_sparse": 0, "sparse_types": [], "ragged_value_types": [], "ragged_split_types": [],
          "dense_shapes": [[2]]}, "single"),
    Case("ParseSequenceExampleV2",
         (np.array([b"", b""], object), text(), Const(text()), Const(text("n")), Const(text()),
          Const(text()), Const(text("t")), Const(text()), Const(np.array([True])), [f32(1)]),
         {"context_sparse_types": [], "context_dense_shapes": [[1]], "context_ragged_value_types": [],
          "context_ragged_split_types": [], "feature_list_dense_types": ["int64"],
          "feature_list_dense_shapes": [[2]], "feature_list_sparse_types": [],
          "feature_list_ragged_value_types": [], "feature_list_ragged_split_types": [],
          "Nfeature_list_dense": 1}, oldest="1.15.5"),
]  # fmt: skip
