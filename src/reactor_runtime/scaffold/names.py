"""What a model may be called, and the spellings of it."""

from __future__ import annotations

import ast
import importlib.machinery
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import WorkspaceError

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_CUT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST = 64
_LIBRARIES = {
    *(
        "accelerate",
        "cv2",
        "diffusers",
        "einops",
        "jax",
        "onnxruntime",
        "safetensors",
        "scipy",
        "skimage",
        "tensorflow",
    ),
    *("tensorrt", "timm", "torch", "torchaudio", "torchvision", "transformers", "triton", "xformers"),
}
"""Libraries that a model is likely to want later, where they are not installed yet."""


@dataclass(frozen=True, slots=True)
class Names:
    """A model's name as its module, its class, and as clients see it: `night_sky`, `NightSky`, `night-sky`."""

    module: str
    cls: str
    name: str

    def put_into(self, text: str) -> str:
        """The text of a template, or the name of one of its files, with these names in place of its own."""
        return text.replace("my_model", self.module).replace("MyModel", self.cls).replace("my-model", self.name)


def names_from(given: str) -> Names:
    """The spellings of a name that may be given in any of them.

    Raises:
        WorkspaceError: it is no name, or Python has another use for it.
    """
    words = _words(given)
    module = "_".join(words)
    _check_module(module)
    return Names(module, "".join(word[0].upper() + word[1:] for word in words), "-".join(words))


def check_class(names: Names, code: str) -> None:
    """Refuse a class that would take the place of one that the template's own code uses.

    Raises:
        WorkspaceError: it would.
    """
    for node in ast.parse(code).body:
        taken = {alias.asname or alias.name for alias in getattr(node, "names", [])}
        if isinstance(node, ast.ClassDef) and node.name != "MyModel":  # the one that gets the new name
            taken.add(node.name)
        if names.cls in taken:
            raise WorkspaceError(
                f"the template uses the class name {names.cls} itself; choose another name, such as "
                f"{names.module}_model"
            )


def _words(name: str) -> list[str]:
    """The words of a name, in lower case: of `my-model`, `my_model` and `MyModel`, `my` and `model`."""
    if len(name) > _LONGEST:
        raise WorkspaceError(f"a name of {len(name)} characters is too long for a model: {_LONGEST} at most")
    if not name:
        raise WorkspaceError("give the name of a new folder, such as my-model")
    if not _WORD.fullmatch(name):
        raise WorkspaceError(
            f"{name!r} is no name for a model: Python imports it by that name, so it takes letters, digits and "
            "underscores (or hyphens), and a letter first; such as my_model"
        )
    words = [word.lower() for part in re.split(r"[-_]+", name) for word in _CUT.split(part)]
    return [word for word in words if word]


def _check_module(module: str) -> None:
    if keyword.iskeyword(module):
        raise WorkspaceError(f"{module!r} is a keyword of Python; choose another name, such as {module}_model")
    installed = [place for place in sys.path if place and Path(place).resolve() != Path.cwd()]
    spec = importlib.machinery.PathFinder.find_spec(module, installed)
    # a folder without a file of its own to import is no module that could be hidden
    if module in {*sys.stdlib_module_names, *_LIBRARIES} or (spec is not None and spec.origin is not None):
        raise WorkspaceError(
            f"{module!r} is the name of a module that the model would hide; choose another name, such as {module}_model"
        )
