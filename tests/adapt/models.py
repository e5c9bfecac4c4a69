"""Small models as SavedModels: python models.py OUT, with TensorFlow 2.x. Half a minute."""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorflow as tf

Spec = tf.TensorSpec


class Everything(tf.Module):
    """Variables, a table from a file, a loop that collects, a condition; two signatures."""

    def __init__(self, vocabulary):
        super().__init__()
        self.weight = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), name="weight")
        self.unused = tf.Variable(1.0, name="unused")
        self.table = tf.lookup.StaticVocabularyTable(
            tf.lookup.TextFileInitializer(
                vocabulary, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER,
            ),
            1,
        )  # fmt: skip

    @tf.function(input_signature=[Spec([None], tf.string, "words")], autograph=False)
    def embed(self, words):
        """Rows of the weight by word."""
        return {"rows": tf.gather(self.weight, self.table.lookup(words) % 3)}

    @tf.function(input_signature=[Spec([None, 2], tf.float32, "x")], autograph=False)
    def sums(self, x):
        """Running sums, halved if the last is large; a dense layer."""
        running = tf.scan(lambda a, b: a + b, x)
        halved = tf.cond(running[-1, 0] > 2.0, lambda: running / 2.0, lambda: running)
        return {"running": halved, "dense": tf.matmul(halved, self.weight, transpose_b=True)}


def main(out):
    """Writes OUT/everything with OUT/words.npz, OUT/x.npz and what the signatures return."""
    vocabulary = os.path.join(out, "vocabulary.txt")
    with open(vocabulary, "w") as f:
        f.write("a\nb\n")
    module = Everything(vocabulary)
    signatures = {"embed": module.embed, "sums": module.sums}
    tf.saved_model.save(module, os.path.join(out, "everything"), signatures=signatures)
    words = np.array(["b", "zz", "a"])
    x = np.array([[1, 2], [0.5, -1], [3, 4]], np.float32)
    np.savez(os.path.join(out, "embed.npz"), words=words.astype("S"))
    np.savez(os.path.join(out, "sums.npz"), x=x)


if __name__ == "__main__":
    main(sys.argv[1])
