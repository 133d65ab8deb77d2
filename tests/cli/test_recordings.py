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
from reactor_runtime.media.recording import RecordingSettings
from tests.server.house import Painter


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


@pytest.mark.parametrize("name", ["file", "file/below", "a\0b", "~no_such_user_here/films"])
def test_a_folder_that_cannot_be_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    folder = Path(name) if name.startswith("~") else tmp_path / name
    with pytest.raises(ManifestError, match=r"--record: .* cannot be written to: "):
        writable_folder(folder, "--record")
