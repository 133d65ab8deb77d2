"""`reactor init` and `reactor check` as a newcomer types them."""

from __future__ import annotations

import pytest

from .process import Served, call, reactor


def test_from_nothing_to_a_served_model(tmp_path):
    made = reactor("init", "night-sky", folder=tmp_path)
    assert made.returncode == 0 and made.stderr == ""
    lines = made.stdout.splitlines()
    assert lines[0] == "made night-sky/ from the template model"
    assert "  night_sky.py             the model, class NightSky: begin here" in lines
    assert "  cd night-sky" in lines and any(line.startswith("  reactor run --reload ") for line in lines)
    checked = reactor("check", "night-sky", "--run", "0.5", folder=tmp_path)
    assert checked.returncode == 0 and checked.stdout.endswith("0 errors, 0 warnings\n"), checked.stdout
    with Served(tmp_path, "night-sky") as served:
        url = served.listening()
        served.until("night-sky is ready")
        assert set(call(f"{url}/schema")[1]["paths"]) == {"/events/set_hue", "/events/set_speed"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["init", "2fast"], "reactor: '2fast' is no name for a model: Python imports it by that name"),
        (["init", "here"], "reactor: here: exists already; choose another name, or remove it first"),
        (["init", "x1", "--template", "pipelin"], "there is no template 'pipelin'; did you mean pipeline?"),
        (["init", "a" * 300], "reactor: a name of 300 characters is too long for a model: 64 at most"),
        (["init", "~nosuchuser/sky"], "reactor: ~nosuchuser/sky: there is no home folder ~nosuchuser; write the path"),
        (["init", "frame"], "reactor: the template uses the class name Frame itself; choose another name, such as"),
        (["check", "--run", "0"], "reactor: --run: expected a number from 0.1 to 3600, got 0.0"),
    ],
)
def test_what_is_asked_for_wrongly_is_one_line(tmp_path, arguments, line):
    (tmp_path / "here").mkdir()
    asked = reactor(*arguments, folder=tmp_path)
    assert asked.returncode == 2 and asked.stdout == ""
    assert line in asked.stderr.splitlines()[-1] and "Traceback" not in asked.stderr


def test_what_a_check_finds_is_its_exit_status(tmp_path):
    assert reactor("init", "sky1", folder=tmp_path).returncode == 0
    folder = tmp_path / "sky1"
    (folder / "config.yml").write_text("width: 64\nheight: 36\nunused: 1\n")
    warned = reactor("check", folder=folder)
    assert warned.returncode == 0 and "warn  config   config.yml: 'unused' is not read by load()" in warned.stdout
    assert warned.stdout.endswith("0 errors, 1 warning\n")
    assert reactor("check", "--strict", folder=folder).returncode == 1
    (folder / "sky1.py").write_text("def broken(:\n")
    failed = reactor("check", "--run", folder=folder)
    assert failed.returncode == 1 and "Traceback" not in failed.stdout + failed.stderr
    assert "error import   importing sky1 failed at" in failed.stdout and "sky1.py:1: SyntaxError" in failed.stdout
    assert "not run: mend the errors first" in failed.stdout and failed.stdout.endswith("1 error, 0 warnings\n")


@pytest.mark.parametrize("command", ["init", "check", "schema", "run"])
def test_help_teaches(command):
    shown = reactor(command, "--help")
    assert shown.returncode == 0
    assert f"reactor {command} " in shown.stdout  # examples, as one types them
    assert command in reactor("--help").stdout
