"""The few functions and structures of libvpx that an encoder needs, called in the library that PyAV brings along.

PyAV itself opens an encoder with one bit rate for its life. Names, orders and numbers are those of `vpx_encoder.h`,
`vpx_image.h` and `vp8cx.h` (libvpx 1.8 to 1.16 have them alike). Only what stands first in `vpx_codec_enc_cfg` is
named; what is behind differs between versions, and is left as the library fills it in.
"""

from __future__ import annotations

import ctypes as c
import ctypes.util
import logging
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

logger = logging.getLogger("reactor.video")

OK = 0
_ABI_MISMATCH = 3
_ABIS = range(20, 80)
"""Numbers that versions of the library have had for the layout of its structures, and some to come."""
_DEFAULTS = {"g_w": 320, "g_h": 240, "g_timebase_den": 30, "rc_target_bitrate": 256, "kf_max_dist": 128}
"""What VP8's configuration comes with. Other numbers there: the layout is another one."""


class Config(c.Structure):
    """`vpx_codec_enc_cfg`, of which the rest is room."""

    _fields_ = (
        *((name, c.c_uint) for name in ("g_usage", "g_threads", "g_profile", "g_w", "g_h")),
        ("g_bit_depth", c.c_int),
        ("g_input_bit_depth", c.c_uint),
        ("g_timebase_num", c.c_int),
        ("g_timebase_den", c.c_int),
        ("g_error_resilient", c.c_uint32),
        ("g_pass", c.c_int),
        ("g_lag_in_frames", c.c_uint),
        ("rc_dropframe_thresh", c.c_uint),
        *((f"rc_resize_{index}", c.c_uint) for index in range(5)),
        ("rc_end_usage", c.c_int),
        *((f"stats_{index}", c.c_size_t) for index in range(4)),
        *(
            (name, c.c_uint)
            for name in (
                "rc_target_bitrate",
                "rc_min_quantizer",
                "rc_max_quantizer",
                "rc_undershoot_pct",
                "rc_overshoot_pct",
                "rc_buf_sz",
                "rc_buf_initial_sz",
                "rc_buf_optimal_sz",
                "rc_2pass_0",
                "rc_2pass_1",
                "rc_2pass_2",
                "rc_2pass_3",
            )
        ),
        ("kf_mode", c.c_int),
        ("kf_min_dist", c.c_uint),
        ("kf_max_dist", c.c_uint),
        ("rest", c.c_char * 4096),
    )


class Packet(c.Structure):
    """`vpx_codec_cx_pkt` of the kind that is a frame."""

    _fields_ = (
        ("kind", c.c_int),
        ("buf", c.c_void_p),
        ("sz", c.c_size_t),
        ("pts", c.c_int64),
        ("duration", c.c_ulong),
        ("flags", c.c_uint32),
    )


Context = c.c_char * 1024
"""Room for a `vpx_codec_ctx`, which is smaller."""
Image = c.c_char * 1024
"""Room for a `vpx_image`."""
I420 = 0x102
FRAME_PACKET = 0
KEY_FRAME = 1
FORCE_KEY_FRAME = 1
REALTIME = 1
CBR = 1
CPUUSED, NOISE_SENSITIVITY, STATIC_THRESHOLD, TOKEN_PARTITIONS, MAX_INTRA = 13, 15, 17, 18, 26


