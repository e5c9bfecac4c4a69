"""The sessions of opgraft.

`pip install nox && nox -s demo` and `nox -s tests` do all the set-up.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import zipfile
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
BUILD = ROOT / "build"
sys.path.insert(0, str(ROOT / "build_configs"))

import bazel  # noqa: E402, found through the line above

nox.options.sessions = ["tests"]
nox.options.reuse_existing_virtualenvs = True

PYTHON_FILES = (
    "noxfile.py",
    "setup.py",
    "benchmarks",
    "build_configs",
    "examples",
    "ops",
    "python",
    "tests",
)
BUILDIFIER = "@bazel/buildifier@8.2.1"
# Of a case of the corpus, what nox -s build is told of it.
SLIM_CASE = {"model": "model", "inputs": "inputs.npz"}


def install_tools(session: nox.Session) -> None:
    """The tools of every session, pinned by hash."""
    session.install("-q", "--require-hashes", "-r", "build_configs/requirements/tools.txt")


def tiers(*names: str) -> list[str]:
    """The releases of some tiers of runtimes.bzl."""
    return [row["version"] for row in bazel.load_runtimes() if row["tier"] in names]


def run_bazel(session: nox.Session, call: str, *arguments: str) -> None:
    """Calls a function of build_configs/bazel.py in the session's environment, which has pip."""
    code = f"import sys; sys.path.insert(0, 'build_configs'); import bazel; bazel.{call}"
    session.run("python", "-c", code, *arguments)


def build_libraries(session: nox.Session, versions: list[str], out: Path) -> None:
    """Builds the libraries for some releases; `out` becomes opgraft/lib of the package."""
    run_bazel(session, "build_libraries(sys.argv[2:], sys.argv[1])", str(out), *versions)


