/** What else was likely in the place of a token, and what the gates did there. */

import { el } from "./dom.js";
import { Gates } from "./gates.js";
import { bits, percent } from "./numbers.js";
import { shown, spoken } from "./words.js";

const HINT = "Point at a word, or move to it with the arrow keys, to see what else was likely.";

/** The part of the page beside the texts. */
export class Panel {
  /** @param {Element} element - Where it is. */
  constructor(element) {
    this._element = element;
    this._gates = new Gates();
    this._shown = null;
    element.addEventListener("keydown", (event) => this._key(event));
    this.clear();
  }

  /** Show nothing but a hint. */
  clear() {
    this._shown = null;
    this._gates.forget();
    this._element.classList.add("empty");
    this._element.replaceChildren(el("p", { class: "faint" }, HINT));
  }

  /**
   * Show a token.
   *
   * @param {Object} at - `model`; `token` as in a tree; `read`, the text up to and with it;
   *   `choose(candidate)` with `{token, text, logprob}`, and `verb`, what choosing does; `back()`
   *   moves the focus back to the token.
   */
  show(at) {
    this._shown = at;
    const { model, token } = at;
    const name = shown(token.token, model, token.text || null);
    this._element.classList.remove("empty");
    this._element.replaceChildren(
      el("h2", {}, el("bdi", { class: "name" }, name), el("span", { class: "faint" }, ` ${model.id}`)),
      el("p", {}, this._about(token)),
      this._likely(at),
      this._gates.element,
    );
    this._gates.show(at);
  }

  /** Move the focus to the first alternative. */
  enter() {
    this._element.querySelector(".likely button")?.focus();
  }

  /** Take the k-th alternative of the token that is shown, from 0. */
  pick(k) {
    const candidate = candidates(this._shown?.token ?? { top: [] })[k];
    if (candidate) this._shown.choose(candidate);
  }

  _about({ logprob, oov }) {
    if (logprob === null) return "The text begins here: nothing was predicted.";
    const unknown = oov ? "unknown word; " : "";
    return `${unknown}${percent(Math.exp(logprob))}, ${bits(logprob).toFixed(1)} bits of surprise`;
  }

  _likely({ model, token, choose, verb }) {
    const found = candidates(token);
    if (!found.length) return null;
    const most = Math.max(...found.map(({ logprob }) => logprob));
    const rows = found.map((one) => {
      const name = shown(one.token, model, one.text);
      const share = percent(Math.exp(one.logprob));
      const here = one.token === token.token;
      const bar = el("span", { class: "bar", "aria-hidden": "true" });
      bar.style.width = `${100 * Math.exp(one.logprob - most)}%`;
      return el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            class: here ? "here" : null,
            "aria-label": `${spoken(name)}, ${share}${here ? ", as in the text" : ""}`,
            title: `${verb} “${name}”`,
            onclick: () => choose(one),
          },
          bar,
          el("bdi", { class: "name" }, name),
          el("span", { class: "share" }, share),
        ),
      );
    });
    return el("ol", { class: "likely", "aria-label": `What else was likely; ${verb}` }, ...rows);
  }

  /** Lead the arrow keys through the alternatives, and Escape back to the text. */
  _key(event) {
    if (event.key === "Escape") this._shown?.back();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...this._element.querySelectorAll(".likely button")];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    buttons[at + step]?.focus();
  }
}

/** Return what could be in a token's place, the most likely first; the token itself is included. */
function candidates({ token, text, logprob, top }) {
  const found = top.map(([name, value, written = null]) => ({
    token: name,
    logprob: value,
    text: written,
  }));
  if (found.length && logprob !== null && !found.some((one) => one.token === token)) {
    found.push({ token, logprob, text });
  }
  return found;
}
