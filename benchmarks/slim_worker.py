"""A process that runs one model, in the slim TensorFlow, in the full one or in none.

    slim_worker.py slim|stock|bare MODEL SIGNATURE INPUTS

The first line that it prints is the answer's: then as many bytes as the process ever had in memory.
After that, "run N" runs the model N times and answers with the seconds, "memory" with the bytes.
"""

import pickle
import sys
import time


def inputs_of(path):
    """{name: array} of a file that slim_speed.py has written.

    It is no .npz: to import Python's zipfile takes longer than to start the slim TensorFlow.
    """
    import numpy as np  # not before the runtimes, which import it as they like

    with open(path, "rb") as file:
        plain = pickle.load(file)  # {name: (dtype, shape, flat list or bytes)}
    arrays = {}
    for name, (dtype, shape, data) in plain.items():
        flat = np.array(data, dtype) if dtype == "object" else np.frombuffer(data, dtype)
        arrays[name] = flat.reshape(shape)
    return arrays


def slim_runner(path, signature, file):
    """A function that runs the model on the inputs in a file: arrays in, arrays out."""
    import opgraft_slim

    model = opgraft_slim.Model(path)
    inputs = inputs_of(file)
    return lambda: model.run_inputs(inputs, signature)


def stock_runner(path, signature, file):
    """The same with the full TensorFlow."""
    import tensorflow as tf

    model = tf.saved_model.load(path)
    function = model.signatures[signature]
    types = {name: spec.dtype for name, spec in function.structured_input_signature[1].items()}
    inputs = inputs_of(file)

    def run():
        tensors = {name: tf.constant(inputs[name], types[name]) for name in inputs}
        return {name: tensor.numpy() for name, tensor in function(**tensors).items()}

    run.model = model
    return run


def bare_runner(_path, _signature, file):
    """A function that does nothing, the inputs being there."""
    inputs_of(file)
    return lambda: None


def memory():
    """The most memory that the process had, in bytes."""
    with open("/proc/self/status") as status:
        [line] = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main():
    """The command line."""
    side, path, signature, file = sys.argv[1:]
    runners = {"slim": slim_runner, "stock": stock_runner, "bare": bare_runner}
    run = runners[side](path, signature, file)
    run()
    print(memory(), flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "memory":
            print(memory(), flush=True)
            continue
        start = time.perf_counter()
        for _ in range(int(numbers[0])):
            run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
