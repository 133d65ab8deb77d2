"""`reactor run`: serve a model."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import ManifestError, ReactorError, ScriptError
from ..manifest import read_manifest
from .access import access_options, read_access
from .environment import LOOPBACK, ServingCommand, given_by, listening_host
from .failures import FAILURE, USAGE_ERROR, fail
from .ice import ice_options, ice_settings
from .listener import ListenError, bind
from .logs import configure_logs
from .process import INTERRUPTED, Options, Watched, run_model
from .recordings import writable_folder
from .seconds import Seconds
from .tracing import trace_file


@click.command("run", cls=ServingCommand)
@click.argument("path", default=".")
@click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    envvar="HOST",
    show_envvar=True,
    help="The address to listen on. The variable counts where it is an IP address.",
)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    envvar="PORT",
    show_envvar=True,
    type=click.IntRange(0, 65535),
    help="The TCP port to listen on; 0 takes a free one.",
)
@ice_options
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    envvar="REACTOR_LOG_LEVEL",
    show_envvar=True,
    help="The least a log line must be to be shown.  [default: info]",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"], case_sensitive=False),
    default="text",
    show_default=True,
    envvar="REACTOR_LOG_FORMAT",
    show_envvar=True,
    help="Log lines as text, or as JSON: one object a line.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show debug lines, each request, and tracebacks of errors.")
@click.option(
    "--reload",
    is_flag=True,
    help="Watch the source: a saved file changes the code of the running model, and keeps its weights and its clients.",
)
@click.option(
    "--grace",
    type=Seconds(min=0, min_open=True, max=3600),
    metavar="SECONDS",
    envvar=["REACTOR_GRACE", "SIGTERM_GRACE_PERIOD"],
    show_envvar=True,
    help="How long a stop by SIGTERM may take, all in all: from then on no session starts, clients are told, and the "
    "model's hooks run.  [default: 6]",
)
@click.option("--record", metavar="DIR", help="Write a film (MP4) of each session into this folder.")
@click.option(
    "--trace",
    metavar="FILE",
    help="Write a script of each session, for `reactor render`: drive.jsonl, with its files in drive.files, then "
    "drive-2.jsonl, and so on. Nothing is written over.",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser, as soon as the server listens.")
@click.option("--anew", is_flag=True, hidden=True)  # what --reload starts in the place of a process that listened
@access_options
@click.pass_context
def run(
    ctx: click.Context,
    path: str,
    host: str,
    port: int,
    log_level: str | None,
    log_format: str,
    verbose: bool,
    reload: bool,
    grace: float | None,
    record: str | None,
    trace: str | None,
    open_: bool,
    anew: bool,
    token: str | None,
    origins: tuple[str, ...],
    insecure: bool,
) -> None:
    """Serve the model that PATH names. By default that is the folder you are in.

    \b
    PATH is one of
      a folder          with a reactor.yaml in it
      a manifest        such as models/reactor.yaml
      a Python file     my_model.py, or my_model.py:MyModel where it defines several
      a class           package.module:MyModel, looked for in this folder and among the installed packages

    \b
    Examples
      reactor run
      reactor run examples/paint --port 9000
      reactor run my_model.py:MyModel --model.checkpoint=weights.pt --model.sampler.steps=4
      reactor run --reload

    \b
    A manifest, reactor.yaml
      model:
        name: my-model
      runtime:
        import: "my_model:MyModel"
        config: config.yml

    It listens before the model has loaded (GET /health says how far it is), and stops on Ctrl-C. A second Ctrl-C stops
    it at once. It exits with 2 when what was asked for is wrong, and with 1 when the model fails. When run() fails, its
    session ends and the server goes on; three failures of run() within a minute end the server, with status 1. With
    --reload a model that fails does not end the server: it waits for a saved file.
    """
    level = "debug" if verbose else (log_level or "info")
    configure_logs(level, requests=verbose, whole_tracebacks=verbose, json=log_format == "json")
    try:
        host = listening_host(ctx, host)
        manifest = read_manifest(path, ctx.meta["overrides"])
        ice = ice_settings(ctx, manifest)
        films = writable_folder(Path(record), "--record") if record else None
        script = trace_file(trace)
        access = read_access(token, origins, host, anew=anew)
        listener = bind(
            host,
            port,
            insecure=insecure or access.token is not None,
            named=given_by(ctx, "host"),
            port_named=given_by(ctx, "port"),
        )
    except (ManifestError, ScriptError, ListenError) as error:
        fail(error, getattr(error, "status", USAGE_ERROR), verbose)
    try:
        watched = Watched(path, tuple(ctx.meta["overrides"])) if reload else None
        options = Options(
            ice=ice,
            verbose=verbose,
            record=films,
            reload=watched,
            trace=script,
            open=open_,
            anew=anew,
            access=access,
            grace=grace,
        )
        status = run_model(manifest, listener, options)
    except ManifestError as error:
        fail(error, USAGE_ERROR, verbose)
    except ReactorError as error:  # also a class that cannot be served, such as one track name used twice
        fail(error, FAILURE, verbose)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(status)
