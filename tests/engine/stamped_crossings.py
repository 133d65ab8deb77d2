"""What may be under way when its session ends, its clients leave, or `run()` fails."""

from __future__ import annotations

from .stamped_play import Play

UNDER_WAY = ("slow", "later", "step", "file", "stored", "newest", "never")
"""A handler, what a handler left behind, a step of `run()`, a file on its way, a file that has come while a handler
runs, commands of which the newest counts, and a handler without an end."""
CHANGES = ("nothing", "flush", "next session", "all change", "all leave", "vanish", "crash")


def next_session(play: Play, wait: bool) -> None:
    """The session ends, and the next one has somebody in it: once it has closed, or as soon as may be."""
    play.stop(wait)
    play.start()
    play.joins()


def everybody_changes(play: Play) -> None:
    """Those who are there leave, and somebody else comes, all at once."""
    for seat in play.seats:
        play.leaves(seat)
    play.joins()


def cross(play: Play, what: str, takes: float, change: str, *, begun: bool, time: float) -> None:
    """Let `what` begin, which takes so long, then `change` something, and let `time` pass.

    Args:
        begun: whether time passes before the change, so that it is under way then and not only to be done.
    """
    play.start()
    play.joins()
    seat = play.seats[-1]
    match what:
        case "slow" | "later" | "never":
            play.says(seat, [what, "echo"], takes)
        case "newest":
            play.says(seat, ["slow", "newest", "newest", "flush"], takes)
        case "step":
            play.behaves(takes, 2, 0.0)
        case "file":
            play.declares()
            play.uses(seat, play.uploads[-1])
            play.writes(play.uploads[-1], at_once=False)
        case "stored":
            play.says(seat, ["slow"], takes)
            play.declares()
            play.writes(play.uploads[-1], at_once=True)
    if begun:
        play.passes(0.05)
        play.says(seat, ["echo"])
    match change:
        case "next session":
            next_session(play, wait=begun)
        case "all change":
            everybody_changes(play)
        case "all leave":
            for each in play.seats:
                play.leaves(each)
        case "flush":
            play.says(seat, ["flush"])
        case "vanish":
            play.vanishes(seat)
        case "crash":
            play.says(seat, ["crash"])
    play.passes(time)
    if what in ("file", "stored"):
        play.writes(play.uploads[-1], at_once=True)
        play.uses(play.seats[-1], play.uploads[-1])
        play.rests()
