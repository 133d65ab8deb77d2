"""Strategies for what clients put into their messages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from reactor_runtime.wire.messages import UploadReference

EXACT = 2**53
"""Integers up to here are the same as doubles, which is all the protobuf wire has."""

# What UTF-8 can say: no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.sampled_from(["", "null", "1", "true", "a\u0000b", "\u2028", "\U0001f600"])
)


def nested(depth: int) -> st.SearchStrategy[Any]:
    """JSON that nests at most `depth` containers deep."""
    if depth < 1:
        return scalars
    inner = st.deferred(lambda: nested(depth - 1))
    return scalars | st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)


objects = st.dictionaries(texts, nested(4), max_size=4)
references = st.builds(UploadReference, names, texts, texts, st.integers(0, EXACT))
