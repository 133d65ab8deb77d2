"""`reactor.yaml`, config files, overrides, and the way from a name to a class."""

from __future__ import annotations

import copy
import logging
import pickle
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactor_runtime.errors import ManifestError, ModelError
from reactor_runtime.interface.config import Config
from reactor_runtime.limits import MIB, Limits
from reactor_runtime.manifest import Override, apply_overrides, import_model, parse_override, read_manifest
from reactor_runtime.transport.webrtc import IceServer

MODEL = """
from reactor_runtime import ReactorModel

class {name}(ReactorModel):
    pass
"""


@pytest.fixture(autouse=True)
def _same_modules_after() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def write(folder: Path, text: str, name: str = "reactor.yaml") -> Path:
    file = folder / name
    file.write_text(text)
    return file


# -- the manifest


def test_a_full_manifest(tmp_path: Path) -> None:
    write(tmp_path, "steps: 4\nsampler: {eta: 0.5}\n", "config.yml")
    write(
        tmp_path,
        """
model: {name: my-model}
runtime:
  import: "bars:Bars"
  config: config.yml
  ice_servers:
    - stun:stun.example.org:3478
    - {urls: ["turn:turn.example.org"], username: me, credential: secret}
  uploads: {max_bytes: 1000, session_max_bytes: 5000}
  orphan_timeout: 2.5
""",
    )
    manifest = read_manifest(str(tmp_path))
    assert (manifest.target, manifest.name, manifest.root) == ("bars:Bars", "my-model", tmp_path)
    assert manifest.config.sampler.eta == 0.5
    assert manifest.config_path == tmp_path / "config.yml"
    assert manifest.ice_servers == (
        IceServer(("stun:stun.example.org:3478",)),
        IceServer(("turn:turn.example.org",), "me", "secret"),
    )
    assert manifest.limits == Limits(upload_bytes=1000, session_upload_bytes=5000, orphan_timeout=2.5)


def test_how_fast_a_connection_may_send(tmp_path: Path) -> None:
    write(tmp_path, 'runtime: {import: "bars:Bars", message_rate: 100}')
    assert read_manifest(str(tmp_path)).limits == Limits(message_rate=100, message_burst=200)


def test_a_file_may_be_named_and_lie_elsewhere(tmp_path: Path) -> None:
    file = write(tmp_path, 'runtime: {import: "bars:Bars"}', "other.yml")
    assert read_manifest(str(file)).root == tmp_path


def test_an_older_manifest(tmp_path: Path) -> None:
    write(tmp_path, "a: 1", "c.yml")
    write(tmp_path, 'model: "bars:Bars"\nname: old-bars\nconfig: c.yml\n')
    manifest = read_manifest(str(tmp_path))
    assert (manifest.target, manifest.name, manifest.config) == ("bars:Bars", "old-bars", {"a": 1})


def test_defaults(tmp_path: Path) -> None:
    write(tmp_path, 'runtime: {import: "bars:Bars", uploads: , ice_servers: }')
    manifest = read_manifest(str(tmp_path))
    assert (manifest.name, manifest.config, manifest.config_path, manifest.ice_servers) == ("", {}, None, ())
    assert manifest.limits == Limits()


def test_unknown_keys_warn_and_pass(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    runtime = '{import: "b:B", step_results: {enabled: true}, orfan_timeout: 3, port: 1, transport: x}'
    write(tmp_path, f"model: {{name: x, nam: y}}\nruntime: {runtime}\n")
    with caplog.at_level(logging.INFO):
        read_manifest(str(tmp_path))
    text = caplog.text
    assert re.search(r"INFO .*runtime\.step_results: not supported yet, ignored", text)
    assert "runtime.orfan_timeout: unknown key, ignored; did you mean 'orphan_timeout'?" in text
    assert "model.nam: unknown key, ignored; did you mean 'name'?" in text
    assert "runtime.port: no key of a manifest, ignored; use --port" in text
    assert "runtime.transport: unknown key, ignored\n" in text


def test_a_key_that_is_no_text_warns_and_passes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, 'runtime: {import: "m:M", on: 1, ~: 2}\n')
    assert read_manifest(str(tmp_path)).target == "m:M"
    assert "runtime.True: unknown key" in caplog.text and "runtime.None: unknown key" in caplog.text


