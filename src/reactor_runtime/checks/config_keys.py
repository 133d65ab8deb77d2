"""The keys of the config file, held against those that `load()` reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..interface.model import ReactorModel
from ..manifest import Manifest, did_you_mean
from .config_reads import config_reads
from .findings import Finding, error, ok, warning
from .reads import KeyPath

_WEIGHTS = (".bin", ".ckpt", ".gguf", ".npz", ".onnx", ".pkl", ".pt", ".pth", ".safetensors")


def check_config(model: type[ReactorModel], manifest: Manifest) -> Iterator[Finding]:
    """Hold the config against `load()`: keys that are missing, keys that nobody reads, weights that are not there."""
    where = manifest.config_path.name if manifest.config_path else "the config"
    reads = config_reads(model.load)
    findings: list[Finding] = []
    for path, place in _missing(manifest.config, reads.required).items():
        parent = _at(manifest.config, path[:-1])
        mend = f"add it to {where}" if manifest.config_path else "name a file under runtime.config that has it"
        hint = did_you_mean(path[-1], [key for key in parent if isinstance(key, str)]) or f"; {mend}"
        findings.append(error("config", f"{place}: load() reads {'.'.join(path)!r}, which {where} has not{hint}"))
    if not reads.escapes:
        for key in sorted(manifest.config.keys() - reads.keys):
            hint = did_you_mean(key, sorted(reads.keys), repr)
            findings.append(warning("config", f"{where}: {key!r} is not read by load(){hint}"))
    for path, value in _leaves(manifest.config):
        if _is_weights_file(value) and not _exists(value, manifest):
            looked = f"looked in {manifest.root} and {Path.cwd()}"
            findings.append(warning("config", f"{where}: {'.'.join(path)}: {value} is not there; {looked}"))
    yield from findings
    if not findings:
        yield ok("config", ", ".join(manifest.config) if manifest.config else "none, and none is needed")


def _missing(config: Mapping[str, Any], required: Mapping[KeyPath, str]) -> dict[KeyPath, str]:
    """The keys that are not there, at whatever depth, and the first place where each is read."""
    missing: dict[KeyPath, str] = {}
    for path, place in required.items():
        for depth, key in enumerate(path):
            parent = _at(config, path[:depth])
            if not isinstance(parent, Mapping):  # the rest is no key, but belongs to the value: `config.prompt.strip`
                break
            if key not in parent:
                missing.setdefault(path[: depth + 1], place)
                break
    return missing


def _at(config: Any, path: KeyPath) -> Any:
    """The value at a path that is known to be there."""
    for key in path:
        config = config[key]
    return config


def _leaves(config: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key)), value


def _is_weights_file(value: Any) -> bool:
    """Whether a value names a file of this machine: neither a URL nor a file of some hub, which has no folder."""
    if not isinstance(value, str) or "://" in value or not value.endswith(_WEIGHTS):
        return False
    return any(separator in value for separator in (os.sep, "/"))


def _exists(value: str, manifest: Manifest) -> bool:
    try:
        path = Path(value).expanduser()
        return any(base.joinpath(path).exists() for base in (manifest.root, Path.cwd()))
    except (OSError, RuntimeError):  # a name that is too long, or the home folder of a user that is not
        return False
