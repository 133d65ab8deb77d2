"""The pages: where they are, and the fenced blocks on them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        language: what stands behind the fence; empty where nothing does.
        title: the file it is, as `title="glow.py"` says; empty for most.
        body: what is in it.
        page, line: where it begins.
    """

    language: str
    title: str
    body: str
    page: Path
    line: int

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def name_of(page: Path) -> str:
    """A page in the name of a test."""
    return str(page.relative_to(ROOT).with_suffix(""))


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page, of one language where that is given."""
    text = page.read_text()
    found: list[Block] = []
    for match in _FENCE.finditer(text):
        words = shlex.split(match["info"])
        options = dict(word.partition("=")[::2] for word in words[1:])
        line = text.count("\n", 0, match.start("body")) + 1
        found.append(Block(words[0] if words else "", options.get("title", ""), match["body"], page, line))
    return [block for block in found if language in (None, block.language)]


def all_blocks(language: str) -> list[Block]:
    """The fenced blocks of a language on all pages."""
    return [block for page in PAGES for block in blocks(page, language)]
