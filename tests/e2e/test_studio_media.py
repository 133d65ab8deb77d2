"""The server's own page, in a real browser: what it shows and plays, what it sends, and what it saves."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from scripts.browser_tools import HARNESS, node, tool_environment
from tests.e2e.checks import Checks, run_checks
from tests.e2e.server import ROOT, Server, serve
from tests.media.films import decode

EAR = """
import numpy as np
from reactor_runtime import (
    Audio, BufferClosed, Input, ModelMessage, Output, ReactorModel, ReadMode, Video,
)

class Senses(Input):
    camera: Video
    screen: Video
    voice: Audio

class Frame(Output):
    main_video: Video

class Beep(ModelMessage):
    pass

class Quiet(ModelMessage):
    pass

class Ear(ReactorModel):
    input: Senses

    async def run(self):
        while True:
            await self.connected.wait()
            heard = False
            while self.connected.is_set():
                try:
                    frames = await self.input.voice.read(10, timeout=0.3, mode=ReadMode.FIFO)
                except TimeoutError:
                    if heard:
                        heard = False
                        await self.send(Quiet())
                except BufferClosed:
                    break
                else:
                    if not heard and max(np.abs(frame.data.astype(int)).max() for frame in frames) > 2000:
                        heard = True
                        await self.send(Beep())
                await self.emit(Frame(main_video=np.full((90, 160, 3), 200 if heard else 60, np.uint8)))
"""
SILENT = """
import numpy as np
from reactor_runtime import Output, ReactorModel, Video, event

class Frame(Output):
    main_video: Video

class Silent(ReactorModel):
    begun = False

    @event(name="begin")
    def begin(self):
        self.begun = True

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                if self.begun:
                    await self.emit(Frame(main_video=np.full((90, 160, 3), 90, np.uint8)))
                else:
                    await self.sleep_or_leave()

    async def sleep_or_leave(self):
        import asyncio
        await asyncio.sleep(0.05)
"""
RECORDED = """
model: {name: recorded}
runtime:
  import: "recorded:Recorded"
  recording: {enabled: true, chunk_seconds: 1, video: {preset: ultrafast}}
"""


def drive(server: Server, browser: Path, script: str, file: Path) -> Checks:
    driver: list[str | Path] = [node(), HARNESS / script, "--url", server.url, "--chromium", browser, "--file", file]
    return run_checks(driver, seconds=180, cwd=HARNESS, env=tool_environment())


def make_film(file: Path) -> None:
    """Two seconds of a moving stripe, 320 × 180."""
    with av.open(str(file), "w") as film:
        stream = film.add_stream("libvpx", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(60):
            picture = np.zeros((180, 320, 3), np.uint8)
            picture[:, 4 * number : 4 * number + 40] = 255
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        film.mux(stream.encode())


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("synth", ["sound_is_heard_in_both_ears_and_follows_commands", "a_slider_is_its_volume", "sound_goes_off"]),
        (
            "duet",
            [
                "each_picture_pauses_by_itself",
                "a_picture_has_the_full_screen_and_gives_it_back",
                "a_picture_is_saved_pixel_for_pixel",
                "a_point_is_one_of_the_picture_and_not_of_its_bars",
                "pictures_have_their_places_before_they_come",
                "on_a_phone_they_stand_side_by_side_and_nothing_is_wider_than_it",
            ],
        ),
        ("ear", ["microphone_reaches_the_model", "another_device_can_be_chosen", "microphone_stops"]),
        (
            "webcam",
            [
                "camera_reaches_the_model",
                "another_client_that_sends_is_told_beside_the_control",
                "camera_stops",
                "a_film_is_a_source",
                "a_film_can_be_dropped",
                "what_no_browser_plays_is_told_beside_the_control",
                "a_server_that_records_nothing_says_how_it_would",
            ],
        ),
    ],
)
def test_the_page_shows_plays_and_sends_what_the_model_has_tracks_for(
    browser: Path, tmp_path: Path, model: str, wanted: list[str]
) -> None:
    (tmp_path / "ear.py").write_text(EAR)
    film = tmp_path / "film.webm"
    make_film(film)
    with serve(tmp_path / "ear.py" if model == "ear" else ROOT / "examples" / model) as server:
        checks = drive(server, browser, "media_page.mjs", film)
    checks.assert_passed("every_picture_plays", *wanted, "no_errors_and_no_foreign_requests")


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_saves_clips_and_the_recording(browser: Path, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "recorded" / "recorded.py", tmp_path)
    (tmp_path / "reactor.yaml").write_text(RECORDED)
    with serve(tmp_path) as server:
        checks = drive(server, browser, "media_page.mjs", tmp_path)
    checks.assert_passed("a_clip_and_the_recording_are_saved", "no_errors_and_no_foreign_requests")
    for film in ("clip.mp4", "recording.mp4"):
        (video,), _ = decode((tmp_path / film).read_bytes())
        assert (video.width, video.height) == (320, 180)
        assert video.duration >= 3.0


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_page_says_that_a_model_has_shown_nothing_yet(browser: Path, tmp_path: Path) -> None:
    model = tmp_path / "silent.py"
    model.write_text(SILENT)
    with serve(model) as server:
        checks = drive(server, browser, "silent_page.mjs", model)
    checks.assert_passed("its_first_picture_takes_that_away", "no_errors_and_no_foreign_requests")