class Libvpx:
    """The library's functions.

    Args:
        path: of the library.

    Raises:
        OSError: there is none, or it is not one that this knows.
    """

    def __init__(self, path: str) -> None:
        try:
            # Encoding lets other threads of Python run; for what takes a microsecond that would cost more than it does.
            slow, quick = c.CDLL(path), c.PyDLL(path)
            self.interface = _typed(quick.vpx_codec_vp8_cx, c.c_void_p)()
            self.defaults = _typed(quick.vpx_codec_enc_config_default, c.c_int, c.c_void_p, c.c_void_p, c.c_uint)
            init = (c.c_void_p, c.c_void_p, c.c_void_p, c.c_long, c.c_int)
            self._init = _typed(slow.vpx_codec_enc_init_ver, c.c_int, *init)
            self.configure = _typed(quick.vpx_codec_enc_config_set, c.c_int, c.c_void_p, c.c_void_p)
            # One argument more is passed, of any type: it is named nowhere, so that it goes where such ones go.
            self.control = _typed(quick.vpx_codec_control_, c.c_int, c.c_void_p, c.c_int)
            wrap = (c.c_void_p, c.c_int, c.c_uint, c.c_uint, c.c_uint, c.c_void_p)
            self.wrap = _typed(quick.vpx_img_wrap, c.c_void_p, *wrap)
            encode = (c.c_void_p, c.c_void_p, c.c_int64, c.c_ulong, c.c_long, c.c_ulong)
            self.encode = _typed(slow.vpx_codec_encode, c.c_int, *encode)
            self.packet = _typed(quick.vpx_codec_get_cx_data, c.POINTER(Packet), c.c_void_p, c.c_void_p)
            self.destroy = _typed(slow.vpx_codec_destroy, c.c_int, c.c_void_p)
            self._said = _typed(quick.vpx_codec_err_to_string, c.c_char_p, c.c_int)
            self.version = _typed(quick.vpx_codec_version_str, c.c_char_p)().decode()
        except AttributeError as error:
            raise OSError(f"{path} is not libvpx with VP8: {error}") from None
        config = self.config()
        found = {name: getattr(config, name) for name in _DEFAULTS}
        if found != _DEFAULTS:
            raise OSError(f"{path} ({self.version}) lays its configuration out in a way that is not known: {found}")
        self._abi = self._find_abi(config, path)

    def config(self) -> Config:
        """The configuration that VP8 comes with.

        Raises:
            OSError: the library gives none.
        """
        config = Config()
        self.check(self.defaults(self.interface, c.byref(config), 0), "vpx_codec_enc_config_default")
        return config

    def open(self, context: c.Array[c.c_char], config: Config) -> None:
        """Open an encoder in `context`.

        Raises:
            OSError: the library does not take the configuration.
        """
        self.check(self._init(context, self.interface, c.byref(config), 0, self._abi), "vpx_codec_enc_init")

    def check(self, code: int, what: str) -> None:
        """Raise OSError unless `code` says that it went well."""
        if code != OK:
            raise OSError(f"{what}: {self.said(code)}")

    def said(self, code: int) -> str:
        """What the library calls that error."""
        return str(self._said(code).decode())

    def _find_abi(self, config: Config, path: str) -> int:
        for abi in _ABIS:
            context = Context()
            code = self._init(context, self.interface, c.byref(config), 0, abi)
            if code == OK:
                self.destroy(context)
            if code != _ABI_MISMATCH:
                self.check(code, "vpx_codec_enc_init")
                return abi
        raise OSError(f"{path} ({self.version}) has a layout of its structures that is not known")


@cache
def find() -> Libvpx | None:
    """The library, or None where there is none that works: the log says why. Looked for once."""
    problems = []
    for path in _places():
        try:
            found = Libvpx(path)
        except OSError as error:
            problems.append(str(error))
        else:
            logger.debug("VP8 is encoded by libvpx %s in %s", found.version, path)
            return found
    logger.info("no libvpx of our own: %s", "; ".join(problems) or "PyAV brings none, and the system has none")
    return None


def _places() -> Iterator[str]:
    av = find_spec("av")
    for folder in [] if av is None else map(Path, av.submodule_search_locations or ()):
        # Where wheels keep their libraries: on Linux and Windows beside the package, on macOS in it.
        for beside in (folder.parent / "av.libs", folder / ".dylibs"):
            yield from map(str, sorted(beside.glob("*vpx*")))
    system = ctypes.util.find_library("vpx")
    if system is not None:
        yield system


def _typed(function: Any, result: Any, *arguments: Any) -> Any:
    function.restype = result
    function.argtypes = arguments
    return function
