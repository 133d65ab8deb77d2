"""A workspace from a template: the files of the template, under the names its author chose.

The templates are workspaces themselves, of a class `MyModel` in `my_model.py` that is served as `my-model`: these three
spellings are what is replaced.
"""

from __future__ import annotations

import difflib
import importlib.machinery
import keyword
import re
import sys
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ..errors import WorkspaceError

TEMPLATES = {
    "model": "a loop of your own: run(), commands, messages",
    "webcam": "video in, video out",
    "pipeline": "a generator of frames, and a state that clients set",
}
"""Their names, and what they are."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_CUT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HIDDEN = {"gitignore": ".gitignore"}
"""What a template keeps under another name, so that it has no effect on this repository."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that was made: its folder, its files relative to that, and what the model is called.

    Attributes:
        module, cls, name: of the model in Python, and as clients see it.
    """

    folder: Path
    files: tuple[Path, ...]
    module: str
    cls: str
    name: str


def create_workspace(path: str, template: str = "model") -> Workspace:
    """Make a folder with a model in it.

    Args:
        path: the folder; its last part names the model.
        template: one of `TEMPLATES`.

    Raises:
        WorkspaceError: the name or the template is none, or the folder exists.
    """
    if template not in TEMPLATES:
        near = difflib.get_close_matches(template, TEMPLATES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(TEMPLATES)}"
        raise WorkspaceError(f"--template: there is no template {template!r}; {hint}")
    folder = Path(path).expanduser()
    words = _words(folder.name)
    module = "_".join(words)
    if folder.exists():
        raise WorkspaceError(f"{path}: exists already; choose another name, or remove it first")
    _check_module(module)
    workspace = Workspace(folder, (), module, "".join(word[0].upper() + word[1:] for word in words), "-".join(words))
    source = resources.files(__package__).joinpath("templates", template)
    try:
        files = tuple(sorted(_copy(source, folder, workspace)))
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be made: {error.strerror or error}") from error
    return Workspace(folder, files, module, workspace.cls, workspace.name)


def _words(name: str) -> list[str]:
    """The words of a name, in lower case: of `my-model`, `my_model` and `MyModel`, `my` and `model`."""
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
    if module in sys.stdlib_module_names or (spec is not None and spec.origin is not None):
        raise WorkspaceError(
            f"{module!r} is the name of an installed module, which the model would hide; choose another name, such as "
            f"{module}_model"
        )


def _copy(source: Traversable, folder: Path, names: Workspace, within: Path = Path()) -> list[Path]:
    made: list[Path] = []
    (folder / within).mkdir(parents=True)
    for item in source.iterdir():
        name = _renamed(_HIDDEN.get(item.name, item.name), names)
        if item.is_dir():
            if name != "__pycache__":
                made += _copy(item, folder, names, within / name)
        else:
            (folder / within / name).write_text(_renamed(item.read_text("utf-8"), names), "utf-8")
            made.append(within / name)
    return made


def _renamed(text: str, names: Workspace) -> str:
    return text.replace("my_model", names.module).replace("MyModel", names.cls).replace("my-model", names.name)