def test_an_override_of_a_key_the_config_has_not_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, "palette: ink\nsampler: {eta: 1}\n", "config.yml")
    write(tmp_path, "runtime: {import: 'a:B', config: config.yml}")
    arguments = ["--model.pallete=oil", "--model.zzz=1", "--model.sampler.steps=2", "--model.palette=oil"]
    manifest = read_manifest(str(tmp_path), [parse_override(argument) for argument in arguments])
    assert manifest.config.pallete == "oil"
    assert [record.getMessage() for record in caplog.records] == [
        "--model.pallete is not in config.yml; did you mean palette?",
        "--model.zzz is not in config.yml",
    ]


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("runtime: [1]", "runtime", "expected keys and values, got a list"),
        ("model: 3\nruntime: {import: 'a:B'}", "model", "got the number 3"),
        ("model: {name: 3}\nruntime: {import: 'a:B'}", "model.name", "the model's name, got the number 3"),
        ("model: {name: ' '}\nruntime: {import: 'a:B'}", "model.name", "got the text ' '"),
        ("runtime: {}", "runtime.import", "missing"),
        ("", "runtime.import", "missing"),
        ("runtime: {import: true}", "runtime.import", "module:Class, got true"),
        ("runtime: {import: 'a:B', config: 7}", "runtime.config", "the config file's path, got the number 7"),
        ("runtime: {import: 'a:B', config: no.yml}", "runtime.config", "no such file"),
        ("config: no.yml\nruntime: {import: 'a:B'}", "config", "no such file"),
        ("runtime: {import: 'a:B', orphan_timeout: soon}", "runtime.orphan_timeout", "seconds above 0, got the text"),
        ("runtime: {import: 'a:B', orphan_timeout: .inf}", "runtime.orphan_timeout", "got the number inf"),
        (f"runtime: {{import: 'a:B', orphan_timeout: {'9' * 400}}}", "runtime.orphan_timeout", "beyond all bounds"),
        (f"runtime: {{import: 0x{'9' * 9000}}}", "runtime.import", "got a number beyond all bounds"),
        (
            "runtime: {import: 'a:B', config: \"a\\0b\"}",
            "runtime.config",
            "no such file: 'a\\x00b'",
        ),
        (f"runtime: {{import: 'a:B', config: {'c' * 300}}}", "runtime.config", "File name too long"),
        ("runtime: {import: 'a:B', orphan_timeout: true}", "runtime.orphan_timeout", "got true"),
        ("runtime: {import: 'a:B', uploads: {max_bytes: 1.5}}", "runtime.uploads.max_bytes", "a whole number of bytes"),
        ("runtime: {import: 'a:B', uploads: {max_bytes: true}}", "runtime.uploads.max_bytes", "got true"),
        ("runtime: {import: 'a:B', uploads: {max_bytes: 0}}", "runtime.uploads.max_bytes", "above 0, got the number 0"),
        (
            "runtime: {import: 'a:B', uploads: {max_bytes: 2, session_max_bytes: 1}}",
            "runtime.uploads.max_bytes",
            "is above runtime.uploads.session_max_bytes",
        ),
        ("runtime: {import: 'a:B', ice_servers: stun:x}", "runtime.ice_servers", "a list of URLs, got the text"),
        ("runtime: {import: 'a:B', ice_servers: [3]}", "runtime.ice_servers[0]", "got the number 3"),
        ("runtime: {import: 'a:B', ice_servers: [http://x]}", "runtime.ice_servers[0]", "no ICE server URI"),
        ("runtime: {import: 'a:B', ice_servers: ['turn:x']}", "runtime.ice_servers[0]", "needs a username"),
        ("runtime: {import: 'a:B', ice_servers: [{urls: []}]}", "runtime.ice_servers[0].urls", "got a list"),
        ("model: 'a:B'\nruntime: {import: 'c:D'}", "model", "keep runtime.import"),
    ],
)
def test_a_wrong_value_names_file_key_and_what_was_expected(tmp_path: Path, text: str, key: str, says: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ManifestError) as caught:
        read_manifest(str(tmp_path))
    assert str(caught.value).startswith(f"{file}: {key}")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runtime: {", "line 1, column 11: this is no YAML"),
        ("- a", "expected keys and values at the top, got a list"),
        ("1: a", "expected names as keys, got the number 1"),
        ("a: !!python/object/apply:os.system [true]", "this is no YAML"),
        ("a: 2026-99-99", "this is no YAML"),
        ("a: !!int", "this is no YAML: a tag does not fit"),
        ("a: !!bool maybe", "this is no YAML: a tag does not fit"),
        ("a: !!timestamp soon", "this is no YAML: a tag does not fit"),
        ("\x00", "this is no YAML"),
    ],
)
def test_what_is_no_mapping(tmp_path: Path, text: str, says: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ManifestError, match=r"\A" + str(file)) as caught:
        read_manifest(str(tmp_path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_larger_file_limit_raises_the_session_limit(tmp_path: Path) -> None:
    write(tmp_path, f"runtime: {{import: 'a:B', uploads: {{max_bytes: {4096 * MIB}}}}}")
    assert read_manifest(str(tmp_path)).limits.session_upload_bytes == 4096 * MIB
    write(tmp_path, "runtime: {import: 'a:B', uploads: {session_max_bytes: 10}}")
    assert read_manifest(str(tmp_path)).limits.upload_bytes == 10


# -- PATH


def test_a_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no reactor\.yaml in .*; name a folder that has one"):
        read_manifest(str(tmp_path))


def test_a_folder_with_a_manifest_that_ends_otherwise(tmp_path: Path) -> None:
    file = write(tmp_path, "runtime: {import: 'a:B'}", "reactor.yml")
    with pytest.raises(ManifestError, match=f"no reactor.yaml in {tmp_path}, but reactor.yml: .* name it: {file}"):
        read_manifest(str(tmp_path))


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    file = write(tmp_path, "{}", "model.ipynb")
    with pytest.raises(
        ManifestError, match=r"model\.ipynb: cannot be served; name .*a manifest \(\.yaml or \.yml\), a file"
    ):
        read_manifest(str(file))


def test_the_name_of_a_python_file_without_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "", "glow.py")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError, match=r"no such file or folder: glow; did you mean glow\.py\?"):
        read_manifest("glow")


