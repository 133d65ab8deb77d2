"""What an encoder has to show before it is trusted. Encoders in software stand in, good ones and bad ones."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import av
import pytest

from reactor_runtime.errors import EncoderError
from reactor_runtime.media.hardware import HARDWARE, NAMES, Search, choose
from reactor_runtime.media.hardware.probe import examine
from reactor_runtime.media.hardware.recipes import SPARES

AV1, VP9 = SPARES["AV1"], SPARES["VP9"]
DEADLINE = 60.0


def is_here(name):
    try:
        context = av.CodecContext.create(name, "w")
        context.width, context.height, context.pix_fmt = 320, 180, "nv12"
        context.time_base = 1
        context.open()
    except (av.FFmpegError, ValueError):
        return False
    return True


@pytest.mark.parametrize("recipe", [AV1, VP9], ids=lambda recipe: recipe.name)
def test_a_good_one_is_trusted(recipe):
    assert examine(recipe) is False  # neither changes its bit rate while it runs


BAD = {
    "holds pictures back": replace(VP9, options={**VP9.options, "lag-in-frames": "5"}),
    "does not open": replace(AV1, options={"preset": "99"}),
    "PyAV has no av1_of_tomorrow": replace(AV1, name="av1_of_tomorrow"),
    "keeps to no bit rate": replace(VP9, options={**VP9.options, "qmin": "20", "qmax": "20"}),
    "makes key frames of pictures": replace(AV1, options={**AV1.options, "g": "1"}),
    "shows something else": replace(AV1, options={**AV1.options, "preset": "12"}),
    "writes what no decoder reads": replace(VP9, codec="AV1"),
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_one_is_left(why):
    with pytest.raises(EncoderError, match=why):
        examine(BAD[why])


@pytest.mark.parametrize("recipe", HARDWARE, ids=lambda recipe: recipe.name)
def test_hardware_that_is_not_here_is_left(recipe):
    if is_here(recipe.name):
        pytest.skip("it is here")
    with pytest.raises(EncoderError, match=recipe.name):
        examine(recipe)


def test_what_the_driver_complains_of_is_said():
    if is_here("av1_nvenc"):
        pytest.skip("it is here")
    with pytest.raises(EncoderError, match=r"does not open: .*; .*\w"):
        examine(HARDWARE[0])
    assert av.logging.get_level() is None


def test_there_is_software_for_the_codec_of_each():
    assert {recipe.codec for recipe in HARDWARE} <= set(SPARES)
    assert all(recipe.codec == codec for codec, recipe in SPARES.items())


# -- the search


def searched(recipes, seconds=DEADLINE):
    search = Search(recipes, seconds)
    assert search.wait(DEADLINE)
    return search


def test_the_first_that_is_trusted_is_taken(caplog):
    caplog.set_level(logging.INFO, "reactor.video")
    found = searched([BAD["does not open"], VP9, AV1]).found
    assert found is not None and (found.recipe, found.follows) == (VP9, False)
    assert [record.getMessage() for record in caplog.records] == ["video: encoded by libvpx-vp9"]


def test_where_none_is_the_log_says_in_one_line_why(caplog):
    caplog.set_level(logging.INFO, "reactor.video")
    assert searched([BAD["does not open"], replace(VP9, name="vp9_of_tomorrow")]).found is None
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.getMessage().startswith("video: encoded in software: libsvtav1 of 320x180 does not open: ")
    assert record.getMessage().endswith("; PyAV has no vp9_of_tomorrow")


def test_where_there_is_nothing_to_try_nothing_is_done(caplog):
    caplog.set_level(logging.DEBUG)
    before = threading.active_count()
    search = Search([], DEADLINE)
    assert search.wait(0) and search.found is None
    assert threading.active_count() == before and not caplog.records


def test_after_its_deadline_nothing_is_found(caplog):
    caplog.set_level(logging.INFO, "reactor.video")
    search = searched([AV1], 0.0)
    assert search.found is None
    assert "libsvtav1 gives no answer within 0 s" in caplog.text


def test_one_that_is_closed_finds_nothing(caplog):
    caplog.set_level(logging.INFO, "reactor.video")
    search = Search([AV1], DEADLINE)
    search.close()
    for thread in threading.enumerate():
        if thread.name == "reactor-encoders":
            thread.join(DEADLINE)
    assert search.found is None and not caplog.records


# -- the choice


def test_only_what_may_be_here_is_tried(tmp_path, caplog):
    (tmp_path / "renderD128").touch()
    here = replace(AV1, name="here", signs=("/nowhere/*", str(tmp_path / "render*")))
    gone = replace(AV1, name="gone", signs=("/nowhere/*",))
    assert choose("auto", [gone, here]) == [here]
    assert choose("here", [gone, here]) == [here]
    assert choose("software", [gone, here]) == []
    assert not caplog.records
    assert choose("gone", [gone, here]) == []
    assert "encoded in software: this machine has nothing for gone" in caplog.text


def test_the_names():
    assert NAMES == ("av1_nvenc", "av1_qsv", "av1_amf", "vp9_qsv")
    assert all(recipe.signs for recipe in HARDWARE)
