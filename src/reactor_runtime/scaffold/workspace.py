"""A workspace from a template: the files of the template, under the names its author chose.

The templates are workspaces themselves, of a class `MyModel` in `my_model.py` that is served as `my-model`: these three
spellings are what is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ..errors import WorkspaceError
from ..interface.commands import suggestion
from .names import Names, check_class, names_from

TEMPLATES = {
    "model": "a loop of your own: run(), commands, messages",
    "webcam": "video in, video out",
    "pipeline": "a generator of frames, and a state that clients set",
}
"""Their names, and what they are."""

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
        WorkspaceError: the name or the template is none, the folder exists, or it cannot be made.
    """
    if template not in TEMPLATES:
        raise WorkspaceError(f"--template: there is no template {template!r}{suggestion(template, list(TEMPLATES))}")
    source = resources.files(__package__).joinpath("templates", template)
    _check_here()
    folder = _folder(path)
    names = names_from(folder.name)
    check_class(names, source.joinpath("my_model.py").read_text("utf-8"))
    try:
        if folder.exists():
            raise WorkspaceError(f"{path}: exists already; choose another name, or remove it first")
        files = tuple(sorted(_copy(source, folder, names)))
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be made: {error.strerror or error}") from error
    return Workspace(folder, files, names.module, names.cls, names.name)


def _check_here() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise WorkspaceError("the folder you are in is not there any more; go to another one with cd") from error


def _folder(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:  # `~name` of an unknown user
        raise WorkspaceError(
            f"{path}: there is no home folder {Path(path).parts[0]}; write the path in full"
        ) from error


def _copy(source: Traversable, folder: Path, names: Names, within: Path = Path()) -> list[Path]:
    made: list[Path] = []
    (folder / within).mkdir(parents=True)
    for item in source.iterdir():
        name = names.put_into(_HIDDEN.get(item.name, item.name))
        if item.is_dir():
            if name != "__pycache__":
                made += _copy(item, folder, names, within / name)
        else:
            text = names.put_into(item.read_text("utf-8"))
            (folder / within / name).write_text(text, "utf-8")
            made.append(within / name)
    return made