@pytest.mark.parametrize(
    "path", ["~no_such_user/foo", "~no_such_user/foo.py", "x" * 300, "x" * 300 + ".py", "x" * 254, "a\0b"]
)
def test_a_path_that_cannot_be(path: str) -> None:
    with pytest.raises(ManifestError, match="no such file or folder: ") as caught:
        read_manifest(path)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("path", ["/no/such", "no_such.py", "no_such.py:Model", "no such:Model", "nothing"])
def test_a_path_that_is_nothing(path: str) -> None:
    with pytest.raises(ManifestError, match="no such file"):
        read_manifest(path)


def test_a_python_file_needs_no_manifest(tmp_path: Path) -> None:
    file = write(tmp_path, MODEL.format(name="HTTPVideoModel"), "my-model.py")
    manifest = read_manifest(str(file), [parse_override("--model.a.b=1e-4")])
    assert manifest.config.a.b == 1e-4
    model = import_model(manifest.target, manifest.root)
    assert manifest.name_for(model) == "http-video-model"
    assert read_manifest(f"{file}:HTTPVideoModel").target == "my-model.py:HTTPVideoModel"


def test_a_module_is_looked_for_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, MODEL.format(name="Here"), "a_module_here.py")
    monkeypatch.chdir(tmp_path)
    manifest = read_manifest("a_module_here:Here")
    assert import_model(manifest.target, manifest.root).__name__ == "Here"


# -- config


def test_config_has_attributes_at_every_depth() -> None:
    config = Config({"a": {"b": [{"c": 1}]}, "items": 2})
    assert config.a.b[0].c == 1
    assert config["items"] == 2
    config.a.d = {"e": 3}
    assert config.a.d.e == 3
    assert isinstance(config, dict)
    assert "missing" not in config
    assert not hasattr(config, "missing")
    with pytest.raises(AttributeError, match="no key 'chekpoint'; did you mean 'checkpoint'"):
        _ = Config({"checkpoint": "x"}).chekpoint


def test_config_copies_and_pickles() -> None:
    config = Config({"a": {"b": 1}})
    for twin in (copy.deepcopy(config), pickle.loads(pickle.dumps(config)), copy.copy(config)):
        assert twin == config
        assert twin.a.b == 1


@pytest.mark.parametrize(
    ("argument", "keys", "value"),
    [
        ("--model.steps=4", ("steps",), 4),
        ("--model.lr=1e-4", ("lr",), 1e-4),
        ("--model.a.b.c=true", ("a", "b", "c"), True),
        ("--model.x=", ("x",), None),
        ('--model.x=""', ("x",), ""),
        ("--model.x=[1, two]", ("x",), [1, "two"]),
        ("--model.url=http://h?a=b", ("url",), "http://h?a=b"),
        ("--model.my-key=a b", ("my-key",), "a b"),
    ],
)
def test_overrides(argument: str, keys: tuple[str, ...], value: object) -> None:
    assert parse_override(argument) == Override(keys, value)


@pytest.mark.parametrize("argument", ["--model.x", "--model.=1", "--model.a..b=1", "--model=1", "--model.a.=1", "x=1"])
def test_an_override_in_another_form(argument: str) -> None:
    with pytest.raises(ManifestError, match=r"this is no override; write --model\.key=value"):
        parse_override(argument)


