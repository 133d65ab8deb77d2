"""`reactor schema`: what a model takes and sends, as a document, or as code that speaks to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from ..codegen import python_client, typescript_client
from ..errors import ManifestError, ReactorError
from ..interface.commands import suggestion
from ..interface.schema import openapi
from ..manifest import import_model, read_manifest
from .failures import FAILURE, USAGE_ERROR, fail
from .logs import configure_logs

_DEADLINE = 5.0
"""How long a server may take to show its document, in seconds."""
_ADDRESS = re.compile("https?://", re.IGNORECASE)
_LARGEST = 16 * 1024 * 1024
"""The largest document taken from a server, in bytes."""


def _json(document: Any, command: str) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_FORMATS: dict[str, Callable[[Any, str], str]] = {
    "openapi": _json,
    "typescript": typescript_client,
    "python": python_client,
}


class _SchemaFailure(ReactorError):
    """The document cannot be had, or not be written. `status` is the exit status."""

    def __init__(self, problem: str, *, status: int = FAILURE) -> None:
        super().__init__(problem)
        self.status = status


@click.command("schema")
@click.argument("path", default=".")
@click.option("--format", "kind", metavar="FORMAT", default="openapi", show_default=True, help="One of those below.")
@click.option("--out", metavar="FILE", help="Write it to a file instead of to standard output.")
@click.option("-v", "--verbose", is_flag=True, help="Show debug lines, and tracebacks of errors.")
def schema(path: str, kind: str, out: str | None, verbose: bool) -> None:
    """Print what the model that PATH names takes and sends. By default that is the model of the folder you are in.

    PATH is what `reactor run` takes, or the address of a server that runs. The model is imported, not loaded.

    \b
    Formats
      openapi      an OpenAPI 3.1 document: commands, messages, tracks
      typescript   a typed client of the model for @reactor-team/js-sdk
      python       a typed client of the model for reactor-sdk

    \b
    Examples
      reactor schema
      reactor schema my_model.py --format python --out my_model_client.py
      reactor schema http://127.0.0.1:8080 --format typescript > myModelClient.ts

    It exits with 2 when what was asked for is wrong, and with 1 when the model or the server fails.
    """
    configure_logs("debug" if verbose else "warning", requests=False, whole_tracebacks=verbose)
    try:
        if kind not in _FORMATS:
            raise ManifestError(f"--format: there is no {kind!r}{suggestion(kind, list(_FORMATS))}")
        standard_output = _claim_standard_output()
        document = _fetched(path) if _ADDRESS.match(path) else _declared(path)
        words = ["reactor", "schema", *([path] if path != "." else []), "--format", kind]
        _write(_FORMATS[kind](document, shlex.join(words)), out, standard_output)
    except ManifestError as error:
        fail(error, USAGE_ERROR, verbose)
    except ReactorError as error:
        fail(error, getattr(error, "status", FAILURE), verbose)


def _claim_standard_output() -> int | None:
    """A descriptor of what is standard output, for the document alone; None where it is closed. Until the process ends,
    all else that is printed goes to stderr, also by libraries in C and by processes that the model starts."""
    if sys.stdout is None:
        return None
    sys.stdout.flush()
    claimed = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return claimed


def _declared(path: str) -> dict[str, Any]:
    """The document of the model that `path` names, made here.

    Raises:
        ManifestError: there is none.
        ReactorError: it cannot be imported or served.
    """
    manifest = read_manifest(path)
    model = import_model(manifest.target, manifest.root)
    return openapi(model, manifest.name_for(model))


def _fetched(url: str) -> Any:
    """The document a running server shows.

    Raises:
        _SchemaFailure: there is no server, or it shows none in time.
    """
    address = _schema_address(url)
    outcome: list[bytes | Exception] = []

    def fetch() -> None:
        try:
            with urllib.request.urlopen(address, timeout=_DEADLINE) as answer:
                outcome.append(answer.read(_LARGEST + 1))
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome.append(error)

    # A thread, since a timeout of urllib is for each read: one byte now and then would go on for ever.
    worker = threading.Thread(target=fetch, name="fetch schema", daemon=True)
    worker.start()
    worker.join(_DEADLINE)
    body = outcome[0] if outcome else TimeoutError()
    if isinstance(body, Exception):
        raise _SchemaFailure(_why_not(address, body)) from body
    if len(body) > _LARGEST:
        raise _SchemaFailure(f"{address}: the answer is above {_LARGEST} bytes; is this the server of a model?")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _SchemaFailure(f"{address}: the answer is no JSON; is this the server of a model?") from error
    if not isinstance(document, dict) or "openapi" not in document:
        raise _SchemaFailure(f"{address}: the answer is no OpenAPI document; is this the server of a model?")
    return document


def _schema_address(url: str) -> str:
    """Where the server at `url` shows its document.

    Raises:
        _SchemaFailure: it is no address of a server.
    """
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0:
            raise ValueError
    except ValueError as error:
        raise _SchemaFailure(f"{url}: no address of a server; write http://HOST:PORT", status=USAGE_ERROR) from error
    base = parts.path.rstrip("/").removesuffix("/schema")
    return parts._replace(path=f"{base}/schema", query="", fragment="").geturl()


def _why_not(address: str, error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{address}: the answer is {error.code} {error.reason}; is this the server of a model?"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return f"{address}: no answer within {_DEADLINE:g} s"
    return f"{address}: no answer: {_reason(reason)}; is the server running?"


def _write(text: str, out: str | None, standard_output: int | None) -> None:
    """Write to the file `out`, else to the descriptor of standard output.

    Raises:
        _SchemaFailure: that is not possible.
        BrokenPipeError: who reads standard output, such as `head`, has had enough.
    """
    data = text.encode("utf-8", "backslashreplace")  # half a surrogate pair has no UTF-8; in JSON this is its escape
    if out is not None:
        try:
            Path(out).write_bytes(data)
        except (OSError, ValueError) as error:
            raise _SchemaFailure(f"--out: {out}: cannot be written: {_reason(error)}", status=USAGE_ERROR) from error
        click.echo(f"wrote {out}", err=True)
        return
    if standard_output is None:
        raise _SchemaFailure("standard output is closed; name a file with --out", status=USAGE_ERROR)
    try:
        with os.fdopen(standard_output, "wb", buffering=0) as stream:
            while data:
                data = data[stream.write(data) :]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _SchemaFailure(f"standard output cannot be written: {_reason(error)}") from error


def _reason(error: object) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
