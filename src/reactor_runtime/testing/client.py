"""A client of the test kit: what it can do, and what it got."""

from __future__ import annotations

import asyncio
import enum
import math
import mimetypes
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..interface.messages import to_json
from ..interface.uploads import UploadedFile
from ..transport.memory import MemoryConnection
from ..wire.messages import Message, Ping, Refusal, Reply, UploadReference
from .received import Answer, Frame, Received, answer_of, joined
from .sending import input_track, paced, send
from .world import World

T = TypeVar("T")

_PING_SECONDS = 5.0
"""Clients that say nothing are dropped, so each says as often that it is there, as the official ones do."""


class Driver(Protocol):
    """What lets time pass for a client: the harness."""

    def do(self, work: Coroutine[Any, Any, T]) -> T: ...

    def until(self, condition: Callable[[], bool], within: float) -> None: ...

    def rest(self) -> None: ...

    def start(self, work: Coroutine[Any, Any, None]) -> None: ...


class Pending:
    """A command that was sent; time has to pass until its answer is there."""

    def __init__(self, name: str, future: asyncio.Future[Reply | Refusal]) -> None:
        self._name = name
        self._future = future

    @property
    def answered(self) -> bool:
        """Whether the answer is there."""
        return self._future.done()

    @property
    def answer(self) -> Answer:
        """The answer.

        Raises:
            LookupError: it is not there yet.
        """
        if not self._future.done():
            raise LookupError(f"{self._name} has no answer yet; let time pass with harness.run()")
        return answer_of(self._future.result())


