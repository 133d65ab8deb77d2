"""The client class in TypeScript: a method for each command, and hooks for messages and refusals."""

from __future__ import annotations

from collections.abc import Mapping

from ..layout import Code, bracketed, group
from ..names import Names, camel, identifier
from ..shapes import Command, Document
from .style import block, comment, lines
from .types import string

_EVERY_OBJECTS = (
    *("__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"),
    *("toLocaleString", "toString", "valueOf"),
)
# An object with a `then` is taken for a promise.
_ATTRIBUTES = (*_EVERY_OBJECTS, "on", "onMessage", "onRejected", "prototype", "reactor", "then")


def client_class(name: str, document: Document, arguments: Mapping[str, str]) -> list[str]:
    """The lines of the class `name`.

    Args:
        document: the model's.
        arguments: the interface of the arguments of each command that takes some.
    """
    names = Names(_ATTRIBUTES)
    out = [*comment(_about(document), 0), f"export class {name} {{", *block(_START, 1)]
    for command in document.commands:
        method = names.take(identifier(camel(command.name), "command"))
        out += ["", *_method(command, method, document, arguments.get(command.name))]
    out += ["", *block(_SUBSCRIBING, 1)] if document.messages else []
    return [*out, "", *block(_REFUSED, 1), "}"]


def _about(document: Document) -> str:
    said = [document.description] if document.description else []
    where = ", to `onMessage` and `on`" if document.messages else ""
    told = (
        "Each command is a method, done once the command is on its way: the SDK hands over no answers. A message the "
        f"model answers with comes like all others{where}; a refusal comes to `onRejected`."
    )
    return "\n\n".join([*said, told])


def _method(command: Command, name: str, document: Document, arguments: str | None) -> list[str]:
    told = command.description or f"Sends the command `{command.name}`."
    if command.reply is not None:
        told = f"{told}\n\nAnswered by a `{command.reply}` message."
    nothing = "Object.create(null)" if any(field.name in _EVERY_OBJECTS for field in command.fields) else "{}"
    default = "" if any(field.required for field in command.fields) else f" = {nothing}"
    head = bracketed(f"async {name}(", [f"args: {arguments}{default}"] if arguments else [], ")")
    sent: Code = "args" if arguments else "{}"
    if any(document.holds_upload(field.shape) for field in command.fields):
        sent = bracketed("await uploaded(", ["this.reactor", "args"], ")")
    call = bracketed("await this.reactor.sendCommand(", [string(command.name), sent], ")")
    return [
        *comment(told, 1),
        *lines(group(head, ": Promise<void> {"), 1),
        *lines(group(call, ";"), 2),
        "  }",
    ]


_START = """
readonly reactor: Reactor;

constructor(reactor: Reactor) {
  this.reactor = reactor;
}
"""

_SUBSCRIBING = """
/** Calls `handler` with each message. Call what it returns to end that. */
onMessage(handler: (message: Message) => void): () => void {
  const deliver = (message?: Message) => {
    if (message && MESSAGE_TYPES.has(message.type)) handler(message);
  };
  this.reactor.on("message", deliver);
  return () => this.reactor.off("message", deliver);
}

/** Calls `handler` with the data of each message of one type. */
on<Type extends keyof Messages>(
  type: Type,
  handler: (data: Messages[Type]) => void,
): () => void {
  return this.onMessage((message) => {
    if (message.type === type) handler(message.data as Messages[Type]);
  });
}
"""

_REFUSED = """
/** Calls `handler` with each command that is refused. */
onRejected(handler: (rejection: Rejection) => void): () => void {
  const deliver = (message?: { type?: string; data: Rejection }) => {
    if (message?.type === "commandRejected") handler(message.data);
  };
  this.reactor.on("runtimeMessage", deliver);
  return () => this.reactor.off("runtimeMessage", deliver);
}
"""
