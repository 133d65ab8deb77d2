"""Takes the page's snippets, verbatim, and makes a model of each."""

from __future__ import annotations

import ast
import sys
import textwrap
import types
from pathlib import Path
from typing import Any

from reactor_runtime.interface import ReactorModel

from . import prelude

PAGE = (Path(__file__).parent / "page.txt").read_text()

# the first line of each snippet, the last one, and which occurrence of the first it is
MARKS = {
    "print": ("from reactor_runtime.interface import event", '    print(f"Current prompt: {self.prompt}")', 1),
    "input_field": ('@event(name="set_style"', "    self._style_embedding = self.encoder.encode(style)", 1),
    "dedupe": ("@event(\n", "    self._ref_embedding = self.encoder.encode(image)", 1),
    "connected": ("from reactor_runtime.interface import connected", "    self._step = 0", 1),
    "disconnected": ("from reactor_runtime.interface import disconnected", "    self.output_buffer.flush()", 1),
    "message": ("from dataclasses import dataclass", "    prompt: str", 1),
    "send": ('@event(name="get_current_prompt"', "    await self.send(CurrentPrompt(prompt=self.prompt))", 2),
    "progress": ("@dataclass\nclass Progress(ModelMessage):", "            self._step += 1", 1),
    "upload": (
        "from reactor_runtime.interface import UploadedFile",
        "    self._ref_embedding = self._vae_encode(pil_image)",
        1,
    ),
    "file_uploaded": (
        "from reactor_runtime.interface import file_uploaded, UploadedFile",
        "        self._reference = self._vae_encode(pil_image)",
        1,
    ),
    "closing": ("@dataclass\nclass CurrentPrompt(ModelMessage):", "                self._step += 1", 2),
}


def snippet(name: str) -> str:
    """The lines of a snippet as the page has them."""
    first, last, occurrence = MARKS[name]
    start = -1
    for _ in range(occurrence):
        start = PAGE.index(first, start + 1)
    end = PAGE.index(last + "\n", start) + len(last)
    return PAGE[start:end]


def model_from(*names: str, extra: str = "") -> tuple[type[ReactorModel], types.ModuleType]:
    """One model of some snippets: their methods in a class, the rest at module level; `extra` are more methods."""
    module = types.ModuleType(f"seed_{'_'.join(names)}")
    sys.modules[module.__name__] = module
    scope: dict[str, Any] = vars(module)
    scope.update({name: value for name, value in vars(prelude).items() if not name.startswith("__")})
    methods: list[str] = [textwrap.dedent(extra)] if extra else []
    for name in names:
        source = snippet(name)
        lines = source.split("\n")
        for node in ast.parse(source).body:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            text = "\n".join(lines[first - 1 : node.end_lineno])
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                methods.append(text)
            else:
                exec(compile(text, f"<page: {name}>", "exec"), scope)
    if "MyModel" not in scope:
        body = textwrap.indent("\n\n".join(methods), "    ")
        exec(compile(f"class MyModel(ReactorModel):\n{body}\n", f"<page: {'+'.join(names)}>", "exec"), scope)
    return scope["MyModel"], module
