"""The server's own page, in a real browser, while the session ends, the server goes, and the model fails."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import Checks, run_checks
from tests.e2e.server import ROOT, Server, serve

FAILING = """
import numpy as np
from reactor_runtime import Output, ReactorModel, Video

class Frame(Output):
    main_video: Video

class Failing(ReactorModel):
    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                1 / 0
                await self.emit(Frame(main_video=np.full((360, 640, 3), 90, np.uint8)))
"""
UNLOADABLE = """
import numpy as np
from reactor_runtime import Output, ReactorModel, Video

class Frame(Output):
    main_video: Video

class Unloadable(ReactorModel):
    def load(self, config):
        raise RuntimeError("the weights are not there")

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Frame(main_video=np.full((360, 640, 3), 90, np.uint8)))
"""


def drive(url: str, browser: Path, script: str, file: Path) -> Checks:
    driver: list[str | Path] = [node(), HARNESS / script, "--url", url, "--chromium", browser, "--file", file]
    return run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())


def until(server: Server, pattern: str, seconds: float = 60.0) -> re.Match[str]:
    """Wait until the server's log says this."""
    deadline = time.monotonic() + seconds
    while not (found := re.search(pattern, server.log)):
        assert time.monotonic() < deadline, f"the log has no {pattern!r}:\n{server.log}"
        time.sleep(0.05)
    return found


@contextmanager
def mortal_server(model: Path, orders: Path) -> Iterator[Server]:
    """A server that is killed, and started again on its port, for each line `kill` and `start` in the pipe `orders`."""
    os.mkfifo(orders)
    servers = [Server(model)]
    servers[0].wait_available()

    def obey() -> None:
        while True:
            with orders.open() as pipe:
                for order in pipe:
                    match order.strip():
                        case "kill":
                            os.kill(servers[-1].pid, signal.SIGKILL)
                            servers[-1].stop()
                        case "start":
                            servers.append(Server(model, port=urlsplit(servers[0].url).port or 0))
                        case _:
                            return

    thread = threading.Thread(target=obey, name="orders", daemon=True)
    thread.start()
    try:
        yield servers[0]
    finally:
        with orders.open("w") as pipe:
            pipe.write("end\n")
        thread.join(30)
        for server in servers:
            server.stop()


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_comes_back_with_the_server_and_tells_how_a_session_ended(browser: Path, tmp_path: Path) -> None:
    orders = tmp_path / "orders"
    with mortal_server(ROOT / "examples" / "paint", orders) as server:
        checks = drive(server.url, browser, "session_page.mjs", orders)
    checks.assert_passed(
        "a_killed_server_is_waited_for",
        "it_comes_back_by_itself_with_a_picture",
        "what_another_ends_is_told_with_its_reason",
        "disconnect_and_connect_keep_the_keyboards_place",
        "the_session_is_ended_by_a_second_press_only",
    )


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_says_that_the_model_has_failed_until_it_is_mended(browser: Path, tmp_path: Path) -> None:
    model = tmp_path / "failing.py"
    model.write_text(FAILING)
    with serve(model, ["--reload"]) as server:
        checks = drive(server.url, browser, "failing_page.mjs", model)
    checks.assert_passed("a_failed_model_is_the_pages_status", "mended_code_clears_it")


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_shows_what_a_load_failed_with_until_it_is_mended(browser: Path, tmp_path: Path) -> None:
    model = tmp_path / "unloadable.py"
    model.write_text(UNLOADABLE)
    server = Server(model, ["--reload"])
    try:
        # It listens, but is never available.
        url = until(server, r"listening on (http://\S+)")[1].rstrip("/")
        until(server, "the weights are not there")
        checks = drive(url, browser, "failing_page.mjs", model)
    finally:
        server.stop()
    checks.assert_passed("a_failed_load_is_told_whole", "mended_code_plays")