def build_wheel(session: nox.Session, versions: list[str], out: Path) -> Path:
    """Makes the wheel for some releases, with its manylinux tag."""
    libraries, raw = BUILD / "libraries", BUILD / "raw"
    build_libraries(session, versions, libraries)
    for stale in (raw, out, BUILD / "lib", *BUILD.glob("bdist.*")):
        shutil.rmtree(stale, ignore_errors=True)
    session.run(
        *("pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(raw), "."),
        env={"OPGRAFT_LIBRARIES": str(libraries)},
    )
    [wheel] = raw.glob("*.whl")
    repair = ("auditwheel", "repair", "-w", str(out), str(wheel))
    session.run(*repair, "--exclude", "libtensorflow_framework.so*", silent=True)
    [wheel] = out.glob("*.whl")
    return wheel


def unpack(wheel: Path, directory: Path) -> Path:
    """Unpacks a py3-none wheel: to import from the directory is to have it installed."""
    shutil.rmtree(directory, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    return directory


def stock_python(session: nox.Session, version: str) -> str:
    """The interpreter of a stock release, which is installed if it is not there."""
    session.run("python", "build_configs/runtimes.py", "install", version)
    found = session.run("python", "build_configs/runtimes.py", "python", version, silent=True)
    return str(found).strip()


def build_slim(session: nox.Session, *arguments: str) -> None:
    """Runs what nox -s build is."""
    paths = [str(ROOT / "build_configs"), str(ROOT / "python")]
    session.run(
        *("python", "-m", "slim.build", *arguments), env={"PYTHONPATH": os.pathsep.join(paths)}
    )


def version_arguments(session: nox.Session, default: list[str], out: Path) -> argparse.Namespace:
    """--runtimes V [V ...], --all and --out DIR."""
    parser = argparse.ArgumentParser(prog=f"nox -s {session.name} --")
    parser.add_argument("--runtimes", nargs="+", metavar="V", help="TensorFlow releases")
    parser.add_argument("--all", action="store_true", help="every release of runtimes.bzl")
    parser.add_argument("--out", type=Path, default=out, help=f"where to (default: {out.name})")
    options = parser.parse_args(session.posargs)
    if options.all:
        options.runtimes = tiers("tested", "built")
    options.runtimes = [bazel.row_of(version)["version"] for version in options.runtimes or default]
    options.out = options.out.resolve()
    return options


@nox.session
def demo(session: nox.Session) -> None:
    """The main job: graphs that stock TensorFlow refuses run after opgraft.load()."""
    install_tools(session)
    wheel = build_wheel(session, ["1.1.0", "2.21.0"], BUILD / "demo-wheel")
    package = unpack(wheel, BUILD / "demo-package")
    session.run("python", "examples/demo.py", str(package))


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, mypy, clang-format and buildifier, without changing anything."""
    install_tools(session)
    check_style(session)


def check_style(session: nox.Session) -> None:
    """What the session lint checks."""
    session.run("ruff", "format", "--check", "-q", *PYTHON_FILES)
    session.run("ruff", "check", "-q", *PYTHON_FILES)
    session.run(
        "mypy",
        "python/opgraft",
        "python/opgraft_slim",
        "build_configs",
        "examples/demo.py",
        "noxfile.py",
    )
    sources = sorted(
        str(path)
        for folder in ("benchmarks", "build_configs", "examples", "ops")
        for path in Path(folder).rglob("*")
        if path.suffix in (".cc", ".h", ".c") and ".src" not in path.suffixes
    )
    session.run("clang-format", "--dry-run", "--Werror", *sources)
    files = (path for name in ("BUILD", "*.BUILD", "*.bzl") for path in Path().rglob(name))
    starlark = ["WORKSPACE", *map(str, files)]
    starlark = [path for path in starlark if not path.startswith(("bazel-", "build/", ".nox/"))]
    if shutil.which("npm") is None:
        if os.environ.get("CI"):
            session.error("buildifier needs npm: apt-get install npm")
        session.warn("npm is missing, so the Bazel files go unchecked: apt-get install npm")
        return
    session.run(
        *("npm", "exec", "--yes", f"--package={BUILDIFIER}", "--", "buildifier"),
        # Bazel 4.2 has the C++ rules built in and 7.x still does.
        *(
            "-mode=check",
            "-lint=warn",
            "-warnings=-native-cc-library,-native-cc-binary,-native-cc-test"
            ",-native-cc-common,-native-cc-info",
        ),
        *sorted(starlark),
        external=True,
    )


@nox.session
def tests(session: nox.Session) -> None:
    """Everything: style, kernels without TensorFlow, then the wheel on every tested runtime.

    Arguments go to pytest: nox -s tests -- -k dense
    """
    install_tools(session)
    check_style(session)
    run_bazel(session, "run_bazel('test', '--build_tests_only', '//ops/...')")
    wheel = build_wheel(session, tiers("tested"), BUILD / "tests-wheel")
    package = unpack(wheel, BUILD / "tests-package")
    run_bazel(session, "run_bazel('build', '//examples/c/...')")
    session.run("python", "build_configs/runtimes.py", "install", "tested", "c_api")
    session.run(
        *("pytest", "tests", *session.posargs),
        env={"OPGRAFT_PACKAGE": str(package), "OPGRAFT_WHEEL": str(wheel)},
    )


@nox.session
def fuzz(session: nox.Session) -> None:
    """Every op on generated inputs, good and hostile, under two sanitizers.

    nox -s fuzz -- [--inputs 200000] [--seed 1] [--op NAME] [--case N]

    A finding prints the case and the arguments that run it alone.
    """
    install_tools(session)
    arguments = session.posargs or ["--inputs", "200000"]
    run_bazel(
        session,
        "run_bazel('run', '--config=asan', '//ops/fuzz', '--', *sys.argv[1:])",
        *arguments,
    )


@nox.session
def wheel(session: nox.Session) -> None:
    """The op wheel. nox -s wheel -- [--runtimes 1.1.0 2.21.0 | --all] [--out DIR]."""
    options = version_arguments(session, tiers("tested", "built"), ROOT / "dist")
    install_tools(session)
    made = build_wheel(session, options.runtimes, options.out)
    session.run("auditwheel", "show", str(made))
    print(f"{made} ({made.stat().st_size / 1e6:.1f} MB, {len(options.runtimes)} runtimes)")
    print(f"next: pip install {made}")


@nox.session
def build(session: nox.Session) -> None:
    """A slim TensorFlow with the ops that models need.

    nox -s build -- --model DIR [--model DIR ...] [--ops FILE] [--profile size|speed]
    [--op-libraries] [--out DIR]; --help has the rest.
    """
    install_tools(session)
    build_slim(session, *session.posargs)


@nox.session
def bench_slim(session: nox.Session) -> None:
    """One slim TensorFlow for thirty models, or --each: proven, and timed beside the full one.

    nox -s bench_slim -- [--profile size|speed] [--each] [--cases NAME ...] [--quick] [--docs]
    """
    parser = argparse.ArgumentParser(prog="nox -s bench_slim --")
    parser.add_argument("--profile", choices=("size", "speed"), default="speed")
    parser.add_argument("--each", action="store_true", help="a library for each model")
    parser.add_argument("--cases", nargs="+", metavar="NAME", help="not all of the thirty")
    options, timing = parser.parse_known_args(session.posargs)
    install_tools(session)
    full = stock_python(session, "2.14.1")
    models = BUILD / "slim-models"
    out = BUILD / f"slim-{options.profile}{'-each' if options.each else ''}"
    if not models.exists():
        scratch = Path(session.create_tmp(), "models")
        shutil.rmtree(scratch, ignore_errors=True)
        for script in ("make_corpus.py", "vision.py"):
            session.run(full, f"tests/corpus/{script}", str(scratch), external=True, silent=True)
        scratch.rename(models)
    names = options.cases or sorted(path.name for path in models.iterdir())
    together = {out / name: [name] for name in names} if options.each else {out: names}
    for target, members in together.items():
        order = [
            f"--{key}={models / name / path}" for name in members for key, path in SLIM_CASE.items()
        ]
        build_slim(session, "--profile", options.profile, "--out", str(target), *order)
    command = ("--slim", str(out), "--python", full, *timing)
    session.run("python", "benchmarks/slim_speed.py", *command, *(str(models / n) for n in names))


@nox.session
def libraries(session: nox.Session) -> None:
    """The libraries alone, for OPGRAFT_LIBRARY_DIR and for cibuildwheel. As nox -s wheel."""
    options = version_arguments(session, tiers("tested"), BUILD / "libraries")
    install_tools(session)
    build_libraries(session, options.runtimes, options.out)
    print(f"next: export OPGRAFT_LIBRARY_DIR={options.out}")


@nox.session
def bench(session: nox.Session) -> None:
    """Tables and ops beside TensorFlow's own and flat hash maps, in the newest tested runtime.

    Contrib ops beside those of TensorFlow 1.15.5, the last that had them.

    nox -s bench -- [--quick] [--only REGEX] [--json FILE] [--plot FILE] [--docs] [--report JSON...]
    """
    install_tools(session)
    session.install("-q", "--require-hashes", "-r", "build_configs/requirements/bench.txt")
    newest = tiers("tested")[-1]
    wheel = build_wheel(session, ["1.15.5", newest], BUILD / "bench-wheel")
    package = unpack(wheel, BUILD / "bench-package")
    session.run(
        *("python", "benchmarks/bench.py", *session.posargs),
        *("--python", stock_python(session, newest), "--package", str(package)),
    )


@nox.session
def corpus(session: nox.Session) -> None:
    """Adapts models of TensorFlow 2.21 for old releases, runs them, and writes docs/corpus.md.

    nox -s corpus -- [--runtimes V ...] [--cases NAME ...]
    """
    install_tools(session)
    made = build_wheel(session, tiers("tested"), BUILD / "corpus-wheel")
    package = unpack(made, BUILD / "corpus-package")
    session.run("python", "build_configs/runtimes.py", "install", "tested")
    work = BUILD / "corpus"
    session.run("python", "tests/corpus/sweep.py", str(package), str(work), *session.posargs)


@nox.session
def sweep(session: nox.Session) -> None:
    """Loads the libraries into every release of runtimes.bzl and writes docs/runtimes.md."""
    install_tools(session)
    wheel = build_wheel(session, tiers("tested", "built"), BUILD / "sweep-wheel")
    package = unpack(wheel, BUILD / "sweep-package")
    session.run(
        *("python", "tests/conformance/sweep.py", *session.posargs),
        env={"OPGRAFT_PACKAGE": str(package)},
    )


@nox.session
def history(session: nox.Session) -> None:
    """Compares the package data of opgraft.history with the stock releases that are installed.

    nox -s history -- [check VERSION ... | check all | write]; `write` asks all 39, one at a time.
    """
    install_tools(session)
    session.run("python", "build_configs/op_history.py", *(session.posargs or ["check"]))


@nox.session
def fuzz_models(session: nox.Session) -> None:
    """Damaged models for inspect, binary and text, and for adapt, with atheris: five minutes each.

    nox -s fuzz_models -- [-max_total_time=SECONDS] [-runs=N], libFuzzer's options
    """
    session.install("-q", "--require-hashes", "-r", "build_configs/requirements/fuzz.txt")
    options = session.posargs or ["-max_total_time=300"]
    findings = BUILD / "fuzz"
    findings.mkdir(parents=True, exist_ok=True)
    options = [f"-artifact_prefix={findings}/", *options]
    for script in ("inspect/fuzz.py --binary", "inspect/fuzz.py --text", "adapt/fuzz.py"):
        session.run("python", *f"tests/{script}".split(), "-verbosity=0", *options)
