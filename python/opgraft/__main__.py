"""The command line: opgraft, or python -m opgraft.

doctor, path and missing run in any Python that has a TensorFlow, from 3.6 on; the commands in
TOOLS are in opgraft.cli and need opgraft[tools].
"""

import argparse
import json
import sys
from typing import List, Optional

from opgraft import _compat, _load, _missing, doctor
from opgraft._version import __version__
from opgraft.errors import OpgraftError

TOOLS = {
    "adapt": "writes a model for an older TensorFlow",
    "inspect": "whether a TensorFlow runs a model, why not, and what helps",
    "ops": "an op through the ages, or what a release lacks",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="opgraft",
        description="Run TensorFlow graphs on runtimes that lack their ops.",
    )
    parser.add_argument("--version", action="version", version="opgraft " + __version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    sub = commands.add_parser(
        "doctor", help="what TensorFlow is here, which libraries fit it and what they register"
    )
    sub.add_argument("--json", action="store_true", help="the same as JSON")
    sub.set_defaults(run=_doctor)

    sub = commands.add_parser(
        "path", help="the file of an op library, for TF_LoadLibrary in C, C++, Java or Go"
    )
    sub.add_argument("library", help="lookup, core or contrib")
    sub.add_argument("--runtime", metavar="V", help="a TensorFlow release, such as 2.14, or c_api")
    sub.set_defaults(run=_path)

    sub = commands.add_parser("missing", help="the ops of a model that this TensorFlow lacks")
    sub.add_argument("model", help="a SavedModel directory, or a .pb, .meta or .pbtxt file")
    sub.add_argument("--load", action="store_true", help="count what opgraft.load() provides")
    sub.set_defaults(run=_list_missing)
    for name in sorted(TOOLS):
        commands.add_parser(name, help=TOOLS[name], add_help=False)
    return parser


def _tool(argv: List[str]) -> int:
    """Runs a command of opgraft.cli."""
    try:
        from opgraft import cli
    except (ImportError, SyntaxError) as e:
        print(
            "opgraft: `opgraft {}` needs Python 3.9 and more packages ({}): "
            "pip install 'opgraft[tools]'".format(argv[0], e),
            file=sys.stderr,
        )
        return 3
    return cli.main(argv)


def _doctor(args: argparse.Namespace) -> int:
    report = doctor.examine()
    print(json.dumps(report, indent=1) if args.json else doctor.render(report))
    return 1 if report["problems"] else 0


def _path(args: argparse.Namespace) -> int:
    print(_load.library_path(args.library, args.runtime))
    return 0


def _list_missing(args: argparse.Namespace) -> int:
    used = _missing.used_ops(args.model)  # before TensorFlow is imported: errors come at once
    _compat.import_tensorflow()
    if args.load:
        _load.load()
    names = sorted(set(used) - _compat.registered_ops())
    for name in names:
        nodes = used[name]
        more = " and {} more".format(len(nodes) - 1) if len(nodes) > 1 else ""
        print("{}\t{}{}".format(name, nodes[0], more))
    return 1 if names else 0


def main(argv: Optional[List[str]] = None) -> int:
    """Runs a command; returns the exit status: 0 all is well, 1 a problem, 2 wrong usage.

    The commands in TOOLS have others: docs/inspect.md.
    """
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in TOOLS:
        return _tool(argv)
    parser = _parser()
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 2
    try:
        return int(args.run(args))
    except OpgraftError as e:
        print("opgraft: {}".format(e), file=sys.stderr)
        return e.exit_code


if __name__ == "__main__":
    sys.exit(main())
