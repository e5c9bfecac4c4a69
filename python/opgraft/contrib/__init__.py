"""tf.contrib's plain functions on every TensorFlow from 1.15 on, under their old names.

    from opgraft import contrib

    contrib.resampler.resampler(data, warp)
    contrib.image.rotate(images, angles)

Modules, names and signatures are those of tf.contrib in TensorFlow 1.15; graphs, tf.function and
eager execution; gradients where tf.contrib had them. The functions call opgraft's own ops
(OpgraftResampler and so on), so models saved with them need `opgraft.load()` where they run.

Importing this module imports TensorFlow; the first call loads the op library. A function whose op
the library lacks on this TensorFlow raises opgraft.OpgraftError.
"""

from opgraft.contrib import (
    factorization,
    framework,
    fused_conv,
    image,
    layers,
    libsvm,
    memory_stats,
    nearest_neighbor,
    periodic_resample,
    reduce_slice_ops,
    resampler,
    seq2seq,
    text,
)

__all__ = [
    "factorization",
    "framework",
    "fused_conv",
    "image",
    "layers",
    "libsvm",
    "memory_stats",
    "nearest_neighbor",
    "periodic_resample",
    "reduce_slice_ops",
    "resampler",
    "seq2seq",
    "text",
]
