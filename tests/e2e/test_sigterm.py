"""SIGTERM in every state of a server: no session starts any more, clients are told, hooks run, it ends in time."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.cli.process import Served, call
from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server
from tests.media.films import decode
from tests.transport.support import Viewer, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")

REASON = "server is shutting down"
MODEL = """
import asyncio, pathlib, time
import numpy as np
from reactor_runtime import Output, ReactorModel, Video, connected, event, get_logger, session_ended, session_started

HERE = pathlib.Path(__file__).parent
log = get_logger()


async def until_told():
    while not (HERE / "go").exists():
        await asyncio.sleep(0.01)


class Picture(Output):
    main_video: Video


class Shows(ReactorModel):
    "A picture that changes."
    broken = False

    @event(name="crash")
    def crash(self):
        self.broken = True

    @session_started
    def hello(self):
        log.info("a session")

    @session_ended
    async def goodbye(self):
        log.info("goodbye")

    async def run(self):
        level = 0
        while True:
            await self.connected.wait()
            level = (level + 1) % 256
            await self.emit(Picture(main_video=np.full((36, 64, 3), level, np.uint8)))
            if self.broken:
                self.broken = False
                raise ValueError("wrong shape")


class SlowGoodbye(Shows):
    @session_ended
    async def goodbye(self):
        log.info("goodbye begins")
        await until_told()
        log.info("goodbye is over")


class EndlessGoodbye(Shows):
    @session_ended
    async def goodbye(self):
        log.info("goodbye begins")
        await asyncio.Event().wait()  # the line that never ends


class StuckGoodbye(Shows):
    @session_ended
    def goodbye(self):
        log.info("goodbye begins")
        while True:
            time.sleep(0.01)  # the line that holds the thread


class SlowLoad(Shows):
    def load(self, config):
        log.info("load begins")
        while True:
            time.sleep(0.01)  # the line that loads
"""
IMPORTS_SLOWLY = """
import pathlib, time
(pathlib.Path(__file__).parent / "importing").touch()
while True:
    time.sleep(0.01)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MODEL)
    return tmp_path


async def thread(call_: Callable[..., Any], *arguments: Any) -> Any:
    """What waits for the other process, beside the loop that reads the viewer."""
    return await asyncio.to_thread(call_, *arguments)


@asynccontextmanager
async def serving(folder: Path, model: str, *options: str, **variables: str) -> AsyncIterator[tuple[Served, str]]:
    """A server whose model is loaded, and its URL."""
    with Served(folder, model, *options, variables=variables) as served:
        url = await thread(served.listening)
        await thread(served.until, "is ready")
        yield served, url


@asynccontextmanager
async def joined(url: str) -> AsyncIterator[RawClient]:
    """A client that sees the picture."""
    viewer = await Viewer.start()
    client = RawClient(cast(Server, SimpleNamespace(url=url)), viewer, 0)
    try:
        await client.connect()
        await client.watch()
        yield client
    finally:
        await client.close()
        await viewer.stop()


async def ends(served: Served, status: int = 0) -> None:
    """Tell it to end; it does, within its grace and without a fault."""
    served.signal(signal.SIGTERM)
    assert await thread(served.status) == status
    assert "Traceback" not in served.text and "without it" not in served.text


def test_while_the_models_module_is_imported(folder: Path) -> None:
    (folder / "slow.py").write_text(IMPORTS_SLOWLY)
    with Served(folder, "slow.py:Slow") as served:
        while not (folder / "importing").exists():
            assert served.process.poll() is None
        served.signal(signal.SIGTERM)
        assert served.status() == 0
        assert "Traceback" not in served.text


def test_while_load_blocks(folder: Path) -> None:
    with Served(folder, "mine.py:SlowLoad") as served:
        served.listening()
        served.until("load begins")
        served.signal(signal.SIGTERM)
        assert served.status() == 0
        assert "ending without it" in served.text and "# the line that loads" in served.text


async def test_while_no_session_runs(folder: Path) -> None:
    async with serving(folder, "mine.py:Shows") as (served, _):
        await ends(served)
        assert "goodbye" not in served.text


async def test_while_nobody_has_joined_yet(folder: Path) -> None:
    async with serving(folder, "mine.py:Shows") as (served, url):
        await thread(call, f"{url}/start_session", "POST", {})
        await thread(served.until, "reactor.model: a session")
        await ends(served)
        assert "goodbye" in served.text


async def test_while_a_client_watches(folder: Path) -> None:
    async with serving(folder, "mine.py:Shows") as (served, url), joined(url) as client:
        await ends(served)
        assert (await client.runtime_message("sessionEnded"))["reason"] == REASON
        assert "goodbye" in served.text


async def test_while_the_last_client_has_left(folder: Path) -> None:
    async with serving(folder, "mine.py:Shows") as (served, url), joined(url) as client:
        client.leave()
        await thread(served.until, "client 1 .* left")
        assert (await thread(call, f"{url}/session"))[1]["state"] == "orphaned"
        await ends(served)
        assert "goodbye" in served.text


