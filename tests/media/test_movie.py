"""A film of frames: its times, its sizes, its sound; read back packet by packet."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from reactor_runtime.media.movie import KEY_SECONDS, WAIT, MovieWriter
from tests.media.films import BLUE, GREEN, GREY, RED, decode, frames, loud, near, plain, tone

IRREGULAR = [0.0, 0.033, 0.0667, 0.1401, 0.1402, 0.5, 1.25, 2.9, 2.93333]


def probe(path: Path) -> None:
    """ffprobe, where it is installed, decodes all of it without a word."""
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames", str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert result.stderr == ""


def test_frames_keep_their_own_times(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"])
    for at in IRREGULAR:
        movie.add(frames({"main": plain(RED)}), at)
    movie.close()
    (video,), audio = decode(film)
    assert video.times == pytest.approx(IRREGULAR, abs=1 / 90_000)
    assert audio == []
    probe(film)


def test_colours_come_back(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"])
    for index, colour in enumerate((RED, GREEN, BLUE, GREY)):
        movie.add(frames({"main": plain(colour)}), index / 30)
    movie.close()
    (video,), _ = decode(film)
    for index, colour in enumerate((RED, GREEN, BLUE, GREY)):
        assert near(video.colour(index), colour), (index, video.colour(index))


def test_sound_stays_on_the_timeline_and_gaps_are_silent(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"], audio={"voice": 48_000})
    for index in range(90):
        at = index / 30
        sound = {"voice": tone(1 / 30, begin=at)} if index < 30 or index >= 60 else {}
        # Some jitter, as a thread's waking has it: it leaves no gaps in the sound.
        movie.add(frames({"main": plain(RED)}, sound), at + 0.004 * (index % 3))
    movie.close()
    (video,), (audio,) = decode(film)
    assert len(video.times) == 90
    assert audio.rate == 48_000 and audio.samples.shape[0] == 2
    assert audio.samples.shape[1] / 48_000 == pytest.approx(3.0, abs=0.03)
    assert loud(audio, 0.1, 0.98) == pytest.approx(20_000 / 32_768 / 2**0.5, rel=0.05)
    assert loud(audio, 1.05, 1.95) < 0.001
    assert loud(audio, 2.05, 2.95) == pytest.approx(20_000 / 32_768 / 2**0.5, rel=0.05)
    # Without a hole anywhere: every tenth of a period's worth of it is as loud as the rest.
    for begin in np.arange(0.1, 0.97, 0.01):
        assert loud(audio, begin, begin + 0.01) > 0.35
    probe(film)


def test_a_click_and_a_flash_come_at_one_time(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"], audio={"voice": 24_000})
    for index in range(60):
        flash = index == 45
        sound = tone(1 / 30, 24_000, 1000.0) if flash else tone(1 / 30, 24_000, 0.0)
        movie.add(frames({"main": plain(GREEN if flash else RED)}, {"voice": sound}), index / 30)
    movie.close()
    (video,), (audio,) = decode(film)
    shown = next(time for index, time in enumerate(video.times) if near(video.colour(index), GREEN))
    heard = np.flatnonzero(np.abs(audio.samples[0]) > 0.2)[0] / audio.rate
    assert shown == pytest.approx(1.5, abs=1e-4)
    assert heard == pytest.approx(1.5, abs=0.003)


@pytest.mark.parametrize(("rate", "written"), [(16_000, 16_000), (22_050, 22_050), (30_000, 48_000)])
def test_rates_that_aac_lacks_are_resampled(tmp_path, rate, written):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, audio={"voice": rate})
    for index in range(50):
        movie.add(frames(sounds={"voice": tone(0.02, rate, channels=2, begin=index * 0.02)}), index * 0.02)
    movie.close()
    video, (audio,) = decode(film)
    assert video == []
    assert audio.rate == written
    assert audio.samples.shape[1] / written == pytest.approx(1.0, abs=0.07)
    spectrum = np.abs(np.fft.rfft(audio.samples[0, : written // 2]))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=4)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (64, 48), (101, 57)])
def test_any_size_is_written_and_made_even(tmp_path, size):
    film = tmp_path / "film.mp4"
    width, height = size
    movie = MovieWriter(film, video=["main"])
    for index in range(3):
        movie.add(frames({"main": plain(BLUE, width, height)}), index / 30)
    movie.close()
    (video,), _ = decode(film)
    assert (video.width, video.height) == (width + width % 2, height + height % 2)
    assert near(tuple(video.images[0][-1, -1]), BLUE)


def test_another_size_is_fitted_into_the_first_between_black_bars(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"])
    sizes = [(64, 48), (128, 48), (32, 96), (64, 48), (1, 1), (7, 333)]
    for index, (width, height) in enumerate(sizes):
        movie.add(frames({"main": plain(GREEN, width, height)}), index / 30)
    movie.close()
    (video,), _ = decode(film)
    assert len(video.images) == len(sizes)
    assert {(video.width, video.height)} == {(64, 48)}
    assert all(near(video.colour(index), GREEN) for index in range(5))
    wide, tall = video.images[1], video.images[2]
    assert wide[:10].max() < 40 and wide[-10:].max() < 40  # 64 x 24 in the middle
    assert near(tuple(wide[24, 2]), GREEN) and near(tuple(wide[24, -3]), GREEN)
    assert tall[:, :22].max() < 40 and tall[:, -22:].max() < 40  # 16 x 48 in the middle
    assert near(tuple(tall[2, 32]), GREEN) and near(tuple(tall[-3, 32]), GREEN)


def test_each_track_is_a_stream_and_a_late_one_has_its_own_size(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["colour", "depth"], audio={"voice": 48_000})
    for index in range(60):
        pictures = {"colour": plain(RED)}
        if index >= 20:
            pictures["depth"] = plain(GREY, 32, 32)
        movie.add(frames(pictures, {"voice": tone(1 / 30, begin=index / 30), "untold": tone(1.0)}), index / 30)
    movie.close()
    video, (audio,) = decode(film)
    assert [(stream.width, stream.height, len(stream.times)) for stream in video] == [(64, 48, 60), (32, 32, 41)]
    assert video[1].times[:2] == pytest.approx([0.0, 20 / 30], abs=1e-4)
    assert near(video[1].colour(0), (0, 0, 0)) and near(video[1].colour(1), GREY)
    assert loud(audio, 0.1, 1.9) > 0.35
    probe(film)


def test_a_track_that_stays_away_does_not_hold_up_the_film(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["colour", "depth"])
    for index in range(80):
        movie.add(frames({"colour": plain(RED)}), index / 10)
    size = film.stat().st_size
    movie.add(frames({"depth": plain(GREY, 16, 16)}), 8.0)
    movie.close()
    assert WAIT < 80 / 10 and size > 0
    video, _ = decode(film)
    assert [(stream.width, stream.height, len(stream.times)) for stream in video] == [(64, 48, 80), (64, 48, 2)]


def test_the_last_picture_stands_until_the_end(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"], audio={"voice": 48_000})
    movie.add(frames({"main": plain(RED)}), 0.0)
    movie.close(7.5)
    movie.close(9.0)
    (video,), (audio,) = decode(film)
    assert video.duration == pytest.approx(7.5, abs=0.001)
    assert audio.duration == pytest.approx(7.5, abs=0.03)
    probe(film)


def test_two_frames_of_one_moment_are_both_kept(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"])
    for colour in (RED, GREEN):
        movie.add(frames({"main": plain(colour)}), 0.0)
    movie.close()
    (video,), _ = decode(film)
    assert [near(video.colour(index), colour) for index, colour in enumerate((RED, GREEN))] == [True, True]


def test_a_film_without_a_frame_is_none(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"], audio={"voice": 48_000})
    movie.add(frames({"other": plain(RED)}), 1.0)
    assert movie.empty
    movie.close(3.0)
    assert not film.exists()


def test_tracks_that_show_nothing_are_black_and_silent(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main", "depth"], audio={"voice": 48_000})
    movie.add(frames({"main": plain(RED)}), 0.0)
    movie.close(1.0)
    (main, depth), (audio,) = decode(film)
    assert near(main.colour(0), RED) and near(depth.colour(0), (0, 0, 0))
    assert [stream.duration for stream in (main, depth, audio)] == pytest.approx([1.0, 1.0, 1.0], abs=0.03)
    assert loud(audio, 0.0, 0.9) == 0
    probe(film)


def test_where_it_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        MovieWriter(tmp_path / "nowhere" / "film.mp4", video=["main"])
    with pytest.raises(ValueError, match="a video or an audio track"):
        MovieWriter(tmp_path / "film.mp4")


def test_a_closed_film_is_an_ordinary_one(tmp_path):
    film = tmp_path / "film.mp4"
    movie = MovieWriter(film, video=["main"])
    for index in range(150):
        movie.add(frames({"main": plain(RED)}), index / 30)
    movie.close()
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.frames == 150  # an index of all frames, as a file in fragments does not have
        assert float(stream.duration * stream.time_base) == pytest.approx(5.0, abs=0.001)


KILLED = """
import os, signal, sys
from reactor_runtime.media.movie import MovieWriter
from reactor_runtime.media.frames import Picture
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.sound import Sound
import numpy as np
movie = MovieWriter(sys.argv[1], video=["main"], audio={"voice": 48_000})
quiet = Sound(np.zeros((1, 1600), np.int16), 48_000)
for index in range(300):
    pixels = os.urandom(64 * 48 * 4)
    movie.add(FrameSet({"main": Picture(64, 48, pixels)}, {"voice": quiet}), index / 30)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is one of POSIX")
def test_a_film_survives_a_process_that_is_killed(tmp_path):
    film = tmp_path / "film.mp4"
    result = subprocess.run([sys.executable, "-c", KILLED, str(film)], check=False, env=dict(os.environ))
    assert result.returncode == -signal.SIGKILL
    (video,), (audio,) = decode(film)
    assert video.times[-1] > 10 - 2 * KEY_SECONDS - 0.5
    assert audio.times[-1] > 10 - 2 * KEY_SECONDS - 0.5
    probe(film)


FULL = """
import sys
from reactor_runtime.media.movie import MovieWriter
from reactor_runtime.media.frames import Picture
from reactor_runtime.media.frameset import FrameSet
import os
movie = MovieWriter("/dev/full", video=["main"])
try:
    for index in range(300):
        movie.add(FrameSet({"main": Picture(64, 48, os.urandom(64 * 48 * 4))}), index / 30)
except OSError as error:
    movie.close()
    print(f"closed after {error.strerror}")
"""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="it takes a device that is always full")
def test_a_film_that_a_full_disk_broke_off_can_be_closed():
    result = subprocess.run([sys.executable, "-c", FULL], check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "closed after No space left on device\n"), result.stderr
