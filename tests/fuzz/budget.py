"""How many examples a property gets: the same ones every time, or with `FUZZ=20` twenty times as many, new ones each
time (`make fuzz`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("FUZZ", "1"))


def budget(examples: int, **options: object) -> settings:
    """Settings for a property that gets `examples` of them."""
    return settings(
        max_examples=examples * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        # How long an example takes says how busy the machine is.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        **options,  # type: ignore[arg-type]
    )
