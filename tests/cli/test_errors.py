"""What the command says when it cannot do what it was told: one line, and an exit status."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from .process import WAIT, reactor

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


def test_a_port_in_use_that_a_variable_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        done = reactor("run", "mine.py", folder=folder)
    assert done.returncode == 1
    assert done.stderr.endswith("or choose another with PORT (0: a free one)\n")


def test_verbose_adds_the_traceback(folder: Path) -> None:
    done = reactor("run", "raises.py", "-v", "--port", "0", folder=folder)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("reactor: importing raises.py failed at ")


WHOLE = "expected a whole number from 0 to 65535, got"
SECONDS = "expected a number above 0, at most 3600, got"
YES = "expected true or false (yes or no, on or off, 1 or 0), got"


@pytest.mark.parametrize(
    ("arguments", "variables", "line"),
    [
        (["run", "--port", "http"], {}, f"--port: {WHOLE} 'http'"),
        (["run"], {"PORT": "70000"}, f"PORT: {WHOLE} 70000"),
        (["run", "--port", "70001"], {"PORT": "8080"}, f"--port: {WHOLE} 70001"),
        (["run", "--grace", "0"], {}, f"--grace: {SECONDS} 0.0"),
        (["run", "--grace", "nan"], {}, f"--grace: {SECONDS} nan"),
        (["run"], {"REACTOR_GRACE": "soon"}, f"REACTOR_GRACE: {SECONDS} 'soon'"),
        (["run"], {"REACTOR_GRACE": "", "SIGTERM_GRACE_PERIOD": "-1"}, f"SIGTERM_GRACE_PERIOD: {SECONDS} -1.0"),
        (["run"], {"ICE_TCP": "maybe"}, f"ICE_TCP: {YES} 'maybe'"),
        (["run"], {"REACTOR_LOG_FORMAT": "xml"}, "REACTOR_LOG_FORMAT: expected text or json, got 'xml'"),
        (["run", "--log-level", "loud"], {}, "--log-level: expected debug, info, warning or error, got 'loud'"),
        (["run", "--zzz"], {}, "--zzz: no such option; see python -m reactor_runtime run --help"),
        (["--zzz"], {}, "--zzz: no such option; see python -m reactor_runtime --help"),
        (["run", "a", "b"], {}, "got unexpected extra argument (b); see python -m reactor_runtime run --help"),
        (["run", "--port"], {}, "option '--port' requires an argument"),
        (["init"], {}, "NAME: needed, and not given; see python -m reactor_runtime init --help"),
        (["rnu"], {}, "'rnu' is no command; did you mean run?"),
        # one that other machines could reach: the variable is named, for it is what there is to change
        (["run", "mine.py"], {"HOST": "0.0.0.0"}, "HOST: 0.0.0.0 can be reached from other machines, .* or unset HOST"),
    ],
)
def test_bad_input_that_click_finds_is_one_line_too(
    folder: Path, arguments: list[str], variables: dict[str, str], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = reactor(*arguments, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(f"reactor: {line}\n" if ".*" in line else re.escape(f"reactor: {line}\n"), done.stderr)


def test_the_shell_may_ask_what_completes_a_command_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_REACTOR_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "reactor rnu --p")
    monkeypatch.setenv("COMP_CWORD", "2")
    command = Path(sys.executable).with_name("reactor")
    done = subprocess.run([command], capture_output=True, text=True, timeout=WAIT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_address_of_another_machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")  # kept for examples: nobody's
    done = reactor("run", "mine.py", "--insecure", "--port", "0", folder=folder)
    assert (done.returncode, done.stderr) == (1, "reactor: HOST: 192.0.2.1 is no address of this machine\n")


def test_an_unknown_option_is_a_usage_error(folder: Path) -> None:
    done = reactor("run", "mine.py", "--prot", "1", folder=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("reactor: --prot: no such option; did you mean --port")
    assert done.stderr.count("\n") == 1


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
