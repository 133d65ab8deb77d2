"""How the eye moves: held keys push it, a glance turns it, and neither starts or stops it at once.

It goes by time and not by frames: a stretch flown in many small steps ends where one flown in a few large ones does.
"""

from __future__ import annotations

import math
from typing import Literal

from eye import FOCAL, HEIGHT, WIDTH, Eye
from land import SIZE, Land

Key = Literal["forward", "back", "left", "right", "up", "down", "turn_left", "turn_right", "fast"]

SPEED, RISE, TURN = 24.0, 16.0, 0.8
"""The speed along the ground and upwards, in cells a second, and the turn of the keys, in radians a second."""
FAST = 3.0
"""How many times as fast it is with the key for that."""
EASE, GLANCE = 0.35, 0.25
"""In so many seconds all but a third of a change of speed, or of a glance, is done."""
LOWEST, HIGHEST = 5.0, 240.0
"""The least height above the ground, and the greatest above the water."""
STEEPEST = 0.45
"""The most that one can look up or down, in radians. The picture is only shifted for it: beyond, that shows."""


class Flight:
    """An eye that flies over a land.

    Attributes:
        held: the keys that each client holds, by its id. All of them count: two people can fly together.
        alone: nobody has steered yet. Until then it flies by itself, at an easy pace.
    """

    def __init__(self, land: Land) -> None:
        self.held: dict[int, set[Key]] = {}
        self.alone = True
        self.move_to(land)

    def move_to(self, land: Land) -> None:
        """Be where that land has its best view, at rest. What is held stays so."""
        self.land = land
        (self._x, self._y), self._heading = land.outlook
        self._z = land.height(self._x, self._y) + 30.0
        self._pitch = 0.0
        self._speed = [0.0, 0.0, 0.0, 0.0]  # ahead, to the right, upwards, and turning to the right
        self._glance = (0.0, 0.0)  # how far it has yet to turn, right and up

    def press(self, client: int, key: Key) -> None:
        """A client holds a key. To say so twice is no more than once, as with a keyboard that repeats."""
        self.alone = False
        self.held.setdefault(client, set()).add(key)

    def release(self, client: int, key: Key) -> None:
        """A client lets a key go."""
        self.held.get(client, set()).discard(key)

    def release_all(self, client: int) -> None:
        """A client is gone."""
        self.held.pop(client, None)

    def look(self, x: float, y: float) -> None:
        """Turn to a point of the picture, 0..1 from its top left corner, until that is in the middle."""
        self.alone = False
        self._glance = (math.atan((x - 0.5) * WIDTH / FOCAL), math.atan((0.5 - y) * HEIGHT / FOCAL))

    @property
    def eye(self) -> Eye:
        """Where it is and looks to. It leans into its turns."""
        return Eye(self._x, self._y, self._z, self._heading, self._pitch, roll=0.25 * self._speed[3])

    def step(self, seconds: float) -> None:
        """Go on for some time."""
        moved = [self._ease(axis, wanted, seconds) for axis, wanted in enumerate(self._wanted())]
        right, up = (angle * -math.expm1(-seconds / GLANCE) for angle in self._glance)
        self._glance = (self._glance[0] - right, self._glance[1] - up)
        self._pitch = min(max(self._pitch + up, -STEEPEST), STEEPEST)

        # Along a bend it goes as the chord does, whose heading is the one halfway.
        turned = moved[3] + right
        middle = Eye(self._x, self._y, self._z, self._heading + turned / 2)
        self._heading = (self._heading + turned) % math.tau
        self._x, self._y = (
            (here + moved[0] * ahead + moved[1] * side) % SIZE
            for here, ahead, side in zip((self._x, self._y), middle.ahead, middle.right, strict=False)
        )
        self._z = min(self._z + moved[2], HIGHEST)
        low = self._ground_ahead() + LOWEST - self._z
        if low > 0.0:  # pushed up, softly
            self._z -= low * math.expm1(-seconds / 0.3)
            self._z = max(self._z, self.land.height(self._x, self._y) + 1.0)

    def _wanted(self) -> tuple[float, float, float, float]:
        """The speeds that the keys ask for: ahead, to the right, upwards, and turning to the right."""
        if self.alone:
            return 0.6 * SPEED, 0.0, 0.6 * (self._ground_ahead() + 36.0 - self._z), 0.04
        keys = set().union(*self.held.values())

        def along(plus: Key, minus: Key) -> float:
            return float((plus in keys) - (minus in keys))

        pace = FAST if "fast" in keys else 1.0
        room = max(self._z - self._ground_ahead() - LOWEST, 0.0)  # it comes down softly
        return (
            pace * SPEED * along("forward", "back"),
            pace * SPEED * along("right", "left"),
            max(pace * RISE * along("up", "down"), -room / EASE),
            TURN * along("turn_right", "turn_left"),
        )

    def _ease(self, axis: int, wanted: float, seconds: float) -> float:
        """Bring one speed nearer to the wanted one; how far that leads, which is its integral over the time."""
        before = self._speed[axis] - wanted
        after = before * math.exp(-seconds / EASE)
        self._speed[axis] = wanted + after
        return wanted * seconds + EASE * (before - after)

    def _ground_ahead(self) -> float:
        """The highest ground of the next two seconds of this flight."""
        east, south = (
            ahead * self._speed[0] + side * self._speed[1]
            for ahead, side in zip(self.eye.ahead[:2], self.eye.right[:2], strict=True)
        )
        return max(
            self.land.height(self._x + part * east, self._y + part * south) for part in (0.0, 0.5, 1.0, 1.5, 2.0)
        )
