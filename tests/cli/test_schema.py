"""`reactor schema`: the document and nothing else on stdout, and one line where there is none."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .process import Served, environment, reactor

# What it prints while it is imported, by Python, below Python, by a process it starts, and when all is over.
MODEL = """
import atexit, os, subprocess, sys
from reactor_runtime import InputField, ModelMessage, ReactorModel, event

print("hello from the model")
os.write(1, b"hello from below\\n")
subprocess.run([sys.executable, "-c", "print('hello from a process')"])
atexit.register(print, "goodbye from the model")


class Painted(ModelMessage):
    number: int


class Mine(ReactorModel):
    "A model of m\u00efne."

    def load(self, config):
        raise RuntimeError("the schema needs no weights")

    @event(name="paint")
    def paint(self, radius: float = InputField(0.5, ge=0)) -> Painted: ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "raises.py").write_text("raise RuntimeError('no\\nGPU')\n")
    (tmp_path / "reactor.yaml").write_text('model: {name: my-model}\nruntime: {import: "mine:Mine"}\n')
    return tmp_path


def test_the_document_and_nothing_else(folder: Path) -> None:
    done = reactor("schema", folder=folder)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert done.stdout == json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    assert document["info"] == {"title": "my-model", "version": "v0.0.0", "description": "A model of m\u00efne."}
    assert set(document["paths"]) == {"/events/paint"} and set(document["webhooks"]) == {"painted"}
    hello = ["hello from the model", "hello from below", "hello from a process", "goodbye from the model"]
    assert sorted(done.stderr.splitlines()) == sorted(hello)


@pytest.mark.parametrize(
    ("kind", "begins", "holds"),
    [
        (
            "python",
            "# A typed client of the model mine v0.0.0",
            "async def paint(self, *, radius: float = 0.5) -> Painted:",
        ),
        (
            "typescript",
            "// A typed client of the model mine v0.0.0",
            "async paint(args: PaintArguments = {}): Promise<void>",
        ),
    ],
)
def test_a_client_tells_how_to_make_it_again(folder: Path, kind: str, begins: str, holds: str) -> None:
    done = reactor("schema", "mine.py:Mine", "--format", kind, folder=folder)
    assert done.returncode == 0
    assert done.stdout.startswith(begins) and holds in done.stdout
    assert f" reactor schema mine.py:Mine --format {kind}\n" in done.stdout.replace("   ", " ")
    assert done.stdout == reactor("schema", "mine.py:Mine", "--format", kind, folder=folder).stdout


def test_into_a_file(folder: Path) -> None:
    done = reactor("schema", "--format", "python", "--out", "a client.py", folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "wrote a client.py\n" in done.stderr
    assert (folder / "a client.py").read_text(encoding="utf-8") == reactor(
        "schema", "--format", "python", folder=folder
    ).stdout


def test_of_a_running_server(folder: Path) -> None:
    (folder / "light.py").write_text("from mine import Mine\nclass Light(Mine):\n    def load(self, config): ...\n")
    with Served(folder, "light.py:Light") as served:
        url = served.listening()
        for address in (url, url + "/", url + "/schema"):
            done = reactor("schema", address, folder=folder)
            assert (done.returncode, done.stderr) == (0, "")
            assert json.loads(done.stdout)["info"]["title"] == "light"
        assert "class LightClient:" in reactor("schema", url, "--format", "python").stdout


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that has that to say to all."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (404, b"{}", "/schema: the answer is 404 Not Found; is this the server of a model?"),
        (200, b"<html>", "/schema: the answer is no JSON; is this the server of a model?"),
        (200, b"[" * 100_000, "/schema: the answer is no JSON; is this the server of a model?"),
        (200, b'{"detail": 3}', "/schema: the answer is no OpenAPI document; is this the server of a model?"),
        (200, b'{"openapi": "3.1.0", "paths": 3}', "this is no document of a model: paths: expected an object, got 3"),
    ],
)
def test_a_server_of_something_else(folder: Path, status: int, body: bytes, says: str) -> None:
    with answering(status, body) as url:
        done = reactor("schema", url, "--format", "python", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and says in done.stderr


def test_a_server_that_does_not_answer(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = reactor("schema", url, folder=folder)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"reactor: {url}/schema: no answer within 5 s\n"
    done = reactor("schema", url, folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"reactor: {url}/schema: no answer: Connection refused; is the server running?\n"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--format", "pyton"], 2, "--format: there is no 'pyton'; did you mean python?"),
        (["--format", "rust"], 2, "--format: there is no 'rust'; there is openapi, typescript, python"),
        (["nowhere"], 2, "no such file or folder: nowhere"),
        (["mine.py:Mien"], 2, "mine.py has no class Mien; did you mean Mine?"),
        (["raises.py"], 1, "raises.py:1: RuntimeError: no GPU"),
        (["http://"], 2, "http://: no address of a server; write http://HOST:PORT"),
        (["http://host:port"], 2, "http://host:port: no address of a server"),
        (["http://127.0.0.1:1/"], 1, "http://127.0.0.1:1/schema: no answer: "),
        (["--out", "nowhere/client.py"], 2, "--out: nowhere/client.py: cannot be written: No such file or directory"),
        (["--out", "."], 2, "--out: .: cannot be written: Is a directory"),
    ],
)
def test_an_error_is_one_line(folder: Path, arguments: list[str], status: int, says: str) -> None:
    done = reactor("schema", *arguments, folder=folder)
    assert (done.returncode, done.stdout) == (status, "")
    own = [line for line in done.stderr.splitlines() if " from " not in line]  # what the model itself prints
    assert len(own) == 1 and own[0].startswith("reactor: ") and says in own[0]


def test_verbose_adds_the_traceback(folder: Path) -> None:
    done = reactor("schema", "raises.py", "-v", folder=folder)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("reactor: importing raises.py failed at ")


def test_a_reader_that_has_had_enough(folder: Path) -> None:
    (folder / "long.py").write_text(
        f"from reactor_runtime import ReactorModel\nclass Long(ReactorModel):\n    {'much to say ' * 100_000!r}\n"
    )
    command = [sys.executable, "-m", "reactor_runtime", "schema", "long.py"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_the_help_teaches(folder: Path) -> None:
    told = reactor("schema", "--help").stdout
    for taught in ("openapi", "typescript", "python", "--out my_model_client.py", "http://127.0.0.1:8080"):
        assert taught in told