class Client:
    """One connected client. `Harness.connect` makes it.

    Attributes:
        id: what the model finds in `ClientInfo.id`.
    """

    def __init__(self, driver: Driver, world: World, connection: MemoryConnection, origin: float) -> None:
        self.id = connection.client.info.id
        self._driver = driver
        self._world = world
        self._connection = connection
        self._origin = origin
        self._left = False
        self._returned: set[int] = set()
        driver.start(self._keep_alive())

    @property
    def connected(self) -> bool:
        """Whether it is still there."""
        return not self._left and not self._connection.closed

    @property
    def admitted(self) -> bool:
        """Whether `@connected` has ended for it."""
        return self._connection.client.admitted

    @property
    def ended(self) -> str | None:
        """Why the session ended, once it has; None before."""
        return self._connection.ended

    # -- what it got

    @property
    def frames(self) -> list[Frame]:
        """Every frame it saw, of all tracks, in order."""
        return [Frame(shown, self._origin) for shown in self._connection.frames]

    @property
    def image(self) -> NDArray[np.uint8]:
        """What is on its screen: the newest frame's `(H, W, 3)` uint8 RGB pixels, of the only track or the newest one.

        Raises:
            LookupError: it has seen no frame.
        """
        if not self._connection.frames:
            raise LookupError(f"client {self.id} has seen no frame yet; let time pass with harness.run()")
        return self._connection.frames[-1].picture.rgb()

    def heard(self, track: str | None = None) -> NDArray[np.int16]:
        """What it heard of an audio track, as `(channels, samples)` int16 at the track's rate: the pieces as they left,
        joined, without the silence between them; `(1, 0)` where there was none. The newest 256 MiB are kept.

        Args:
            track: which one; may be left out where the model has one.

        Raises:
            ValueError: the model has no such track, or several and none is named.
        """
        names = [info.name for info in self._world.runtime.tracks if info.kind == "audio" and info.direction == "out"]
        if track not in names and (track is not None or len(names) != 1):
            there = ", ".join(names) or "none"
            raise ValueError(
                f"heard({'' if track is None else repr(track)}): name an audio output of the model; there is {there}"
            )
        return joined([heard.sound for heard in self._connection.sounds if track in (None, heard.track)])

    @property
    def messages(self) -> list[Received]:
        """The model's messages, answers to commands aside, in order."""
        return [
            Received(at - self._origin, message.type, dict(message.data))
            for at, message in self._connection.received
            if isinstance(message, Message)
        ]

    def wait_for_frame(self, track: str | None = None, *, within: float = 10.0) -> Frame:
        """Let time pass until it sees another frame.

        Args:
            track: of which track; any where left out.
            within: virtual seconds.

        Raises:
            TimeoutError: none came.
        """
        seen = len(self._connection.frames)

        def found() -> Frame | None:
            fresh = self._connection.frames[seen:]
            return next((Frame(shown, self._origin) for shown in fresh if track in (None, shown.track)), None)

        return self._wait(found, f"no frame of {track or 'any track'}", within)

    def wait_for_message(self, type: str, *, within: float = 10.0) -> Received:
        """The oldest message named `type` that no earlier call has returned; time passes until there is one.

        Raises:
            TimeoutError: none came within so many virtual seconds.
        """

        def found() -> tuple[int, Received] | None:
            fresh = (pair for pair in enumerate(self.messages) if pair[0] not in self._returned)
            return next(((number, message) for number, message in fresh if message.type == type), None)

        number, message = self._wait(found, f"no message {type!r}", within)
        self._returned.add(number)
        return message

    def _wait(self, found: Callable[[], T | None], what: str, within: float) -> T:
        try:
            self._driver.until(lambda: found() is not None, within)
        except TimeoutError:
            raise TimeoutError(f"client {self.id}: {what} within {within:g} s") from None
        result = found()
        assert result is not None
        return result

    # -- what it does

    def command(self, name: str, /, **arguments: Any) -> Answer:
        """Send a command and let time pass until its answer is there.

        An `UploadedFile` among the arguments is uploaded first; what `upload` returned refers to its file. Else an
        argument is what JSON makes of it: a tuple arrives as a list.
        """
        return answer_of(self._driver.do(self._ask(name, arguments)))

    def post(self, name: str, /, **arguments: Any) -> Pending:
        """Send a command without waiting: its answer comes as time passes."""

        async def post() -> Pending:
            return Pending(name, self._post(name, await self._arguments(arguments)))

        return self._driver.do(post())

    def upload(self, file: str | Path, data: bytes | None = None, mime_type: str | None = None) -> UploadReference:
        """Upload a file, as clients do before a command that refers to it.

        Args:
            file: its name; or a path, whose bytes are taken where `data` is left out.
            data: the bytes.
            mime_type: guessed from the name where left out.
        """
        content = Path(file).read_bytes() if data is None else data
        return self._driver.do(self._upload(UploadedFile(Path(file).name, mime_type or _guess(file), data=content)))

    def push(self, track: str, frame: NDArray[Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Send a frame of an input track.

        Args:
            track: such as `webcam`.
            frame: for a video track what `emit()` takes, such as `(H, W, 3)` uint8 RGB, or `(N, H, W, 3)` for N
                frames at once. For an audio track `(samples,)` or `(channels, samples)`, int16 or float, at the track's
                rate.
            metadata: what the model finds in `InputFrame.metadata`.

        Raises:
            OutputError: it does not fit the track.
            ValueError: the model has no such input, or it is more than 0.2 s of sound.
        """
        info = input_track(self._world.runtime.tracks, track)

        async def push() -> None:
            send(self._connection.client, info, frame, metadata)

        self._driver.do(push())

    def stream(self, track: str, frames: NDArray[Any] | Iterable[NDArray[Any]], fps: float = 30.0) -> None:
        """Send on an input track while time passes, until what there is ends or the client leaves.

        Args:
            track: such as `webcam`.
            frames: pictures; a single one is sent again and again. For an audio track samples, which take as long as
                they last.
            fps: how many pictures a second.
        """
        info = input_track(self._world.runtime.tracks, track)

        async def send_all() -> None:
            loop = asyncio.get_running_loop()
            due = loop.time()
            for frame, seconds in paced(info, frames, fps):
                if not self.connected:
                    return
                send(self._connection.client, info, frame)
                due += seconds
                await asyncio.sleep(due - loop.time())

        self._driver.start(send_all())

    def pause(self, track: str) -> None:
        """See no more frames of an output track."""
        self._driver.do(self._call(self._connection.pause, track))

    def resume(self, track: str) -> None:
        """See an output track again, its last picture at once."""
        self._driver.do(self._call(self._connection.resume, track))

    def leave(self) -> None:
        """Disconnect. May be called more than once."""
        if self.connected:
            self._left = True
            self._driver.do(self._call(self._connection.leave))
            self._driver.rest()

    # -- on the loop

    async def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        function(*arguments)

    async def _ask(self, name: str, arguments: Mapping[str, Any]) -> Reply | Refusal:
        return await self._post(name, await self._arguments(arguments))

    def _post(self, name: str, arguments: Mapping[str, Any]) -> asyncio.Future[Reply | Refusal]:
        if not self.connected:
            why = f": {self.ended}" if self.ended else ""
            raise RuntimeError(f"client {self.id} cannot send {name}: it is not connected any more{why}")
        return self._connection.post(name, arguments)

    async def _arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {name: await self._argument(value, name) for name, value in arguments.items()}

    async def _argument(self, value: Any, path: str) -> Any:
        if isinstance(value, UploadedFile):
            value = await self._upload(value)
        if isinstance(value, UploadReference):
            return asdict(value)
        if isinstance(value, Mapping):
            return {key: await self._argument(item, f"{path}.{key}") for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [await self._argument(item, f"{path}[{index}]") for index, item in enumerate(value)]
        if isinstance(value, float) and not math.isfinite(value) and not isinstance(value, enum.Enum):
            return value  # JSON has no word for it, but a client may try: the server has to refuse it
        return to_json(value, path)

    async def _upload(self, file: UploadedFile) -> UploadReference:
        mime_type = file.mime_type or _guess(file.name)
        upload_id = await self._world.upload(file.name, file.data, mime_type)
        return UploadReference(upload_id, file.name, mime_type, file.size)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(_PING_SECONDS)
            if not self.connected:
                return
            self._connection.client.receive(Ping())


def _guess(name: str | Path) -> str:
    return mimetypes.guess_type(str(name))[0] or "application/octet-stream"
