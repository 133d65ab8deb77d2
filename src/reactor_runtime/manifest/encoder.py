"""What a manifest says of the encoder of video."""

from __future__ import annotations

from ..media.hardware import AUTO, NAMES, SOFTWARE
from .document import Section
from .keys import expected, known


def read_encoder(runtime: Section) -> str:
    """`auto`, `software`, or the name of a hardware encoder.

    Raises:
        ManifestError: it is none of these.
    """
    video = runtime.section("video")
    video.warn_unknown(known("runtime.video"))
    words = expected("runtime.video.encoder")
    wanted = video.text("encoder", words) or AUTO
    if wanted not in (AUTO, SOFTWARE, *NAMES):
        video.fail("encoder", words, wanted)
    return wanted
