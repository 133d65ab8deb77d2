"""One VP8 stream, encoded on the computer's own processor."""

from __future__ import annotations

import ctypes as c

import numpy as np
from numpy.typing import NDArray

from ...errors import EncoderError
from ..live import Encoded
from . import libvpx
from .libvpx import Libvpx

_TICKS = 90_000
"""Ticks a second, as RTP counts video (RFC 7741, section 4.1)."""
_BUSY = 1280 * 720
"""So many pixels and more are a lot for one thread."""
_SPEED, _BUSY_SPEED = -10, -12
"""How much is tried to save bits; further from 0 is less. Against -6 that costs 0.1 to 0.4 dB, and 0.2 to 0.9 dB, and
saves a sixth, and a quarter, of the time."""
_FAST = 1_500_000


class Vp8Encoder:
    """Encodes pictures of one size, without delay: what goes in comes out, or is left out.

    Args:
        library: libvpx.
        width, height: in pixels, even.
        bits_per_second: the target to begin with.

    Raises:
        EncoderError: the library takes no such encoder.
    """

    def __init__(self, library: Libvpx, width: int, height: int, bits_per_second: int) -> None:
        self._library = library
        self._context = libvpx.Context()
        self._image = libvpx.Image()
        self._open = False
        self._pts = -1
        self._size = width, height
        config = self._config = library.config()
        config.g_w, config.g_h = width, height
        # A second thread holds frames back. One at 1080p30 has time left on a slow core.
        config.g_threads = 1
        config.g_timebase_num, config.g_timebase_den = 1, _TICKS
        config.g_lag_in_frames = 0
        config.rc_end_usage = libvpx.CBR
        config.rc_target_bitrate = _kilobits(bits_per_second)
        # What goes over the target is made up for by a picture left out, rather than by a queue before the network.
        config.rc_dropframe_thresh = 30
        config.rc_min_quantizer, config.rc_max_quantizer = 2, 56
        config.rc_undershoot_pct, config.rc_overshoot_pct = 100, 15
        config.rc_buf_sz, config.rc_buf_initial_sz, config.rc_buf_optimal_sz = 1000, 500, 600
        config.kf_mode, config.kf_max_dist = 0, 0  # key frames come when they are asked for
        try:
            library.open(self._context, config)
            self._open = True
            self._control(libvpx.CPUUSED, _SPEED if width * height < _BUSY else _BUSY_SPEED)
            self._control(libvpx.NOISE_SENSITIVITY, 0)
            self._control(libvpx.STATIC_THRESHOLD, 1)
            self._control(libvpx.TOKEN_PARTITIONS, 0)
            self._bound_key_frames()
        except OSError as error:
            self.close()
            raise EncoderError(f"no VP8 encoder of {width}x{height}: {error}") from error

    @property
    def name(self) -> str:
        """The library's."""
        return "libvpx"

    @property
    def bits_per_second(self) -> int:
        """The target."""
        return int(self._config.rc_target_bitrate) * 1000

    def aim_at(self, bits_per_second: int) -> None:
        """Change the target, from the next picture on.

        Raises:
            EncoderError: the library does not.
        """
        wanted = _kilobits(bits_per_second)
        if wanted != self._config.rc_target_bitrate:
            self._config.rc_target_bitrate = wanted
            try:
                self._library.check(self._library.configure(self._context, c.byref(self._config)), "vpx config")
                self._bound_key_frames()
            except OSError as error:
                raise EncoderError(f"a target of {wanted} kbit/s: {error}") from error

    def encode(self, planes: NDArray[np.uint8], at: float, *, key: bool = False) -> Encoded | None:
        """Encode one picture. With the GIL released.

        Args:
            planes: I420, contiguous, of the encoder's size.
            at: when it is shown, in seconds of any clock; where that is not after the last one, it is a tick after it.
            key: make it a key frame.

        Returns:
            None where it is left out, since bits are lacking.

        Raises:
            EncoderError: the library takes no such picture.
        """
        width, height = self._size
        assert planes.flags.c_contiguous and planes.nbytes == width * height * 3 // 2
        pts, last = round(at * _TICKS), self._pts
        self._pts = max(pts, last + 1)
        lasts = min(self._pts - last, _TICKS) if last >= 0 else _TICKS // 30
        library = self._library
        library.wrap(self._image, libvpx.I420, width, height, 1, planes.ctypes.data)
        flags = libvpx.FORCE_KEY_FRAME if key else 0
        code = library.encode(self._context, self._image, self._pts, lasts, flags, libvpx.REALTIME)
        if code != libvpx.OK:
            raise EncoderError(f"a picture of {width}x{height}: {library.said(code)}")
        position = c.c_void_p()
        found = None
        while packet := library.packet(self._context, c.byref(position)):
            frame = packet.contents
            if frame.kind == libvpx.FRAME_PACKET:
                found = Encoded(c.string_at(frame.buf, frame.sz), bool(frame.flags & libvpx.KEY_FRAME))
        return found

    def close(self) -> None:
        """Free it. May be called more than once."""
        if self._open:
            self._open = False
            self._library.destroy(self._context)

    def __del__(self) -> None:
        self.close()

    def _bound_key_frames(self) -> None:
        """A key frame has so many percent of a frame's share of bits at most: on a slow way, pictures wait for it."""
        self._control(libvpx.MAX_INTRA, 900 if self.bits_per_second >= _FAST else 450)

    def _control(self, control: int, value: int) -> None:
        self._library.check(self._library.control(self._context, control, c.c_int(value)), f"vpx control {control}")


def _kilobits(bits_per_second: int) -> int:
    return max(1, bits_per_second // 1000)
