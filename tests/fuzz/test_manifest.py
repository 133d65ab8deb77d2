"""Whatever stands in a `reactor.yaml`, a config file or an override: a manifest, or an error that names the place."""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import event, given
from hypothesis import strategies as st

from reactor_runtime.errors import ManifestError
from reactor_runtime.manifest import read_manifest
from reactor_runtime.manifest.document import parse_yaml
from reactor_runtime.manifest.keys import KEYS
from reactor_runtime.manifest.overrides import apply_overrides, parse_override
from reactor_runtime.manifest.reading import Manifest

from .budget import budget


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Every unknown key is warned of."""
    logger = logging.getLogger("reactor.manifest")
    before, logger.level = logger.level, logging.CRITICAL
    yield
    logger.setLevel(before)


TAGS = "!!int !!float !!bool !!null !!timestamp !!binary !!set !!omap !!pairs !!str !!map !!seq !!python/name:os ! !x"
WORDS = """
    yes no ~ null true 0x 0b 0o7 1_000 1:60 190:20:30 .inf -.inf .nan 1e400 1e-4 2001-99-99 2001-12-14t21:59:43.10-05:00
    = << <<: *a &a [ ] { } - ? : | > % @ ` # ' " , --- ... \\ \t \0 é 9999999999999999999999999 -1 "" '' [] {}
"""
atoms = st.sampled_from(
    [*TAGS.split(), *WORDS.split(), *(key.name for key in KEYS), "m:M", "stun:x:1", "a", "1", "128k"]
)
garbage = st.lists(atoms | st.text(max_size=3) | st.sampled_from([" ", "\n", "\n  ", ": ", "- "]), max_size=14).map(
    "".join
)

scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.dates()
    | st.binary(max_size=4)
    | st.sampled_from(
        ["m:M", "stun:x:1", "turn:x:1", "128k", "h264", "aac", "veryfast", "config.yml", ".", "~", "\0", "a" * 5000]
    )
    | st.sampled_from([0, 1, 23, 4.0, 10**400, math.inf])
)
names = st.sampled_from([key.name for key in KEYS] + ["step_results", "host", "x"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | scalars, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """A mapping with keys in their places, and under some of them what is not expected there."""
    made: dict[str, Any] = {"runtime": {"import": "m:M"}}
    for key in draw(st.lists(st.sampled_from(KEYS), max_size=5)):
        place: Any = made
        *parents, name = key.path.replace("[]", "").split(".")
        for parent in parents:
            place = place.setdefault(parent, {}) if isinstance(place, dict) else {}
            place = place if isinstance(place, dict) else {}
        place[name] = draw(values | st.just(yaml.safe_load(key.example or "~")))
    return made


def read(text: bytes) -> Manifest | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "reactor.yaml")
        file.write_bytes(text)
        Path(folder, "config.yml").write_bytes(text)
        try:
            manifest = read_manifest(str(file))
        except ManifestError as error:
            event("refused")
            said = str(error)
        else:
            event("read")
            assert manifest.target and manifest.limits.orphan_timeout > 0 and manifest.limits.upload_bytes > 0
            return manifest
    assert "reactor.yaml" in said or "config.yml" in said
    assert len(said) < 2000
    return None


@budget(300)
@given(manifests())
def test_odd_values_under_known_keys(made: dict[str, Any]) -> None:
    try:
        text = yaml.dump(made, allow_unicode=True)
    except (ValueError, yaml.YAMLError):
        return
    read(text.encode("utf-8", "replace"))


@budget(400)
@given(garbage)
def test_odd_yaml(text: str) -> None:
    read(text.encode("utf-8", "replace"))
    read(f"runtime:\n  import: m:M\n  config: {text}".encode("utf-8", "replace"))


@budget(200)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    read(data)


def parsed(text: str) -> Any:
    try:
        return parse_yaml(text, "here")
    except ManifestError as error:
        return error


@budget(300)
@given(atoms, garbage)
def test_every_tag_with_anything(tag: str, text: str) -> None:
    """The library that reads YAML raises whatever comes to its mind where a tag does not fit."""
    for whole in (f"{tag} {text}", f"{tag}\n{text}", f"- {tag} {text}", f"a: {tag} {text}"):
        outcome = parsed(whole)
        assert not isinstance(outcome, ManifestError) or "here" in str(outcome)


@budget(200)
@given(
    st.lists(st.sampled_from(["a", "b", "a.b", "a.b.c", "", ".", " ", "é"]), min_size=1, max_size=3), garbage, values
)
def test_overrides(paths: list[str], text: str, config: Any) -> None:
    try:
        overrides = [parse_override(f"--model.{path}={text}") for path in paths]
        merged = apply_overrides({"a": config}, overrides)
    except ManifestError:
        return
    assert all(override.keys[0] in merged for override in overrides)
