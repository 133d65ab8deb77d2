"""A typed client of a model in Python, for `reactor-sdk`: one self-contained module."""

from __future__ import annotations

import keyword
from typing import Any

from ..document import read_document
from ..layout import SOFT, SPACE, Code, IfBroken, bracketed, group, indent, joined
from ..names import Names, identifier, pascal, type_name
from ..prose import one_line
from ..shapes import Document
from .client import client_class
from .fields import PythonFields
from .style import block, docstring, lines
from .types import PythonTypes, string

_SDK = "1.13"
_IMPORTS = {
    "collections.abc": ("Callable",),
    "dataclasses": ("dataclass",),
    "typing": ("Any", "BinaryIO", "Final", "Literal", "TypeAlias", "TypeVar"),
}
_SDK_NAMES = ("DecodeError", "FileRef", "Reactor")
# A field or a method of such a name would stand in for the type in the annotations that follow it.
_BUILTINS = ("bool", "bytes", "dict", "float", "int", "list", "object", "str", "type")
_PUBLIC = {
    *keyword.kwlist,
    *_BUILTINS,
    *(name for names in _IMPORTS.values() for name in names),
    *_SDK_NAMES,
    *("Message", "Tracks", "Upload", "os"),
}
_PRIVATE = ("_M", "_R", "_READERS", "_data", "_message", "_uploaded", "_whole")


def python_client(document: Any, command: str) -> str:
    """The source of a module with a typed client of a model, as `ruff format` leaves it.

    Args:
        document: the model's OpenAPI document, as JSON.
        command: the command line that makes it again, for its header.

    Raises:
        SchemaError: it is none.
    """
    return _source(read_document(document), one_line(command))


def _source(document: Document, command: str) -> str:
    names = Names(_PUBLIC)
    client = names.take(type_name(f"{pascal(document.title) or 'Model'}Client"))
    types = PythonTypes(document, names)
    fields = PythonFields(document, types, {*_PUBLIC, *_PRIVATE, client, "self"})
    parts = [_tracks(document, types)] if document.tracks else []
    parts += fields.dataclasses()
    parts += [_union(document, types)] if document.messages else []
    parts += [client_class(client, document, types, fields), *fields.functions()]
    parts += _reading(document, types) if document.messages else []
    parts += [block(text) for name, text in (("_uploaded", _UPLOADED), ("_whole", _WHOLE)) if name in types.used]
    # What is imported, and which types have names of their own, is known once all else is written.
    aliases = _aliases(types)
    start = [*_header(document, command, types.used), *(["", *aliases] if aliases else [])]
    return "\n\n\n".join("\n".join(part) for part in (start, *parts)) + "\n"


def _header(document: Document, command: str, used: set[str]) -> list[str]:
    model = f"{document.title} {document.version}".rstrip()
    out = [
        f"# A typed client of the model {model}, for reactor-sdk {_SDK} or newer.",
        "# Generated: do not edit it, make it again with",
        f"#   {command}",
        "",
        "from __future__ import annotations",
        "",
    ]
    out += ["import os"] if "os" in used else []
    for module, names in _IMPORTS.items():
        found = [name for name in names if name in used]
        out += [f"from {module} import {', '.join(found)}"] if found else []
    ours = [name for name in _SDK_NAMES if name in used or name == "Reactor"]
    return [*out, *([""] if out[-1] else []), f"from reactor_sdk import {', '.join(ours)}"]


def _aliases(types: PythonTypes) -> list[str]:
    """What has a name and is no class; says what that uses."""
    variables = [name for name in ("_M", "_R") if name in types.used]
    out = [f'{name} = TypeVar("{name}")' for name in variables]
    types.used |= {"TypeVar"} if variables else set()
    if "Upload" in types.used:
        types.used |= {"BinaryIO", "FileRef", "TypeAlias", "os"}
        out += block(_UPLOAD)
    for name, code in types.aliases.items():
        types.used.add("TypeAlias")
        out += lines(group(f"{name}: TypeAlias = ", code))
    return out


def _tracks(document: Document, types: PythonTypes) -> list[str]:
    types.used.add("Final")
    names = Names(keyword.kwlist)
    out = ["class Tracks:", *docstring("The model's tracks: `reactor.track(Tracks.…)`.", 1)]
    for track in document.tracks:
        name = names.take(identifier(track.name.upper(), "TRACK"))
        way = "to the model: publish it" if track.direction == "in" else "from the model"
        out += ["", *lines(f"{name}: Final = {string(track.name)}", 1)]
        out += docstring(f"{track.kind.capitalize()} {way}.", 1)
    return out


def _union(document: Document, types: PythonTypes) -> list[str]:
    types.used.add("TypeAlias")
    classes: list[Code] = [*dict.fromkeys(types.classes[message.body.key] for message in document.messages)]
    union = group(IfBroken("("), indent(SOFT, group(*joined(classes, SPACE, "| "))), SOFT, IfBroken(")"))
    return [*lines(group("Message: TypeAlias = ", union)), '"""All that the model sends."""']


def _reading(document: Document, types: PythonTypes) -> list[list[str]]:
    types.used |= {"Any", "Callable", "DecodeError"}
    pairs: list[Code] = [
        group(string(message.name), ": ", types.reader(message.body.key)) for message in document.messages
    ]
    table = group("_READERS: dict[str, Callable[[Any], Message]] = ", bracketed("{", pairs, "}"))
    return [lines(table), block(_MESSAGE)]


_UPLOAD = '''
Upload: TypeAlias = FileRef | BinaryIO | bytes | str | os.PathLike[str]
"""A file: its path, its bytes, open, or as `upload_file` of the SDK returned it."""
'''

_MESSAGE = '''
def _message(raw: Any) -> Message | None:
    """The message in `raw`; None where there is none that is known here."""
    read = _READERS.get(str(raw.get("type"))) if isinstance(raw, dict) else None
    if read is None:
        return None
    try:
        return read(raw["data"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DecodeError(
            f"{raw['type']}: not as the model said when this client was made: {error!r}"
        ) from error
'''

_UPLOADED = """
async def _uploaded(reactor: Reactor, file: Upload) -> FileRef:
    return file if isinstance(file, FileRef) else await reactor.upload_file(file)
"""

_WHOLE = """
def _whole(value: Any) -> Any:
    return int(value)
"""
