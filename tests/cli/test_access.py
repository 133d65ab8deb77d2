"""An error about who may use the server names what the setting came by: the option, or its variable."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from reactor_runtime.cli.access import access_options, read_access
from reactor_runtime.cli.redaction import Redaction
from reactor_runtime.errors import ManifestError


@click.command()
@access_options
def command(token: str | None, origins: tuple[str, ...], insecure: bool) -> None:
    read_access(token, origins, "127.0.0.1", anew=False)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine counts, and what is hidden here is hidden from no other test's log."""
    monkeypatch.setattr("reactor_runtime.cli.access.redaction", Redaction())
    for name in ("REACTOR_TOKEN", "REACTOR_ALLOW_ORIGIN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "variables", "problem"),
    [
        (["--token", "short"], {}, "--token: a token has 16 to 512 letters"),
        ([], {"REACTOR_TOKEN": "short"}, "REACTOR_TOKEN: a token has 16 to 512 letters"),
        (["--token", "short"], {"REACTOR_TOKEN": "0123456789abcdef"}, "--token: a token has"),
        (["--allow-origin", "a.org"], {}, "--allow-origin: 'a.org' is no origin"),
        ([], {"REACTOR_ALLOW_ORIGIN": "http://a.org b.org"}, "REACTOR_ALLOW_ORIGIN: 'b.org' is no origin"),
    ],
)
def test_what_cannot_be_is_named_by_what_it_came_by(
    arguments: list[str], variables: dict[str, str], problem: str
) -> None:
    done = CliRunner().invoke(command, arguments, env=variables)
    assert isinstance(done.exception, ManifestError)
    assert str(done.exception).startswith(problem)


def test_the_variable_with_several_origins_says_what_is_between_them() -> None:
    done = CliRunner().invoke(command, [], env={"REACTOR_ALLOW_ORIGIN": "http://a.org,http://b.org"})
    assert str(done.exception).endswith("; several have spaces between them")
