/** Fill: a text with ___ in place of words, and what a model puts there. */

import { fill } from "./api.js";
import { Column } from "./column.js";
import { byId, el, growWithText, sendOnEnter } from "./dom.js";
import { keepFields } from "./kept.js";
import { bits, figure, percent } from "./numbers.js";
import { shown } from "./words.js";

const BLANK = "___";

/** How many lines, and candidates per blank, are shown. */
const TOP = 8;

/** The part of the page that fills blanks. */
export class Fill {
  constructor() {
    this.can = "fill";
    this._columns = [];
    this._text = byId("fill-text");
    keepFields([this._text]);
    this.fit = growWithText(this._text);
    sendOnEnter(this._text);
    byId("fill-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this._columns.forEach((column) => this._fill(column));
    });
    byId("blank").addEventListener("click", () => this._insert());
  }

  /** Show the chosen models, side by side. */
  choose(models) {
    this._columns.forEach((column) => column.stop());
    const known = new Map(this._columns.map((column) => [column.model.id, column]));
    this._columns = models.map((model) => known.get(model.id) ?? new Column(model));
    byId("fill-columns").replaceChildren(...this._columns.map(({ element }) => element));
  }

  /** Put a blank where the cursor is. */
  _insert() {
    const field = this._text;
    field.setRangeText(BLANK, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
    field.focus();
  }

  _fill(column) {
    const { model } = column;
    const text = this._text.value.trim();
    const skip = byId("known").checked && model.unknown ? [model.unknown] : [];
    return column.run(async (signal) => {
      const found = await fill({ model: model.id, text, top: TOP, skip, allow_unknown: true }, signal);
      column.body.replaceChildren(
        lines(found.lines.length ? found.lines : [{ text: found.text }], text),
        ...found.blanks.map((blank, k) => candidates(blank, k, model)),
      );
      column.say("");
    });
  }
}

/** Return the whole lines, the most likely first; what was filled in is marked. */
function lines(found, text) {
  const parts = text.split(BLANK).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // the model writes "hello." for "hello .", and perhaps in lower case
  const apart = parts.map((part) => part.trim().replace(/\s+/g, "\\s*"));
  const pattern = new RegExp(`^(${apart.join("\\s*)(.+?)(\\s*")})$`, "isu");
  const row = ({ text: line, logprob }) => {
    // every second part is between two parts of the text
    const cut = pattern.exec(line)?.slice(1) ?? [line];
    const marked = cut.map((part, k) => (k % 2 ? el("mark", {}, part) : part));
    return el(
      "li",
      {},
      el("span", {}, ...marked),
      // a model that reads from both sides has no probability of a whole line
      logprob === undefined ? "" : el("span", { class: "share" }, `${figure(bits(logprob))} bits`),
    );
  };
  return el("ol", { class: "filled", "aria-label": "Filled texts" }, ...found.map(row));
}

/** Return what is likely in one blank, with bars. */
function candidates(found, number, model) {
  const most = Math.max(...found.map(({ logprob }) => logprob));
  const rows = found.map(({ token, logprob }) => {
    const bar = el("span", { class: "bar", "aria-hidden": "true" });
    bar.style.width = `${100 * Math.exp(logprob - most)}%`;
    const share = el("span", { class: "share" }, percent(Math.exp(logprob)));
    return el("li", {}, bar, el("bdi", { class: "name" }, shown(token, model)), share);
  });
  return el(
    "section",
    { class: "blank" },
    el("h3", {}, `Blank ${number + 1}`),
    el("ol", { class: "likely" }, ...rows),
  );
}
