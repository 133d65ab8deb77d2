"""`reactor` and its subcommands: what they take, and what their help teaches."""

from __future__ import annotations

import os
import sys
from urllib.parse import unquote

import click

from .. import __version__
from ..errors import ManifestError, ReactorError
from ..manifest import MANIFEST_ENDINGS, PYTHON_FILE, parse_override, read_manifest
from ..manifest.overrides import PREFIX
from ..transport.webrtc import IceServer
from .failures import FAILURE, USAGE_ERROR, fail
from .listener import ListenError, bind
from .logs import configure_logs
from .process import INTERRUPTED, RESTART, Options, Watched, run_model


class _RunCommand(click.Command):
    """Takes `--model.<key>=<value>` anywhere; click itself knows no open set of options."""

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


class _Commands(click.Group):
    """Knows what one who names a model right after `reactor` is after."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        served = PYTHON_FILE.fullmatch(name) or name.endswith(MANIFEST_ENDINGS) or os.path.exists(name)
        if served and self.get_command(ctx, name) is None:
            ctx.fail(f"{name!r} is no command; to serve it: reactor run {name}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="reactor", message="%(prog)s %(version)s")
def main() -> None:
    """Serve a real-time model: one Python class becomes an interactive stream.

    \b
    Start here:
      reactor run               serve the model of ./reactor.yaml
      reactor run my_model.py   serve a file, no manifest needed
      reactor run --help        all that can be served, and how
    """


@main.command("run", cls=_RunCommand)
@click.argument("path", default=".")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The TCP port to listen on; 0 takes a free one.",
)
@click.option(
    "--ice-server",
    "ice_servers",
    metavar="URL",
    multiple=True,
    help="A STUN or TURN server, beside those of the manifest: stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT. "
    "May be given again. Without one, no server is contacted.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    help="The least a log line must be to be shown.  [default: info]",
)
@click.option("-v", "--verbose", is_flag=True, help="Show debug lines, each request, and tracebacks of errors.")
@click.option(
    "--reload",
    is_flag=True,
    help="Watch the source: a saved file changes the code of the running model, and keeps its weights and its clients.",
)
@click.option("--insecure", is_flag=True, help="Allow a --host that others can reach: anyone there can use the model.")
@click.pass_context
def run(
    ctx: click.Context,
    path: str,
    host: str,
    port: int,
    ice_servers: tuple[str, ...],
    log_level: str | None,
    verbose: bool,
    reload: bool,
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
    session ends and the server goes on; three failures of run() within a minute end the server, with status 1.
    """
    configure_logs("debug" if verbose else (log_level or "info"), requests=verbose, whole_tracebacks=verbose)
    try:
        extra = tuple(_ice_server(url) for url in ice_servers)
        manifest = read_manifest(path, ctx.meta["overrides"])
        listener = bind(host, port, insecure=insecure)
    except (ManifestError, ListenError) as error:
        fail(error, getattr(error, "status", USAGE_ERROR), verbose)
    try:
        watched = Watched(path, tuple(ctx.meta["overrides"])) if reload else None
        status = run_model(manifest, listener, Options(ice_servers=extra, verbose=verbose, reload=watched))
    except ManifestError as error:
        fail(error, USAGE_ERROR, verbose)
    except ReactorError as error:  # also a class that cannot be served, such as one track name used twice
        fail(error, FAILURE, verbose)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    if status == RESTART:
        port_found = listener.url.rpartition(":")[2]
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], "--port", port_found])
    sys.exit(status)


def _ice_server(text: str) -> IceServer:
    scheme, _, rest = text.partition(":")
    login, at, host = rest.rpartition("@")
    username, _, credential = login.partition(":")
    try:
        if not at:
            return IceServer((text,))
        return IceServer((f"{scheme}:{host}",), unquote(username), unquote(credential))
    except ValueError as error:
        raise ManifestError(f"--ice-server: {error}") from error
