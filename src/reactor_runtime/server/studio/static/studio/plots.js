// A small plot of the last minute, beside the figure that it is of.
import { make } from "./dom.js";

const SECONDS = 60;
const GAP = 1500; // ms without a value: the line is broken

/**
 * @param {string} title  what it says for those who do not see it
 */
export class Plot {
  /** @type {[at: number, value: number | null][]} */
  #points = [];
  #top = 0;

  /** @param {string} title */
  constructor(title) {
    this.title = title;
    this.root = make("canvas", { className: "plot", role: "img", ariaLabel: title });
  }

  /** @param {number} at  ms @param {number | null} value  null leaves a gap */
  add(at, value) {
    this.#points.push([at, value]);
    while (this.#points[0][0] < at - 1000 * SECONDS) this.#points.shift();
    this.#draw(at);
  }

  /** @param {number} now */
  #draw(now) {
    const { clientWidth, clientHeight } = this.root;
    const brush = this.root.getContext("2d");
    if (!brush || !clientWidth || document.hidden) return;
    const scale = devicePixelRatio;
    if (this.root.width !== Math.round(clientWidth * scale)) {
      this.root.width = Math.round(clientWidth * scale);
      this.root.height = Math.round(clientHeight * scale);
    }
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, clientWidth, clientHeight);
    const values = this.#points.flatMap(([, value]) => value ?? []);
    if (!values.length) return;
    const most = Math.max(...values) * 1.1 || 1;
    this.#top = most > this.#top || most < this.#top / 2 ? most : this.#top; // a scale that follows every value says nothing
    const style = getComputedStyle(this.root);
    brush.strokeStyle = style.color;
    brush.fillStyle = style.color;
    brush.lineWidth = 1.5;
    brush.lineJoin = "round";
    brush.beginPath();
    let before = -Infinity;
    for (const [at, value] of this.#points) {
      if (value === null) continue;
      const drawing = at - before < GAP;
      before = at;
      const x = clientWidth * (1 - (now - at) / (1000 * SECONDS));
      const y = 1 + (clientHeight - 2) * (1 - value / this.#top);
      if (drawing) brush.lineTo(x, y);
      else (brush.moveTo(x, y), brush.fillRect(x - 1, y - 1, 2, 2));
    }
    brush.stroke();
    const range = `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;
    this.root.ariaLabel = `${this.title}, the last minute: ${range}`;
  }
}
