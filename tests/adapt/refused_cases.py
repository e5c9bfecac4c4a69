"""Nodes that the rewrites do not cover, one for each reason that they give."""

from __future__ import annotations

import numpy as np

from tests.adapt.rewrite_cases import (
    BOXES,
    NMS,
    SCORES,
    SPLITS,
    WORDS,
    Case,
    Const,
    f32,
    i32,
    i64,
    text,
)

NOTHING = np.array(b"", object)
NGRAMS = {"separator": " ", "ngram_widths": [2], "preserve_short_sequences": False}
PADDED = {**NGRAMS, "left_pad": "<", "right_pad": ">", "pad_width": 1}
EXAMPLE = {"num_sparse": 0, "sparse_types": [], "ragged_value_types": [], "ragged_split_types": []}
SEQUENCES = {
    "context_sparse_types": [], "context_dense_shapes": [], "context_ragged_value_types": [],
    "context_ragged_split_types": [], "feature_list_dense_types": [],
    "feature_list_dense_shapes": [], "feature_list_sparse_types": [],
    "feature_list_ragged_value_types": [], "feature_list_ragged_split_types": [],
}  # fmt: skip
RESIZE = (f32(1, 2, 2, 1), i32([3, 3]))
KEYS = [Const(text())] * 6

# (node, the reason)
REFUSED = [
    (Case("CumulativeLogsumexp", (f32(3), i32(0))), "its axis is no constant"),
    (Case("RaggedTensorToSparse", ([SPLITS], f32(6, 2))), "or no scalars"),
    (Case("RaggedTensorToTensor", (Const(i64([-1, -1, 2])), f32(6, 2), np.float32(0), [SPLITS]),
          {"row_partition_types": ["ROW_SPLITS"]}), "its values or its default are no scalars"),
    (Case("RaggedTensorToTensor", (Const(i64(-1)), f32(6), np.float32(0), [SPLITS, SPLITS]),
          {"row_partition_types": ["ROW_SPLITS", "ROW_SPLITS"]}), "than one ragged dimension"),
    (Case("RaggedTensorToTensor", (i64([-1, -1]), f32(6), np.float32(0), [SPLITS]),
          {"row_partition_types": ["ROW_SPLITS"]}), "its shape is no constant"),
    (Case("RaggedTensorToTensor", (Const(i64([-1])), f32(6), np.float32(0), [SPLITS]),
          {"row_partition_types": ["ROW_SPLITS"]}), "its result has not two dimensions"),
    (Case("RaggedRange", (f32(2), f32(2), f32(2))), "it is not about int32"),
    (Case("RaggedGather", ([SPLITS, SPLITS], f32(6), i32([0])), {"OUTPUT_RAGGED_RANK": 2}),
     "it has more than one ragged dimension"),
    (Case("ResizeBilinear", RESIZE, {"align_corners": True, "half_pixel_centers": True}),
     "align_corners and half_pixel_centers exclude each other"),
    (Case("NonMaxSuppressionV3", (BOXES.astype(np.float16), SCORES.astype(np.float16), *NMS[2:])),
     "it is not about float"),
    (Case("NonMaxSuppressionV5", (*NMS, np.float32(0))), "it may suppress softly"),
    (Case("ParseExampleV2", (text("a"), text(), text("a"), Const(text()), Const(text()), []),
          {**EXAMPLE, "num_sparse": 1, "sparse_types": ["int64"], "dense_shapes": []}),
     "its keys are no constants"),
    (Case("ParseExampleV2",
          (text("a"), text(), Const(text()), Const(text()), Const(text("a")), []),
          {**EXAMPLE, "ragged_value_types": ["int64"], "ragged_split_types": ["int64"],
           "dense_shapes": []}), "it has ragged features"),
    (Case("ParseExampleV2",
          (np.array(b"", object), text(), Const(text("a")), Const(text()), Const(text()), []),
          {**EXAMPLE, "num_sparse": 1, "sparse_types": ["int64"], "dense_shapes": []}),
     "it parses a single example with sparse features"),
    (Case("ParseSequenceExampleV2",
          (text("a"), text(), text("a"), *KEYS[1:], Const(np.zeros(0, bool)), []),
          {**SEQUENCES, "Ncontext_sparse": 1, "context_sparse_types": ["int64"]}),
     "its keys are no constants, or it parses a single example"),
    (Case("ParseSequenceExampleV2",
          (text("a"), text(), *KEYS[:2], Const(text("a")), *KEYS[3:], Const(np.zeros(0, bool)), []),
          {**SEQUENCES, "context_ragged_value_types": ["int64"],
           "context_ragged_split_types": ["int64"]}), "it has ragged features"),
    (Case("StringSplitV2", (text("a b"), NOTHING)), "its separator is no constant"),
    (Case("StringSplitV2", (text("a b"), Const(np.array(b"ab", object)))), "a set of separators"),
    (Case("StaticRegexReplace", (text("a"),),
          {"pattern": "a", "rewrite": "", "replace_global": False}), "only the first match"),
    (Case("StaticRegexReplace", (text("a"),), {"pattern": "a+", "rewrite": ""}),
     "is no single ASCII character or class of them"),
    (Case("RegexReplace", (text("a"), NOTHING, Const(NOTHING))), "its pattern or its rewrite is"),
    (Case("RegexReplace", (text("a"), Const(np.array(b"a", object)), Const(NOTHING)),
          {"replace_global": False}), "it replaces only the first match"),
    (Case("RegexReplace", (text("a"), Const(np.array(b"a+", object)), Const(NOTHING))),
     "its pattern is no single ASCII character or class of them"),
    (Case("StringUpper", (text("a"),), {"encoding": "utf-8"}), "it is about capitals of utf-8"),
    (Case("StringNGrams", (WORDS, SPLITS), PADDED), "it pads, or keeps short rows"),
    (Case("Einsum", ([f32(2, 3), f32(4, 2, 3, 3)],), {"equation": "...j,...jk->...k"}),
     "its inputs have different numbers of dimensions for ..."),
    (Case("Einsum", ([f32(2)] * 3,), {"equation": "i,i,i->"}), "it has 3 inputs"),
    (Case("Einsum", ([f32(2, 2)],), {"equation": "ii->i"}), "repeats a label"),
    (Case("GatherV2", (f32(2, 3), i32([[1], [0]]), i32(1)), {"batch_dims": 1}),
     "its axis is no constant"),
    (Case("FusedBatchNormV3", (f32(1, 2, 2, 1), f32(1), f32(1), f32(1), f32(1)),
          {"exponential_avg_factor": 0.5, "U": "float"}), "it keeps a running average"),
    (Case("UniqueV2", (f32(2, 2), i64([0]))), "it is about more than a vector"),
    (Case("ApproxTopK", (f32(2, 3),), {"k": 1, "reduction_dimension": 0}),
     "it is about another dimension than the last"),
    (Case("ApproxTopK", (f32(2, 3),), {"k": 1, "is_max_k": False}), "it is about the smallest"),
    (Case("LeftShift", (np.array([1], np.uint32), np.array([1], np.uint32))),
     "old releases multiply no such integers"),
]  # fmt: skip
# These need shapes that are not there.
REFUSED_WITHOUT_SHAPES = [
    (Case("Roll", (f32(2), i32([1]), i32([0]))), "it is unknown how many axes it has"),
    (Case("UniqueV2", (i64([3]), i64([0]))), "the rank of an input is unknown"),
]
# These are never seen: such a node has no problem that its rewrite is asked to solve.
NOT_THE_TROUBLE = "is not the trouble"
