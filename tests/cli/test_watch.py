"""Which saves `--reload` is told of, with the files and the notices of the system."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reactor_runtime.cli.watch import Watch


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    model, picture = tmp_path / "model.py", tmp_path / "picture.py"
    for file in (model, picture):
        file.write_text("old = True\n")
    return model, picture


def watch(*files: Path) -> Watch:
    return Watch([files[0].parent], lambda file: file.suffix == ".py", files, began=time.time_ns())


async def told(saves: AsyncIterator[set[Path]]) -> set[Path]:
    return await asyncio.wait_for(anext(saves), 30)


async def test_a_save_is_told_of_once_and_what_is_no_save_is_not(files):
    model, picture = files
    past = time.time_ns() - 10**12 + 1
    for file in files:
        os.utime(file, ns=(past, past))
    saves = watch(*files).saved()
    model.write_text("old = False\n")  # before the first look: it may be found by its date and by an event, too
    assert await told(saves) == {model}
    picture.chmod(0o600)  # it was not saved at all
    status = model.stat()
    model.chmod(0o600)
    os.utime(model, ns=(status.st_atime_ns, status.st_mtime_ns))
    other = picture.with_name("other.py")
    other.write_text("old = False\n")
    assert await told(saves) == {other}
    picture.write_text("old = False\n")
    assert await told(saves) == {picture}
    await saves.aclose()


async def test_a_link_that_is_switched_there_and_back_is_told_of_each_time(files):
    model, picture = files
    link = model.with_name("link.py")
    link.symlink_to(model)
    saves = watch(*files).saved()
    model.write_text("old = False\n")
    assert await told(saves) == {model}  # from here on it watches
    for target in (picture, model):
        other = link.with_name("link.new")
        other.symlink_to(target)
        other.replace(link)
        assert await told(saves) == {target}
    await saves.aclose()


async def test_the_same_text_saved_again_is_a_save(files):
    model, _ = files
    saves = watch(*files).saved()
    for _ in range(3):
        model.write_text("old = False\n")
        os.utime(model, ns=(0, 10**9))  # as where dates have whole seconds
        assert await told(saves) == {model}
    await saves.aclose()


async def test_a_file_that_goes_and_comes_back_is_told_of_both_times(files):
    model, _ = files
    saves = watch(*files).saved()
    model.unlink()
    assert await told(saves) == {model}
    model.write_text("old = False\n")
    assert await told(saves) == {model}
    await saves.aclose()
