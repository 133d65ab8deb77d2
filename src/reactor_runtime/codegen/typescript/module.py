"""A typed client of a model in TypeScript, for `@reactor-team/js-sdk`: one self-contained module."""

from __future__ import annotations

import json
from typing import Any

from ..document import read_document
from ..layout import Code, bracketed
from ..names import Names, camel, identifier, pascal, type_name
from ..prose import one_line, sentence
from ..shapes import UNSET, Document, Field
from .client import client_class
from .style import block, comment, lines
from .types import TypeScriptTypes, key, string, typed

_SDK = "2.9"
# What the module itself says, and what of the language it uses.
_RESERVED = (
    *("Commands", "FileRef", "MESSAGE_TYPES", "Message", "Messages", "Reactor", "Rejection", "Tracks", "Upload"),
    *("Array", "Blob", "Object", "Promise", "ReadonlySet", "Record", "Set", "uploaded"),
    *(
        "any",
        "bigint",
        "boolean",
        "never",
        "null",
        "number",
        "object",
        "string",
        "symbol",
        "undefined",
        "unknown",
        "void",
    ),
)


def typescript_client(document: Any, command: str) -> str:
    """The source of a module with a typed client of a model, as prettier leaves it.

    Args:
        document: the model's OpenAPI document, as JSON.
        command: the command line that makes it again, for its header.

    Raises:
        SchemaError: it is none.
    """
    return _source(read_document(document), one_line(command))


def _source(document: Document, command: str) -> str:
    names = Names(_RESERVED)
    client = names.take(type_name(f"{pascal(document.title) or 'Model'}Client"))
    types = TypeScriptTypes(document, names)
    arguments = {
        command.name: names.take(type_name(f"{pascal(command.name) or 'Command'}Arguments"))
        for command in document.commands
        if command.fields
    }
    shapes = [field.shape for command in document.commands for field in command.fields]
    sent = document.within(shapes)
    files = any(map(document.holds_upload, shapes))
    objects = [
        _interface(types.interfaces[ref], made.description, made.fields, types, given=ref in sent)
        for ref, made in document.objects.items()
    ]
    taken = [
        _interface(arguments[command.name], f"What `{command.name}` takes.", command.fields, types, given=True)
        for command in document.commands
        if command.fields
    ]
    parts = [_header(document, command, files=files)]
    parts += [block(_UPLOAD)] if files else []
    parts += [_tracks(document)] if document.tracks else []
    parts += [lines(typed(f"export type {name} =", of)) for name, of in types.aliases.items()]
    parts += [*objects, *(_messages(document, types) if document.messages else [])]
    parts += [*taken, _commands(document, arguments), block(_REJECTION), client_class(client, document, arguments)]
    parts += [block(_UPLOADED)] if files else []
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _header(document: Document, command: str, *, files: bool) -> list[str]:
    model = f"{document.title} {document.version}".rstrip()
    ours = "{ FileRef, type Reactor }" if files else "type { Reactor }"
    return [
        f"// A typed client of the model {model}, for @reactor-team/js-sdk {_SDK} or newer.",
        "// Generated: do not edit it, make it again with",
        f"//   {command}",
        "",
        f'import {ours} from "@reactor-team/js-sdk";',
    ]


def _tracks(document: Document) -> list[str]:
    names = Names()
    out = ["/** The model's tracks, as the SDK names them. */", "export const Tracks = {"]
    for track in document.tracks:
        way = "to the model: publish it" if track.direction == "in" else "from the model"
        out += comment(f"{track.kind.capitalize()} {way}.", 1)
        out.append(f"  {names.take(identifier(camel(track.name), 'track'))}: {string(track.name)},")
    return [*out, "} as const;"]


def _interface(name: str, told: str, fields: list[Field], types: TypeScriptTypes, *, given: bool) -> list[str]:
    """An interface.

    Args:
        given: whether a caller gives it, so that fields with a default may be left out.
    """
    if not fields:
        return [*comment(told, 0), f"export interface {name} {{}}"]
    out = [*comment(told, 0), f"export interface {name} {{"]
    for field in fields:
        optional = field.may_lack or (given and not field.required)
        out += comment(_told(field, given=given), 1)
        out += lines(typed(f"{key(field.name)}{'?' if optional else ''}:", types.union(field.shape)), 1)
    return [*out, "}"]


def _told(field: Field, *, given: bool) -> str:
    parts = [field.description, field.limits]
    if given and not field.required and field.default not in (None, UNSET):
        parts.append(f"Left out, it is {json.dumps(field.default, ensure_ascii=False)}")
    return sentence(*parts)


def _messages(document: Document, types: TypeScriptTypes) -> list[list[str]]:
    table = ["/** What the model sends: the `data` of each type of message. */", "export interface Messages {"]
    table += [f"  {key(message.name)}: {types.interfaces[message.body.key]};" for message in document.messages]
    items: list[Code] = [string(message.name) for message in document.messages]
    known = bracketed("const MESSAGE_TYPES: ReadonlySet<string> = new Set([", items, "]);")
    return [[*table, "}"], block(_MESSAGE), lines(known)]


def _commands(document: Document, arguments: dict[str, str]) -> list[str]:
    out = ["/** The commands, and what they take. */"]
    if not document.commands:
        return [*out, "export interface Commands {}"]
    taken = [(command.name, arguments.get(command.name, "Record<string, never>")) for command in document.commands]
    return [*out, "export interface Commands {", *(f"  {key(name)}: {of};" for name, of in taken), "}"]


_UPLOAD = """
/** A file: a `File` or another `Blob`, or what `uploadFile` of the SDK returned. */
export type Upload = FileRef | Blob;
"""

_MESSAGE = """
/** A message of the model. */
export type Message = {
  [Type in keyof Messages]: { type: Type; data: Messages[Type] };
}[keyof Messages];
"""

_REJECTION = """
/** A command that was refused. */
export interface Rejection {
  command: string;
  /** Such as `invalid_command`, or a code of the model's own. */
  code: string;
  message: string;
}
"""

_UPLOADED = """
/**
 * Uploads the files in `value`. The SDK sends those that are arguments itself;
 * deeper ones become what it would send.
 */
async function uploaded(
  reactor: Reactor,
  value: unknown,
  depth = 0,
): Promise<unknown> {
  const found = value instanceof Blob ? await reactor.uploadFile(value) : value;
  if (found instanceof FileRef) {
    const { uploadId, name, mimeType, size } = found;
    const reference = { upload_id: uploadId, name, mime_type: mimeType, size };
    return depth > 1 ? reference : found;
  }
  if (Array.isArray(found)) {
    return Promise.all(found.map((item) => uploaded(reactor, item, depth + 1)));
  }
  if (typeof found !== "object" || found === null) return found;
  const entries = Object.entries(found).map(async ([name, item]) => [
    name,
    await uploaded(reactor, item, depth + 1),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
"""
