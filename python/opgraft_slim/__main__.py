"""python -m opgraft_slim MODEL: shows a model's signatures, or runs one."""

import argparse
import sys
from typing import Any, Dict, List, Optional

import numpy as np

import opgraft_slim


def _run(options: argparse.Namespace) -> None:
    with opgraft_slim.Model(options.model, library=options.library) as model:
        if options.inputs is None:
            print(model.signatures)
            return
        with np.load(options.inputs) as file:  # without pickles, so strings are of type S or U
            inputs = {name: file[name] for name in file.files}
        outputs = model.run_inputs(inputs, options.signature)
        if options.outputs is None:
            for name, array in outputs.items():
                print("{} =\n{}".format(name, array))
            return
        plain: Dict[str, Any] = {
            n: a.astype("S") if a.dtype == object else a for n, a in outputs.items()
        }
        np.savez(options.outputs, **plain)


def main(arguments: Optional[List[str]] = None) -> int:
    """Returns 0, or 1 after a message."""
    parser = argparse.ArgumentParser(
        prog="python -m opgraft_slim", description="Shows a SavedModel's signatures, or runs one."
    )
    parser.add_argument("model", metavar="MODEL", help="the directory of a SavedModel")
    parser.add_argument("--signature", default="serving_default", metavar="S")
    parser.add_argument("--inputs", metavar="FILE.npz", help="an array per input: run the model")
    parser.add_argument("--outputs", metavar="FILE.npz", help="where to (default: print them)")
    parser.add_argument("--library", metavar="FILE.so", help="a TensorFlow library of your own")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except (opgraft_slim.SlimError, OSError, ValueError) as e:
        print("opgraft_slim: {}".format(e), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
