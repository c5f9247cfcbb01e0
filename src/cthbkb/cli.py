"""The Typer program, built from the table of commands.

Each command gets a function whose signature is built from its row in the table. The function only turns the parsed
values into the same request that `front` would make.
"""

from __future__ import annotations

import inspect
import keyword
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from textwrap import TextWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cthbkb.catalog import ABOUT, COMMANDS, FILTERING, OTHER, OUTPUTTING, Command, Option, Request
from cthbkb.commands import execute
from cthbkb.errors import UsageError
from cthbkb.scales import EXPLAINED

__all__ = ["make", "run"]


WRONG: Any = typer.BadParameter.__base__
"""The base class of all usage errors, which Typer does not export."""


def run(argv: Sequence[str]) -> int:
    """Run the program on `argv`; return its exit code."""
    os.environ.pop("TERMINAL_WIDTH", None)  # typer fails at import if this is not a number
    named = COMMANDS.get(argv[0]) if argv else None
    out = sys.stdout
    try:
        named_somewhere = "_CTHBKB_COMPLETE" in os.environ or any(word in COMMANDS for word in argv)
        program = make([named] if named else COMMANDS.values(), named_somewhere)
        ended = program(list(argv), prog_name="cthbkb", standalone_mode=False)
    except SystemExit as error:
        if sys.stdout is not out:  # Typer does this, and exits with 1, when the reader closes the pipe
            raise BrokenPipeError from None
        ended = error.code
    except WRONG as error:
        where = " ".join(["cthbkb", *([named.name] if named else [])])
        raise UsageError(error.format_message(), f"All options: {where} --help") from None
    return ended if isinstance(ended, int) else 0


def make(commands: Iterable[Command], options: bool = True) -> typer.Typer:
    """Return the program with these commands; for a mere list of commands, it is faster without their `options`."""
    wide = max(40, shutil.get_terminal_size().columns) - 2
    narrow = {"terminal_width": wide} if wide < 50 else {}  # Click's own minimum is 50
    app = typer.Typer(
        name="cthbkb",
        help=ABOUT,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]} | narrow,
    )
    app.callback(invoke_without_command=True)(_root)
    for command in commands:
        text = f"{command.help}\n\nExample: {command.example}"
        if command.scale:
            title, words = EXPLAINED[command.scale]
            fill = TextWrapper(min(wide, 78) - 2, initial_indent="  ", subsequent_indent="    ").fill
            text += "\n\n\b\n" + "\n".join([fill(title).strip(), *(fill(f"{w}: {m}") for w, m in words.items())])
        app.command(command.name, cls=_grouped(command), help=text, short_help=command.help)(
            _function(command, options)
        )
    return app


def _grouped(command: Command) -> type[TyperCommand]:
    """Return a command class whose help lists the options in groups."""
    group = {option.name: option.group for option in command.options}

    class Grouped(TyperCommand):
        def format_options(self, ctx: Any, formatter: Any) -> None:
            found: dict[str, list[tuple[str, str]]] = {name: [] for name in (FILTERING, OUTPUTTING, OTHER)}
            for parameter in self.get_params(ctx):
                row = parameter.get_help_record(ctx)
                if row is not None and parameter.param_type_name == "option":
                    found[group.get(parameter.opts[0].lstrip("-"), OTHER)].append(row)
            for name, rows in found.items():
                if rows:
                    with formatter.section(name):
                        formatter.write_dl(rows)

    return Grouped


def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the versions of the program and the data.")] = False,
) -> None:
    if version or context.invoked_subcommand is None:
        request = Request(COMMANDS["overview"], [], {"version": [""]} if version else {})
        raise typer.Exit(execute(request))


def _function(command: Command, options: bool) -> Callable[..., None]:
    """Return the function of a command, with the signature that Typer inspects."""

    def function(**given: Any) -> None:
        words = given.pop("words", None)
        arguments = [] if words is None else [words] if isinstance(words, str) else words
        options = {o.name: _values(given[_name(o)]) for o in command.options}
        raise typer.Exit(execute(Request(command, arguments, options)))

    parameters = [_argument(command)] if command.arguments and options else []
    parameters += [_option(command, option) for option in command.options if options]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect reads first
    function.__annotations__ = {p.name: p.annotation for p in parameters}
    function.__name__ = _identifier(command.name)
    return function


def _values(given: Any) -> list[str]:
    if isinstance(given, bool):
        return [""] if given else []
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def _identifier(name: str) -> str:
    return name.replace("-", "_") + "_" * keyword.iskeyword(name)


def _name(option: Option) -> str:
    return _identifier(option.name)


def _argument(command: Command) -> inspect.Parameter:
    repeats = command.arguments.endswith("...")
    kind = (list[str] if repeats else str) if command.required else (list[str] | None if repeats else str | None)
    annotation = Annotated[kind, typer.Argument(metavar=command.arguments, show_default=False)]  # type: ignore[valid-type]  # built
    default = inspect.Parameter.empty if command.required else None
    return inspect.Parameter("words", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option(command: Command, option: Option) -> inspect.Parameter:
    names = [f"--{option.name}", *([f"-{option.short}"] if option.short else [])]
    default: Any = None
    kind: Any
    if not option.noun:
        kind, default = bool, False
        made = typer.Option(*names, help=option.help, show_default=False, hidden=option.hidden)
    else:
        kind = list[str] | None if option.many else str | None
        made = typer.Option(
            *names,
            help=option.help,
            metavar=option.noun,
            show_default=False,
            hidden=option.hidden,
        )
    annotation = Annotated[kind, made]
    return inspect.Parameter(_name(option), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
