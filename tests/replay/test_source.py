"""Media files as cameras and microphones."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from reactor_runtime.errors import ScriptError
from reactor_runtime.media.frameset import FrameSet
from reactor_runtime.media.movie import MovieWriter
from reactor_runtime.media.sound import Sound
from reactor_runtime.replay import MediaFile

from .models import grey_film


def test_pictures_come_with_their_times(tmp_path):
    film = MediaFile(grey_film(tmp_path / "cam.mp4", [0, 100, 200], fps=10), "video")
    assert film.seconds == pytest.approx(0.3, abs=0.01)
    shown = list(film.pictures())
    assert [at for at, _ in shown] == pytest.approx([0.0, 0.1, 0.2])
    assert [int(picture.rgb().mean()) for _, picture in shown] == pytest.approx([0, 100, 200], abs=3)
    assert (shown[0][1].width, shown[0][1].height) == (64, 48)
    again = list(islice(film.pictures(loop=True), 7))
    assert [at for at, _ in again] == pytest.approx([n / 10 for n in range(7)], abs=1e-6)
    assert [round(picture.rgb().mean() / 100) for _, picture in again] == [0, 1, 2, 0, 1, 2, 0]


def test_a_still_picture_comes_again_and_again(tmp_path):
    cv2.imwrite(str(tmp_path / "face.png"), np.full((5, 7, 3), (1, 2, 3), np.uint8))
    shown = list(islice(MediaFile(tmp_path / "face.png", "video").pictures(), 61))
    assert shown[60][0] == pytest.approx(2.0) and shown[60][1] == shown[0][1]
    assert shown[0][1].rgb().shape == (5, 7, 3) and shown[0][1].rgb()[0, 0].tolist() == [3, 2, 1]


def test_a_telephone_that_was_held_upright(tmp_path):
    path = tmp_path / "upright.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10), options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        pixels = np.zeros((32, 64, 3), np.uint8)
        pixels[:, 48:] = 255  # white at the right, which the telephone says is the top
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(pixels)), *stream.encode(None)]:
            container.mux(packet)
    data = path.read_bytes()
    upright = np.array([1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30], ">i4").tobytes()
    turned = np.array([0, -(1 << 16), 0, 1 << 16, 0, 0, 0, 0, 1 << 30], ">i4").tobytes()
    at = data.rindex(upright)  # the matrix of the track, after that of the film
    path.write_bytes(data[:at] + turned + data[at + len(turned) :])
    _, picture = next(MediaFile(path, "video").pictures())
    rgb = picture.rgb()
    assert rgb.shape == (64, 32, 3)
    assert rgb[:12].min() > 200 and rgb[20:].max() < 50


def test_sound_comes_in_pieces_at_the_rate_that_is_asked_for(tmp_path):
    writer = MovieWriter(tmp_path / "tone.mp4", audio={"a": 48_000})
    tone = (8000 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000)).astype(np.int16)[None]
    writer.add(FrameSet(sounds={"a": Sound(tone, 48_000)}), 0.0)
    writer.close()
    pieces = list(MediaFile(tmp_path / "tone.mp4", "audio").sounds(16_000))
    assert pieces[0][1].samples.shape == (1, 320) and pieces[0][1].rate == 16_000
    assert [at for at, _ in pieces[:40]] == pytest.approx([n * 0.02 for n in range(40)])
    whole = np.concatenate([sound.samples for _, sound in pieces], axis=1)[0]
    assert abs(len(whole) - 16_000) < 1100
    spectrum = np.abs(np.fft.rfft(whole[2000:14_000]))
    assert np.argmax(spectrum) * 16_000 / 12_000 == pytest.approx(440, abs=2)
    looped = list(islice(MediaFile(tmp_path / "tone.mp4", "audio").sounds(16_000, loop=True), 120))
    assert np.diff([at for at, _ in looped]).max() <= 0.0201


def test_what_is_no_such_file_is_said(tmp_path):
    (tmp_path / "text.mp4").write_text("no film")
    silent = grey_film(tmp_path / "silent.mp4", [0])
    for path, kind, problem in (
        (tmp_path / "text.mp4", "video", "cannot be read as picture or video: Invalid data"),
        (tmp_path / "none.mp4", "audio", "cannot be read as sound: No such file"),
        (silent, "audio", "there is no sound in it"),
    ):
        with pytest.raises(ScriptError, match=f"{path}: {problem}"):
            MediaFile(Path(path), kind)


def test_a_film_that_is_broken_in_the_middle(tmp_path):
    path = grey_film(tmp_path / "cam.mp4", list(range(0, 250, 5)))
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for position, size in packets[10:]:
        data[position : position + size] = b"\xff" * size
    path.write_bytes(data)
    pictures = MediaFile(path, "video").pictures()
    assert len(list(islice(pictures, 10))) == 10
    with pytest.raises(ScriptError, match=r"cam.mp4: cannot be decoded after 0.9 s: Invalid data"):
        next(pictures)
