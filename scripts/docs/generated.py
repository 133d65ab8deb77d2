"""Which files are generated, and by what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .cli_page import cli_page
from .limits_page import limits_page
from .manifest_page import manifest_page
from .metrics_page import metrics_page
from .pacing_figure import pacing_figure
from .pacing_table import pacing_page

ROOT = Path(__file__).resolve().parents[2]

GENERATED: dict[str, Callable[[], str]] = {
    "docs/reference/cli.md": cli_page,
    "docs/reference/limits.md": limits_page,
    "docs/reference/manifest.md": manifest_page,
    "docs/reference/metrics.md": metrics_page,
    "docs/assets/pacing.svg": pacing_figure,
    "docs/pacing.md": pacing_page,
}
"""Files, from the root of the repository, and what makes their text."""
