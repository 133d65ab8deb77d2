"""An OpenCV that is there and does not work: pictures go the slower way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import reactor_runtime

SOURCE = """
import numpy as np
from reactor_runtime.media.frames import picture_from_rgb
picture = picture_from_rgb(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
assert picture.bgra == bytes([3, 2, 1, 255, 6, 5, 4, 255]), picture.bgra
assert picture.rgb().tolist() == [[[1, 2, 3], [4, 5, 6]]]
"""


@pytest.mark.parametrize(
    "left",
    [
        pytest.param("", id="what is left of one that another build's removal broke is empty"),
        pytest.param(
            "raise ImportError('libGL.so.1: cannot open shared object file')", id="a system library is missing"
        ),
        pytest.param("raise AttributeError('_ARRAY_API not found')", id="it is made for another numpy"),
    ],
)
def test_an_opencv_that_does_not_work(tmp_path: Path, left: str) -> None:
    (tmp_path / "cv2.py").write_text(left)
    path = os.pathsep.join([str(tmp_path), str(Path(reactor_runtime.__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", SOURCE],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
