"""Examples as `reactor run` loads them, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reactor_runtime.manifest import import_model, read_manifest

EXAMPLES = Path(__file__).parents[2] / "examples"


def load_example(name: str) -> Any:
    """The model of `examples/<name>`, made and loaded with its own config."""
    manifest = read_manifest(str(EXAMPLES / name))
    model = import_model(manifest.target, manifest.root)()
    model.load(manifest.config)
    return model
