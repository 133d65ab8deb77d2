"""The README's client, against the server it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.docs.test_snippets import run_page
from tests.e2e.server import ROOT, serve


async def test_the_readmes_client_plants_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((30, 40, 3), 128, np.uint8))
    module = run_page(ROOT / "README.md")
    shapes: list[Any] = []
    with serve(ROOT / "examples" / "paint") as server:
        await module.plant(tmp_path / "grey.png", lambda frame: shapes.append(frame.shape), server.url)
    assert shapes[-1] == (360, 640, 3)
    printed = capsys.readouterr().out
    assert "'palette': 'gold'" in printed and "'file_name': 'grey.png'" in printed
