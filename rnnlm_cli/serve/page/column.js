/** One model's part of the page: its name, what it answers, and a line below that says how it went. */

import { Gone } from "./api.js";
import { el } from "./dom.js";
import { count } from "./numbers.js";

const CUT = "The server does not answer. What is here stays; go on when it is back.";

/** A column; those of several models are side by side. */
export class Column {
  /** @param {Object} model - As /v1/models has it, with what is in `rnnlm` beside its `id`. */
  constructor(model) {
    this.model = model;
    this.body = el("div", {});
    this._status = el("p", { class: "status" });
    this._warning = el("p", { class: "warning", hidden: true });
    this._stop = null;
    this.element = el(
      "article",
      { "aria-label": model.id },
      el("h2", {}, model.id, el("span", { class: "faint" }, ` ${described(model)}`)),
      this.body,
      this._status,
      this._warning,
    );
  }

  /** Whether an answer is awaited. */
  get busy() {
    return this._stop !== null;
  }

  /** Say in the line below how it went. */
  say(text) {
    this._status.textContent = text;
  }

  /** Say what went wrong; nothing takes it back. */
  warn(text) {
    this._warning.textContent = text;
    this._warning.hidden = !text;
  }

  /** End what is under way. */
  stop() {
    this._stop?.abort();
    this._set(null);
  }

  /** What a subclass does when it begins or ends to be busy. */
  turned() {}

  _set(controller) {
    this._stop = controller;
    this.element.classList.toggle("busy", this.busy);
    this.turned();
  }

  /**
   * Run a request; say what went wrong.
   *
   * @param {function(AbortSignal): Promise} work - It ends what was under way before.
   */
  async run(work) {
    this.stop();
    this.warn("");
    const mine = new AbortController();
    this._set(mine);
    try {
      await work(mine.signal);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.warn(error instanceof Gone ? CUT : error.message);
    } finally {
      if (this._stop === mine) this.stop();
    }
  }
}

/** Return what a model is in a few words: "word, lstm 2 × 650". */
export function described({ unit, cell, layers, hidden_size: hidden, vocabulary }) {
  return `${unit}, ${cell} ${layers} × ${hidden}, ${count(vocabulary, "type")}`;
}
