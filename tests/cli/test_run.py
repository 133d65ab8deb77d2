"""`reactor run` from its first line to its exit status."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import socket
import urllib.parse
from pathlib import Path

import pytest

from reactor_runtime.limits import Limits

from .process import WAIT, Served, call

MODEL = """
import asyncio, pathlib, time
from reactor_runtime import ReactorModel, get_logger, session_ended, session_started

HERE = pathlib.Path(__file__).parent
log = get_logger()


class Mine(ReactorModel):
    def load(self, config):
        log.info("told %r", config)

    @session_started
    def hello(self):
        log.info("a session")

    @session_ended
    def goodbye(self):
        log.info("goodbye")

    async def run(self):
        await asyncio.Event().wait()


class Slow(Mine):
    def load(self, config):
        while not (HERE / "go").exists():
            time.sleep(0.01)


class Fails(Mine):
    def load(self, config):
        raise FileNotFoundError("weights.pt")


class FailsSlowly(Slow):
    def load(self, config):
        super().load(config)
        raise RuntimeError("the checkpoint\\nhas other layers")


class FailsInside(Mine):
    async def load(self, config):
        await asyncio.sleep(0)
        self.fail({})

    def fail(self, weights):
        try:
            return weights["layer"]
        except KeyError as error:
            raise ValueError("no layer") from error


class Exits(Mine):
    def load(self, config):
        raise SystemExit("put the weights beside mine.py")


class Stuck(Mine):
    @session_started
    def hello(self):
        log.info("stuck")
        while True:
            time.sleep(0.01)


class Crashes(Mine):
    async def run(self):
        while not self.started:
            await asyncio.sleep(0.01)
        self.started = False
        raise ValueError("wrong shape")

    started = False

    @session_started
    def hello(self):
        self.started = True
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MODEL)
    (tmp_path / "config.yml").write_text("steps: 4\nsampler: {eta: 1}\n")
    (tmp_path / "reactor.yaml").write_text(
        'model: {name: my-model}\nruntime: {import: "mine:Mine", config: config.yml}\n'
    )
    return tmp_path


def test_it_listens_loads_serves_and_ends_on_sigterm(folder: Path) -> None:
    with Served(folder, "--model.sampler.eta=0.5") as served:
        url = served.listening()
        served.until(r"told \{'steps': 4, 'sampler': \{'eta': 0\.5\}\}")
        served.until("my-model is ready: open " + url)
        status, told = call(f"{url}/start_session", "POST", {})
        assert (status, told["model"]["name"]) == (200, "my-model")
        served.until(rf" INFO +{told['session_id'][:8]} reactor\.model: a session")
        served.signal(signal.SIGTERM)
        assert served.status() == 0
        assert "goodbye" in served.text
        assert "Ctrl-C" not in served.text
        assert "Traceback" not in served.text


def test_the_server_listens_while_the_model_loads(folder: Path) -> None:
    with Served(folder, "mine.py:Slow") as served:
        url = served.listening()
        loading = {"status": "healthy", "state": "loading", "detail": None}
        loading |= {"live": True, "ready": False, "why": "the model is loading"}
        assert call(f"{url}/health") == (200, loading)
        assert call(f"{url}/health/live")[0] == 200
        assert call(f"{url}/health/ready") == (503, {"ready": False, "why": "the model is loading"})
        assert call(f"{url}/start_session", "POST", {})[0] == 503
        served.until("loading slow: 2 s")
        (folder / "go").touch()
        served.until("slow is ready")
        assert call(f"{url}/health")[1]["state"] == "available"
        served.signal(signal.SIGINT)
        assert served.status() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_while_loading(folder: Path, number: signal.Signals) -> None:
    with Served(folder, "mine.py:Slow") as served:
        served.listening()
        served.until("loading slow")
        served.signal(number)
        assert served.status() == 0


def test_a_failed_load_exits_1(folder: Path) -> None:
    with Served(folder, "mine.py:Fails") as served:
        served.until(r"^reactor: Fails.load.* FileNotFoundError: weights.pt at \S+/mine.py:33$")
        assert served.status() == 1
        assert served.text.count('raise FileNotFoundError("weights.pt")') == 1  # the author is to see where


