"""The commands of `opgraft` that need `opgraft[tools]`: inspect, ops, adapt."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from opgraft.adapt.command import command as adapt_command
from opgraft.errors import OpgraftError
from opgraft.history import show
from opgraft.inspect import inspect as inspect_model
from opgraft.inspect.render import render

BAD_INPUT, WRONG_USAGE = 3, 64  # 0, 1 and 2 are answers
FILE_WIDTH = 110  # columns of a table that goes to a file or a pipe


@click.group()
def cli() -> None:
    """Run TensorFlow graphs on runtimes that lack their ops."""


@cli.command("inspect")
@click.argument("model")
@click.option(
    "--runtime", required=True, metavar="V", help='A release, "installed", or a library file.'
)
@click.option("--json", "as_json", is_flag=True, help="The schema is in docs/inspect.md.")
def inspect_command(model: str, runtime: str, as_json: bool) -> int:
    """Say whether a TensorFlow runs MODEL: a SavedModel, GraphDef or MetaGraphDef.

    Exit status: 0 it runs as it is, 1 it runs after opgraft.load(), 2 it does not run,
    3 the model or the runtime cannot be read.
    """
    report = inspect_model(model, runtime)
    if as_json:
        print_json(report.as_dict())
    else:
        console = Console()
        console.width = console.width if console.is_terminal else FILE_WIDTH
        console.print(render(report))
    return report.status


@cli.command("ops")
@click.argument("name", required=False)
@click.option("--runtime", metavar="V", help="The release that lacks ops.")
@click.option("--lacks-from", metavar="W", help="The release that has them.")
@click.option("--json", "as_json", is_flag=True)
def ops_command(
    name: str | None, runtime: str | None, lacks_from: str | None, as_json: bool
) -> int:
    """Show op NAME through the ages, or what release V lacks from release W."""
    if (name is None) == (runtime is None) or (runtime is None) != (lacks_from is None):
        raise click.UsageError("give either a NAME, or --runtime V --lacks-from W")
    if name is not None:
        ages = show.op_ages(name)
        print_json(ages) if as_json else print_op(ages)
    else:
        found = show.lacks(str(runtime), str(lacks_from))
        print_json(found) if as_json else print_lacks(found)
    return 0


cli.add_command(adapt_command)


def print_json(value: Any) -> None:
    """JSON on standard output."""
    click.echo(json.dumps(value, indent=1))


def print_op(ages: dict[str, Any]) -> None:
    """An op through the ages."""
    console = Console(highlight=False, soft_wrap=True)
    for place, words in (("core", "TensorFlow"), ("contrib", "tf.contrib of TensorFlow")):
        if ages[place]:
            first, last = ages[place]
            console.print(Text(f"{ages['name']}: {words} {first} to {last}", "bold"))
    if ages["opgraft"]:
        console.print(Text(f"opgraft.load() provides it elsewhere ({ages['opgraft']})", "green"))
    for change in ages["changes"]:
        console.print(Text(f"\n{change['release']}", "bold cyan"))
        for part in ("inputs", "outputs"):
            if part in change:
                console.print(Text(f"  {part:<8}{', '.join(change[part]) or 'none'}"))
        for attr, text in change.get("attrs", {}).items():
            console.print(Text(f"  attr    {attr}: {text or 'gone'}"))
        for text in change.get("kernels", ()):
            console.print(Text(f"  CPU     {text}"))
        if change.get("kernels") == []:
            console.print(Text("  CPU     no kernel", "red"))


def print_lacks(found: dict[str, list[str]]) -> None:
    """The difference of two releases, an op a line."""
    provided = set(found["opgraft"])
    console = Console(highlight=False, soft_wrap=True)
    for name in found["lacks"]:
        console.print(Text(f"{name}  opgraft.load()" if name in provided else name))
    console.print(Text(f"{len(found['lacks'])} ops, {len(provided)} of them in opgraft", "bold"))


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    try:
        return int(cli.main(arguments, prog_name="opgraft", standalone_mode=False) or 0)
    except click.UsageError as e:
        e.show()
        return WRONG_USAGE
    except click.ClickException as e:
        e.show()
        return BAD_INPUT
    except OpgraftError as e:
        print(f"opgraft: {e}", file=sys.stderr)
        return e.exit_code if e.exit_code != OpgraftError.exit_code else BAD_INPUT
    except BrokenPipeError:
        return BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        return 130
