"""A file a client uploaded."""

from __future__ import annotations


class UploadedFile:
    """A file as a handler gets it.

    Attributes:
        name: as the client called it. Treat it as text, not as a path.
        mime_type: as the client said.
        size: in bytes, measured.
        data: the bytes.
    """

    def __init__(self, name: str, mime_type: str = "", size: int | None = None, data: bytes = b"") -> None:
        self.name = name
        self.mime_type = mime_type
        self._size = size
        self._data = data

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def size(self) -> int:
        return len(self._data) if self._size is None else self._size

    def __repr__(self) -> str:
        return f"UploadedFile(name={self.name!r}, mime_type={self.mime_type!r}, size={self.size})"
