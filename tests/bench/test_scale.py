"""What grows is told from what does not."""

import pytest

from bench.scale import by_past_sessions, by_viewers, measure, summary


def test_the_last_is_told_beside_the_first() -> None:
    told = summary({1: 100.0, 2: 104.0, 64: 226.0})
    assert told == {
        "us_per_frame": {"1": 100.0, "2": 104.0, "64": 226.0},
        "last_over_first": 2.26,
        "us_for_each_more": 2.0,
    }


def test_every_viewer_gets_every_frame_and_sessions_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.scale.VIEWERS", (1, 3))
    monkeypatch.setattr("bench.scale.PAST_SESSIONS", (0, 2))
    monkeypatch.setattr("bench.scale.WARM_UP_SECONDS", 1.0)
    monkeypatch.setattr("bench.scale.WINDOW_SECONDS", 30.0)  # longer than a silent client is kept
    monkeypatch.setattr("bench.scale.WINDOWS", 1)
    assert measure(by_viewers)["us_per_frame"].keys() == {"1", "3"}
    assert measure(by_past_sessions)["us_per_frame"].keys() == {"0", "2"}
