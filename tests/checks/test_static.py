"""What `reactor check` finds without loading a model, one mistake at a time."""

from __future__ import annotations

import sys
import textwrap

import pytest

from reactor_runtime.checks import StaticCheck
from reactor_runtime.manifest import parse_override

GOOD = """
    import asyncio
    import time
    import numpy as np
    from reactor_runtime import ClientInfo, Input, Output, ReactorModel, Video, connected, event

    class Frame(Output):
        main_video: Video

    class Checked(ReactorModel):
        def load(self, config):
            self.weights = config["weights"]
            self.steps = config.get("steps", 4)

        @connected
        async def join(self, client: ClientInfo):
            pass

        @event(name="set_level")
        def set_level(self, level: int = 1):
            self.level = level

        async def run(self):
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    await self.emit(Frame(main_video=np.zeros((4, 4, 3), np.uint8)))
"""
MANIFEST = "model: {name: checked}\nruntime: {import: 'checked_model:Checked', config: c.yml}\n"


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(model=GOOD, config="weights: 1\nsteps: 2\n", manifest=MANIFEST, overrides=()):
        sys.modules.pop("checked_model", None)
        (tmp_path / "checked_model.py").write_text(textwrap.dedent(model))
        (tmp_path / "c.yml").write_text(config)
        (tmp_path / "reactor.yaml").write_text(manifest)
        made = StaticCheck(str(tmp_path), [parse_override(text) for text in overrides])
        return [
            (finding.level.value, finding.subject, finding.text.replace(str(tmp_path), "HERE"))
            for finding in made.findings()
        ]

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield run
    sys.modules.pop("checked_model", None)


def bad(findings):
    return [finding for finding in findings if finding[0] != "ok"]


def test_a_good_model(check):
    findings = check()
    assert not bad(findings)
    assert {subject: text for _, subject, text in findings if subject != "import"} == {
        "manifest": "reactor.yaml: checked_model:Checked",
        "tracks": "main_video (video out)",
        "commands": "set_level",
        "hooks": "@connected",
        "messages": "none",
        "config": "weights, steps",
        "code": "4 functions of Checked looked through",
        "emit": "a dry Frame: main_video 64x36",
    }


@pytest.mark.parametrize(
    ("before", "after", "level", "subject", "text"),
    [
        (
            "await self.emit",
            "self.emit",
            "error",
            "code",
            "checked_model.py:27: self.emit(…) is not awaited, so nothing",
        ),
        (
            "self.level = level",
            "self.send(level)",
            "error",
            "code",
            "write `await self.send(…)`, and make the function `async def`; or use self.send_threadsafe(…)",
        ),
        ("        pass", "        client.send(1)", "error", "code", "client.send(…) is not awaited"),
        (
            "await self.connected.wait()",
            "self.connected.wait()",
            "error",
            "code",
            "self.connected.wait(…) is not awaited, so it does not wait",
        ),
        (
            "self.connected.is_set()",
            "self.connected.is_set",
            "error",
            "code",
            "checked_model.py:26: self.connected.is_set is a method, and always true",
        ),
        (
            "            pass",
            "            time.sleep(1)",
            "warning",
            "code",
            "time.sleep() in join() holds up every command",
        ),
        (
            "            await self.emit(Frame",
            "            (Frame",
            "error",
            "code",
            "checked_model.py:24: this loop of run() never awaits",
        ),
        (
            "class Checked(ReactorModel):",
            "class Checked(ReactorModel):\n        fps = 900",
            "error",
            "import",
            "checked_model.py:10: DeclarationError: Checked: fps=900",
        ),
        (
            "import asyncio",
            "import asyncio, nothing_such",
            "error",
            "import",
            "ModuleNotFoundError: No module named 'nothing_such'",
        ),
        ("import asyncio", "import asyncio (", "error", "import", "checked_model.py:2: SyntaxError"),
        (
            "main_video: Video",
            "main_video: int",
            "error",
            "class",
            "Checked declares no Output with a Video field: there is no picture",
        ),
        ("async def run(self):", "async def go(self):", "ok", "tracks", "main_video"),
    ],
)
def test_one_mistake(check, before, after, level, subject, text):
    assert before in GOOD
    if "never awaits" in text:
        model = GOOD.replace("await self.connected.wait()", "self.x = 1").replace("await self.emit(", "print(")
    else:
        model = GOOD.replace(before, after)
    found = check(model)
    assert any(text in each[2] and each[:2] == (level, subject) for each in found), found
    if level == "ok":
        assert not bad(found)


