"""A workspace with one model in it, to be checked as it is and with one thing changed."""

from __future__ import annotations

import sys
import textwrap

import pytest

from reactor_runtime.checks.static import StaticCheck
from reactor_runtime.manifest import parse_override

from .models import GOOD, MANIFEST


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
