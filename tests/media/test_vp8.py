"""VP8 as it comes from libvpx, read by another decoder."""

from __future__ import annotations

import ctypes.util
import logging
import threading

import av
import numpy as np
import pytest

from reactor_runtime.errors import EncoderError, ReactorError
from reactor_runtime.media import vp8
from reactor_runtime.media.planes import to_i420
from reactor_runtime.media.vp8 import Libvpx, Vp8Encoder, libvpx

WIDTH, HEIGHT = 320, 192
FPS = 30


@pytest.fixture(scope="module")
def library() -> Libvpx:
    found = vp8.find()
    assert found is not None
    return found


@pytest.fixture
def fresh():
    """`find` looks again, and again afterwards."""
    vp8.find.cache_clear()
    yield
    vp8.find.cache_clear()


def scene(number=0, width=WIDTH, height=HEIGHT):
    """A picture that moves."""
    down, right = np.mgrid[:height, :width].astype(np.float64)
    waves = [128 + 100 * np.sin((right + 3 * number) / 20 + one) * np.cos((down + number) / 25) for one in range(3)]
    return np.stack(waves, axis=2).astype(np.uint8)


def detail(number):
    """A picture that has nothing of the one before it, so that bits are of use."""
    coarse = np.random.default_rng(number).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    return coarse.repeat(8, axis=0).repeat(8, axis=1)


def decode(encoded):
    """The pictures, as RGB."""
    decoder = av.CodecContext.create("vp8", "r")
    return [
        frame.to_ndarray(format="rgb24", src_colorspace="ITU601")
        for one in encoded
        for frame in decoder.decode(av.Packet(one.data))
    ]


def loss(found, wanted):
    """The root of the mean squared difference, in levels."""
    return float(np.sqrt(((found.astype(np.float64) - wanted) ** 2).mean()))


def encode(encoder, count, make=scene, start=0):
    """So many pictures, those left out included."""
    return [encoder.encode(to_i420(make(start + index)), (start + index) / FPS) for index in range(count)]


def bits_a_second(encoded):
    return sum(8 * len(one.data) for one in encoded if one is not None) * FPS / len(encoded)


def test_another_decoder_sees_about_the_same(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 2_000_000)
    encoded = encode(encoder, 12)
    encoder.close()
    assert None not in encoded
    seen = decode(encoded)
    assert len(seen) == 12
    assert max(loss(found, scene(index)) for index, found in enumerate(seen)) < 8
    assert loss(seen[-1], scene(0)) > 20  # which one it is makes a difference


def test_key_frames_come_first_and_when_asked_for(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 2_000_000)
    asked = {3, 4, 9}
    encoded = [encoder.encode(to_i420(scene(index)), index / FPS, key=index in asked) for index in range(12)]
    assert [index for index, one in enumerate(encoded) if one.key] == [0, 3, 4, 9]
    # As VP8 itself says it (RFC 6386, section 9.1), and so that who sees nothing before can begin with it.
    assert all((one.data[0] & 1 == 0) == one.key for one in encoded)
    assert loss(decode(encoded[9:])[0], scene(9)) < 8


def test_key_frames_come_though_bits_are_lacking(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 1_000)
    encoded = [encoder.encode(to_i420(detail(index)), index / FPS, key=index % 10 == 0) for index in range(40)]
    assert all(encoded[index] is not None and encoded[index].key for index in (0, 10, 20, 30))
    assert None in encoded  # others are left out


def test_a_picture_that_stands_costs_little(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 2_000_000)
    encoded = encode(encoder, 40, lambda _: scene(0))
    sizes = [0 if one is None else len(one.data) for one in encoded]
    assert max(sizes[30:]) < sizes[0] / 5


def test_the_target_is_changed_while_it_runs(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 250_000)
    sizes = []
    for turn, target in enumerate((250_000, 2_000_000, 250_000)):
        encoder.aim_at(target)
        assert encoder.bits_per_second == target
        encode(encoder, 30, detail, 90 * turn)  # it takes a moment
        encoded = encode(encoder, 60, detail, 90 * turn + 30)
        assert not any(one is not None and one.key for one in encoded)
        sizes.append(bits_a_second(encoded))
    low, high, low_again = sizes
    assert high > 3 * low and high > 3 * low_again
    assert all(found < 1.6 * target for found, target in zip(sizes, (250_000, 2_000_000, 250_000), strict=True))


def test_a_target_below_a_kilobit_is_one(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 0)
    assert encoder.bits_per_second == 1000
    encoder.aim_at(0)
    assert encoder.bits_per_second == 1000