@pytest.mark.parametrize(
    ("load", "config", "level", "text"),
    [
        (
            "self.a = config['wieghts']",
            "weights: 1",
            "error",
            "checked_model.py:12: load() reads 'wieghts', which c.yml has not; did you mean weights?",
        ),
        (
            "self.a = config.checkpoint",
            "{}",
            "error",
            "load() reads 'checkpoint', which c.yml has not; add it to c.yml",
        ),
        (
            "self.a = config.sampler.steps",
            "sampler: {stepz: 1}",
            "error",
            "load() reads 'sampler.steps', which c.yml has not; did you mean stepz?",
        ),
        ("self.a = config['sampler']['steps']", "sampler: {steps: 1}", "ok", "sampler"),
        ("self.a = config.get('a', 1)", "{}", "ok", "none, and none is needed"),
        ("self.a = config['a'] if 'a' in config else 1", "{}", "ok", "none, and none"),
        ("self.a = config['a']", "a: 1\nb: 2", "warning", "c.yml: 'b' is not read by load()"),
        (
            "self.a = config['colour']",
            "colour: 1\ncolor: 2",
            "warning",
            "c.yml: 'color' is not read by load(); did you mean 'colour'?",
        ),
        ("self.a = config", "a: 1\nb: 2", "ok", "a, b"),
        ("self.a = dict(**config)", "a: 1\nb: 2", "ok", "a, b"),
        (
            "self.a = read(config)",
            "weights: w.pt\nother: 1",
            "warning",
            "c.yml: weights: w.pt is not there; looked in HERE and",
        ),
        (
            "self.a = read(config)",
            "weight: 1",
            "error",
            "load() reads 'weights', which c.yml has not; did you mean weight?",
        ),
        ("self.a = read(cfg=config)", "weights: 1\nother: 1", "ok", "weights, other"),
        ("for key in config: pass", "weights: 1", "ok", "weights"),
        ("self.a = [config['layers'] for _ in range(2)]", "{}", "error", "load() reads 'layers'"),
    ],
)
def test_config_keys_are_held_against_what_load_reads(check, load, config, level, text):
    model = GOOD.replace('self.weights = config["weights"]\n            self.steps = config.get("steps", 4)', load)
    assert model != GOOD
    model += "\n    def read(cfg):\n        return cfg['weights'], cfg.get('other')\n"
    found = [(each[0], each[2]) for each in check(model, config) if each[1] == "config"]
    assert any(each[0] == level and text in each[1] for each in found), found
    if level != "error":
        assert all(each[0] != "error" for each in found), found


def test_an_override_is_a_key_too(check):
    assert bad(check(config="steps: 1"))
    assert not bad(check(config="steps: 1", overrides=["--model.weights=x"]))


def test_unknown_keys_of_the_manifest_are_errors_here(check):
    found = check(manifest=MANIFEST.replace("config:", "confg: c.yml, config:"))
    assert bad(found) == [
        ("error", "manifest", "HERE/reactor.yaml: runtime.confg: unknown key, ignored; did you mean 'config'?")
    ]


@pytest.mark.parametrize(
    ("manifest", "text"),
    [
        ("model: {name: x}", "HERE/reactor.yaml: runtime.import: missing"),
        ("[1, 2", "this is no YAML"),
        (MANIFEST.replace("c.yml", "d.yml"), "runtime.config: no such file: HERE/d.yml"),
    ],
)
def test_a_broken_manifest_ends_the_check(check, manifest, text):
    found = check(manifest=manifest)
    assert len(found) == 1 and found[0][:2] == ("error", "manifest") and text in found[0][2]


def test_an_output_that_cannot_be_made(check):
    model = GOOD.replace(
        "main_video: Video", "main_video: Video\n\n        def __post_init__(self):\n            1 / 0"
    )
    assert ("error", "emit", "Frame: ZeroDivisionError: division by zero") in check(model)


def test_nothing_is_loaded(check):
    model = GOOD.replace('self.weights = config["weights"]', 'raise SystemExit(config["weights"])')
    assert not bad(check(model))
