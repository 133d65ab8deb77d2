"""Commands that take `--model.KEY=VALUE`."""

from __future__ import annotations

import click

from ..errors import ManifestError
from ..manifest import parse_override
from ..manifest.overrides import PREFIX
from .failures import USAGE_ERROR, fail


class OverridesCommand(click.Command):
    """Takes `--model.<key>=<value>` anywhere, as `ctx.meta["overrides"]`; click itself knows no open set of options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own: list[str] = []
        overrides: list[str] = []
        rest = False
        for argument in args:
            rest = rest or argument == "--"
            mine = not rest and (argument.startswith(PREFIX) or argument.partition("=")[0] == PREFIX[:-1])
            (overrides if mine else own).append(argument)
        try:
            ctx.meta["overrides"] = [parse_override(argument) for argument in overrides]
        except ManifestError as error:
            fail(error, USAGE_ERROR, verbose=False)
        return super().parse_args(ctx, own)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section("Config overrides"):
            formatter.write_dl(
                [
                    (
                        "--model.KEY=VALUE",
                        "Set a key of the config that load() gets; dots reach nested keys, the value is YAML: "
                        "--model.steps=4 --model.sampler.eta=0.5 --model.tags='[a, b]'",
                    )
                ]
            )
