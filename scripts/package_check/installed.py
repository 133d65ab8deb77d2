"""What an installed distribution does: it imports, says its version, makes a workspace, serves it, and has types."""

from __future__ import annotations

import sys

from .building import Built
from .commands import CheckFailed, run
from .environments import Environment
from .serving import check_serving

IMPORT_ALL = """
import importlib, pathlib, pkgutil, sys
import openreactor, reactor_runtime

for package in (openreactor, reactor_runtime):
    assert pathlib.Path(package.__file__).is_relative_to(sys.prefix), package.__file__
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            # Who has no pytest never imports its plugin.
            assert (module.name, error.name) == ("reactor_runtime.testing.plugin", "pytest"), (module.name, error)
"""

USER = """
from reactor_runtime import ReactorModel, get_logger


class Mine(ReactorModel):
    pass


reveal_type(get_logger())
Mine().nothing
"""


def check_installed(installed: Environment, built: Built) -> None:
    """It imports, says its version, makes a workspace and serves that.

    Raises:
        CheckFailed: something is not as it should be.
    """
    installed.run("python", "-c", IMPORT_ALL)
    for command in (["reactor"], ["python", "-m", "openreactor"], ["python", "-m", "reactor_runtime"]):
        said = installed.run(*command, "--version").strip()
        if said != f"reactor {built.version}":
            raise CheckFailed(f"{' '.join(command)} --version says {said!r}, not 'reactor {built.version}'")
    installed.run("reactor", "init", "my-model")
    check_serving(installed, "my-model")


def check_workspaces(installed: Environment, built: Built) -> None:
    """A workspace of each template passes its check and its tests, which need pytest and no plugin but ours.

    Raises:
        CheckFailed: one does not.
    """
    installed.install("pytest")
    for template in sorted(built.source.glob("src/reactor_runtime/scaffold/templates/*")):
        workspace = f"try-{template.name}"
        installed.run("reactor", "init", workspace, "--template", template.name)
        installed.run("reactor", "check", workspace)
        installed.run("python", "-m", "pytest", "-q", workspace)


def check_types(installed: Environment) -> None:
    """mypy, of the environment that this runs in, sees the types of what is installed in the other.

    Raises:
        CheckFailed: it says anything else than it should.
    """
    folder = installed.folder / "user"
    folder.mkdir()
    (folder / "user.py").write_text(USER)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    said = run([*mypy, "--python-executable", installed.python, "user.py"], folder, status=1).splitlines()
    meant = [
        'user.py:9: note: Revealed type is "logging.Logger"',
        'user.py:10: error: "Mine" has no attribute "nothing"  [attr-defined]',
    ]
    if said != meant:
        raise CheckFailed("mypy does not see the types of the package; it says:\n" + "\n".join(said))
