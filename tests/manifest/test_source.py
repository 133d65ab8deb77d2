"""Importing changed modules anew: what is taken along, what objects become, and that nothing happens where it fails."""

from __future__ import annotations

import gc
import sys
import textwrap
import weakref
from pathlib import Path

import pytest

from reactor_runtime.errors import ManifestError, ModelError
from reactor_runtime.interface.tracks import track_fields
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


def swapped(source: Source, *files: Path):
    new = source.reimport(set(files))
    new.adopt()
    return new


def test_frozen_dataclasses_and_guarded_attributes_get_their_new_class(folder):
    part = (
        PART
        + """
    import dataclasses

    @dataclasses.dataclass(frozen=True)
    class Settings:
        steps: int = 3

        def says(self):
            return "old settings"

    class Guarded:
        def __setattr__(self, name, value):
            raise ValueError("guarded")

        def says(self):
            return "old guard"
    """
    )
    write(folder, "pkg_part", part)
    write(folder, "pkg_model", MODEL.replace("import Helper", "import Guarded, Helper, Settings"))
    source, instance = loaded(folder)
    instance.settings, instance.guard = sys.modules["pkg_part"].Settings(), sys.modules["pkg_part"].Guarded()
    swapped(source, write(folder, "pkg_part", part.replace("old settings", "new settings").replace("old g", "new g")))
    assert (instance.settings.says(), instance.settings.steps, instance.guard.says()) == (
        "new settings",
        3,
        "new guard",
    )


def test_a_rename_across_two_files_is_taken_with_the_second(folder):
    source, instance = loaded(folder)
    part = write(folder, "pkg_part", PART.replace("LEVEL", "HEIGHT"))
    with pytest.raises(ModelError, match="cannot import name 'LEVEL'"):
        source.reimport({part})
    swapped(
        source, write(folder, "pkg_model", MODEL.replace("LEVEL", "HEIGHT").replace("return HEIGHT", "return -HEIGHT"))
    )
    assert instance.level() == -2


def test_a_helper_that_comes_later_mends_what_was_refused(folder):
    source, instance = loaded(folder)
    with pytest.raises(ModelError, match="No module named 'pkg_late'"):
        source.reimport(
            {
                write(
                    folder,
                    "pkg_model",
                    MODEL.replace("return LEVEL", "return VALUE") + "    from pkg_late import VALUE",
                )
            }
        )
    late = write(folder, "pkg_late", "VALUE = 77")
    assert source.uses({late})
    swapped(source, late)
    assert instance.level() == 77
    assert not source.uses({folder / "pkg_alone.py"})


def test_what_is_imported_within_functions_is_taken_too(folder):
    lazy = MODEL.replace("    from pkg_part import Helper, LEVEL\n", "").replace(
        "self.helper,", "from pkg_part import Helper\n            self.helper,"
    )
    write(folder, "pkg_model", lazy)
    source, instance = loaded(folder)
    for text in ("new", "newer"):
        part = write(folder, "pkg_part", PART.replace('"old"', f'"{text}"'))
        assert source.uses({part})
        swapped(source, part)
        assert instance.helper.help() == text


def test_broken_code_is_refused_before_any_module_is_out_of_place(folder, monkeypatch):
    source, _ = loaded(folder)
    part = write(folder, "pkg_part", "def x(:")
    monkeypatch.setattr("reactor_runtime.manifest.source.import_model", None)  # not reached
    with pytest.raises(ModelError, match=r"importing pkg_part failed at .*pkg_part\.py:1: SyntaxError"):
        source.reimport({part})
    assert sys.modules["pkg_part"].Helper


def test_submodules_stay_attributes_of_a_package_that_is_imported_anew(folder):
    inner = folder / "pkg_nest"
    inner.mkdir()
    start = write(inner, "__init__", "VALUE = 1")
    write(inner, "other", "def f():\n    return 5")
    write(
        folder,
        "pkg_model",
        MODEL.replace("import enum", "import enum\n    import pkg_nest, pkg_nest.other").replace(
            "return LEVEL", "return pkg_nest.VALUE, pkg_nest.other.f()"
        ),
    )
    source, instance = loaded(folder)
    start.write_text("VALUE = 2\n")
    swapped(source, start)
    assert instance.level() == (2, 5)


def test_members_of_an_enum_are_renewed_in_containers_and_nested_classes_too(folder):
    nested = MODEL.replace("version = 1", "version = 1\n\n        class Mode(enum.Enum):\n            A = 1")
    write(folder, "pkg_model", nested)
    source, instance = loaded(folder)
    calm, kept = sys.modules["pkg_model"].Mood.CALM, {}
    instance.table, instance.shared = {calm: [calm, (calm, 1)], "x": {calm}}, kept
    instance.mode = instance.Mode.A
    swapped(source, write(folder, "pkg_model", nested.replace("version = 1", "version = 2")))
    fresh = sys.modules["pkg_model"].Mood.CALM
    assert fresh is not calm and instance.table == {fresh: [fresh, (fresh, 1)], "x": {fresh}}
    assert instance.mode is instance.Mode.A and instance.shared is kept


def test_old_classes_are_let_go(folder):
    source, instance = loaded(folder)
    output = "\n    from reactor_runtime import Output, Video\n    class Frame(Output):\n        main_video: Video\n"
    model = MODEL + output
    swapped(source, write(folder, "pkg_model", model))
    gone = []
    for version in range(3, 6):
        frame = sys.modules["pkg_model"].Frame
        assert list(track_fields(frame)) == ["main_video"]
        gone.append(weakref.ref(frame))
        del frame
        swapped(source, write(folder, "pkg_model", model.replace("version = 1", f"version = {version}")))
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3 and instance.version == 5


def test_a_project_within_a_folder_called_venv_is_the_authors_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    folder = tmp_path / "venv" / "project"
    folder.mkdir(parents=True)
    write(folder, "pkg_venv", "from reactor_runtime import ReactorModel\nclass Model(ReactorModel):\n    pass")
    try:
        source = Source("pkg_venv:Model", folder, import_model("pkg_venv:Model", folder))
        assert source.holds(folder.resolve() / "pkg_venv.py")
        assert not source.holds(folder.resolve() / ".venv" / "lib" / "site.py")
    finally:
        sys.modules.pop("pkg_venv", None)
