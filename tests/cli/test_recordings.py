"""Where a serving process records to: folders that are checked at once, and temporary ones that do not pile up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reactor_runtime.cli.recordings import Recordings, writable_folder
from reactor_runtime.engine.runtime import Runtime
from reactor_runtime.errors import ManifestError
from reactor_runtime.media.recording import FolderLock, FolderTaken, RecordingSettings
from tests.server.house import Painter

from .process import environment


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def record(settings: RecordingSettings, meanwhile: Callable[[Runtime, Recordings], None]) -> None:
    """Make a runtime's recordings, look at them, and close them."""

    async def whole() -> None:
        runtime = Runtime(Painter, name="painter")
        recordings = Recordings(runtime, settings, None)
        meanwhile(runtime, recordings)
        await recordings.close()
        await runtime.close("the test is over")

    asyncio.run(whole())


@pytest.mark.skipif(sys.platform == "win32", reason="there no process is asked whether it lives")
def test_the_temporary_folder_goes_with_the_process_or_with_the_next(temporary: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = temporary / f"reactor-recordings-{int(gone.stdout)}-abc"
    others = [temporary / f"reactor-recordings-{os.getppid()}-abc", temporary / "reactor-recordings-mine"]
    for folder in (left, *others):
        folder.mkdir()

    def look(runtime: Runtime, recordings: Recordings) -> None:
        assert recordings.shelf is not None and runtime.clips is not None
        folder = recordings.shelf.folder
        assert folder.name.startswith(f"reactor-recordings-{os.getpid()}-")
        assert sorted(temporary.iterdir()) == sorted([folder, *others])

    record(RecordingSettings(enabled=True), look)
    assert sorted(temporary.iterdir()) == sorted(others)


def test_nothing_is_made_where_nothing_is_recorded(temporary: Path) -> None:
    def look(runtime: Runtime, recordings: Recordings) -> None:
        assert recordings.shelf is None and runtime.clips is None
        assert list(temporary.iterdir()) == []

    record(RecordingSettings(), look)


def test_a_folder_of_the_manifest_stays(temporary: Path) -> None:
    folder = temporary / "a" / "b"
    record(RecordingSettings(enabled=True, dir=folder), lambda runtime, recordings: None)
    assert folder.is_dir()


def test_a_folder_is_for_one_process_at_a_time(temporary: Path) -> None:
    settings = RecordingSettings(enabled=True, dir=temporary / "mine")

    def another(runtime: Runtime, recordings: Recordings) -> None:
        with pytest.raises(
            ManifestError, match=rf"^recording\.dir: .*mine: process {os.getpid()} uses it already; give"
        ):
            Recordings(runtime, settings, None)

    record(settings, another)
    record(settings, another)  # it is free again once the first is done


HOLDS = """
import pathlib, sys, time
from reactor_runtime.media.recording import FolderLock
lock = FolderLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_folder_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(FolderTaken, match=f"process {other.pid} uses it already"):
            FolderLock(tmp_path)
        other.kill()
    FolderLock(tmp_path).release()


@pytest.mark.parametrize("name", ["file", "file/below", "a\0b", "~no_such_user_here/films"])
def test_a_folder_that_cannot_be_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    folder = Path(name) if name.startswith("~") else tmp_path / name
    with pytest.raises(ManifestError, match=r"--record: .* cannot be written to: "):
        writable_folder(folder, "--record")
