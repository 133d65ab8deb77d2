"""What viewers come to the video tracks with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import reactor_webrtc as rw

from ....clock import Clock
from ....counters import Counters
from .outputs import OutputTrack
from .retired import Retired
from .ticks import Ticker, make_tickers

logger = logging.getLogger("reactor.webrtc")


class Desk:
    """On the server's loop.

    Args:
        factory: the media engine.
        outputs: the video tracks, by name.

    Attributes:
        factory, clock, counters: as given.
        turn: the engine gives the next encoder it makes to the track that was made first of those without one. So from
            making a track until it has its encoder, it is the turn of one viewer alone.
        retired: the tracks of viewers who have gone.
    """

    def __init__(
        self, factory: rw.PeerConnectionFactory, outputs: Mapping[str, OutputTrack], clock: Clock, counters: Counters
    ) -> None:
        self.factory = factory
        self.clock = clock
        self.counters = counters
        self.turn = asyncio.Lock()
        self.retired = Retired()
        self._outputs = outputs
        self._tickers: Mapping[str, Ticker] | None = None

    async def prepare(self) -> Mapping[str, Ticker]:
        """The tickers of all tracks that are encoded for all viewers; the first time, they are made."""
        async with self.turn:
            if self._tickers is None:
                names = [name for name, output in self._outputs.items() if output.library is not None]
                try:
                    self._tickers = await make_tickers(self.factory, names) if names else {}
                except (RuntimeError, TimeoutError) as error:
                    self.counters.add("transport.faults")
                    logger.warning("the media engine encodes for each viewer alone: %s", str(error) or "no answer")
                    self._tickers = {}
                for name, ticker in self._tickers.items():
                    self._outputs[name].ticker = ticker
            return self._tickers
