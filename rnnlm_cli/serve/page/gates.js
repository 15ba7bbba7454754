/** The gates and states of every layer at one token, as strips of color: one cell per unit. */

import { Gone, trace } from "./api.js";
import { el } from "./dom.js";
import { keep, recall } from "./kept.js";

/** The scales of the report: from 0, white, to 1, and from -1, blue, over 0, white, to 1, red. */
const SEQUENTIAL = ["#ffffff", "#fdd0a2", "#f16913", "#7f2704"];
const DIVERGING = ["#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b"];

/** What the values are called; others are shown by their letter. */
const NAMES = {
  i: "input",
  f: "forget",
  o: "output",
  g: "new content",
  r: "reset",
  z: "update",
  n: "new content",
  h: "state",
  c: "memory",
};

/** Units in a row of a strip. */
const COLUMNS = 64;

/** Milliseconds that a token must stay shown before the server is asked. */
const PATIENCE = 120;

/** A part that can be opened; closed it asks for nothing. */
export class Gates {
  constructor() {
    this._body = el("div", { class: "gates" });
    this._at = null;
    this._stop = new AbortController();
    this.element = el(
      "details",
      { ontoggle: () => this._toggled(), open: recall("gates", false) },
      el("summary", {}, "Gates"),
      this._body,
    );
  }

  /** Show a token, or ask for it soon; see `Panel.show`. */
  show(at) {
    this.forget();
    this._at = at;
    this.element.hidden = !at.model.can.includes("trace");
    if (this.element.open) this._timer = setTimeout(() => this._ask(at), PATIENCE);
  }

  /** Ask no more for what was shown. */
  forget() {
    clearTimeout(this._timer);
    this._stop.abort();
    this._at = null;
  }

  _toggled() {
    keep("gates", this.element.open);
    if (this._at && this.element.open) this._ask(this._at);
  }

  async _ask({ model, read }) {
    this._stop.abort();
    const { signal } = (this._stop = new AbortController());
    try {
      const found = await trace({ model: model.id, text: read }, signal);
      this._body.replaceChildren(...found.layers.flatMap(layerOf));
    } catch (error) {
      if (error.name === "AbortError") return;
      const why = error instanceof Gone ? "" : `No gates: ${error.message}`;
      this._body.replaceChildren(el("p", { class: "faint" }, why));
    }
  }
}

/** Return a layer's heading and strips. */
function layerOf({ name, gates, states }, k) {
  const strips = [
    ...Object.entries(gates).map(([letter, values]) => strip(letter, values, "gnh")),
    ...Object.entries(states).map(([letter, values]) => strip(letter, values, "hc")),
  ];
  return [el("h3", {}, /^layer\d+$/.test(name) ? `Layer ${k + 1}` : name), ...strips];
}

/**
 * Return the values of one gate or state.
 *
 * @param {string} letter - Its name in the equations.
 * @param {number[]} values - One per unit.
 * @param {string} signed - The letters of those that are between -1 and 1.
 */
function strip(letter, values, signed) {
  const around = signed.includes(letter) || Math.min(...values) < 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [shut, open] = [part(values, (v) => v < 0.1), part(values, (v) => v > 0.9)];
  const about = around
    ? `mean ${mean.toFixed(2)}`
    : `mean ${mean.toFixed(2)}, ${shut} shut, ${open} open`;
  const name = NAMES[letter] ?? letter;
  const output = el("span", { class: "faint" }, about);
  const canvas = el("canvas", { role: "img", "aria-label": `${name}: ${about}` });
  paint(canvas, values, around);
  canvas.addEventListener("pointermove", (event) => {
    const unit = unitAt(canvas, event, values.length);
    if (unit !== null) output.textContent = `unit ${unit}: ${values[unit].toFixed(2)}`;
  });
  canvas.addEventListener("pointerleave", () => (output.textContent = about));
  const title = el("span", {}, `${name} `, el("i", {}, letter));
  return el("figure", {}, el("figcaption", {}, title, output), canvas);
}

/** Return which share of the values is such. */
function part(values, such) {
  return `${Math.round((100 * values.filter(such).length) / values.length)}%`;
}

/** Draw one pixel per unit, in rows; the style sheet makes it larger. */
function paint(canvas, values, around) {
  const columns = Math.min(COLUMNS, values.length);
  canvas.width = columns;
  canvas.height = Math.ceil(values.length / columns);
  const context = canvas.getContext("2d");
  values.forEach((value, unit) => {
    context.fillStyle = around ? shade((value + 1) / 2, DIVERGING) : shade(value, SEQUENTIAL);
    context.fillRect(unit % columns, Math.floor(unit / columns), 1, 1);
  });
  canvas.style.aspectRatio = `${columns} / ${2 * canvas.height}`;
}

function unitAt(canvas, event, units) {
  const box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
  const row = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
  const unit = row * canvas.width + column;
  return column >= 0 && row >= 0 && column < canvas.width && unit < units ? unit : null;
}

/** Return the color of a value from 0 to 1 on a scale, as `shade` in `report/colors.py`. */
function shade(value, anchors) {
  const place = Math.min(Math.max(value, 0), 1) * (anchors.length - 1);
  const low = Math.min(Math.floor(place), anchors.length - 2);
  const [a, b] = [anchors[low], anchors[low + 1]].map((color) =>
    [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16)),
  );
  const mixed = a.map((part, k) => Math.round(part + (b[k] - part) * (place - low)));
  return `rgb(${mixed.join(" ")})`;
}
