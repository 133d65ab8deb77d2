"""`reactor check`: what would go wrong, found before it does."""

from __future__ import annotations

import sys

import click

from ..checks.findings import Finding, Level
from ..checks.rehearsal import rehearse
from ..checks.static import StaticCheck
from .failures import FAILURE
from .logs import configure_logs
from .overrides import OverridesCommand
from .seconds import Seconds

_LOOK = {Level.OK: ("ok", "green"), Level.WARNING: ("warn", "yellow"), Level.ERROR: ("error", "red")}


@click.command("check", cls=OverridesCommand)
@click.argument("path", default=".")
@click.option(
    "--run",
    "seconds",
    type=Seconds(min=0.1, max=3600),
    is_flag=False,
    flag_value=2.0,
    metavar="[SECONDS]",
    help="Load the model too, and drive it with a client for so many seconds of virtual time (2 where left out): its "
    "frames, then each command once.",
)
@click.option("--strict", is_flag=True, help="Take a warning for an error.")
@click.option("-v", "--verbose", is_flag=True, help="Show the model's own log lines, and tracebacks.")
@click.pass_context
def check(ctx: click.Context, path: str, seconds: float | None, strict: bool, verbose: bool) -> None:
    """Find what would go wrong with the model that PATH names, before a GPU is paid for.

    It reads the manifest and the config, imports the model, looks at its class, its handlers and its code, holds the
    config's keys against those that load() reads, and emits a grey frame as far as the encoder's pixels. It loads
    nothing unless --run is given.

    \b
    Examples
      reactor check
      reactor check examples/paint --run
      reactor check my_model.py --model.checkpoint=weights.pt --strict

    It exits with 1 where there is an error, else with 0.
    """
    configure_logs("debug" if verbose else "error", requests=False, whole_tracebacks=verbose)
    counts = dict.fromkeys(Level, 0)

    def show(finding: Finding) -> None:
        counts[finding.level] += 1
        word, colour = _LOOK[finding.level]
        click.echo(f"{click.style(f'{word:5}', fg=colour)} {finding.subject:8} {' '.join(finding.text.split())}")

    static = StaticCheck(path, ctx.meta["overrides"])
    for finding in static.findings():
        show(finding)
    if seconds is not None and static.model is not None and static.manifest is not None and not counts[Level.ERROR]:
        click.echo(f"      loading {static.manifest.name_for(static.model)} …", err=True)
        for finding in rehearse(static.model, static.manifest, seconds):
            show(finding)
    elif seconds is not None:
        click.echo("      not run: mend the errors first")
    click.echo(f"{_count(counts[Level.ERROR], 'error')}, {_count(counts[Level.WARNING], 'warning')}")
    if counts[Level.ERROR] or strict and counts[Level.WARNING]:
        sys.exit(FAILURE)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
