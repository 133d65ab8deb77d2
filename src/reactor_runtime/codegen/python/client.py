"""The client class in Python: a method for each command, and a hook for each message."""

from __future__ import annotations

from ..layout import bracketed, group
from ..names import Names, identifier
from ..prose import sentence
from ..shapes import Command, Document
from .fields import PythonFields
from .style import block, docstring, lines
from .types import PythonTypes, string

ATTRIBUTES = ("reactor", "off", "on_message", "_ask", "_ask_maybe", "_handlers", "_on")
"""What the class has of its own."""


def client_class(name: str, document: Document, types: PythonTypes, fields: PythonFields) -> list[str]:
    """The lines of the class `name`."""
    names = Names({*fields.reserved, *ATTRIBUTES})
    out = [f"class {name}:", *docstring(_about(name, document), 1), "", *block(_START, 1)]
    if document.messages:
        types.used |= {"Any", "Callable", "_R"}
        out += block(_HANDLERS, 2)
    hooks = [(message, names.take(identifier(f"on_{message.name}", "on_"))) for message in document.messages]
    for command in document.commands:
        method = names.take(identifier(command.name, "command"))
        out += ["", *_method(command, method, document, types, fields)]
    if hooks:
        out += ["", *_hook("on_message", "Message", "Call `handler` with each message, replies too.")]
        for message, method in hooks:
            told = sentence(f"Call `handler` with each `{message.name}` message")
            out += ["", *_hook(method, types.classes[message.body.key], told)]
        out += ["", *block(_SUBSCRIBING, 1)]
    for helper, text in (("_ask", _ASK), ("_ask_maybe", _ASK_MAYBE)):
        out += ["", *block(text, 1)] if helper in types.used else []
    return out


def _about(name: str, document: Document) -> str:
    said = [document.description] if document.description else []
    told = (
        "Each command is a method; it returns the model's answer, and raises the SDK's `ReactorError` where it is "
        "refused (see its `code`)."
    )
    if document.messages:
        told += "\n`on_…` register a handler, plain or `async`, and are decorators too; `off` takes it away."
    example = (
        f"    async with Reactor({string(document.title)}, api_url=..., local=True) as reactor:\n"
        f"        client = {name}(reactor)\n        await reactor.connect()"
    )
    return "\n\n".join([*said, told, example])


def _method(command: Command, name: str, document: Document, types: PythonTypes, fields: PythonFields) -> list[str]:
    names = fields.attributes(command.fields)
    declared = [fields.declared(field, names[field.name], given=True) for field in command.fields]
    cls = types.classes[document.message(command.reply).body.key] if command.reply is not None else ""
    returned = "None" if not cls else cls if command.always else f"{cls} | None"
    head = bracketed(f"async def {name}(", ["self", *(["*", *declared] if declared else [])], ")")
    data, before = fields.data(command.fields, names.__getitem__, variable="_data", reactor="self.reactor", level=2)
    if cls:
        ask = "_ask" if command.always else "_ask_maybe"
        types.used |= {ask, "Any", "DecodeError", "_M"}
        call = bracketed(f"return await self.{ask}(", [string(command.name), data, cls], ")")
    else:
        call = bracketed("await self.reactor.send_command(", [string(command.name), data], ")")
    return [
        *lines(group(head, f" -> {returned}:"), 1),
        *docstring(
            command.description or f"Send the command `{command.name}`.",
            2,
            [(names[field.name], fields.told(field, given=True)) for field in command.fields],
        ),
        *before,
        *lines(call, 2),
    ]


def _hook(name: str, cls: str, told: str) -> list[str]:
    head = bracketed(f"def {name}(", ["self", f"handler: Callable[[{cls}], _R]"], ")")
    call = bracketed("return self._on(", ["handler", cls], ")")
    return [*lines(group(head, f" -> Callable[[{cls}], _R]:"), 1), *docstring(told, 2), *lines(call, 2)]


_START = """
def __init__(self, reactor: Reactor) -> None:
    self.reactor = reactor
"""

_HANDLERS = "self._handlers: list[tuple[object, Callable[[Any], object]]] = []"

_SUBSCRIBING = '''
def off(self, handler: Callable[[Any], object]) -> None:
    """Call `handler` no more."""
    for known, deliver in self._handlers:
        if known == handler:
            self.reactor.off("message", deliver)
    self._handlers = [pair for pair in self._handlers if pair[0] != handler]

def _on(self, handler: Callable[[Any], _R], kind: Any) -> Callable[[Any], _R]:
    def deliver(raw: Any) -> object:
        message = _message(raw)
        return handler(message) if isinstance(message, kind) else None

    self._handlers.append((handler, deliver))
    self.reactor.on("message", deliver)
    return handler
'''

_ASK = """
async def _ask(self, command: str, data: dict[str, Any], kind: type[_M]) -> _M:
    answer = _message(await self.reactor.send_command(command, data))
    if not isinstance(answer, kind):
        raise DecodeError(f"{command}: no {kind.__name__} came, but {answer!r}")
    return answer
"""

_ASK_MAYBE = """
async def _ask_maybe(
    self, command: str, data: dict[str, Any], kind: type[_M]
) -> _M | None:
    answer = _message(await self.reactor.send_command(command, data))
    if answer is not None and not isinstance(answer, kind):
        raise DecodeError(f"{command}: no {kind.__name__} came, but {answer!r}")
    return answer
"""
