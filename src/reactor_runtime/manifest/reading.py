"""`reactor.yaml`: what it may say, and what `reactor run PATH` makes of its PATH."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ManifestError
from ..interface.config import Config
from ..interface.messages import wire_name
from ..limits import Limits
from ..media.hardware import AUTO
from ..media.recording import RecordingSettings
from ..transport.webrtc import IceServer, IceSettings
from .document import Section, did_you_mean, error_text, read_mapping, shorten
from .encoder import read_encoder
from .ice import read_ice, turn_secret
from .importing import PYTHON_FILE
from .keys import TARGET, expected, known, later
from .overrides import PREFIX, Override, apply_overrides
from .recording import read_recording

logger = logging.getLogger("reactor.manifest")

MANIFEST = "reactor.yaml"
MANIFEST_ENDINGS = (".yaml", ".yml")
_KINDS = (
    f"name a folder with a {MANIFEST}, a manifest ({' or '.join(MANIFEST_ENDINGS)}), a file.py, a file.py:Class or a "
    "module:Class"
)

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*\Z")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What to serve.

    Attributes:
        target: the class, as `module:Class`, `file.py:Class` or `file.py`.
        root: the folder modules and files are looked for in.
        name: the published name; empty where only the class can tell (`name_for`).
        config: for `load`, overrides applied.
        config_path: the file it came from, if any.
        ice: the way to clients; no server unless one is named.
        turn_secret: what TURN servers without credentials share; empty where they share nothing.
        limits: the defaults, and what the manifest says otherwise.
        recording: whether and how sessions are recorded.
        encoder: what encodes video: `auto`, `software`, or a hardware encoder's name.
        file: the manifest itself, if there is one.
    """

    target: str
    root: Path
    name: str = ""
    config: Config = field(default_factory=Config)
    config_path: Path | None = None
    ice: IceSettings = field(default_factory=IceSettings)
    turn_secret: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    encoder: str = AUTO
    file: Path | None = None

    @property
    def ice_servers(self) -> tuple[IceServer, ...]:
        """The STUN and TURN servers it names."""
        return self.ice.servers

    def name_for(self, model: type) -> str:
        """The published name: the manifest's, else that of the class in kebab-case."""
        return self.name or wire_name(model).replace("_", "-").strip("-")


def read_manifest(path: str, overrides: Iterable[Override] = (), limits: Limits | None = None) -> Manifest:
    """What `path` says is to be served.

    Args:
        path: a folder with a `reactor.yaml`, such a file under any name, `file.py`, `file.py:Class` or `module:Class`.
        overrides: for the config.
        limits: what holds where the manifest says nothing.

    Raises:
        ManifestError: there is nothing of the kind, or it is wrong; names the file and the key.
    """
    place = _existing(path)
    limits = limits or Limits()
    if place.is_dir():
        if not (place / MANIFEST).is_file():
            other = place / MANIFEST.replace(".yaml", ".yml")
            if other.is_file():
                raise ManifestError(
                    f"no {MANIFEST} in {place.resolve()}, but {other.name}: rename it, or name it: {other}"
                )
            raise ManifestError(
                f"no {MANIFEST} in {place.resolve()}; name a folder that has one, a file.py or a module:Class, or make "
                "one: reactor init my-model"
            )
        return _read(place / MANIFEST, overrides, limits)
    if match := PYTHON_FILE.fullmatch(path):
        file = Path(match["file"]).expanduser()
        if not file.is_file():
            raise ManifestError(f"no such file: {file}")
        target = file.name + (f":{match['cls']}" if match["cls"] else "")
        return _bare(target, file.resolve().parent, overrides, limits)
    if place.is_file():
        if place.suffix.lower() not in MANIFEST_ENDINGS:
            raise ManifestError(f"{path}: cannot be served; {_KINDS}")
        return _read(place, overrides, limits)
    if _MODULE.fullmatch(path):
        return _bare(path, Path.cwd(), overrides, limits)
    if os.path.isfile(f"{place}.py"):  # unlike Path's, it takes a name that is too long
        raise ManifestError(f"no such file or folder: {path}; did you mean {path}.py?")
    raise ManifestError(f"no such file or folder: {shorten(path)}")


