"""Every snippet of the README and the docs is run, parsed or looked up."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from reactor_runtime.cli.commands import main
from reactor_runtime.interface import ReactorModel
from reactor_runtime.interface.model import handlers_of
from reactor_runtime.interface.schema import openapi
from reactor_runtime.interface.tracks import tracks_of
from reactor_runtime.limits import Limits
from reactor_runtime.manifest import read_manifest
from reactor_runtime.testing import Harness
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.messages import Command
from scripts.browser_tools import HARNESS, check_packages, tool_environment

from .pages import PAGES, ROOT, all_blocks, blocks, name_of
from .running import models, run_page, shown_tests

LANGUAGES = {
    "python": "run",
    "sh": "looked up",
    "yaml": "read as a manifest or a config",
    "json": "given to the codec, or parsed",
    "ts": "parsed",
    "js": "parsed",
    "html": "opened in a browser, by test_browser_page",
    "log": "looked for in the source, by test_quotes",
    "text": "what is none of these: output of other programs, trees of files, excerpts",
}
PROGRAMS = {".", "bash", "cd", "curl", "docker", "git", "kubectl", "npm", "pytest", "python", "python3"}

with_pages = pytest.mark.parametrize("page", PAGES, ids=name_of)


def python_pages() -> list[Path]:
    return [page for page in PAGES if blocks(page, "python")]


@with_pages
def test_each_block_says_what_it_is(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block}: {block.language!r}; know {', '.join(LANGUAGES)}"


@pytest.mark.parametrize("page", python_pages(), ids=name_of)
def test_python_runs_and_its_models_live_through_a_session(page):
    for model in models(run_page(page)):
        live_through_a_session(model)


def live_through_a_session(model: type[ReactorModel]) -> None:
    """What a client can do without knowing the model; what it makes the model raise is raised here."""
    assert openapi(model, "docs")["openapi"] == "3.1.0"
    tracks = tracks_of(model)
    with Harness(model) as harness:
        client = harness.connect()
        for track in tracks:
            if track.direction == "in":
                silence = np.zeros(48_000, np.int16)
                client.stream(track.name, silence if track.rate else np.zeros((36, 64, 3), np.uint8))
        harness.run(1)
        for command in handlers_of(model).commands.values():
            given = {"prompt": "docs"} if command.parameter_names == ["prompt"] else {}
            if given or not any(parameter.required for parameter in command.parameters):
                answer = client.command(command.name, **given)
                assert answer.ok, f"{model.__name__}: {answer}"
        harness.run(2)
        assert client.ended is None
        client.leave()
        harness.run(1)
        outputs = {track.name for track in tracks if track.direction == "out"} if hasattr(model, "run") else set()
        spoken = [track.name for track in tracks if track.kind == "audio" and track.direction == "out"]
        heard = {name for name in spoken if client.heard(name).size}
        assert outputs <= {frame.track for frame in client.frames} | heard, model.__name__


@with_pages
def test_the_tests_that_a_page_shows_pass(page, harness):
    for test in shown_tests(run_page(page)) if "def test_" in page.read_text() else []:
        test(**({"harness": harness} if "harness" in inspect.signature(test).parameters else {}))


def test_the_readmes_model_glows():
    module = run_page(ROOT / "README.md")
    with Harness(module.Glow) as harness:
        client = harness.connect()
        harness.run(1)
        assert client.image[0, 0, 0] == 128
        refused = client.command("set_level", level=300)
        assert refused.text == "set_level: level: 300 is above the maximum 255"
        assert refused.text in (ROOT / "README.md").read_text()
        assert client.command("set_level", level=200).ok
        harness.run(1)
        assert client.image[0, 0, 0] == 200


def test_manifests_are_read(tmp_path, caplog):
    (tmp_path / "config.yml").write_text("checkpoint: x\n")
    manifests = 0
    for block in all_blocks("yaml"):
        value = yaml.safe_load(block.body)
        assert isinstance(value, dict), block
        if value.keys() & {"model", "runtime"}:
            manifests += 1
            (tmp_path / "reactor.yaml").write_text(block.body)
            manifest = read_manifest(str(tmp_path), [])
            assert manifest.name and ":" in manifest.target, block
    assert manifests >= 2
    assert "unknown key" not in caplog.text


def test_json_is_what_the_codec_takes():
    for block in all_blocks("json"):
        message: dict[str, Any] = json.loads(block.body)
        if message.get("scope") == "application" or "type" in message:
            control = "event" in message or "method" in message
            if message.get("type") != "response":
                decoded = JsonV0(Limits()).decode(block.body.encode(), control=control)
                assert control or isinstance(decoded, Command), block


def test_commands_are_known():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for block in all_blocks("sh"):
        for command in re.split(r"\n| && ", block.body):
            words = shlex.split(command, comments=True)
            while words and re.match(r"[A-Z_]+=", words[0]):  # a variable for this command
                del words[0]
            if words[:1] == ["make"]:
                assert words[1] in targets, f"{block}: {command}"
            elif words and Path(words[0]).name == "reactor":
                arguments = words[1 : words.index(">")] if ">" in words else words[1:]
                result = CliRunner().invoke(main, [*arguments, "--help"])
                assert result.exit_code == 0, f"{block}: {command}: {result.output}"
            elif words:
                known = words[0] in PROGRAMS or words[:2] in (["pip", "install"], ["pip", "uninstall"])
                assert known, f"{block}: {command}"


@pytest.mark.e2e
@pytest.mark.browser
def test_javascript_parses():
    check_packages()
    for block in [*all_blocks("ts"), *all_blocks("js")]:
        done = subprocess.run(
            [str(HARNESS / "node_modules" / ".bin" / "esbuild"), f"--loader={block.language}", "--log-level=warning"],
            input=block.body,
            capture_output=True,
            text=True,
            env=tool_environment(),
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), block
