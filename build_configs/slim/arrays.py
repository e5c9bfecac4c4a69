"""Arrays in .npz files between processes: any numpy, strings exactly, no pickles.

Runs inside TensorFlow's environment as well. A string array is kept as its lengths and its bytes,
since numpy's own string types drop NULs at the end; bfloat16, which few numpys know, as float32.
"""

import numpy as np

_LENGTHS, _BYTES = ".lengths", ".bytes"


def save(path, arrays):
    """Writes {name: array}."""
    plain = {}
    for name, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind in "OSU":
            texts = [x.encode() if isinstance(x, str) else bytes(x) for x in array.ravel().tolist()]
            lengths = np.array([len(text) for text in texts], np.int64)
            plain[name + _LENGTHS] = lengths.reshape(array.shape)
            plain[name + _BYTES] = np.frombuffer(b"".join(texts), np.uint8)
        else:
            known = array.dtype.kind in "biufc"
            plain["=" + name] = array if known else array.astype(np.float32)
    with open(path, "wb") as file:
        np.savez(file, **plain)


def load(path):
    """{name: array}; strings are objects of type bytes.

    Raises:
      OSError, ValueError: no such file, or none of `save`'s.
    """
    arrays = {}
    with np.load(path) as file:
        for key in file.files:
            if key.startswith("="):
                arrays[key[1:]] = file[key]
            elif key.endswith(_LENGTHS):
                name = key[: -len(_LENGTHS)]
                lengths, data = file[key], file[name + _BYTES].tobytes()
                ends = np.cumsum(lengths.ravel()).tolist()
                made = np.empty(len(ends), object)
                made[:] = [data[b - n : b] for b, n in zip(ends, lengths.ravel().tolist())]
                arrays[name] = made.reshape(lengths.shape)
    return arrays
