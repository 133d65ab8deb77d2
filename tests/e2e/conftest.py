"""Everything in this folder talks to a real server over the loopback interface."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from scripts.browser_tools import ToolMissing, check_packages, chromium, node
from tests.e2e.server import Server, serve

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the server's log beside a failure."""
    report = yield
    if report.failed:
        for fixture in getattr(item, "funcargs", {}).values():
            if isinstance(fixture, Server):
                report.sections.append((f"log of the server at {fixture.url}", fixture.log))
    return report


@pytest.fixture(scope="session")
def bars() -> Iterator[Server]:
    """The reference model of the official clients' checks, served; whoever starts its session ends it."""
    with serve(HERE / "bars") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Path:
    """The browser; without what it needs the tests fail rather than being skipped."""
    try:
        node()
        check_packages()
        return chromium()
    except ToolMissing as problem:
        pytest.fail(str(problem), pytrace=False)
