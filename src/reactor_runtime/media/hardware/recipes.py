"""Which encoders are tried, with what settings, and what stands in for one that is lost.

Only those of codecs that the media engine can send encoded elsewhere: it negotiates VP8, VP9 and AV1, and no H.264.
Without VAAPI, which wants pictures in the card's memory. The settings ask for what every one of them is tried for
afterwards, whatever they are called in its driver: no delay, a constant bit rate, key frames when they are asked for.
"""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

logger = logging.getLogger("reactor.video")

AUTO, SOFTWARE = "auto", "software"
_WINDOWS = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "")
_NVIDIA = ("/dev/nvidia[0-9]*", "/dev/dxg", _WINDOWS + "nvEncodeAPI64.dll")
_INTEL = ("/dev/dri/renderD*", _WINDOWS + "libmfx64-gen.dll", _WINDOWS + "libmfxhw64.dll")
_AMD = ("/dev/kfd", _WINDOWS + "amfrt64.dll")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One encoder.

    Attributes:
        name: PyAV's.
        codec: what it writes, as SDP calls it.
        pixels: the form of pictures it takes: `yuv420p` or `nv12`.
        options: of FFmpeg.
        signs: patterns of files; there is such an encoder only where there is a file of one of them.
    """

    name: str
    codec: str
    pixels: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    signs: Sequence[str] = ()

    @property
    def present(self) -> bool:
        """Whether there may be such an encoder here. Takes microseconds."""
        return any(glob.glob(sign) for sign in self.signs)


_QSV = {"preset": "veryfast", "async_depth": "1", "forced_idr": "1", "low_delay_brc": "1"}

HARDWARE = (
    Recipe("av1_nvenc", "AV1", signs=_NVIDIA, options={
        "preset": "p3", "tune": "ull", "rc": "cbr", "delay": "0", "zerolatency": "1", "forced-idr": "1",
    }),
    Recipe("av1_qsv", "AV1", "nv12", signs=_INTEL, options=_QSV),
    Recipe("av1_amf", "AV1", "nv12", signs=_AMD, options={
        "usage": "ultralowlatency", "quality": "speed", "rc": "cbr", "async_depth": "1", "forced_idr": "1",
        "header_insertion_mode": "gop",
    }),
    Recipe("vp9_qsv", "VP9", "nv12", signs=_INTEL, options=_QSV),
)  # fmt: skip
"""Best first."""
NAMES = tuple(recipe.name for recipe in HARDWARE)

SPARES: Mapping[str, Recipe] = {
    "AV1": Recipe("libsvtav1", "AV1", options={
        # A faster preset leaves small things as they were.
        "preset": "9", "svtav1-params": "pred-struct=1:rc=2:hierarchical-levels=0:rtc=1:lp=1",
    }),
    "VP9": Recipe("libvpx-vp9", "VP9", options={
        "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "error-resilient": "1",
    }),
}  # fmt: skip
"""What goes on in software, in the same codec, for those who agreed on it: an offer is not made again."""


def choose(wanted: str, among: Sequence[Recipe] = HARDWARE) -> list[Recipe]:
    """The encoders to try, of those that may be here: all, none, or the one of that name."""
    named = [] if wanted == SOFTWARE else [one for one in among if wanted in (AUTO, one.name)]
    found = [one for one in named if one.present]
    if named and not found and wanted != AUTO:
        logger.warning("video: encoded in software: this machine has nothing for %s", wanted)
    return found