async def test_while_a_session_closes(folder: Path) -> None:
    async with serving(folder, "mine.py:SlowGoodbye") as (served, url):
        await thread(call, f"{url}/start_session", "POST", {})
        await thread(call, f"{url}/stop_session", "POST", {})
        await thread(served.until, "goodbye begins")
        served.signal(signal.SIGTERM)
        await thread(served.until, "stopping")
        (folder / "go").touch()
        assert await thread(served.status) == 0
        assert "goodbye is over" in served.text


async def test_after_run_has_failed(folder: Path) -> None:
    async with serving(folder, "mine.py:Shows") as (served, url), joined(url) as client:
        client.text({"type": "crash", "data": {}})
        assert "ValueError" in (await client.runtime_message("sessionEnded"))["reason"]
        served.signal(signal.SIGTERM)
        assert await thread(served.status) == 0


async def test_with_reload(folder: Path) -> None:
    async with serving(folder, "mine.py:Shows", "--reload") as (served, url), joined(url) as client:
        await ends(served)
        assert (await client.runtime_message("sessionEnded"))["reason"] == REASON


def test_with_reload_while_it_waits_for_a_model_that_loads(folder: Path) -> None:
    (folder / "bad.py").write_text(
        MODEL + "\n\nclass Bad(Shows):\n    def load(self, config):\n        raise OSError\n"
    )
    with Served(folder, "bad.py:Bad", "--reload") as served:
        served.until("load.. failed with OSError")
        served.signal(signal.SIGTERM)
        assert served.status() == 0


@pytest.mark.parametrize("goodbye", ["Shows", "EndlessGoodbye"])
async def test_with_recordings_open(folder: Path, goodbye: str) -> None:
    """They are written to their end, also where the model's hook is not."""
    (folder / "reactor.yaml").write_text(
        f'runtime: {{import: "mine:{goodbye}", recording: {{enabled: true, dir: clips, video: {{preset: ultrafast}}}}}}'
    )
    async with serving(folder, ".", "--record", "films") as (served, url), joined(url) as client:
        await until(lambda: len(client.frames()) >= 10, client.viewer.changed, "ten frames")
        served.signal(signal.SIGTERM)
        assert await thread(served.status) == 0
    (film,) = (folder / "films").iterdir()
    (video,), _ = decode(film.read_bytes())
    assert len(video.times) >= 5
    (recording,) = (place for place in (folder / "clips").iterdir() if place.is_dir())
    assert (recording / "init.mp4").exists() and list(recording.glob("chunk_*.m4s"))


async def test_meanwhile_nothing_new_begins_and_whoever_asks_is_told_why(folder: Path) -> None:
    async with serving(folder, "mine.py:SlowGoodbye", "--grace", "50") as (served, url), joined(url) as client:
        session = (await thread(call, f"{url}/session"))[1]["session_id"]
        served.signal(signal.SIGTERM)
        assert (await client.runtime_message("sessionEnded"))["reason"] == REASON
        await thread(served.until, "goodbye begins")
        for method, path in (
            ("POST", "/start_session"),
            ("POST", f"/sessions/{session}/transport/webrtc/connections"),
            ("PUT", f"/sessions/{session}/transport/webrtc/connections/7000/sdp_params"),
            ("POST", f"/sessions/{session}/uploads"),
        ):
            status, told = await thread(call, url + path, method, {})
            assert (status, told["detail"]) == (503, f"the server is ending: {REASON}"), path
        status, health = await thread(call, f"{url}/health")
        assert (status, health["status"], health["detail"]) == (503, "unhealthy", f"the server is ending: {REASON}")
        (folder / "go").touch()
        assert await thread(served.status) == 0
        assert "goodbye is over" in served.text


@pytest.mark.parametrize("variable", [None, "REACTOR_GRACE", "SIGTERM_GRACE_PERIOD"])
@pytest.mark.parametrize(
    ("model", "line"), [("EndlessGoodbye", "# the line that never ends"), ("StuckGoodbye", "# the line that holds")]
)
async def test_a_hook_that_does_not_end_is_left_behind_in_time_and_named(
    folder: Path, model: str, line: str, variable: str | None
) -> None:
    options = [] if variable else ["--grace", "0.6"]
    async with serving(folder, f"mine.py:{model}", *options, **({variable: "0.6"} if variable else {})) as (
        served,
        url,
    ):
        await thread(call, f"{url}/start_session", "POST", {})
        await thread(served.until, "reactor.model: a session")
        served.signal(signal.SIGTERM)
        assert await thread(served.status) == 0
        assert "has not run its hooks for the end of session" in served.text and "within 0.3 s" in served.text
        (told,) = (told for told in served.text.splitlines() if "has not run its hooks" in told)
        assert line in told


@pytest.mark.parametrize("value", ["soon", "0", "-1"])
def test_a_grace_that_is_none_is_refused(folder: Path, value: str) -> None:
    with Served(folder, "mine.py:Shows", "--grace", value) as served:
        assert served.status() == 2
        assert "--grace" in served.text
