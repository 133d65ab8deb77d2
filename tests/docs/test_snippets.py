"""Every snippet of the README and the docs is run, parsed or looked up."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reactor_runtime.cli.commands import main
from reactor_runtime.interface import ReactorModel
from reactor_runtime.interface.schema import openapi
from reactor_runtime.limits import Limits
from reactor_runtime.manifest import read_manifest
from reactor_runtime.wire.json_v0 import JsonV0
from reactor_runtime.wire.messages import Command

from ..engine.scenario import World, levels, play

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def snippets(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def run_page(page: Path) -> types.ModuleType:
    """The Python of a page, as one module."""
    module = types.ModuleType(f"docs_{page.stem}")
    sys.modules[module.__name__] = module
    for number, source in enumerate(snippets(page, "python"), 1):
        exec(compile(source, f"{page.name}, snippet {number}", "exec"), vars(module))
    return module


def models(module: types.ModuleType) -> list[type[ReactorModel]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ReactorModel) and value.__module__ == module.__name__
    ]


def test_the_pages_that_are_linked_exist():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_runs_and_its_models_live_through_a_session(page):
    for model in models(run_page(page)):

        async def scenario(world: World) -> None:
            client = await world.connect()
            await asyncio.sleep(2)
            assert client.ended is None
            client.leave()
            await asyncio.sleep(1)

        counts = play(model, scenario).counts
        assert counts.get("hooks.failed", 0) == counts.get("run.ended", 0) == 0, model.__name__
        assert openapi(model, "docs")["openapi"] == "3.1.0"


def test_the_readmes_model_glows():
    module = run_page(ROOT / "README.md")

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert levels(client)[-1] == 128
        refused = await client.command("set_level", level=300)
        assert refused.message == "set_level: level: 300 is above the maximum 255"
        assert refused.message in (ROOT / "README.md").read_text()
        await client.command("set_level", level=200)
        await asyncio.sleep(1)
        assert levels(client)[-1] == 200

    play(module.Glow, scenario)


def test_manifests_are_read(tmp_path, caplog):
    (tmp_path / "config.yml").write_text("checkpoint: x\n")
    blocks = [block for page in PAGES for block in snippets(page, "yaml")]
    assert len(blocks) >= 2
    for block in blocks:
        (tmp_path / "reactor.yaml").write_text(block)
        manifest = read_manifest(str(tmp_path), [])
        assert manifest.name == "my-model" and manifest.target.endswith("my_model:MyModel")
    assert "unknown key" not in caplog.text


def test_json_is_what_the_codec_takes():
    for page in PAGES:
        for block in snippets(page, "json"):
            message: dict[str, Any] = json.loads(block)
            if message["scope"] == "application":
                assert isinstance(JsonV0(Limits()).decode(block.encode(), control=False), Command)


def test_commands_are_known():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for line in "\n".join(snippets(page, "sh")).splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["make"]:
                assert words[1] in targets, line
            elif words[:1] in (["reactor"], [".venv/bin/reactor"]):
                result = CliRunner().invoke(main, [*words[1:], "--help"])
                assert result.exit_code == 0, f"{line}: {result.output}"
            elif words:
                assert words[0] in ("git", "cd", "bash") or words[:3] == ["pip", "install", "-e"], line