def test_an_override_that_is_no_yaml() -> None:
    with pytest.raises(ManifestError, match=r"--model\.x=\[1, .*no YAML"):
        parse_override("--model.x=[1")


def test_overrides_are_laid_over_a_copy() -> None:
    config = {"a": {"b": 1}, "n": None}
    merged = apply_overrides(config, [Override(("a", "c"), 2), Override(("n", "x"), 3), Override(("a", "c"), 4)])
    assert merged == {"a": {"b": 1, "c": 4}, "n": {"x": 3}}
    assert config == {"a": {"b": 1}, "n": None}


def test_an_override_through_a_value(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"--model\.a\.b\.c: a\.b is the number 1 in c\.yml, so there is no key"):
        apply_overrides({"a": {"b": 1}}, [Override(("a", "b", "c"), 2)], "c.yml")


# -- importing


def test_a_class_by_module_with_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "VALUE = 5", "a_neighbour.py")
    write(tmp_path, "import a_neighbour\n" + MODEL.format(name="Mine"), "a_model.py")
    assert import_model("a_model:Mine", tmp_path).__name__ == "Mine"


def test_a_file_with_one_model_needs_no_class(tmp_path: Path) -> None:
    write(tmp_path, MODEL.format(name="Base"), "the_base.py")
    write(tmp_path, "from the_base import Base\nclass Only(Base): ...", "the_model.py")
    assert import_model("the_model.py", tmp_path).__name__ == "Only"


def test_a_file_may_have_the_name_of_a_module_in_use(tmp_path: Path) -> None:
    before = sys.modules["logging"]
    write(tmp_path, MODEL.format(name="Mine"), "logging.py")
    assert import_model("logging.py:Mine", tmp_path).__name__ == "Mine"
    assert sys.modules["logging"] is before


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere:Model", "no module named 'nowhere': looked in {root} and among the installed packages"),
        ("nowhere.deep:Model", "no module named 'nowhere'"),
        ("nowhere.py", "no such file: {root}/nowhere.py"),
        ("a\0b.py", "no such file: "),
        ("x" * 300 + ".py", "no such file: "),
        ("one", "'one' names no class; write module:Class"),
        ("one:", "'one:' names no class"),
        ("needs:Model", "failed at {root}/needs.py:2: ModuleNotFoundError: No module named 'torchh'"),
        ("raises.py", "importing raises.py failed at {root}/helper_that_raises.py:3: ZeroDivisionError"),
        ("raises:Model", "importing raises failed at {root}/helper_that_raises.py:3: ZeroDivisionError"),
        ("syntax:Model", "importing syntax failed at {root}/syntax.py:2: SyntaxError"),
        ("exits:Model", "importing exits failed at {root}/exits.py:1: SystemExit: 3"),
        ("one.py:Moddel", "{root}/one.py has no class Moddel; did you mean Model?"),
        ("one:Zzz", "has no class Zzz; its models are Model"),
        ("plain:Plain", "Plain is a class, but no model"),
        ("plain:number", "number is of type int, but no model"),
        ("plain.py", "{root}/plain.py defines no model"),
        ("two.py", "{root}/two.py defines 2 models (First, Second); say which: two.py:Second"),
        ("yaml:Model", "{root}/yaml.py has the name of a module that is in use"),
    ],
)
def test_what_cannot_be_imported(tmp_path: Path, target: str, says: str) -> None:
    write(tmp_path, MODEL.format(name="Model"), "one.py")
    write(tmp_path, MODEL.format(name="First") + "\nclass Second(ReactorModel): ...\n", "two.py")
    write(tmp_path, "number = 3\nclass Plain: ...", "plain.py")
    write(tmp_path, "import os\nimport torchh", "needs.py")
    write(tmp_path, "def fail():\n\n    return 1 / 0", "helper_that_raises.py")
    write(tmp_path, "import helper_that_raises\nhelper_that_raises.fail()", "raises.py")
    write(tmp_path, "x = 1\ndef (:\n", "syntax.py")
    write(tmp_path, "raise SystemExit(3)", "exits.py")
    write(tmp_path, MODEL.format(name="Model"), "yaml.py")
    with pytest.raises((ManifestError, ModelError)) as caught:
        import_model(target, tmp_path)
    assert says.format(root=tmp_path) in str(caught.value)
    assert isinstance(caught.value, ModelError) is ("failed at" in says)  # the author's code is at fault, or the name
    assert "\n" not in str(caught.value)