@pytest.mark.parametrize("times", [[5.0, 5.0, 5.0], [5.0, 4.0, 3.0], [0.0, 1e-9, 2e-9], [0.0, 3600.0, 90_000.0]])
def test_times_that_stand_or_run_backwards_or_far_ahead(library, times):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 2_000_000)
    encoded = [encoder.encode(to_i420(scene(index)), at) for index, at in enumerate(times)]
    assert None not in encoded
    assert len(decode(encoded)) == 3


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (642, 362), (1920, 1080), (16382, 2)])
def test_sizes(library, size):
    width, height = size
    encoder = Vp8Encoder(library, width, height, 2_000_000)
    grey = np.full((height * 3 // 2, width), 128, np.uint8)
    (seen,) = decode([encoder.encode(grey, 0.0)])
    encoder.close()
    assert seen.shape == (height, width, 3)
    assert loss(seen, np.full(3, 130)) < 3


@pytest.mark.parametrize("size", [(0, 0), (0, 16), (16, 0), (16384, 16), (20_000, 20_000), (-2, 16)])
def test_sizes_that_vp8_has_not(library, size):
    with pytest.raises(EncoderError, match=f"{size[0]}x{size[1]}") as caught:
        Vp8Encoder(library, *size, 1_000_000)
    assert isinstance(caught.value, ReactorError)


def test_it_may_be_closed_twice(library):
    encoder = Vp8Encoder(library, WIDTH, HEIGHT, 1_000_000)
    encode(encoder, 1)
    encoder.close()
    encoder.close()
    with pytest.raises(EncoderError, match=f"{WIDTH}x{HEIGHT}"):
        encode(encoder, 1)
    with pytest.raises(EncoderError, match="300 kbit/s"):
        encoder.aim_at(300_000)


def test_several_at_once(library):
    """One after the other on their threads, and yet the same as alone."""
    alone = encode(Vp8Encoder(library, WIDTH, HEIGHT, 500_000), 15, detail)
    found = {}

    def work(number):
        found[number] = encode(Vp8Encoder(library, WIDTH, HEIGHT, 500_000), 15, detail)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [found[number] for number in range(3)] == [alone] * 3


# -- the library


def test_the_one_that_pyav_brings_is_found(library):
    assert library.version.lstrip("v")[0].isdigit()
    assert vp8.find() is library


@pytest.mark.parametrize("what", ["another library", "nothing", "no library"])
def test_a_path_that_is_no_libvpx(what, tmp_path):
    path = str(tmp_path / "libvpx.so")
    if what == "another library":
        path = ctypes.util.find_library("c")
    elif what == "no library":
        (tmp_path / "libvpx.so").write_text("not a library")
    with pytest.raises(OSError, match=r"libc.*is not libvpx with VP8" if what == "another library" else r"libvpx\.so"):
        Libvpx(path)


def test_one_that_lays_its_structures_out_in_another_way(monkeypatch):
    path = next(libvpx._places())
    with monkeypatch.context() as patch:
        patch.setattr(libvpx, "_DEFAULTS", {**libvpx._DEFAULTS, "g_w": 321})
        with pytest.raises(OSError, match=r"lays its configuration out in a way that is not known.*'g_w': 320"):
            Libvpx(path)
    monkeypatch.setattr(libvpx, "_ABIS", range(1, 4))
    with pytest.raises(OSError, match="layout of its structures that is not known"):
        Libvpx(path)


@pytest.mark.usefixtures("fresh")
def test_where_the_first_does_not_work_the_next_is_taken(monkeypatch, library):
    places = [ctypes.util.find_library("c"), *libvpx._places()]
    monkeypatch.setattr(libvpx, "_places", lambda: iter(places))
    found = vp8.find()
    assert found is not None and found.version == library.version


@pytest.mark.usefixtures("fresh")
def test_where_there_is_none_the_log_says_why(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "reactor.video")
    monkeypatch.setattr(libvpx, "_places", lambda: iter(["/nowhere/libvpx.so.9", ctypes.util.find_library("c")]))
    assert vp8.find() is None
    (record,) = caplog.records
    assert "/nowhere/libvpx.so.9" in record.message and "is not libvpx with VP8" in record.message
    assert vp8.find() is None
    assert len(caplog.records) == 1  # it is looked for once


@pytest.mark.usefixtures("fresh")
def test_neither_pyav_nor_the_system_has_one(monkeypatch, caplog):
    caplog.set_level(logging.INFO, "reactor.video")
    monkeypatch.setattr(libvpx, "find_spec", lambda name: None)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    assert vp8.find() is None
    assert "PyAV brings none, and the system has none" in caplog.text
