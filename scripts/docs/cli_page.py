"""The reference of the command line, from what the commands tell of themselves."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from reactor_runtime.cli.commands import main

_INTRODUCTION = """# Command line

<!-- Made by scripts/docs from the commands themselves; `make docs` writes it anew. -->

What `reactor --help` says. `python -m reactor_runtime` is the same command. How it behaves while it serves is on the
page [Serving](../serving.md).
"""
_AS_IT_STANDS = "\b"


def cli_page() -> str:
    """The page."""
    context = click.Context(main, info_name="reactor", **main.context_settings)
    parts = [_INTRODUCTION]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        if not command.hidden:
            parts.append(_section(command, click.Context(command, parent=context, info_name=name)))
    return "\n".join(parts)


class _Rows(click.HelpFormatter):
    """Keeps the rows that a command's help has, by their heading, rather than laying them out."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: dict[str, list[tuple[str, str]]] = {}
        self._heading = ""

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        self._heading = name
        yield

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        self.sections[self._heading] = list(rows)


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"## {context.command_path}\n", f"```text\n{usage}\n```\n", *_prose(inspect.cleandoc(command.help or ""))]
    formatter = _Rows()
    command.format_options(context, formatter)
    for heading, rows in formatter.sections.items():
        table = "".join(f"| <code>{_cell(name)}</code> | {_cell(what)} |\n" for name, what in rows)
        parts.append(f"| {heading} | |\n|---|---|\n{table}")
    return "\n".join(parts)


def _prose(text: str) -> list[str]:
    """Paragraphs; what is indented under a first line stands as it is written."""
    parts: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        first, *rest = paragraph.removeprefix(_AS_IT_STANDS).strip("\n").splitlines()
        if rest and all(line.startswith(" ") for line in rest):
            block = inspect.cleandoc("\n".join(rest))
            language = "sh" if all(line.startswith("reactor") for line in block.splitlines()) else "text"
            parts.append(f"{first.rstrip(':')}:\n\n```{language}\n{block}\n```\n")
        else:
            parts.append(" ".join([first, *rest]) + "\n")
    return parts


def _cell(text: str) -> str:
    """A text as Markdown has it in a table, the same for every renderer: two brackets in a row are no link."""
    return html.escape(" ".join(text.split()), quote=False).replace("|", "&#124;").replace("] [", "] &#91;")
