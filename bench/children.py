"""A process of the bench's own that does what it is told, a line at a time, and answers each with a JSON object."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from .servers import ROOT

ANSWER_SECONDS = 120.0
STOP_SECONDS = 10.0


class Child:
    """The process, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process, module: str) -> None:
        self._process = process
        self._module = module

    async def ask(self, line: str) -> dict[str, Any]:
        """Tell it `line`, and wait for the answer.

        Raises:
            ConnectionError: it has ended.
            TimeoutError: there is no answer after `ANSWER_SECONDS`.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """The next object that it says."""
        assert self._process.stdout is not None
        said = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_SECONDS)
        if not said:
            raise ConnectionError(f"the process {self._module} has ended")
        told: dict[str, Any] = json.loads(said)
        return told

    async def kill(self) -> None:
        """End it without a word (SIGKILL), and wait for that."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def child(module: str, *arguments: str) -> AsyncIterator[Child]:
    """`python -m module`, for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    try:
        yield Child(process, module)
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def answer_lines(answer: Callable[[list[str]], Awaitable[dict[str, Any]]]) -> None:
    """Inside it: answer each line that is read on stdin, in words, until there are no more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while words := (await lines.readline()).decode().split():
        print(json.dumps(await answer(words)), flush=True)
