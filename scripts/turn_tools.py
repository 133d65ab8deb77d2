"""coturn, the TURN server that the tests relay media with: where it is, and how it gets here.

`python -m scripts.turn_tools` installs it where that can be done without asking. Without it the tests that need it are
skipped, unless `REQUIRE_COTURN` is set, as .ci/run does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.browser_tools import ToolMissing, as_root, install

_SERVICE = "coturn.service"
_SYSTEMD = Path("/run/systemd/system")
_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin")
"""A user's PATH has not all of these."""


def turnserver() -> Path:
    """coturn's server.

    Raises:
        ToolMissing: it is not here.
    """
    found = shutil.which("turnserver") or shutil.which("turnserver", path=":".join(_FOLDERS))
    if found is None:
        raise ToolMissing("no coturn found. Install it: sudo apt-get install coturn, or brew install coturn")
    return Path(found)


def ensure_turnserver() -> None:
    """Install coturn where a package manager can without asking. Its service does not start.

    Raises:
        ToolMissing: it is not here and cannot be installed.
    """
    try:
        turnserver()
        return
    except ToolMissing:
        prefix = as_root()
        if shutil.which("apt-get") is None or prefix is None:
            raise
    print("Installing coturn with apt-get (once) …", flush=True)
    if _SYSTEMD.is_dir():
        # Debian starts what it installs, and nobody has asked for a TURN server on this machine.
        subprocess.run([*prefix, "systemctl", "mask", _SERVICE], capture_output=True, timeout=60, check=False)
        print(f"Its service is masked; `systemctl unmask {_SERVICE}` makes it one that starts.", flush=True)
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "coturn"]):
        install([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *arguments], "coturn")
    turnserver()


def main() -> int:
    """Install it if it is missing, and say where that could not be done. Always 0: the tests say what they skip."""
    try:
        ensure_turnserver()
    except ToolMissing as problem:
        print(f"The tests of relayed media will be skipped: {problem}", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
