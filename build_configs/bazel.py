"""Finds Bazel, builds op libraries with it and lays them out as the Python package has them.

Used by noxfile.py and setup.py, so it runs on Python 3.6 and needs only the standard library.
"""

import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Families of ops, and whether the C API can serve them (tables need TensorFlow's C++ resources).
LIBRARIES = {"contrib": True, "core": True, "lookup": False}

BAZELISK_VERSION = "7.4.1"  # what bazelisk fetches if it is what there is


class BuildError(RuntimeError):
    """Something that the user can mend; the text says how."""


def cache_directory(*parts):
    """A directory below the user's cache, which all clones of the repository share."""
    base = os.environ.get("OPGRAFT_CACHE")
    if not base:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        base = os.path.join(home, "opgraft")
    return os.path.join(base, *parts)


def install_debian_packages(packages):
    """Installs packages with apt-get; needs root or a sudo that asks nothing."""
    print("opgraft: apt-get install " + " ".join(packages), flush=True)
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
        command = prefix + ["apt-get"] + arguments
        if arguments[0] == "install":
            command += packages
        if subprocess.call(command, env=environment, stdout=subprocess.DEVNULL) != 0:
            raise BuildError(
                "cannot install %s; run as root: apt-get install %s"
                % (", ".join(packages), " ".join(packages))
            )


def find_bazel():
    """The command that starts Bazel, a C++ compiler being there as well.

    In this order: $BAZEL, bazel or bazelisk on PATH, Debian's bazel-bootstrap, which is installed.

    Raises:
      BuildError: there is none and it cannot be installed.
    """
    wanted = []
    bazel = os.environ.get("BAZEL") or shutil.which("bazel") or shutil.which("bazelisk")
    if not bazel:
        wanted.append("bazel-bootstrap")
    if not shutil.which(os.environ.get("CXX", "g++")):
        wanted.append("g++")
    if wanted:
        if not shutil.which("apt-get"):
            raise BuildError(
                "building needs Bazel 4.2 to 7.x and g++. Install bazelisk (npm install -g "
                "@bazel/bazelisk) or set BAZEL to a bazel"
            )
        install_debian_packages(wanted)
    return bazel or shutil.which("bazel")


def _flags_of(bazel, environment):
    """Flags that only some releases of Bazel know."""
    output = subprocess.run(
        [bazel, "--version"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    ).stdout
    match = re.search(r"bazel (\d+)\.", output)
    major = int(match.group(1)) if match else 4  # Debian's build names no version
    if major >= 8:
        return ["--noenable_bzlmod", "--enable_workspace"]
    return ["--noenable_bzlmod"] if major >= 6 else []


def run_bazel(command, *arguments, workspace=ROOT, output_base="bazel", progress=()):
    """Runs `bazel command arguments` on a workspace, sharing the user's cache.

    Args:
      command: of Bazel, such as "build".
      *arguments: its options and targets.
      workspace: its folder.
      output_base: below the cache; a workspace of another path needs another.
      progress: how Bazel shows what it does where there is no terminal; by default not at all.

    Raises:
      BuildError: Bazel failed; it has printed why.
    """
    bazel = find_bazel()
    environment = dict(os.environ)
    if "bazelisk" in os.path.realpath(bazel).lower():  # Debian's bazel refuses the variable
        environment.setdefault("USE_BAZEL_VERSION", BAZELISK_VERSION)
    environment.setdefault("OPGRAFT_PYTHON", sys.executable)
    line = [bazel, "--output_base=" + cache_directory(*output_base.split("/"))]
    line += [command, "--disk_cache=" + cache_directory("bazel-disk")]
    line += _flags_of(bazel, environment) + list(arguments)
    if not sys.stdout.isatty():
        line[3:3] = list(progress or ["--noshow_progress"]) + ["--color=no"]
    if subprocess.call(line, cwd=workspace, env=environment) != 0:
        raise BuildError("bazel %s failed (see above)" % command)


def load_table():
    """What runtimes.bzl defines, by name."""
    namespace = {}
    with open(os.path.join(ROOT, "build_configs", "runtimes.bzl")) as f:
        exec(compile(f.read(), "runtimes.bzl", "exec"), namespace)
    return namespace


def load_runtimes():
    """The rows of runtimes.bzl, dicts in the order of the releases."""
    return load_table()["RUNTIMES"]


def minor_release(version):
    """The minor release, "2.14", of a release such as "2.14.1"."""
    return ".".join(version.split(".")[:2])


def row_of(version):
    """The row that serves a release: its own, or that of another patch of the same minor release.

    Raises:
      BuildError: there is none.
    """
    rows = [row for row in load_runtimes() if row["tier"] != "unseen"]
    for row in rows:
        if row["version"] == version or minor_release(row["version"]) == minor_release(version):
            return row
    raise BuildError(
        "no row for TensorFlow %s in build_configs/runtimes.bzl, which has %s to %s. "
        "Adding a runtime is adding a row" % (version, rows[0]["version"], rows[-1]["version"])
    )


def library_targets(versions):
    """The Bazel targets of the libraries for some releases, the C API's set included."""
    targets = []
    for library, c_api in sorted(LIBRARIES.items()):
        for version in versions:
            tag = minor_release(row_of(version)["version"]).replace(".", "_")
            targets.append("//:%s_%s" % (library, tag))
        if c_api:
            targets.append("//:%s_c_api" % library)
    return targets


def package_version():
    """The version of the package, from python/opgraft/_version.py."""
    namespace = {}
    with open(os.path.join(ROOT, "python", "opgraft", "_version.py")) as f:
        exec(f.read(), namespace)
    return namespace["__version__"]


def build_libraries(versions, directory):
    """Builds the libraries for some releases into `directory`, with their manifest.

    Args:
      versions: of TensorFlow, such as ["1.1.0", "2.21.0"].
      directory: made anew; becomes opgraft/lib of the package.
    """
    run_bazel("build", *library_targets(versions))
    sets = {}
    for row in [row_of(version) for version in versions]:
        minor = minor_release(row["version"])
        sets[minor] = {
            "built_for": row["version"],
            "cxx11_abi": row["cxx11_abi"],
            "directory": "tf" + minor,
            "libraries": sorted(LIBRARIES),
        }
    sets["c_api"] = {
        "built_for": "c_api",
        "directory": "c_api",
        "libraries": sorted(name for name, c_api in LIBRARIES.items() if c_api),
    }
    new = directory + ".new"
    shutil.rmtree(new, ignore_errors=True)
    for entry in sets.values():
        os.makedirs(os.path.join(new, entry["directory"]))
        for library in entry["libraries"]:
            name = os.path.join(entry["directory"], "libopgraft_%s.so" % library)
            shutil.copyfile(os.path.join(ROOT, "bazel-bin", name), os.path.join(new, name))
            os.chmod(os.path.join(new, name), 0o755)
    with open(os.path.join(new, "manifest.json"), "w") as f:
        json.dump(
            {"format": 1, "version": package_version(), "sets": sets}, f, indent=1, sort_keys=True
        )
    shutil.rmtree(directory, ignore_errors=True)
    os.rename(new, directory)
