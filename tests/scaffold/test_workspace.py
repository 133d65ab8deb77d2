"""Workspaces from templates: what they are called, that they run, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reactor_runtime.checks.findings import Level
from reactor_runtime.checks.rehearsal import rehearse
from reactor_runtime.checks.static import StaticCheck
from reactor_runtime.errors import WorkspaceError
from reactor_runtime.manifest import read_manifest
from reactor_runtime.scaffold import TEMPLATES, create_workspace

from ..cli.process import environment


@pytest.fixture(autouse=True)
def clean_imports(monkeypatch):
    before = set(sys.modules)
    # examples that other tests have imported are no installed modules
    monkeypatch.setattr(sys, "path", [place for place in sys.path if not Path(place, "my_model.py").is_file()])
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_workspace_passes_its_own_tests_and_the_check(tmp_path, template):
    made = create_workspace(str(tmp_path / "night-sky"), template)
    assert {str(file) for file in made.files} == {
        ".gitignore",
        "README.md",
        "config.yml",
        "night_sky.py",
        "reactor.yaml",
        "requirements.txt",
        str(Path("tests") / "test_night_sky.py"),
    }
    for file in made.files:
        assert not any(word in (made.folder / file).read_text() for word in ("my_model", "MyModel", "my-model")), file
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=made.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0 and " passed" in run.stdout, run.stdout + run.stderr
    check = StaticCheck(str(made.folder))
    findings = list(check.findings())
    assert {finding.level for finding in findings} == {Level.OK}, findings
    assert check.manifest is not None and check.manifest.name_for(check.model) == "night-sky"
    driven = list(rehearse(check.model, check.manifest, 0.5))
    assert not [finding for finding in driven if finding.level is Level.ERROR]
    assert [finding for finding in driven if finding.subject == "command"]


@pytest.mark.parametrize(
    ("given", "module", "cls", "name"),
    [
        ("night-sky", "night_sky", "NightSky", "night-sky"),
        ("night_sky", "night_sky", "NightSky", "night-sky"),
        ("NightSky", "night_sky", "NightSky", "night-sky"),
        ("sky2", "sky2", "Sky2", "sky2"),
        ("my-model", "my_model", "MyModel", "my-model"),
        ("LoRASky", "lo_ra_sky", "LoRaSky", "lo-ra-sky"),
        ("deep/er/night-sky", "night_sky", "NightSky", "night-sky"),
    ],
)
def test_names(tmp_path, given, module, cls, name):
    made = create_workspace(str(tmp_path / given))
    assert (made.module, made.cls, made.name) == (module, cls, name)
    manifest = read_manifest(str(made.folder))
    assert (manifest.target, manifest.name) == (f"{module}:{cls}", name)
    assert made.folder == tmp_path / given


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("2fast", "'2fast' is no name for a model: .*; such as my_model"),
        ("my model", "'my model' is no name"),
        ("bücher", "'bücher' is no name"),
        ("", "give the name of a new folder, such as my-model"),
        (".", "give the name of a new folder"),
        ("torch", "'torch' is the name of a module that the model would hide"),
        ("a;b", "is no name"),
        ("class", "'class' is a keyword of Python; choose another name, such as class_model"),
        ("random", "'random' is the name of a module that the model would hide.*such as random_model"),
        ("numpy", "'numpy' is the name of a module that the model would hide"),
        ("reactor-runtime", "'reactor_runtime' is the name of a module that the model would hide"),
    ],
)
def test_what_is_no_name_is_refused(tmp_path, monkeypatch, name, problem):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError, match=problem):
        create_workspace(name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "template", "cls"),
    [
        *[("frame", template, "Frame") for template in TEMPLATES],
        ("look", "model", "Look"),
        ("progress", "pipeline", "Progress"),
        ("stand-in", "pipeline", "StandIn"),
        ("camera", "webcam", "Camera"),
        ("output", "model", "Output"),
    ],
)
def test_a_class_of_the_templates_own_is_refused(tmp_path, name, template, cls):
    with pytest.raises(WorkspaceError, match=f"the template uses the class name {cls} itself; choose another name"):
        create_workspace(str(tmp_path / name), template)
    assert not list(tmp_path.iterdir())


def test_what_another_template_uses_is_a_name(tmp_path):
    assert create_workspace(str(tmp_path / "look"), "webcam").cls == "Look"


@pytest.mark.parametrize("name", ["on", "off", "no", "yes", "true", "null"])
def test_words_of_yaml_are_names(tmp_path, name):
    for template in TEMPLATES:
        made = create_workspace(str(tmp_path / template / name), template)
        assert read_manifest(str(made.folder)).name == name


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("a" * 300, "a name of 300 characters is too long for a model: 64 at most"),
        (f"{'a' * 300}/sky", "aaa/sky: cannot be made: File name too long"),
        ("~nosuchuser/sky", "~nosuchuser/sky: there is no home folder ~nosuchuser; write the path in full"),
    ],
)
def test_paths_that_cannot_be(tmp_path, monkeypatch, path, problem):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError) as raised:
        create_workspace(path)
    assert str(raised.value).endswith(problem)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_removed_under_ones_feet(tmp_path, monkeypatch):
    here = tmp_path / "gone"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    with pytest.raises(WorkspaceError, match="the folder you are in is not there any more; go to another one"):
        create_workspace("sky")


def test_what_exists_is_left_alone(tmp_path):
    (tmp_path / "night_sky").mkdir()
    with pytest.raises(WorkspaceError, match="night_sky: exists already; choose another name"):
        create_workspace(str(tmp_path / "night_sky"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError, match="exists already"):
        create_workspace(str(tmp_path / "file"))
    with pytest.raises(WorkspaceError, match="cannot be made: Not a directory"):
        create_workspace(str(tmp_path / "file" / "night_sky"))
    assert (tmp_path / "file").read_text() == "x"


def test_a_template_that_is_not_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(WorkspaceError, match="there is no template 'web-cam'; did you mean webcam"):
        create_workspace(str(tmp_path / "x1"), "web-cam")
    with pytest.raises(WorkspaceError, match="there is model, webcam, pipeline"):
        create_workspace(str(tmp_path / "x1"), "qqq")
