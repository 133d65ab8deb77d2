"""What `reactor check` finds without loading a model, one mistake at a time."""

from __future__ import annotations

import pytest

from .models import GOOD, MANIFEST, bad


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
        "emit": "a small grey Frame: main_video 64x36",
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
            "Checked declares no Output with a Video or Audio field: there is nothing to see or hear",
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
        "main_video: Video", "main_video: Video\n\n        def __init__(self, main_video):\n            1 / 0"
    )
    assert ("error", "emit", "Frame: ZeroDivisionError: division by zero") in check(model)


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("label: str\n\n        def __post_init__(self):\n            self.label.upper()", "64x36 with label=None"),
        ("\n\n        def __post_init__(self):\n            assert self.main_video.shape == (512, 512, 3)", "64x36"),
        ("\n\n        def __post_init__(self):\n            self.main_video = self.main_video[128:]", "64x36"),
    ],
)
def test_an_output_whose_own_code_wants_other_values_is_not_tried(check, body, given):
    found = check(GOOD.replace("main_video: Video", f"main_video: Video\n        {body}"))
    assert ("ok", "emit", f"Frame is not tried: its __post_init__ takes no frame of {given}") in found
    assert not bad(found)


def test_nothing_is_loaded(check):
    model = GOOD.replace('self.weights = config["weights"]', 'raise SystemExit(config["weights"])')
    assert not bad(check(model))
