"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# An example's time says how busy the machine is, not whether the code is right. In CI the same examples every time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
