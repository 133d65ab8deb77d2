"""Which viewers of a track share an encoder: those that can take about as many bits a second."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

MOST = 3
"""Encoders for one track: each takes the processor as much time as all the rest of a frame."""
_APART = 0.6
"""Who can take less than so much of what the best one can is given an encoder of its own …"""
_TOGETHER = 0.8
"""… and comes back above so much of it, so that nobody changes to and fro."""
_SETTLE = 2.0
"""Seconds for which that has to be so: to change the encoder costs a key frame. Until then all of them get less."""
_RAISE = 1.05
"""A target rises by steps of at least so much; it falls at once."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Layer(Generic[Key]):
    """One encoder: its target in bit/s, which each of its viewers can take, and who they are."""

    bits_per_second: int
    viewers: tuple[Key, ...]


class Layers(Generic[Key]):
    """Keeps viewers in layers, best first, and lets them change where their targets have come apart for a while."""

    def __init__(self) -> None:
        self._at: dict[Key, int] = {}
        self._since: float | None = None
        self._rates: dict[int, int] = {}

    def arrange(self, targets: Mapping[Key, int], now: float) -> list[Layer[Key]]:
        """The layers for viewers with these targets in bit/s at `now`, in seconds; without an empty one."""
        wanted = self._wanted(targets)
        kept = {viewer: self._at.get(viewer, wanted[viewer]) for viewer in targets}
        if kept == wanted:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= _SETTLE:
            kept, self._since = wanted, None
        # Where the last viewer of a layer has gone, those behind it move up.
        order = {layer: index for index, layer in enumerate(sorted(set(kept.values())))}
        self._at = {viewer: order[layer] for viewer, layer in kept.items()}
        rates = {}
        layers = []
        for index in range(len(order)):
            viewers = tuple(viewer for viewer, layer in self._at.items() if layer == index)
            least = min(targets[viewer] for viewer in viewers)
            before = self._rates.get(index, 0)
            rates[index] = before if before <= least < before * _RAISE else least
            layers.append(Layer(rates[index], viewers))
        self._rates = rates
        return layers

    def _wanted(self, targets: Mapping[Key, int]) -> dict[Key, int]:
        wanted: dict[Key, int] = {}
        layer, best = 0, None
        for viewer in sorted(targets, key=lambda viewer: -targets[viewer]):
            if best is None:
                best = viewer
            near = _APART if self._at.get(viewer) == self._at.get(best) else _TOGETHER
            if layer < MOST - 1 and targets[viewer] < near * targets[best]:
                layer, best = layer + 1, viewer
            wanted[viewer] = layer
        return wanted
