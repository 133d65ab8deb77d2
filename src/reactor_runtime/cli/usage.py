"""What click finds wrong with a command line or a variable, said as everything else is: one line."""

from __future__ import annotations

import re
from typing import NoReturn

import click

from .environment import given_by
from .failures import USAGE_ERROR, fail

_GIVEN = re.compile(r"(?P<value>.*) is not (?:a valid|in the range|one of) ", re.DOTALL)
"""How click's types begin what they have to say of a value."""
_HELP: tuple[type[click.UsageError], ...] = tuple(
    kind for kind in [getattr(click.exceptions, "NoArgsIsHelpError", None)] if kind is not None
)
"""Not an error: a command without arguments shows its help. Older releases of click have no name for it."""


def fail_usage(error: click.UsageError) -> NoReturn:
    """End with one line for what click has raised."""
    if isinstance(error, _HELP):
        raise error
    fail(click.UsageError(in_words(error)), USAGE_ERROR, verbose=False)


def in_words(error: click.UsageError) -> str:
    """The option, argument or variable that an error is about, what is wrong with it, and what is allowed."""
    named = _name(error)
    help_ = f"; see {error.ctx.command_path} --help" if error.ctx is not None else ""
    if isinstance(error, click.NoSuchOption):
        close = error.possibilities
        return f"{error.option_name}: no such option" + (f"; did you mean {' or '.join(close)}?" if close else help_)
    if isinstance(error, click.MissingParameter):
        return f"{named}: needed, and not given{help_}"
    plain = (error.message[:1].lower() + error.message[1:]).rstrip(".")
    if not isinstance(error, click.BadParameter):
        return plain + help_
    allowed, given = _allowed(error.param), _GIVEN.match(error.message)
    return f"{named}: " + (f"expected {allowed}, got {given['value']}" if allowed and given else plain)


def _name(error: click.UsageError) -> str:
    if not isinstance(error, click.BadParameter) or error.param is None or error.ctx is None:
        return ""
    return given_by(error.ctx, error.param)


def _allowed(parameter: click.Parameter | None) -> str:
    """What the values of a parameter are; empty where click's own words have to do."""
    kind = None if parameter is None else parameter.type
    if isinstance(kind, click.Choice):
        *most, last = map(str, kind.choices)
        return f"{', '.join(most)} or {last}" if most else last
    if isinstance(kind, click.IntRange | click.FloatRange):
        noun = "a whole number" if isinstance(kind, click.IntRange) else "a number"
        if kind.min_open:
            return f"{noun} above {kind.min}, at most {kind.max}"
        return f"{noun} from {kind.min} to {kind.max}"
    return "true or false (yes or no, on or off, 1 or 0)" if isinstance(kind, click.types.BoolParamType) else ""
