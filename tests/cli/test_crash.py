"""What `reactor run` does about the native code of a model, and of what it imports."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .process import Served

pytestmark = pytest.mark.e2e

MODEL = """
import ctypes
import gc

from reactor_runtime.interface import Output, ReactorModel, Video


class Picture(Output):
    main_video: Video


class Crashes(ReactorModel):
    def load(self, config):
        self.made = [[]]
        looked_at = gc.get_objects()  # of what is frozen, none
        for name, made in (("load", self.made), ("import", Crashes)):
            print(name, any(one is made for one in looked_at), flush=True)

    async def run(self):
        self.measure()

    def measure(self):
        ctypes.string_at(0)  # reads where there is nothing
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "model.py").write_text(MODEL)
    with Served(tmp_path, "model.py", variables={"PYTHONFAULTHANDLER": ""}) as served:
        yield served


def test_a_crash_of_native_code_names_the_line_that_called_it(served):
    served.until("Fatal Python error: Segmentation fault")
    line = MODEL.splitlines().index("        ctypes.string_at(0)  # reads where there is nothing") + 1
    served.until(rf'File ".*model\.py", line {line} in measure')
    assert served.status() == -signal.SIGSEGV


def test_a_full_collection_leaves_out_what_was_imported_and_not_what_load_makes(served):
    served.until_all("^load True$", "^import False$")
