"""Request bodies: bounded JSON, checked against a type."""

from __future__ import annotations

import asyncio
import re
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from ..limits import Limits
from .errors import RequestError

Body = TypeVar("Body")

_PLACE = re.compile(r"(?P<problem>.*?) - at `(?:key in )?\$(?P<path>.*)`\Z", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`\Z")
_NO_CHOICE = "Invalid enum value"
"""How a value begins that is none of a `Literal`; which there are is left out."""
_ECHO_BYTES = 512
_DRAIN_BYTES = 16 * 1024 * 1024
_DRAIN_SECONDS = 2.0


async def read_body(request: Request, limits: Limits) -> bytes:
    """The whole body.

    Raises:
        RequestError: 413 it is above `limits.body_bytes`; 408 it does not end within `limits.upload_idle`.
    """
    length = content_length(request)
    if length is not None and length > limits.body_bytes:
        await drain(request)
        raise _too_large(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.upload_idle):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    break
            else:
                return bytes(body)
    except TimeoutError:
        raise RequestError(408, f"the body did not end within {limits.upload_idle:g} s") from None
    raise _too_large(limits)


async def read_json(request: Request, type_: type[Body], limits: Limits, *, empty: Body | None = None) -> Body:
    """The body as `type_`.

    Args:
        empty: what an empty body stands for; without it, an empty body is refused.

    Raises:
        RequestError: as `read_body`; 422 with a list of {type, loc, msg, input} where it is no JSON, or no `type_`.
    """
    raw = await read_body(request, limits)
    if empty is not None and not raw.strip():
        return empty
    try:
        value = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:  # bad UTF-8 is a ValueError too
        raise RequestError(422, [problem("json_invalid", [], f"this is no JSON: {error}", None)]) from error
    try:
        return msgspec.convert(value, type_)
    except (msgspec.ValidationError, RecursionError) as error:
        raise RequestError(422, [_describe(str(error), value, type_)]) from error


def problem(kind: str, path: list[str | int], message: str, given: Any, *, where: str = "body") -> dict[str, Any]:
    """One entry of a 422's detail. What was `given` is echoed unless it is long."""
    short = given is None or len(msgspec.json.encode(given)) <= _ECHO_BYTES
    return {"type": kind, "loc": [where, *path], "msg": message, "input": given if short else "(long)"}


def content_length(request: Request) -> int | None:
    """The announced length of the body in bytes; None where it is chunked.

    Raises:
        RequestError: 400, it is no number.
    """
    text = request.headers.get("content-length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise RequestError(400, f"Content-Length: {text[:40]!r} is no length")
    return int(text)


async def drain(request: Request) -> None:
    """Take what is left of a body that is refused, within bounds, so that the client reads the answer rather than a
    connection reset."""
    if request.headers.get("expect"):
        return  # it has not begun to send
    taken = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in request.stream():
                taken += len(chunk)
                if taken > _DRAIN_BYTES:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: the body was being read already
        return


def _too_large(limits: Limits) -> RequestError:
    return RequestError(413, f"the body is above the limit of {limits.body_bytes} bytes")


def _describe(text: str, value: Any, type_: type) -> dict[str, Any]:
    match = _PLACE.fullmatch(text)
    message = match["problem"] if match else text
    path: list[str | int] = []
    for step in _STEP.finditer(match["path"] if match else ""):
        path.append(int(step["index"]) if step["index"] and step["index"].isdigit() else step["key"] or step["index"])
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            value = None
    if message.startswith(_NO_CHOICE) and (choices := _choices(type_, path)):
        message += f"; expected {' or '.join(map(repr, choices))}"
    missing = _MISSING.fullmatch(message)
    if missing:
        return problem("missing", [*path, missing["key"]], f"{missing['key']}: required", value)
    return problem("invalid", path, message, value)


def _choices(type_: type, path: list[str | int]) -> tuple[Any, ...]:
    """What the `Literal` at `path` in `type_` may be."""
    from msgspec import inspect  # here: few requests are wrong

    kind = inspect.type_info(type_)
    for step in path:
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.encode_name == step)
        elif isinstance(kind, inspect.ListType):
            kind = kind.item_type
    return tuple(kind.values) if isinstance(kind, inspect.LiteralType) else ()
