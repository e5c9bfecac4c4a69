"""tf.contrib's own op libraries in TensorFlow 1.15, where they still are.

TensorFlow loads them when a module of tf.contrib is imported. Were that after opgraft's library,
each would register kernels for a second time, which breaks an op, and an import would stop at the
first op whose definition reads otherwise. So they are loaded before it, and keep their ops.
"""

import os
from typing import Any, List

# Those with ops that opgraft's library contrib has too.
LIBRARIES = (
    "boosted_trees/python/ops/_boosted_trees_ops.so",
    "factorization/python/ops/_factorization_ops.so",
    "framework/python/ops/_variable_ops.so",
    "fused_conv/python/ops/_fused_conv2d_bias_activation_op.so",
    "image/python/ops/_distort_image_ops.so",
    "image/python/ops/_image_ops.so",
    "image/python/ops/_single_image_random_dot_stereograms.so",
    "input_pipeline/python/ops/_input_pipeline_ops.so",
    "layers/python/ops/_sparse_feature_cross_op.so",
    "libsvm/python/ops/_libsvm_ops.so",
    "memory_stats/python/ops/_memory_stats_ops.so",
    "nearest_neighbor/python/ops/_nearest_neighbor_ops.so",
    "periodic_resample/python/ops/_periodic_resample_op.so",
    "reduce_slice_ops/python/ops/_reduce_slice_ops.so",
    "resampler/python/ops/_resampler_ops.so",
    "seq2seq/python/ops/_beam_search_ops.so",
    "tensor_forest/python/ops/_tensor_forest_ops.so",
    "text/python/ops/_skip_gram_ops.so",
)


def paths(tf: Any) -> List[str]:
    """The files, named as tf.contrib names them: TensorFlow knows a library again by its path."""
    # tensorflow/__init__.py is a facade of tensorflow_core there.
    root = os.path.join(os.path.dirname(os.path.dirname(str(tf.__file__))), "tensorflow_core")
    found = [os.path.join(root, "contrib", name) for name in LIBRARIES]
    return [path for path in found if os.path.isfile(path)]


def load(tf: Any) -> None:
    """Loads them; 0.1 s. One that TensorFlow refuses is left to tf.contrib, to say why."""
    for path in paths(tf):
        try:
            tf.load_op_library(path)
        except Exception:  # tf.errors.*, RuntimeError, OSError
            continue
