"""Builds the wheel: the Python package and the op libraries of some TensorFlow releases.

OPGRAFT_LIBRARIES  a directory of built libraries to pack (set by `nox -s wheel`)
OPGRAFT_RUNTIMES   releases to build for, such as "1.1.0 2.21.0"
With neither, as in `pip install .`, the libraries are built for the TensorFlow that is installed.
"""

import os
import shutil
import subprocess
import sys

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "build_configs"))
import bazel  # noqa: E402

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1
    from wheel.bdist_wheel import bdist_wheel

_FIND = """
try:
    import importlib.metadata as m
    names = [(d.metadata["Name"] or "", d.version) for d in m.distributions()]
except ImportError:
    import pkg_resources as m
    names = [(d.project_name, d.version) for d in m.working_set]
wanted = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "intel-tensorflow", "tf-nightly")
print(*[v for n, v in names if n.lower().replace("_", "-") in wanted][:1])
"""


def installed_tensorflow():
    """The release of TensorFlow next to which pip is installing, or ""."""
    # pip builds in an environment of its own, which it puts before the real one by PYTHONPATH.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    output = subprocess.check_output([sys.executable, "-c", _FIND], env=environment, cwd="/")
    return output.decode().strip()


class BuildPackage(build_py):
    """Adds opgraft/lib to the package."""

    def run(self):
        build_py.run(self)
        target = os.path.join(self.build_lib, "opgraft", "lib")
        if os.environ.get("OPGRAFT_LIBRARIES"):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(os.environ["OPGRAFT_LIBRARIES"], target)
            return
        versions = os.environ.get("OPGRAFT_RUNTIMES") or installed_tensorflow()
        if not versions:
            raise SystemExit(
                "opgraft: no TensorFlow is installed here, so there is nothing to build for. "
                'Install one first, or name releases: OPGRAFT_RUNTIMES="2.14.1" pip install .'
            )
        bazel.build_libraries(versions.split(), os.path.abspath(target))


class PlatformWheel(bdist_wheel):
    """py3-none-<platform>: native libraries, but none that is linked to one Python."""

    def finalize_options(self):
        bdist_wheel.finalize_options(self)
        self.root_is_pure = False

    def get_tag(self):
        return ("py3", "none", bdist_wheel.get_tag(self)[2])


class NativeDistribution(Distribution):
    """Says that the package is not pure Python, so that it installs into platlib."""

    def has_ext_modules(self):
        return True


setup(
    version=bazel.package_version(),
    distclass=NativeDistribution,
    cmdclass={"build_py": BuildPackage, "bdist_wheel": PlatformWheel},
)
