"""Which encoder serves which viewers of a track: one for each codec, and for each layer of bandwidth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ....clock import Clock
from ....counters import Counters
from ....engine.measures import Histogram
from ....media.live import Make
from .encoders import SharedEncoder
from .layers import Layers
from .viewer import EncodedViewer


@dataclass(frozen=True, slots=True)
class Seat:
    """An encoder, its target in bit/s, and those it serves."""

    encoder: SharedEncoder
    bits_per_second: int
    viewers: tuple[EncodedViewer, ...]


class _Row:
    """The encoders of one codec, best first."""

    def __init__(self, codec: str, new: Callable[[], SharedEncoder], left: list[SharedEncoder]) -> None:
        self._codec = codec
        self._new = new
        self._left = left
        self._layers: Layers[EncodedViewer] = Layers()
        self.encoders: list[SharedEncoder] = []

    def arrange(
        self, targets: Mapping[EncodedViewer, int], now: float, places: dict[EncodedViewer, tuple[str, int]]
    ) -> list[Seat]:
        """The seats of those with such targets; where each of them sits is put into `places`."""
        layers = self._layers.arrange(targets, now)
        while len(self.encoders) < len(layers):
            self.encoders.append(self._new())
        while len(self.encoders) > len(layers):
            self._left.append(self.encoders.pop())
        places |= {viewer: (self._codec, index) for index, layer in enumerate(layers) for viewer in layer.viewers}
        return [
            Seat(encoder, layer.bits_per_second, layer.viewers)
            for encoder, layer in zip(self.encoders, layers, strict=True)
        ]


class Seats:
    """All of one track. On one thread.

    Args:
        make: gives what makes the encoders of a codec.
        times: told how long each picture takes.
    """

    def __init__(self, make: Callable[[str], Make], clock: Clock, counters: Counters, times: Histogram) -> None:
        self._make = make
        self._times = times
        self._clock = clock
        self._counters = counters
        self._rows: dict[str, _Row] = {}
        self._places: dict[EncodedViewer, tuple[str, int]] = {}
        self.left: list[SharedEncoder] = []
        """Encoders that serve nobody any more, for `free_left`."""

    def arrange(self, viewers: Iterable[EncodedViewer], most: int, now: float) -> list[Seat]:
        """Who is served by which encoder now; who changes waits for a key frame.

        Args:
            viewers: those that play.
            most: the bit rate that nobody is given more than, in bit/s.
            now: in seconds of the clock.
        """
        targets: dict[str, dict[EncodedViewer, int]] = {codec: {} for codec in self._rows}
        for viewer in viewers:
            if target := min(viewer.bits_per_second, most):
                targets.setdefault(viewer.codec, {})[viewer] = target
        places: dict[EncodedViewer, tuple[str, int]] = {}
        seats = [seat for codec in targets for seat in self._row(codec).arrange(targets[codec], now, places)]
        for viewer, place in places.items():
            viewer.dark |= self._places.get(viewer, place) != place
        self._places = places
        return seats

    def forget(self) -> None:
        """Give the last picture to nobody any more."""
        for row in self._rows.values():
            for encoder in row.encoders:
                encoder.forget()

    def free_left(self) -> None:
        """Free the encoders that serve nobody any more, which takes milliseconds: not for where somebody waits."""
        while self.left:
            self.left.pop().close()

    def close(self) -> None:
        """Free the encoders."""
        self.free_left()
        for row in self._rows.values():
            for encoder in row.encoders:
                encoder.close()

    def _row(self, codec: str) -> _Row:
        row = self._rows.get(codec)
        if row is None:
            row = self._rows[codec] = _Row(codec, lambda: self._new(codec), self.left)
        return row

    def _new(self, codec: str) -> SharedEncoder:
        return SharedEncoder(self._make(codec), self._clock, self._counters, self._times, codec)
