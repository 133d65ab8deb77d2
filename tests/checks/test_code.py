"""Mistakes that Python takes without a word, and what only looks like them."""

from __future__ import annotations

import textwrap

import pytest

from .models import GOOD

EMIT = "await self.emit(Frame(main_video=np.zeros((4, 4, 3), np.uint8)))"
RUN = GOOD[GOOD.index("        async def run(self)") :]


def with_methods(code):
    """The good model, with other methods in place of `run`."""
    return GOOD.replace(RUN, textwrap.indent(textwrap.dedent(code).replace("EMIT", EMIT), " " * 8))


def of_code(findings):
    return [text for level, subject, text in findings if subject == "code" and level == "error"]


@pytest.mark.parametrize(
    "code",
    [
        """
        async def run(self):
            alive = self.connected.is_set
            while True:
                while alive():
                    EMIT
                await self.connected.wait()
        """,
        """
        async def run(self):
            while True:
                await wait_for(self.connected.is_set)
                EMIT
        """,
        """
        async def run(self):
            client = a_socket()
            while True:
                client.send(b"x")
                EMIT
        """,
        """
        def put(self, client):
            client.send(b"x")

        async def run(self):
            while True:
                EMIT
        """,
        """
        def send(self, text):
            self.send_threadsafe(text)

        async def run(self):
            while True:
                self.send("x")
                EMIT
        """,
        """
        async def show(self):
            EMIT

        async def frames(self):
            yield 1

        def note(self):
            pass

        async def run(self):
            while True:
                asyncio.create_task(self.show())
                await self.show()
                self.note()
                self.frames()
                await asyncio.sleep(1)
        """,
        """
        async def run(self):
            while self.connected.is_set():
                if self.work():
                    break
            while not self.connected.is_set():
                await asyncio.sleep(1)
            while self.connected.is_set():
                self.x = [each async for each in self.source]
        """,
    ],
)
def test_sensible_code_is_no_error(check, code):
    assert not of_code(check(with_methods(code)))


@pytest.mark.parametrize(
    "test",
    [
        "while self.connected.is_set: await x()",
        "if self.connected.is_set: pass",
        "if not self.connected.is_set: pass",
        "y = self.connected.is_set and 1",
        "y = 1 if self.connected.is_set else 2",
        "y = [z for z in w if self.connected.is_set]",
    ],
)
def test_a_gate_that_is_not_asked(check, test):
    found = of_code(check(with_methods(f"async def run(self):\n    {test}\n    EMIT\n")))
    assert found == ["checked_model.py:24: self.connected.is_set is a method, and always true; write `is_set()`"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "async def show(self):\n    EMIT\nasync def run(self):\n    self.show()\n    EMIT\n",
            "checked_model.py:26: self.show(…) is not awaited, so it does not run; write `await self.show(…)`",
        ),
        (
            "async def show(self):\n    EMIT\ndef begin(self):\n    self.show()\n",
            "checked_model.py:26: self.show(…) is not awaited, so it does not run; write `await self.show(…)`, and "
            "make the function `async def`",
        ),
        (
            "async def run(self):\n    while True:\n        asyncio.sleep(1)\n        EMIT\n",
            "checked_model.py:25: asyncio.sleep(…) is not awaited, so it does not wait; write `await asyncio.sleep(…)`",
        ),
        (
            "async def tell(self, who: 'ClientInfo'):\n    who.send(1)\n",
            "checked_model.py:24: who.send(…) is not awaited, so nothing is sent; write `await who.send(…)`",
        ),
        (
            "@event(name='ask')\nasync def ask(self, client):\n    client.send(1)\n",
            "checked_model.py:25: client.send(…) is not awaited, so nothing is sent; write `await client.send(…)`",
        ),
        (
            "async def run(self):\n    EMIT\n    while self.connected.is_set():\n        self.x = 1\n",
            "checked_model.py:25: this loop of run() never awaits, so no command and no client is ever seen; "
            "`await self.emit(…)` in it",
        ),
        (
            "async def run(self):\n    while not self.connected.is_set():\n        time.time()\n    EMIT\n",
            "checked_model.py:24: this loop of run() never awaits, so no command and no client is ever seen; "
            "`await self.emit(…)` in it",
        ),
    ],
)
def test_what_is_never_waited_for(check, code, text):
    assert of_code(check(with_methods(code))) == [text]