def test_whoever_waits_for_a_load_that_fails_is_told_before_the_end(folder: Path) -> None:
    with Served(folder, "mine.py:FailsSlowly") as served:
        address = urllib.parse.urlsplit(served.listening()).netloc
        waiting = [http.client.HTTPConnection(address, timeout=WAIT) for _ in range(8)]
        for connection in waiting:
            connection.request("GET", "/health?wait=loading")
        assert call(f"http://{address}/health")[1]["state"] == "loading"  # asked last: the others have arrived
        (folder / "go").touch()
        for connection in waiting:
            reply = connection.getresponse()
            told = json.loads(reply.read())
            assert (reply.status, told["status"], told["state"]) == (503, "unhealthy", "terminated")
            assert re.fullmatch(
                r"FailsSlowly\.load\(\) failed with RuntimeError: the checkpoint has other layers at \S+/mine\.py:39",
                told["detail"],
            )
            connection.close()
        assert served.status() == 1
        assert f"reactor: {told['detail']}" in served.text.splitlines()


def test_whoever_waits_is_told_of_a_stop(folder: Path) -> None:
    with Served(folder, "mine.py:Slow") as served:
        address = urllib.parse.urlsplit(served.listening()).netloc
        waiting = http.client.HTTPConnection(address, timeout=WAIT)
        waiting.request("GET", "/health?wait=loading")
        assert call(f"http://{address}/health")[1]["state"] == "loading"
        served.signal(signal.SIGTERM)
        reply = waiting.getresponse()
        ended = {"status": "unhealthy", "state": "terminated", "detail": None}
        ended |= {"live": False, "ready": False, "why": "the server is ending"}
        assert (reply.status, json.loads(reply.read())) == (503, ended)
        waiting.close()
        assert served.status() == 0


@pytest.mark.parametrize("verbose", [False, True])
def test_a_traceback_shows_the_authors_lines(folder: Path, verbose: bool) -> None:
    with Served(folder, "mine.py:FailsInside", *(["-v"] if verbose else [])) as served:
        served.until(r"^reactor: FailsInside.load.* ValueError: no layer at \S+/mine.py:51$")
        assert served.status() == 1
        assert served.text.count("Traceback") == 2
        assert served.text.count('return weights["layer"]') == 1
        assert served.text.count("self.fail({})") == 1
        assert "ModelError" not in served.text
        assert ("reactor_runtime/engine" in served.text) is verbose


def test_a_load_that_ends_the_process_is_one_line(folder: Path) -> None:
    with Served(folder, "mine.py:Exits") as served:
        served.until(r"^reactor: put the weights beside mine.py \(Exits.load\(\) called sys.exit at \S+/mine.py:56\)$")
        assert served.status() == 1
        assert "Traceback" not in served.text


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("class Still(ReactorModel): ...", "Still has no run() and no @event method"),
        (
            "class Dark(ReactorModel):\n    async def run(self): ...",
            "Dark declares no Output with a Video or Audio field: there is ",
        ),
    ],
)
def test_a_model_that_shows_nothing_is_told_so(folder: Path, model: str, says: str) -> None:
    (folder / "odd.py").write_text(f"from reactor_runtime import ReactorModel\n{model}\n")
    with Served(folder, "odd.py") as served:
        served.until("is ready")
        assert f"WARNING -------- reactor.process: {says}" in served.text
        served.signal(signal.SIGTERM)
        assert served.status() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_the_models_module_swallows_counts(folder: Path, number: signal.Signals) -> None:
    (folder / "greedy.py").write_text(
        "import os\nfrom reactor_runtime import ReactorModel\n"
        f"try:\n    os.kill(os.getpid(), {int(number)})\nexcept BaseException:\n    pass\n"
        "class Greedy(ReactorModel): ...\n"
    )
    with Served(folder, "greedy.py") as served:
        assert served.status() == 0
        assert served.text == ""


def test_a_model_that_keeps_failing_exits_1(folder: Path) -> None:
    with Served(folder, "mine.py:Crashes") as served:
        url = served.listening()
        served.until("is ready")
        for _ in range(3):
            assert call(f"{url}/start_session", "POST", {})[0] == 200
            served.until("run.. of Crashes failed")
            served.until("session .* ends: the model's run.. failed")
        served.until("^reactor: the model keeps failing")
        assert served.status() == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_model_in_a_step_without_end_does_not_hold_the_process(folder: Path, number: signal.Signals) -> None:
    with Served(folder, "mine.py:Stuck") as served:
        url = served.listening()
        served.until("is ready")
        call(f"{url}/start_session", "POST", {})
        served.until("reactor.model: stuck")
        served.signal(number)
        assert served.status() == 0
        assert "ending without it" in served.text


