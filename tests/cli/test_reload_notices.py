"""`reactor run --reload`: what an open page is told of a save, which may be its author's."""

from __future__ import annotations

import re
import signal
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.e2e.raw_client import RawClient
from tests.e2e.server import Server
from tests.transport.support import Viewer, until

from .process import Served, call
from .test_reload import MODEL, folder

__all__ = ["folder"]

pytestmark = pytest.mark.e2e

SOURCE = textwrap.dedent(MODEL)
FAILED_LOAD = r"Shade\.load\(\) failed with KeyError: 'wieghts' at \S+/shade\.py:\d+; it waits for new code"
GOES_ON = "; the code from before goes on"


class Page:
    """One that is open, with what it was told that it did not ask for."""

    def __init__(self, client: RawClient) -> None:
        self._client = client
        self._read = 0

    def _all(self) -> list[Any]:
        wanted = ("commandRejected", "modelSchema")
        return [message["data"] for message in self._client.messages() if message["data"]["type"] in wanted]

    async def told(self) -> tuple[str, str]:
        """The next notice: its code and its text; of a schema, `schema` alone."""
        await until(lambda: len(self._all()) > self._read, self._client.viewer.changed, f"one more than {self._all()}")
        notice = self._all()[self._read]
        self._read += 1
        if notice["type"] == "modelSchema":
            return "schema", ""
        assert notice["data"]["command"] == ""
        return notice["data"]["code"], notice["data"]["message"]


@asynccontextmanager
async def page(url: str) -> AsyncIterator[Page]:
    viewer = await Viewer.start()
    client = RawClient(cast(Server, SimpleNamespace(url=url)), viewer, 0)
    try:
        await client.connect()
        client.text({"scope": "runtime", "data": {"type": "ping"}})  # the server waits to hear which wire it speaks
        yield Page(client)
    finally:
        await client.close()
        await viewer.stop()


async def test_a_page_is_told_what_is_wrong_with_a_save(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        async with page(url) as open_page:
            for broken, says in (
                (SOURCE + "\ndef broken(:\n", r"shade\.py:\d+: SyntaxError: \S.*"),
                (
                    SOURCE.replace("def first(self)", "def first(self, radius)"),
                    r"shade\.py:\d+: DeclarationError: Shade\.first: radius: has no annotation.*",
                ),
                (SOURCE + "\nHALF = 1 / 0\n", r"shade\.py:\d+: ZeroDivisionError: division by zero"),
            ):
                (folder / "shade.py").write_text(broken)
                code, text = await open_page.told()
                assert code == "reload_refused" and re.fullmatch(says + GOES_ON, text), text
            (folder / "shade.py").write_text(SOURCE.replace("main_video: Video", "main_video: Video\n    depth: Video"))
            code, text = await open_page.told()
            assert code == "reload_refused" and text.startswith("shade.py: the tracks have changed, ")
            assert text.endswith(f"{GOES_ON}: r and Enter in the server's terminal start the server anew")
            served.until("takes more than new code")
            (folder / "shade.py").write_text(SOURCE.replace('"runs with"', '"goes on with"'))
            assert await open_page.told() == ("schema", "")
            async with page(url) as later:
                (folder / "shade.py").write_text(SOURCE + "\ndef broken(:\n")
                assert (await later.told())[0] == "reload_refused"  # the first that it is told


async def test_a_page_is_told_where_run_failed_and_the_log_says_first_what_runs(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        async with page(url) as open_page:
            (folder / "shade.py").write_text(SOURCE.replace('print("runs', 'self.levl; print("runs'))
            assert await open_page.told() == ("schema", "")
            code, text = await open_page.told()
            line = SOURCE.splitlines().index('        print("runs with", SHADE, flush=True)') + 1
            assert (code, text) == (
                "run_failed",
                f"run() failed with AttributeError: 'Shade' object has no attribute 'levl' at shade.py:{line}; "
                "it waits for new code",
            )
            async with page(url) as later:
                assert await later.told() == (code, text)
        served.until(r"shade\.py: the new code runs \(\d+ ms\)$")
        assert "AttributeError" not in served.text
        served.until("AttributeError")


async def test_a_page_is_told_of_a_load_that_failed_until_one_has_not(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        async with page(url) as open_page:
            (folder / "shade.py").write_text(SOURCE.replace('config["weights"]', 'config["wieghts"]'))
            assert await open_page.told() == ("schema", "")
            served.until("press r and Enter to load the model anew")
            served.type("r\n")
            code, text = await open_page.told()
            assert code == "run_failed" and re.fullmatch(FAILED_LOAD, text), text
            assert text.startswith(call(f"{url}/health")[1]["detail"])
            async with page(url) as later:
                assert await later.told() == (code, text)
            (folder / "shade.py").write_text(SOURCE)
            assert await open_page.told() == ("schema", "")
            assert await open_page.told() == (code, text)  # it is loaded anew only then
            assert await open_page.told() == ("schema", "")
            served.until("the model is loaded anew")
            assert call(f"{url}/health")[0] == 200
            async with page(url) as later:
                (folder / "shade.py").write_text(SOURCE + "\ndef broken(:\n")
                assert (await later.told())[0] == "reload_refused"  # and nothing before that
        served.signal(signal.SIGINT)
        assert served.status() == 0
