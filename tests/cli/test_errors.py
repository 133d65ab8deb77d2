"""What the command says when it cannot do what it was told: one line, and an exit status."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from .process import reactor

MODEL = "from reactor_runtime import ReactorModel\nclass Mine(ReactorModel): ...\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MODEL)
    (tmp_path / "raises.py").write_text("import os\n" + MODEL + "raise RuntimeError('no\\nGPU')\n")
    (tmp_path / "plain.py").write_text("class Plain: ...\n")
    (tmp_path / "twice.py").write_text(
        MODEL + "from reactor_runtime import Input, Output, Video\n"
        "class Out(Output):\n    main: Video\nclass In(Input):\n    main: Video\n"
        "class Twice(ReactorModel):\n    input: In\n    output: Out\n"
    )
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "reactor.yaml").write_text("runtime: {import: 3}")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["/no/such/place"], 2, "no such file or folder: /no/such/place"),
        (["."], 2, "no reactor.yaml in"),
        (["broken"], 2, "runtime.import: expected the model's class as module:Class, got the number 3"),
        (["mine.py", "--model.steps"], 2, "--model.steps: this is no override; write --model.key=value"),
        (["mine.py", "--model", "x=1"], 2, "--model: this is no override"),
        (["mine.py", "--host", "0.0.0.0"], 2, "--host: 0.0.0.0 can be reached from other machines"),
        (["mine.py", "--host", "no host"], 2, "--host: 'no host' is no address"),
        (["mine.py", "--ice-server", "example.org"], 2, "--ice-server: 'example.org' is no ICE server URI"),
        (["mine.py", "--record", "notes.txt"], 2, "notes.txt cannot be written to: File exists"),
        (["nowhere:Model"], 2, "no module named 'nowhere': looked in"),
        (["raises.py"], 1, "raises.py:4: RuntimeError: no GPU"),
        (["plain:Plain"], 2, "Plain is a class, but no model"),
        (["mine.py:Mien"], 2, "mine.py has no class Mien; did you mean Mine?"),
        (["nowhere.py"], 2, "no such file: nowhere.py"),
        (["mine"], 2, "no such file or folder: mine; did you mean mine.py?"),
        (["notes.txt"], 2, "notes.txt: cannot be served; name a folder"),
        (["~no_such_user/foo"], 2, "no such file or folder: ~no_such_user/foo"),
        (["twice.py:Twice"], 1, "the track 'main' is an input and an output"),
    ],
)
def test_an_error_is_one_line(folder: Path, arguments: list[str], status: int, says: str) -> None:
    done = reactor("run", *arguments, "--port", "0", folder=folder)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("reactor: ")
    assert says in done.stderr


def test_a_port_in_use(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = reactor("run", "mine.py", "--port", str(port), folder=folder)
    assert done.returncode == 1
    assert done.stderr.startswith(f"reactor: port {port} of 127.0.0.1 is in use; stop what uses it, or choose another ")
    assert done.stderr.count("\n") == 1


def test_verbose_adds_the_traceback(folder: Path) -> None:
    done = reactor("run", "raises.py", "-v", "--port", "0", folder=folder)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("reactor: importing raises.py failed at ")


def test_an_unknown_option_is_a_usage_error(folder: Path) -> None:
    done = reactor("run", "mine.py", "--prot", "1", folder=folder)
    assert done.returncode == 2
    assert "--prot" in done.stderr
    assert "--port" in done.stderr


def test_an_ice_server_the_media_engine_does_not_take(folder: Path) -> None:
    done = reactor("run", "mine.py", "--ice-server", "stun:a b:99999999", "--port", "0", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("reactor: ice_servers: the media engine does not take stun:a b:99999999: ")


@pytest.mark.parametrize("name", ["mine.py", "mine.py:Mine", "broken", "no_such.yaml"])
def test_a_model_where_a_command_belongs(folder: Path, name: str) -> None:
    done = reactor(name, folder=folder)
    assert done.returncode == 2
    assert f"'{name}' is no command; to serve it: reactor run {name}" in done.stderr


def test_an_interrupt_while_it_imports(folder: Path) -> None:
    (folder / "uvicorn.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = reactor("run", "mine.py", "--port", "0", folder=folder)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_version_and_help() -> None:
    assert reactor("--version").stdout.startswith("reactor ")
    help_text = reactor("run", "--help").stdout
    for taught in ("reactor.yaml", "my_model.py:MyModel", "--model.steps=4", "Ctrl-C", "three failures of run()"):
        assert taught in help_text
    assert "reactor run" in reactor().stderr + reactor().stdout
