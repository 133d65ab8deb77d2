"""`reactor` and the names of its subcommands. Each is imported when it is asked for: a server is not to wait for the
code of the others."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from .. import __version__

SUBCOMMANDS = ("check", "init", "render", "run", "schema")
"""Each is a module beside this one, with a command of the same name in it."""
_INTERRUPTED = 130


class _Commands(click.Group):
    """Knows its subcommands by name, and what one who names a model right after `reactor` is after."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        gc.disable()  # what is imported stays: to look for rubbish in it would take a tenth of the time
        try:
            command = getattr(import_module(f".{cmd_name}", __package__), cmd_name)
        except KeyboardInterrupt:
            sys.exit(_INTERRUPTED)  # as anywhere else before the command has begun
        finally:
            gc.freeze()
            gc.enable()
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in SUBCOMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"{name!r} is no command{_meant(name)}")
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as error:  # in the group's own options
            _fail(error)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:  # in the name of the subcommand, its options and arguments
            _fail(error)


def _fail(error: click.UsageError) -> NoReturn:
    from .usage import fail_usage  # here: it brings much of the runtime along

    fail_usage(error)


def _meant(name: str) -> str:
    from ..interface.commands import suggestion

    return f"; to serve it: reactor run {name}" if _can_be_served(name) else suggestion(name, list(SUBCOMMANDS))


def _can_be_served(name: str) -> bool:
    from ..manifest import MANIFEST_ENDINGS, PYTHON_FILE

    return bool(PYTHON_FILE.fullmatch(name)) or name.endswith(MANIFEST_ENDINGS) or os.path.exists(name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reactor", message="%(prog)s %(version)s")
def main() -> None:
    """Serve a real-time model: one Python class becomes an interactive stream.

    \b
    Start here:
      reactor init my-model     make a folder with a model in it that runs
      reactor run --reload      serve the model of ./reactor.yaml; a saved file changes it as it runs
      reactor run my_model.py   serve a file, no manifest needed
      reactor check             find what would go wrong, before it does
      reactor schema            what clients can send and get, as a document or as typed code
      reactor render            a film of what the model shows while a script drives it
    """
