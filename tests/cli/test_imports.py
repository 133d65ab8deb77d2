"""What the command imports, and when: a server waits for no code that it does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import reactor_runtime

from .process import WAIT, environment, reactor

OTHERS = ("check", "init", "render", "schema")
NOT_FOR_RUN = ("checks.rehearsal", "codegen", "replay", "scaffold", "testing", *(f"cli.{name}" for name in OTHERS))


def told(code: str, variables: Mapping[str, str] | None = None) -> Any:
    """What `code` leaves in `answer`, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json; print(json.dumps(answer))"],
        env={**environment(), **(variables or {})},
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=True,
    )
    return json.loads(done.stdout)


def test_run_imports_nothing_of_the_other_commands() -> None:
    code = "import click, sys; from reactor_runtime.cli.commands import main\n"
    code += "main.get_command(click.Context(main), 'run'); answer = list(sys.modules)"
    imported = told(code)
    assert "reactor_runtime.cli.process" in imported
    assert not {f"reactor_runtime.{name}" for name in NOT_FOR_RUN}.intersection(imported)


def test_the_help_names_every_command_and_what_it_does() -> None:
    rows = reactor("--help").stdout.partition("\nCommands:\n")[2].splitlines()
    assert [row.split()[0] for row in rows] == ["check", "init", "render", "run", "schema"]
    assert all(len(row.split()) > 3 for row in rows)


@pytest.mark.parametrize("name", [*OTHERS, "run"])
def test_each_command_has_its_help(name: str) -> None:
    done = reactor(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: python -m reactor_runtime {name} ") and "Options:" in done.stdout


def test_the_package_has_its_public_names_without_importing_numpy_first() -> None:
    code = "import sys, reactor_runtime as r; answer = ['numpy' in sys.modules, sorted(set(r.__all__) - set(dir(r)))]"
    assert told(code) == [False, []]
    assert all(
        getattr(reactor_runtime, name) is getattr(reactor_runtime.interface, name) for name in reactor_runtime.__all__
    )
    with pytest.raises(ImportError, match="cannot import name 'Nothing'"):
        exec("from reactor_runtime import Nothing")
    with pytest.raises(AttributeError, match="'reactor_runtime' has no attribute 'nothing'"):
        _ = reactor_runtime.nothing


@pytest.mark.parametrize(("given", "expected"), [({}, "20"), ({"OPENBLAS_THREAD_TIMEOUT": "26"}, "26")])
def test_the_threads_of_numpy_do_not_spin_unless_that_is_asked_for(
    tmp_path: Path, given: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.abc, os, sys\n"
        "class Told(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'numpy': sys.exit(os.environ.get('OPENBLAS_THREAD_TIMEOUT'))\n"
        "sys.meta_path.insert(0, Told())\n"
    )
    paths = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "reactor_runtime", "run", "no_such.py"],
        env={**environment(), **given, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    assert done.stderr.strip() == expected
