"""Writes what a library with TensorFlow's C API registers: ops.pb, kernels.pb, about.json.

    python _registry_worker.py LIBRARY|installed DIRECTORY

Started by runtime.py in a process of its own, since a library may crash. Plain ctypes: of
TensorFlow's Python code only `installed` imports something.
"""

import ctypes
import json
import os
import sys


class Buffer(ctypes.Structure):
    """The beginning of TF_Buffer."""

    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def contents(pointer):
    """The bytes in a TF_Buffer."""
    return ctypes.string_at(pointer.contents.data, pointer.contents.length)


def installed():
    """The libraries that the installed TensorFlow has loaded, no second copy."""
    from opgraft import _compat

    found = []
    for path in _compat.libraries(_compat.import_tensorflow()):
        try:
            found.append(ctypes.CDLL(path, os.RTLD_NOLOAD | os.RTLD_LAZY))
        except OSError:
            continue  # not loaded
    return found


def main(target, directory):
    """Writes the files; exits with a message if the library has no C API."""
    sys.path.pop(0)  # the directory of this file
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    try:
        libraries = installed() if target == "installed" else [ctypes.CDLL(target, os.RTLD_LAZY)]
    except (OSError, ImportError) as e:
        sys.exit(str(e))

    def symbol(name, restype):
        for library in libraries:
            function = getattr(library, name, None)
            if function is not None:
                function.restype = restype
                return function
        return None

    get_ops = symbol("TF_GetAllOpList", ctypes.POINTER(Buffer))
    version = symbol("TF_Version", ctypes.c_char_p)
    if get_ops is None or version is None:
        sys.exit("it has no TF_GetAllOpList, so it is no library with TensorFlow's C API")
    write(directory, "ops.pb", contents(get_ops()))
    get_kernels = symbol("TF_GetAllRegisteredKernels", ctypes.POINTER(Buffer))
    new_status = symbol("TF_NewStatus", ctypes.c_void_p)
    if get_kernels is not None and new_status is not None:
        write(directory, "kernels.pb", contents(get_kernels(ctypes.c_void_p(new_status()))))
    about = {"version": version().decode()}
    write(directory, "about.json", json.dumps(about).encode())


def write(directory, name, data):
    """Writes a file."""
    with open(os.path.join(directory, name), "wb") as f:
        f.write(data)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
