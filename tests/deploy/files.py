"""What is in deploy/, read: the Dockerfile's instructions, Kubernetes objects, Compose services, variables."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
BASE, COTURN = KUBERNETES / "base", KUBERNETES / "components" / "coturn"

Object = dict[str, Any]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with what follows, on one line."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(words[0], words[2].strip()) for line in whole.splitlines() if (words := line.partition(" "))[0]]


def last_stage() -> dict[str, str]:
    """The last of each instruction of the image that is made."""
    found = instructions()
    start = max(index for index, (name, _) in enumerate(found) if name == "FROM")
    return dict(found[start:])


def image_variables() -> dict[str, str]:
    """The variables of the image that is made."""
    found = instructions()
    start = max(index for index, (name, _) in enumerate(found) if name == "FROM")
    words = [word for name, rest in found[start:] if name == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def arguments(text: str) -> list[str]:
    """An instruction's JSON array."""
    found: list[str] = json.loads(text)
    return found


def objects(folder: Path) -> list[Object]:
    """The Kubernetes objects of the files in a folder, kustomizations aside."""
    files = [file for file in sorted(folder.glob("*.yaml")) if file.name != "kustomization.yaml"]
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def kustomization(folder: Path) -> Object:
    """The kustomization of a folder."""
    found: Object = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return found


def literals(folder: Path, name: str) -> dict[str, str]:
    """What a kustomization puts into the ConfigMap `name`."""
    maps = kustomization(folder).get("configMapGenerator", [])
    return dict(literal.split("=", 1) for made in maps if made["name"] == name for literal in made["literals"])


def pod(kind: str, folder: Path) -> Object:
    """The pod of the one object of a kind."""
    (found,) = [document for document in objects(folder) if document["kind"] == kind]
    spec: Object = found["spec"]["template"]["spec"]
    return spec


def services() -> dict[str, Object]:
    """The services of Compose."""
    found: dict[str, Object] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return found
