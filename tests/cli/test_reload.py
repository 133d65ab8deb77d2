"""`reactor run --reload` as a process: files are saved, and the log and the schema say what came of it."""

from __future__ import annotations

import signal
import textwrap
from pathlib import Path

import pytest

from .process import Served, call

pytestmark = pytest.mark.e2e

MODEL = """
    import numpy as np
    from helper import SHADE
    from reactor_runtime import Output, ReactorModel, Video, event, session_started

    class Frame(Output):
        main_video: Video

    class Shade(ReactorModel):
        def load(self, config):
            print("loaded with", config["weights"], flush=True)

        @session_started
        def begin(self):
            print("begin", flush=True)

        @event(name="first")
        def first(self):
            pass

        async def run(self):
            print("runs with", SHADE, flush=True)
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    await self.emit(Frame(main_video=np.full((32, 32, 3), SHADE, np.uint8)))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reactor.yaml").write_text("model: {name: shade}\nruntime: {import: 'shade:Shade', config: c.yml}\n")
    (tmp_path / "c.yml").write_text("weights: 1\n")
    (tmp_path / "helper.py").write_text("SHADE = 10\n")
    (tmp_path / "shade.py").write_text(textwrap.dedent(MODEL))
    return tmp_path


def test_saved_files_change_the_running_model(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        assert call(f"{url}/start_session", "POST", {})[0] == 200
        session = call(f"{url}/session")[1]["session_id"]

        (folder / "helper.py").write_text("SHADE = 20\n")
        served.until_all("runs with 20", r"helper\.py: the new code runs \(\d+ ms\)$")

        model = textwrap.dedent(MODEL)
        (folder / "shade.py").write_text(model + "\ndef broken(:\n")
        served.until(
            r"shade\.py: importing shade failed at .*shade\.py:\d+: SyntaxError.*; the code from before goes on"
        )
        assert "/events/first" in call(f"{url}/schema")[1]["paths"]

        (folder / "shade.py").write_text(model.replace('name="first"', 'name="second"').replace('"begin"', '"anew"'))
        served.until_all("^anew$", r"the new code runs \(\d+ ms\); ran @session_started again")
        assert list(call(f"{url}/schema")[1]["paths"]) == ["/events/second"]
        assert call(f"{url}/session")[1]["session_id"] == session
        assert served.text.count("loaded with") == 1

        (folder / "c.yml").write_text("weights: 2\n")
        served.until(r"c\.yml has changed: press r and Enter to load the model anew")
        served.type("r\n")
        served.until_all("loaded with 2", "the model is loaded anew", "runs with 20")
        assert call(f"{url}/session")[1]["session_id"] == session

        (folder / "shade.py").write_text(model.replace("loaded with", "now loaded with"))
        served.until(r"load\(\) or what it uses has changed: press r and Enter")
        served.type("r\n")
        served.until("now loaded with 2")

        served.signal(signal.SIGINT)
        assert served.status() == 0


def test_what_takes_a_start_from_scratch_is_one_key_away(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        two = textwrap.dedent(MODEL).replace("main_video: Video", "main_video: Video\n    depth: Video")
        (folder / "shade.py").write_text(two)
        served.until(r"shade\.py: the tracks have changed.*; the code from before goes on")
        served.until(r"shade\.py takes more than new code: press r and Enter to start the server anew")
        assert len(call(f"{url}/session")[1]["capabilities"]["tracks"]) == 1
        served.type("r\n")
        served.until_all(f"listening on {url}$", "is ready")
        assert len(call(f"{url}/session")[1]["capabilities"]["tracks"]) == 2
        served.signal(signal.SIGTERM)
        assert served.status() == 0


def test_a_failing_run_waits_for_better_code(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        call(f"{url}/start_session", "POST", {})
        model = textwrap.dedent(MODEL)
        (folder / "shade.py").write_text(model.replace('    print("runs with"', '    1 / 0\n        print("runs with"'))
        served.until("ZeroDivisionError.*waiting for new code")
        (folder / "shade.py").write_text(model)
        served.until("runs with 10")
        assert call(f"{url}/health")[0] == 200


def test_a_change_that_is_taken_back_takes_no_start_from_scratch(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        model = textwrap.dedent(MODEL)
        (folder / "shade.py").write_text(model.replace("main_video: Video", "main_video: Video\n    depth: Video"))
        served.until("takes more than new code: press r")
        (folder / "shade.py").write_text(model.replace('"runs with"', '"goes on with"'))
        served.until_all("goes on with 10", "the new code runs")
        served.type("r\n")
        served.until_all("loaded with 1", "the model is loaded anew")
        assert call(f"{url}/health")[0] == 200


def test_a_step_that_does_not_end_does_not_keep_it_from_starting_anew(folder: Path) -> None:
    model = textwrap.dedent(MODEL)
    stuck = """
        import asyncio, pathlib, time
        while not pathlib.Path("go").exists():
            await asyncio.sleep(0.02)
        print("is stuck", flush=True)
        time.sleep(100)
"""
    (folder / "shade.py").write_text(model.replace('        print("runs with"', stuck + '        print("runs with"'))
    with Served(folder, "--reload", "--", ".") as served:
        url = served.listening()
        served.until("watching ")
        (folder / "go").touch()
        served.until("is stuck")
        (folder / "reactor.yaml").write_text((folder / "reactor.yaml").read_text() + "# changed\n")
        served.until(r"reactor\.yaml has changed: press r and Enter to start the server anew")
        (folder / "shade.py").write_text(model)
        served.until("shade.py: the model has not come to its next await point within 5 s")
        served.type("r\n")
        served.until_all(f"listening on {url}$", "runs with 10")


def test_a_load_that_was_asked_for_and_failed_is_tried_again_with_the_next_save(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        served.listening()
        served.until("watching ")
        model = textwrap.dedent(MODEL)
        (folder / "shade.py").write_text(model.replace('config["weights"]', 'config["wieghts"]'))
        served.until("has changed: press r and Enter to load the model anew")
        served.type("r\n")
        served.until(r"load\(\) failed with KeyError: mend it and save it")
        (folder / "shade.py").write_text(model)
        served.until_all("loaded with 1", "the model is loaded anew", "runs with 10")
