"""`reactor run --open`."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
import textwrap
import threading
import webbrowser
from pathlib import Path

import pytest

from reactor_runtime.cli.browser import open_page

from .process import Served, call

MODEL = """
import pathlib, time
from reactor_runtime import ReactorModel

class Mine(ReactorModel):
    def load(self, config):
        while not pathlib.Path("go").exists():
            time.sleep(0.01)
        if pathlib.Path("go").read_text():
            raise ValueError("bad weights")
"""
BROWSER = """\
#!{python}
import sys, urllib.request
print("opened", sys.argv[1], urllib.request.urlopen(sys.argv[1] + "/health").read().decode(), flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MODEL)
    browser = tmp_path / "browser"
    browser.write_text(textwrap.dedent(BROWSER.format(python=sys.executable)))
    browser.chmod(0o755)
    return tmp_path


def go(folder: Path, how: str) -> None:
    """Let the model load, or fail where `how` says something. It never reads half of that."""
    (folder / "go.new").write_text(how)
    (folder / "go.new").replace(folder / "go")


@pytest.mark.e2e
def test_the_page_is_opened_while_the_model_loads_and_once_only(folder: Path) -> None:
    with Served(folder, "mine.py", "--open", "--reload", variables={"BROWSER": str(folder / "browser")}) as served:
        url = served.listening()
        served.until(rf'^opened {url} .*"state":"loading"')
        go(folder, "badly")
        served.until("waits for a change")
        go(folder, "")
        (folder / "mine.py").touch()
        served.until("is ready")
        served.signal(signal.SIGINT)
        assert served.status() == 0
        assert served.text.count("listening on") == 2
        assert len(re.findall("^opened ", served.text, re.MULTILINE)) == 1


@pytest.mark.e2e
def test_from_everywhere_it_opens_on_this_machine(folder: Path) -> None:
    arguments = ("mine.py", "--open", "--host", "0.0.0.0", "--insecure")
    with Served(folder, *arguments, variables={"BROWSER": str(folder / "browser")}) as served:
        port = served.listening().rpartition(":")[2]
        served.until(f"^opened http://127.0.0.1:{port} ")


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"BROWSER": "/bin/false"}, "the browser could not be started"),
        ({"BROWSER": "no-such-browser"}, "(the browser could not be started|no browser can be opened)"),
    ],
)
def test_without_a_browser_it_serves_and_says_so(folder: Path, variables: dict[str, str], says: str) -> None:
    (folder / "go").touch()
    with Served(folder, "mine.py", "--open", variables=variables) as served:
        url = served.listening()
        served.until_all(f"WARNING .*--open: {says}.*; the page is at {url}$", "is ready")
        assert call(f"{url}/health")[0] == 200
        served.signal(signal.SIGINT)
        assert served.status() == 0


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="a display is always there")
async def test_no_browser_takes_the_terminal_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("/bin/true"))
    await open_page("http://127.0.0.1:1")
    assert "there is no browser here that has a window of its own; the page is at http://127.0.0.1:1" in caplog.text
    caplog.clear()
    monkeypatch.setenv("DISPLAY", ":0")
    await open_page("http://127.0.0.1:1")
    assert "there is no browser here that has a window of its own" in caplog.text


async def test_a_browser_that_does_not_return_holds_nothing_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "browser").write_text(f"#!{sys.executable}\nimport pathlib, time\n{WAIT_FOR_END}")
    monkeypatch.setenv("BROWSER", str(folder / "browser"))
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # it reads the environment once
    with caplog.at_level(logging.WARNING):
        await open_page("http://127.0.0.1:1", patience=0.01)
    assert "--open: the browser has not said within 0.01 s that it is open; the page is at" in caplog.text
    (folder / "end").touch()
    for thread in threading.enumerate():
        if thread.name == "open the browser":
            await asyncio.to_thread(thread.join, 30)
            assert not thread.is_alive()


WAIT_FOR_END = """
end = time.monotonic() + 30
while not (pathlib.Path(__file__).parent / "end").exists() and time.monotonic() < end:
    time.sleep(0.01)
"""
