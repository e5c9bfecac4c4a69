"""Runs a model on files of inputs in the slim library: a worker of prove.py.

    prove_slim.py MODEL LIBRARY TASKS.json

Needs opgraft_slim on its path and nothing else; LIBRARY may be "" for the package's own. Each task
has a signature and the paths `inputs` and `outputs`. Prints a line of JSON for each, with `error`
("" if it ran) and `missing`, the op that the library lacks.
"""

import json
import sys

import opgraft_slim

from slim import arrays


def run(model, task):
    """The error, or ""."""
    specs = model.signatures[task["signature"]].inputs
    inputs = arrays.load(task["inputs"])
    for name in inputs:  # the types that numpy has not come as float32
        if name in specs and specs[name].dtype in ("bfloat16", "float8_e5m2", "float8_e4m3fn"):
            inputs[name] = inputs[name].tolist()
    arrays.save(task["outputs"], model.run_inputs(inputs, task["signature"]))


def main(path, library, tasks):
    """Runs them one after another."""
    with open(tasks) as file:
        listed = json.load(file)
    with opgraft_slim.Model(path, library=library or None, tags=listed["tags"]) as model:
        for task in listed["tasks"]:
            answer = {"error": "", "missing": ""}
            try:
                run(model, task)
            except opgraft_slim.SlimError as error:
                answer = {"error": str(error), "missing": getattr(error, "op", "")}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except opgraft_slim.SlimError as problem:
        op = getattr(problem, "op", "")
        print(json.dumps({"error": str(problem), "missing": op, "model": True}), flush=True)
