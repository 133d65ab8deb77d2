"""Importing changed modules anew: what is taken along, what objects become, and that nothing happens where it fails."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from reactor_runtime.errors import ManifestError, ModelError
from reactor_runtime.manifest import Source, import_model

MODEL = """
    import enum
    from pkg_part import Helper, LEVEL
    from reactor_runtime import ReactorModel

    class Mood(enum.Enum):
        CALM = 1
        WILD = 2

    class Model(ReactorModel):
        version = 1

        def load(self, config):
            self.helper, self.mood = Helper(), Mood.WILD

        def level(self):
            return LEVEL
"""
PART = """
    import pkg_base

    LEVEL = pkg_base.BASE + 1

    class Helper:
        def help(self):
            return "old"
"""


@pytest.fixture
def folder(tmp_path):
    before = set(sys.modules)
    path = list(sys.path)
    write(tmp_path, "pkg_model", MODEL)
    write(tmp_path, "pkg_part", PART)
    write(tmp_path, "pkg_base", "BASE = 1")
    write(tmp_path, "pkg_alone", "ALONE = 1")
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.py"
    file.write_text(textwrap.dedent(text))
    return file.resolve()


@pytest.fixture(autouse=True)
def no_bytecode(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # as `reactor run --reload` does


def loaded(folder: Path, target: str = "pkg_model:Model"):
    model = import_model(target, folder)
    instance = model()
    instance.load({}) if target.startswith("pkg_model") else None
    return Source(target, folder, model), instance


@pytest.mark.parametrize("target", ["pkg_model:Model", "pkg_model.py", "pkg_model.py:Model"])
def test_the_class_is_made_anew_and_objects_follow(folder, target):
    source, instance = loaded(folder, target)
    changed = write(folder, "pkg_model", MODEL.replace("version = 1", "version = 2"))
    new = source.reimport({changed})
    assert new.modules == ("pkg_model",)
    assert new.model is not type(instance) and new.model.version == 2 and instance.version == 1
    new.adopt()
    assert type(instance) is new.model and instance.version == 2
    assert instance.mood is sys.modules["pkg_model"].Mood.WILD
    assert instance.helper.help() == "old"


def test_what_imports_a_changed_module_is_imported_anew_too(folder):
    source, instance = loaded(folder)
    assert instance.level() == 2
    new = source.reimport({write(folder, "pkg_base", "BASE = 10")})
    assert new.modules == ("pkg_base", "pkg_model", "pkg_part")
    new.adopt()
    assert instance.level() == 11


def test_objects_of_other_modules_get_their_new_class(folder):
    source, instance = loaded(folder)
    helper = instance.helper
    source.reimport({write(folder, "pkg_part", PART.replace('"old"', '"new"'))}).adopt()
    assert instance.helper is helper and helper.help() == "new"
    source.reimport({write(folder, "pkg_part", PART.replace('"old"', '"newer"'))}).adopt()
    assert helper.help() == "newer"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def x(:", r"importing pkg_model failed at .*pkg_model.py:1: SyntaxError"),
        ("import pkg_nothing_of_the_kind", "importing pkg_model failed at .*: ModuleNotFoundError"),
        ("1 / 0", "pkg_model.py:1: ZeroDivisionError"),
        ("raise SystemExit('no')", "pkg_model.py:1: SystemExit"),
    ],
)
def test_code_that_cannot_be_imported_changes_nothing(folder, text, problem):
    source, instance = loaded(folder)
    modules = {name: sys.modules[name] for name in source.modules()}
    with pytest.raises(ModelError, match=problem):
        source.reimport({write(folder, "pkg_model", text), write(folder, "pkg_base", "BASE = 5")})
    assert {name: sys.modules[name] for name in source.modules()} == modules
    assert instance.level() == 2
    new = source.reimport({write(folder, "pkg_model", MODEL), write(folder, "pkg_base", "BASE = 7")})
    new.adopt()
    assert instance.level() == 8


def test_a_class_that_is_gone_changes_nothing(folder):
    source, instance = loaded(folder)
    with pytest.raises(ManifestError, match="has no class Model; did you mean Modell"):
        source.reimport({write(folder, "pkg_model", MODEL.replace("class Model(", "class Modell("))})
    assert sys.modules["pkg_model"].Model is type(instance)


def test_new_code_can_be_taken_back(folder):
    source, instance = loaded(folder)
    new = source.reimport({write(folder, "pkg_part", PART.replace('"old"', '"refused"'))})
    new.revert()
    assert sys.modules["pkg_model"].Model is type(instance)
    source.reimport({write(folder, "pkg_part", PART.replace('"old"', '"taken"'))}).adopt()
    assert instance.helper.help() == "taken"


def test_which_files_matter(folder):
    source, _ = loaded(folder)
    assert source.uses({folder.resolve() / "pkg_base.py"})
    assert not source.uses({folder.resolve() / "pkg_alone.py", folder.resolve() / "nothing.py"})
    assert "reactor_runtime" not in source.modules() and "numpy" not in source.modules()
    assert source.folders == (folder.resolve(),)


def test_packages_with_relative_imports(folder):
    inner = folder / "pkg_nest"
    inner.mkdir()
    (inner / "__init__.py").write_text("from .model import Nested\n")
    write(
        inner,
        "model",
        "from reactor_runtime import ReactorModel\nfrom . import part\nfrom .part import VALUE\n"
        "class Nested(ReactorModel):\n    def value(self):\n        return VALUE, part.VALUE\n",
    )
    write(inner, "part", "VALUE = 1")
    source, instance = loaded(folder, "pkg_nest:Nested")
    assert set(source.modules()) >= {"pkg_nest", "pkg_nest.model", "pkg_nest.part"}
    new = source.reimport({write(inner, "part", "VALUE = 2")})
    new.adopt()
    assert instance.value() == (2, 2)
    assert new.modules == ("pkg_nest", "pkg_nest.model", "pkg_nest.part")


def test_objects_with_another_layout_stay_as_they_were(folder):
    source, instance = loaded(folder)
    slotted = PART.replace("class Helper:", "class Helper:\n        __slots__ = ('x',)").replace('"old"', '"slotted"')
    new = source.reimport({write(folder, "pkg_part", slotted)})
    new.adopt()
    assert instance.helper.help() == "old" and type(instance) is new.model
