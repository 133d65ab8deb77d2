"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from .limit_marks import watched

# An example's time says how busy the machine is, not whether the code is right. In CI the same examples every time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--lift-limits", action="store_true", help="run the tests of limits without their limit: each has to fail"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With --lift-limits, a test of several limits runs once for each."""
    marks = [mark.args[0] for mark in metafunc.definition.iter_markers("limit")]
    if marks and metafunc.config.getoption("lift_limits"):
        metafunc.fixturenames.append("lifted_limit")
        metafunc.parametrize("lifted_limit", marks)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("lift_limits"):
        items[:] = [item for item in items if item.get_closest_marker("limit")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """See `limit_marks`."""
    marks = list(item.iter_markers("limit"))
    if not marks:
        return (yield)
    lifted = item.callspec.params.get("lifted_limit") if hasattr(item, "callspec") else None  # type: ignore[attr-defined]
    with watched(frozenset({lifted} if lifted else ())) as seen:
        try:
            outcome = yield
        except (Exception, pytest.fail.Exception):
            if lifted:
                return None
            raise
    if lifted:
        pytest.fail(f"it passes without the limit {lifted}, so it does not test that", pytrace=False)
    for mark in marks:
        name, counter = mark.args[0], mark.kwargs.get("counted")
        if name not in seen.limits:
            pytest.fail(f"the code under test never read the limit {name}", pytrace=False)
        if counter is not None and counter not in seen.counted:
            pytest.fail(f"{counter} was not counted, but {sorted(seen.counted)}", pytrace=False)
    return outcome
