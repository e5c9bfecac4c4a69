"""examples/c/serve.c in the releases of TensorFlow 2, built with what their wheels have."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ..conftest import ROOT, runtime_python, runtimes

SOURCE = ROOT / "examples" / "c" / "serve.c"
MODELS = ROOT / "tests" / "models" / "contrib"
RELEASES = [
    row.version for row in runtimes.runtimes("tested") if row.minor >= (2, 2)
]  # the C API that serve.c uses is newer than 1.15
# The tensors of a model, as the graph names them.
TENSORS = {
    "augmentation": ("Placeholder:0", "transform/ImageProjectiveTransformV2:0"),
    "beam_search": ("Placeholder:0", "GatherTree:0"),
    "spatial_transformer": ("Placeholder:0", "Reshape_3:0"),
}
# 2.3 has these strings under other names, and another layout of string tensors, which no model
# here has.
STRINGS = ("Init", "Copy", "GetDataPointer", "GetSize")
OLD_STRINGS = [
    *("-include", "tensorflow/core/platform/ctstring.h"),
    *(f"-DTF_String{name}=TF_TString_{name}" for name in STRINGS),
]


def describe(python: Path) -> dict[str, str]:
    """Where a runtime has its files, without importing TensorFlow."""
    code = (
        "import json, sys, sysconfig, importlib.util as u; "
        "print(json.dumps({'tensorflow': u.find_spec('tensorflow').submodule_search_locations[0], "
        "'lib': sysconfig.get_config_var('LIBDIR'), "
        "'python': sysconfig.get_config_var('INSTSONAME')}))"
    )
    found: dict[str, str] = json.loads(subprocess.check_output([str(python), "-c", code]))
    return found


@pytest.fixture(scope="module", params=RELEASES)
def serve(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program for a release; its directory is named after it."""
    version: str = request.param
    at = describe(runtime_python(version))
    root = Path(at["tensorflow"])
    libraries = {root: ["libtensorflow_framework.so.2"]}
    if (root / "libtensorflow_cc.so.2").exists():
        libraries[root].append("libtensorflow_cc.so.2")
    else:  # up to 2.8 or so the C API is in the extension module of Python
        libraries[root / "python"] = ["_pywrap_tensorflow_internal.so"]
        libraries[Path(at["lib"])] = [at["python"]]
    program = tmp_path_factory.mktemp(version) / version
    flags = OLD_STRINGS if runtimes.get(version).minor < (2, 4) else []
    command = ["cc", *flags, f"-I{root / 'include'}", str(SOURCE), "-o", str(program)]
    for directory, names in libraries.items():
        command += [f"-L{directory}", f"-Wl,-rpath,{directory}", *(f"-l:{name}" for name in names)]
    subprocess.run(command, check=True)
    return program


@pytest.mark.parametrize("library_set", ["release", "c_api"])
@pytest.mark.parametrize("model", TENSORS)
def test_answers(package: Path, serve: Path, model: str, library_set: str) -> None:
    """As TensorFlow 1.15.5, with the library of the release and with the C API's."""
    minor = ".".join(str(part) for part in runtimes.get(serve.name).minor)
    directory = "c_api" if library_set == "c_api" else f"tf{minor}"
    library = package / "opgraft" / "lib" / directory / "libopgraft_contrib.so"
    expected = json.loads((MODELS / model / "expected.json").read_text(encoding="utf-8"))
    [value], [right] = expected["inputs"].values(), expected["outputs"].values()
    numbers = [repr(number) for number in np.ravel(value).tolist()]
    done = subprocess.run(
        [str(serve), str(library), str(MODELS / model / "model"), *TENSORS[model], *numbers],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = [float(line) for line in done.stdout.split()]
    np.testing.assert_allclose(answer, np.ravel(right), rtol=1e-5, atol=1e-6)
