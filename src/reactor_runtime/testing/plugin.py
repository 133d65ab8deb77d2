"""The pytest plugin: the fixture `harness`. Installed with the package, it needs no line in a conftest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .harness import Harness


@pytest.fixture
def harness() -> Iterator[Callable[..., Harness]]:
    """Run models: `harness(MyModel)` is a `reactor_runtime.testing.Harness` that is closed at the end of the test."""
    from .harness import Harness  # pytest loads this module in every run; the runtime, only where it is used

    with ExitStack() as open_ones:

        def make(model: Any, **options: Any) -> Harness:
            made = Harness(model, **options)
            open_ones.callback(made.close)
            return made

        yield make