def _existing(path: str) -> Path:
    """The place `path` names, whether there is something or not.

    Raises:
        ManifestError: there can be nothing of such a name, or it may not be looked at.
    """
    try:
        place = Path(path).expanduser()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            place.stat()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: `~name` of an unknown user
        raise ManifestError(f"no such file or folder: {shorten(path)}: {error_text(error)}") from error
    return place


def _bare(target: str, root: Path, overrides: Iterable[Override], limits: Limits) -> Manifest:
    return Manifest(
        target=target,
        root=root,
        config=Config(apply_overrides({}, overrides)),
        limits=limits,
        turn_secret=turn_secret(),
    )


def _read(file: Path, overrides: Iterable[Override], limits: Limits) -> Manifest:
    top = Section(file, "", read_mapping(file))
    top.warn_unknown(known(""), later(""))
    runtime = top.section("runtime")
    runtime.warn_unknown(known("runtime"), later("runtime"))
    target, name = _model(top, runtime)
    config_path = _config_path(runtime if runtime.values.get("config") is not None else top)
    config = read_mapping(config_path) if config_path else {}
    overrides = list(overrides)
    if config_path is not None:
        _warn_new(overrides, config, config_path)
    return Manifest(
        target=target,
        root=file.resolve().parent,
        name=name,
        config=Config(apply_overrides(config, overrides, str(config_path or "the config"))),
        config_path=config_path,
        ice=read_ice(runtime),
        turn_secret=turn_secret(runtime),
        limits=_limits(runtime, limits),
        recording=read_recording(top, runtime),
        encoder=read_encoder(runtime),
        file=file.resolve(),
    )


def _config_path(section: Section) -> Path | None:
    text = section.text("config", expected("runtime.config"))
    if text is None:
        return None
    where = f"{section.file}: {section.path('config')}: no such file"
    try:
        path = (section.file.parent / text).resolve()
        found = path.is_file()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise ManifestError(f"{where}: {shorten(text)!r}: {error_text(error)}") from error
    if not found:
        raise ManifestError(f"{where}: {path}")
    return path


def _warn_new(overrides: Iterable[Override], config: Mapping[str, Any], file: Path) -> None:
    """An override of a key that the config file has not: meant, or misspelt."""
    for override in overrides:
        key = override.keys[0]
        if key not in config:
            logger.warning("%s%s is not in %s%s", PREFIX, key, file.name, did_you_mean(key, config))


def _model(top: Section, runtime: Section) -> tuple[str, str]:
    """The class and the name. Older manifests say `model: module:Class` and `name:` at the top."""
    target = runtime.text("import", TARGET)
    name = top.text("name", expected("name"))
    if isinstance(top.values.get("model"), str):
        older = top.text("model", TARGET)
        if target and older != target:
            raise ManifestError(
                f"{top.file}: model is {older!r} and runtime.import is {target!r}; keep runtime.import, "
                "and write the name as model.name"
            )
        target = older
    else:
        model = top.section("model", expected("model"))
        model.warn_unknown(known("model"))
        name = model.text("name", expected("model.name")) or name
    if not target:
        raise ManifestError(f"{top.file}: runtime.import: missing; expected {TARGET}")
    return target, name or ""


def _limits(runtime: Section, limits: Limits) -> Limits:
    uploads = runtime.section("uploads")
    uploads.warn_unknown(known("runtime.uploads"))
    one = uploads.whole("max_bytes", expected("runtime.uploads.max_bytes"))
    all_ = uploads.whole("session_max_bytes", expected("runtime.uploads.session_max_bytes"))
    if one and all_ and one > all_:
        raise ManifestError(
            f"{runtime.file}: {uploads.path('max_bytes')}: {one} is above {uploads.path('session_max_bytes')}, {all_}"
        )
    rate = runtime.whole("message_rate", expected("runtime.message_rate"))
    upload_bytes = one or min(limits.upload_bytes, all_ or limits.upload_bytes)
    return replace(
        limits,
        message_rate=rate or limits.message_rate,
        message_burst=2 * rate if rate else limits.message_burst,
        upload_bytes=upload_bytes,
        session_upload_bytes=all_ or max(limits.session_upload_bytes, upload_bytes),
        orphan_timeout=runtime.number("orphan_timeout", expected("runtime.orphan_timeout")) or limits.orphan_timeout,
    )