def test_a_second_interrupt_ends_it_at_once(folder: Path) -> None:
    with Served(folder, "mine.py:Stuck") as served:
        url = served.listening()
        served.until("is ready")
        call(f"{url}/start_session", "POST", {})
        served.until("reactor.model: stuck")
        served.signal(signal.SIGINT)
        served.until("press Ctrl-C again")
        served.signal(signal.SIGINT)
        assert served.status() == 130


def test_a_wider_host_needs_to_be_meant(folder: Path) -> None:
    with Served(folder, "mine.py:Mine", "--host", "0.0.0.0", "--insecure") as served:
        served.until("WARNING.*anyone who can reach")
        served.until("is ready")
        served.signal(signal.SIGTERM)
        assert served.status() == 0


def test_a_refused_body_is_read_before_the_answer(folder: Path) -> None:
    with Served(folder, "mine.py:Mine", "-v") as served:
        url = served.listening()
        status, told = call(f"{url}/start_session", "POST", "x" * 8_000_000)
        assert (status, told) == (413, {"detail": "the body is above the limit of 1048576 bytes"})
        served.until("POST /start_session")
        served.signal(signal.SIGINT)
        assert served.status() == 0


def test_ice_servers_of_the_command_line(folder: Path) -> None:
    with Served(folder, "--ice-server", "turn:me:s%40t@turn.example.org:3478", "--ice-server", "stun:s.org") as served:
        url = served.listening()
        served.until("is ready")
        session_id = call(f"{url}/start_session", "POST", {})[1]["session_id"]
        told = call(f"{url}/sessions/{session_id}/transport/webrtc/ice_servers")[1]
        assert told == {
            "ice_servers": [
                {"uris": ["turn:turn.example.org:3478"], "credentials": {"username": "me", "password": "s@t"}},
                {"uris": ["stun:s.org"]},
            ]
        }
        served.signal(signal.SIGTERM)
        assert served.status() == 0


def test_a_token_is_asked_for_and_kept_out_of_the_log(folder: Path) -> None:
    token = "a-token-that-is-known-to-nobody"
    with Served(folder, "mine.py:Mine", "-v", "--host", "0.0.0.0", variables={"REACTOR_TOKEN": token}) as served:
        # its output is no terminal, so it may be kept: the address is told without the token
        port = re.fullmatch(r"http://0\.0\.0\.0:(\d+)/t/TOKEN/", served.listening())[1]  # type: ignore[index]
        served.until("WARNING.*is not encrypted")
        served.until("is ready")
        assert call(f"http://127.0.0.1:{port}/session")[0] == 401
        assert call(f"http://127.0.0.1:{port}/t/{token}/session")[0] == 200
        served.until(r'"GET /t/\*\*\*/session')
        served.signal(signal.SIGTERM)
        assert served.status() == 0
        assert token not in served.text


def test_a_token_that_is_made_here_is_part_of_the_address(folder: Path) -> None:
    with Served(folder, "mine.py:Mine", "--token", "auto") as served:
        url = served.listening()
        assert "/t/" in url
        served.until("is ready")
        assert call(f"{url.rstrip('/')}/session")[0] == 200
        assert call(f"{url.partition('/t/')[0]}/session")[0] == 401


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--token", "short"), "--token: a token has 16 to 512 letters"),
        (("--allow-origin", "app.example.org"), "--allow-origin: 'app.example.org' is no origin"),
        (("--host", "0.0.0.0"), "add --token auto to let in only who has the link, --insecure if anyone may"),
    ],
)
def test_access_that_cannot_be(folder: Path, arguments: tuple[str, ...], complaint: str) -> None:
    with Served(folder, "mine.py:Mine", *arguments) as served:
        served.until(complaint)
        assert served.status() == 2


def test_connections_that_ask_for_nothing_are_bounded(folder: Path) -> None:
    with Served(folder, "mine.py:Mine") as served, contextlib.ExitStack() as open_:
        address = urllib.parse.urlsplit(served.listening())
        where = (address.hostname or "", address.port or 0)
        idle = [
            open_.enter_context(socket.create_connection(where, WAIT)) for _ in range(Limits().http_connections + 1)
        ]
        with contextlib.suppress(ConnectionResetError):
            assert idle[0].recv(1) == b""
        assert call(f"{address.geturl()}/health")[0] in (200, 503)
