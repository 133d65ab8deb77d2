"""The files of one session: declared, written once, then read by handlers. Large ones lie on disk."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO

from ..errors import UploadError
from ..interface.uploads import UploadedFile
from ..limits import MIB, Limits


class StoredFile(UploadedFile):
    """An uploaded file whose bytes lie in memory, or on disk above a size; they live as long as this object does."""

    def __init__(self, name: str, mime_type: str, size: int, body: IO[bytes]) -> None:
        super().__init__(name, mime_type, size)
        self.body = body
        self._bytes: bytes | None = None
        self._reading = threading.Lock()

    @property
    def data(self) -> bytes:
        with self._reading:
            if self._bytes is None:
                self.body.seek(0)
                self._bytes = self.body.read()
            return self._bytes

    def copy_to(self, path: Path) -> None:
        """Write the bytes to a file, without holding them all. From any thread.

        Raises:
            OSError: it cannot be written.
        """
        with self._reading, path.open("wb") as copy:
            self.body.seek(0)
            shutil.copyfileobj(self.body, copy)


class _Upload:
    def __init__(self, name: str, mime_type: str, size: int, memory: int) -> None:
        self.name = name
        self.size = size
        self._memory = memory
        self.file = StoredFile(name, mime_type, size, self._empty())
        self.writing = False
        self.complete = asyncio.Event()
        self.touched = asyncio.get_running_loop().time()

    def _empty(self) -> IO[bytes]:
        return tempfile.SpooledTemporaryFile(max_size=self._memory)

    def renew(self) -> None:
        """Begin anew after a failed write; a thread may still be writing to the old body."""
        self.file.body = self._empty()


class UploadStore:
    """Files by id. On the server's loop.

    Args:
        limits: of one file, of all, and of how many.
        on_complete: called once per file when its bytes are there, with its id.
    """

    def __init__(self, limits: Limits, on_complete: Callable[[str, StoredFile], None]) -> None:
        self._limits = limits
        self._on_complete = on_complete
        self._uploads: dict[str, _Upload] = {}
        self._closed = False

    def declare(self, name: str, size: int, mime_type: str, upload_id: str | None = None) -> str:
        """Announce a file; returns the id to write it under.

        Args:
            name, mime_type: as the client calls it; neither may be empty.
            size: in bytes, above 0.
            upload_id: to choose the id; else it is 32 hex digits.

        Raises:
            UploadError: 400 for an empty name or type or a size below 1, 409 for an id that is taken, 413 over a limit.
        """
        for field, text in (("name", name), ("mime_type", mime_type)):
            if not text:
                raise UploadError(f"{field}: must not be empty", status=400)
        if size < 1:
            raise UploadError(f"size: {size} is no size of a file; at least 1 byte", status=400)
        if size > self._limits.upload_bytes:
            raise UploadError(
                f"size: {_mib(size)} is above the limit of {_mib(self._limits.upload_bytes)} a file", status=413
            )
        self._forget_abandoned()
        total = sum(upload.size for upload in self._uploads.values())
        if total + size > self._limits.session_upload_bytes:
            raise UploadError(
                f"size: with {_mib(total)} uploaded, {_mib(size)} more is above the limit of "
                f"{_mib(self._limits.session_upload_bytes)} a session",
                status=413,
            )
        if len(self._uploads) >= self._limits.session_uploads:
            raise UploadError(f"the session holds {len(self._uploads)} uploads already, its limit", status=413)
        if upload_id is not None and upload_id in self._uploads:
            raise UploadError(f"upload_id: {upload_id!r} is taken", status=409)
        chosen = upload_id or secrets.token_hex(16)
        self._uploads[chosen] = _Upload(name, mime_type, size, self._limits.upload_memory_bytes)
        return chosen

    async def write(self, upload_id: str, chunks: AsyncIterator[bytes], content_length: int | None) -> None:
        """Take the bytes of a declared file.

        Raises:
            UploadError: 404 for an unknown id, 409 if it is written already, 400 if the length is not the declared
                one, 408 if the body stands still, or hardly moves.
        """
        upload = self._uploads.get(upload_id)
        if upload is None:
            raise UploadError(f"no upload {upload_id!r} in this session; declare it first", status=404)
        if upload.writing or upload.complete.is_set():
            raise UploadError(f"upload {upload_id!r} is written already", status=409)
        if content_length is not None and content_length != upload.size:
            raise UploadError(
                f"the body has {content_length} bytes, {upload.size} were declared for {upload.name!r}", status=400
            )
        upload.writing = True
        try:
            await self._take(upload, chunks)
        except BaseException:
            upload.renew()
            raise
        finally:
            upload.writing = False
            upload.touched = asyncio.get_running_loop().time()
        upload.complete.set()
        self._on_complete(upload_id, upload.file)

    async def _take(self, upload: _Upload, chunks: AsyncIterator[bytes]) -> None:
        written = 0
        body = upload.file.body
        iterator = aiter(chunks)
        clock = asyncio.get_running_loop().time
        in_earnest = clock() + self._limits.upload_idle
        while True:
            try:
                async with asyncio.timeout(self._limits.upload_idle):
                    chunk = await anext(iterator)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise UploadError(
                    f"no bytes of {upload.name!r} for {self._limits.upload_idle:g} s, after {written} of {upload.size}",
                    status=408,
                ) from None
            if self._closed:
                raise UploadError("the session ended while the file was on its way", status=404)
            written += len(chunk)
            if written < (clock() - in_earnest) * self._limits.upload_pace:
                raise UploadError(
                    f"{upload.name!r} comes too slowly: {written} of {upload.size} bytes so far, and "
                    f"{self._limits.upload_pace} a second are the least",
                    status=408,
                )
            if written > upload.size:
                raise UploadError(f"the body is longer than the {upload.size} bytes declared", status=400)
            if written > self._limits.upload_memory_bytes:
                await asyncio.to_thread(body.write, chunk)
            else:
                body.write(chunk)
        if self._closed:
            raise UploadError("the session ended while the file was on its way", status=404)
        if written != upload.size:
            raise UploadError(f"the body ended after {written} of the {upload.size} bytes declared", status=400)

    def _forget_abandoned(self) -> None:
        """What was declared long ago and never written holds no room."""
        oldest = asyncio.get_running_loop().time() - self._limits.upload_declared
        for upload_id, upload in list(self._uploads.items()):
            if not upload.complete.is_set() and not upload.writing and upload.touched < oldest:
                del self._uploads[upload_id]

    def find(self, upload_id: str) -> tuple[UploadedFile, asyncio.Event] | None:
        """A declared file, and the event that its bytes are there; None for an unknown id."""
        upload = self._uploads.get(upload_id)
        return None if upload is None else (upload.file, upload.complete)

    def close(self) -> None:
        """The session is over: forget all files. Those a handler still holds live on with it."""
        self._closed = True
        self._uploads.clear()


def _mib(size: int) -> str:
    return f"{size / MIB:.1f} MiB"
