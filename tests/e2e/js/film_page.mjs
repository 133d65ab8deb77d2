// Plays films (--file, names with commas between) in Chromium, as a page of the server at --url would.
// node film_page.mjs --url http://127.0.0.1:8080 --chromium /usr/bin/chromium --file clip.mp4,film.mp4
import { readFileSync } from "node:fs";
import { check, end, file, page, url } from "./page_driver.mjs";

await page.goto(`${url}/health`);
for (const name of file.split(",")) {
  await check(`plays ${name.split("/").pop()}`, () => page.evaluate(async (base64) => {
    const film = document.createElement("video");
    film.muted = true;
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    film.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
    document.body.append(film);
    const ended = new Promise((resolve, reject) => {
      film.onended = resolve;
      film.onerror = () => reject(new Error(film.error.message));
      setTimeout(() => reject(new Error(`it stands at ${film.currentTime} of ${film.duration} s`)), 15000);
    });
    await film.play();
    const first = await new Promise((resolve) => film.requestVideoFrameCallback((_, frame) => resolve(frame.mediaTime)));
    film.playbackRate = 8;
    await ended;
    const quality = film.getVideoPlaybackQuality();
    return { width: film.videoWidth, height: film.videoHeight, seconds: film.duration, first, shown: quality.totalVideoFrames };
  }, readFileSync(name).toString("base64")));
}
await page.context().browser().close();
end();
