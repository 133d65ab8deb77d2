"""Sound at another rate."""

from __future__ import annotations

import numpy as np
import pytest

from reactor_runtime.media.resampling import Resampler
from reactor_runtime.media.sound import Sound


def tone(rate: int, seconds: float, hertz: float = 440, channels: int = 1) -> np.ndarray:
    wave = 10_000 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)
    return np.tile(wave.astype(np.int16), (channels, 1))


def fed(resampler: Resampler, samples: np.ndarray, rate: int, piece: int) -> np.ndarray:
    parts = [resampler.feed(Sound(samples[:, at : at + piece], rate)) for at in range(0, samples.shape[1], piece)]
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_in_pieces_keeps_its_pitch_and_its_length_and_has_no_seams(rate, channels):
    made = fed(Resampler(48_000, None), tone(rate, 1.0, channels=channels), rate, piece=rate // 30 + 1)
    assert made.shape[0] == channels and made.dtype == np.int16
    assert 0 <= 48_000 - made.shape[1] <= 480, "a little stays behind for what follows"
    wave = made[0, 960:-960].astype(float)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    assert np.argmax(spectrum) * 48_000 / len(wave) == pytest.approx(440, abs=1)
    elsewhere = np.delete(spectrum, np.arange(np.argmax(spectrum) - 10, np.argmax(spectrum) + 11))
    assert spectrum.max() > 300 * elsewhere.max(), "seams would sound at every pitch"


def test_the_same_rate_is_left_alone():
    given = tone(48_000, 0.1, channels=2)
    assert Resampler(48_000, None).feed(Sound(given, 48_000)) is given


def test_channels_are_mixed_and_doubled():
    left_right = np.array([[100, 200], [300, -200]], np.int16)
    assert Resampler(48_000, 1).feed(Sound(left_right, 48_000)).tolist() == [[200, 0]]
    assert Resampler(48_000, 2).feed(Sound(left_right[:1], 48_000)).tolist() == [[100, 200], [100, 200]]
    assert fed(Resampler(16_000, 1), tone(48_000, 0.2, channels=2), 48_000, 480).shape[0] == 1


def test_the_source_may_change():
    resampler = Resampler(48_000, 1)
    assert fed(resampler, tone(16_000, 0.5), 16_000, 160).shape[1] == pytest.approx(24_000, abs=480)
    assert fed(resampler, tone(44_100, 0.5, channels=2), 44_100, 441).shape[1] == pytest.approx(24_000, abs=480)
    assert fed(resampler, tone(48_000, 0.5), 48_000, 480).shape[1] == 24_000
