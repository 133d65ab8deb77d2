"""The documentation as a site: it builds without a warning, every page is in it, and it asks nobody for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from scripts.docs.generated import GENERATED

from .pages import DOCS, PAGES, ROOT, name_of

_FROM_ELSEWHERE = re.compile(r"(https?:)?//", re.IGNORECASE)
_REQUESTS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Requests(HTMLParser):
    """The addresses that a browser asks for when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(_REQUESTS.get(tag, ""))
        if address:
            self.addresses.append(address)


def test_it_builds_without_a_warning_and_has_each_page(site):
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file(), page


def test_it_asks_nobody_for_anything(site):
    asked = 0
    for page in site.rglob("*.html"):
        requests = Requests()
        requests.feed(page.read_text())
        asked += len(requests.addresses)
        assert not [address for address in requests.addresses if _FROM_ELSEWHERE.match(address)], page
    assert asked
    for sheet in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//", sheet.read_text()), sheet


def test_each_address_within_it_leads_to_a_page_and_a_heading(site):
    anchors = {page: set(re.findall(r'\bid="?([^"\s>]+)', page.read_text())) for page in site.rglob("*.html")}
    for page, text in ((page, page.read_text()) for page in anchors):
        for address in re.findall(r'<a[^>]*\shref="?([^"\s>]+)', text):
            path, _, anchor = address.partition("#")
            if _FROM_ELSEWHERE.match(path) or page.name == "404.html":
                continue
            target = (page.parent / path).resolve() if path not in ("", ".") else page
            assert target.is_file(), f"{page.name} leads to {address}"
            assert not anchor or anchor == "__skip" or anchor in anchors[target], f"{page.name} leads to {address}"


def test_the_navigation_holds_each_page_once():
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    named = re.findall(r"[\w/-]+\.md", yaml.safe_dump(navigation))
    assert sorted(named) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent == ROOT], ids=name_of)
def test_what_the_repositorys_own_pages_link_to_is_there(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_what_the_code_says(name):
    assert (ROOT / name).read_text() == GENERATED[name](), f"{name} is of another day: make docs"
