"""`reactor run --reload` as a process: files are saved, and the log and the schema say what came of it."""

from __future__ import annotations

import signal
import textwrap
from pathlib import Path

import pytest

from .process import Served, call, shows

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
        served.until_all("^anew$", r"the new code runs \(\d+ ms\); runs @session_started again")
        shows(url, "/events/second")
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
        url = served.listening()
        served.until("watching ")
        model = textwrap.dedent(MODEL)
        (folder / "shade.py").write_text(model.replace('config["weights"]', 'config["wieghts"]'))
        served.until("has changed: press r and Enter to load the model anew")
        served.type("r\n")
        served.until(r"load\(\) failed with KeyError: mend it and save it")
        status, told = call(f"{url}/health")
        assert status == 503 and "Shade.load() failed with KeyError: 'wieghts' at " in told["detail"]
        (folder / "shade.py").write_text(model)
        served.until_all("loaded with 1", "the model is loaded anew", "runs with 10")
        assert call(f"{url}/health")[0] == 200


WAITS = r"the server goes on and waits for a change in \S+: a saved file starts it anew, as r and Enter do$"


def test_a_first_load_that_fails_waits_for_a_change(folder: Path) -> None:
    model = textwrap.dedent(MODEL)
    (folder / "shade.py").write_text(model.replace('config["weights"]', 'config["wieghts"]'))
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until_all(r"^reactor: Shade\.load\(\) failed with KeyError: 'wieghts' at \S+/shade\.py:\d+$", WAITS)
        status, told = call(f"{url}/health?wait=loading")
        assert (status, told["state"]) == (503, "terminated")
        assert f"reactor: {told['detail']}" in served.text.splitlines()
        assert call(f"{url}/start_session", "POST", {})[0] == 503
        (folder / "shade.py").write_text(model)
        served.until_all(f"listening on {url}$", "loaded with 1", "is ready", "watching ")
        assert call(f"{url}/health?wait=loading")[0] == 200
        (folder / "helper.py").write_text("SHADE = 20\n")
        served.until("the new code runs")
        served.signal(signal.SIGINT)
        assert served.status() == 0


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("def broken(:\n", r"importing shade failed at \S+/shade\.py:1: SyntaxError: "),
        ("import nothing_of_the_kind\n", r"importing shade failed at \S+/shade\.py:1: ModuleNotFoundError: "),
        (
            "from reactor_runtime import ReactorModel, event\nclass Shade(ReactorModel):\n    @event(name='paint')\n"
            "    def paint(self, radius): ...\n",
            r"importing shade failed at \S+/shade\.py:\d: DeclarationError: Shade\.paint: radius: has no annotation",
        ),
        ("class Shade: ...\n", r"Shade is a class, but no model"),
        (
            "from reactor_runtime import ReactorModel, Input, Output, Video\nclass Out(Output):\n    main: Video\n"
            "class In(Input):\n    main: Video\nclass Shade(ReactorModel):\n    input: In\n    output: Out\n",
            "the track 'main' is an input and an output",
        ),
    ],
)
def test_a_model_that_cannot_be_imported_waits_for_a_change(folder: Path, broken: str, says: str) -> None:
    (folder / "shade.py").write_text(broken)
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until_all(rf"^reactor: .*{says}", WAITS)
        status, told = call(f"{url}/health?wait=loading")
        assert (status, told["state"]) == (503, "terminated")
        assert f"reactor: {told['detail']}" in served.text.splitlines()
        assert call(f"{url}/session")[1]["model"] == {"name": "shade"}
        assert "Traceback" not in served.text
        (folder / "shade.py").write_text(textwrap.dedent(MODEL))
        served.until_all(f"listening on {url}$", "loaded with 1", "is ready")


def test_a_neighbour_that_cannot_be_imported_is_mended(folder: Path) -> None:
    (folder / "helper.py").write_text("SHADE = 1 / 0\n")
    with Served(folder, "shade.py", "--reload", "--model.weights=3") as served:
        url = served.listening()
        served.until_all(r"importing shade\.py failed at \S+/helper\.py:1: ZeroDivisionError", WAITS)
        (folder / "notes.txt").write_text("not what a model is made of\n")
        (folder / "helper.py").write_text("SHADE = 30\n")
        served.until_all(f"listening on {url}$", "loaded with 3", "is ready", "runs with 30")
        assert served.text.count("listening on") == 2


def test_a_file_that_comes_later_needs_a_key_and_a_broken_manifest_no_new_start(folder: Path) -> None:
    model = textwrap.dedent(MODEL).replace('print("loaded', 'open("weights.bin"); print("loaded')
    (folder / "shade.py").write_text(model)
    manifest = (folder / "reactor.yaml").read_text()
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until_all("FileNotFoundError.*weights.bin", WAITS)
        (folder / "reactor.yaml").write_text("model: [\n")
        served.until(r"reactor\.yaml, line \d.*: this is no YAML: .*; the server goes on as it is: mend that too")
        assert call(f"{url}/health")[0] == 503
        (folder / "reactor.yaml").write_text(manifest)
        served.until_all(f"listening on {url}$", "FileNotFoundError.*weights.bin", WAITS)
        (folder / "weights.bin").touch()
        served.type("r\n")
        served.until_all(f"listening on {url}$", "loaded with 1", "is ready")


def test_what_was_saved_while_it_loaded_counts(folder: Path) -> None:
    model = textwrap.dedent(MODEL)
    (folder / "shade.py").write_text(
        model.replace("def load(self, config):", "def load(self, config):\n        self.wait_and_fail()")
        + "    def wait_and_fail(self):\n        import pathlib, time\n"
        + '        print("loads", flush=True)\n'
        + '        while not pathlib.Path("go").exists():\n            time.sleep(0.01)\n'
        + "        1 / 0\n"
    )
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("^loads$")
        (folder / "shade.py").write_text(model)
        (folder / "go").touch()
        served.until_all(WAITS, f"listening on {url}$", "loaded with 1", "is ready")


def test_a_manifest_that_is_broken_keeps_a_running_model(folder: Path) -> None:
    with Served(folder, ".", "--reload") as served:
        url = served.listening()
        served.until("watching ")
        (folder / "reactor.yaml").write_text("model: [\n")
        served.until(r"reactor\.yaml has changed: press r and Enter to start the server anew")
        served.type("r\n")
        served.until("this is no YAML: .*; the server goes on as it is: mend that too")
        assert call(f"{url}/health")[0] == 200
