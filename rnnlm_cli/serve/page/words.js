/** A text of tokens, tinted by surprise, through which the arrow keys lead. */

import { el } from "./dom.js";
import { bits, level, surprise } from "./numbers.js";

/** Signs for the end of a line and for a space, as in the report. */
const LINE_END = "↵";
const SPACE = "·";

/** Return a token's name in one line: an end of a line and a space have a sign each. */
export function shown(token, model, text = null) {
  const written = text ?? token;
  if (token === model.line_end || written.includes("\n")) return LINE_END;
  if (model.separator) return written.trim() || token;
  return written.replace(/^ +| +$/g, (spaces) => SPACE.repeat(spaces.length)) || token;
}

/** The tokens of one text: a list box with one token in the tab order. */
export class Words {
  /**
   * @param {string} label - What a screen reader calls it.
   * @param {Object} model - Whose tokens they are.
   * @param {Object} on - What happens: `show(index, kept)` when a token is pointed at, or focused;
   *   `enter(index)` to go to what else was likely; `pick(index, k)` to take the k-th of these;
   *   `turn(step)` to the branch before or after.
   */
  constructor(label, model, on) {
    this._model = model;
    this._on = on;
    this._kept = false; // whether a token stays shown when the pointer moves on
    this._spans = [];
    this._at = 0;
    this.element = el("div", {
      class: "text",
      role: "listbox",
      "aria-label": label,
      "aria-orientation": "horizontal",
      onpointerover: (event) => this._point(event),
      onclick: (event) => this._click(event),
      onfocusin: (event) => this._focus(event),
      onkeydown: (event) => this._key(event),
    });
  }

  /** Replace all tokens. */
  show(tokens) {
    this._spans = [];
    this._kept = false;
    this._at = 0;
    this.element.replaceChildren();
    tokens.forEach((token) => this.append(token));
  }

  /** Add a token at the end. */
  append(token) {
    const span = this._span(token);
    span.dataset.index = this._spans.length;
    span.tabIndex = this._spans.length === this._at ? 0 : -1;
    this._spans.push(span);
    // the space before a word is outside of its tint; a space that is a token is inside
    const space = this._model.separator ? token.text.match(/^ */)[0] : "";
    const newlines = token.text.match(/\n*$/)[0]; // outside, so that no tint is on two lines
    this.element.append(space, span, newlines);
  }

  /** Take the last token away. */
  removeLast() {
    const span = this._spans.pop();
    while (this.element.lastChild !== span) this.element.lastChild.remove();
    span.remove();
  }

  /** Move the focus to a token. */
  focus(index = this._at) {
    this._spans[Math.min(Math.max(index, 0), this._spans.length - 1)]?.focus();
  }

  _span(token) {
    const { text, logprob } = token;
    const name = shown(token.token, this._model, text || null);
    const unknown = token.oov ? ", unknown word" : "";
    const about = `${surprise(logprob)}${unknown}`;
    return el(
      "span",
      {
        class: ["token", `s${level(logprob, this._model.vocabulary)}`, ...this._marks(token)].join(" "),
        role: "option",
        "aria-selected": "false",
        "aria-label": `${spoken(name)}, ${about}`,
        title: `${name}  ${about}`,
        "data-bits": logprob === null ? "" : bits(logprob).toFixed(1),
      },
      this._inner(text),
    );
  }

  /** Return what else the style sheet has to know of a token. */
  _marks({ text, given, oov }) {
    const spaced = !this._model.separator && text.startsWith(" ");
    const marks = { given, oov, silent: text === "", space: text === " ", spaced };
    return Object.keys(marks).filter((name) => marks[name]);
  }

  _inner(text) {
    const inner = this._model.separator ? text.replace(/^ +/, "") : text;
    return inner.replace(/\n*$/, (ends) => LINE_END.repeat(ends.length));
  }

  _indexOf(event) {
    const span = event.target.closest(".token");
    return span ? Number(span.dataset.index) : null;
  }

  _point(event) {
    const index = this._indexOf(event);
    if (index !== null && !this._kept && event.pointerType === "mouse") this._mark(index, false);
  }

  _click(event) {
    const index = this._indexOf(event);
    if (index === null) this._kept = false;
    else this._spans[index].focus();
  }

  _focus(event) {
    const index = this._indexOf(event);
    if (index !== null) this._mark(index, true);
  }

  /** Make a token the one that is shown, and the one that Tab comes back to. */
  _mark(index, kept) {
    this._kept ||= kept;
    const before = this._spans[this._at];
    before.tabIndex = -1;
    before.setAttribute("aria-selected", "false");
    this._at = index;
    this._spans[index].tabIndex = 0;
    this._spans[index].setAttribute("aria-selected", "true");
    this._on.show(index, kept);
    if (kept) this._spans[index].scrollIntoView({ block: "nearest" }); // above a phone's panel
  }

  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = {
      ArrowLeft: () => this.focus(this._at - 1),
      ArrowRight: () => this.focus(this._at + 1),
      ArrowUp: () => this._line(-1),
      ArrowDown: () => this._line(1),
      Home: () => this.focus(0),
      End: () => this.focus(this._spans.length - 1),
      Enter: () => this._on.enter(this._at),
      " ": () => this._on.enter(this._at),
      "[": () => this._on.turn?.(-1),
      "]": () => this._on.turn?.(1),
    };
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : null;
    const step = steps[event.key] ?? (digit === null ? null : () => this._on.pick(this._at, digit));
    if (!step) return;
    event.preventDefault();
    step();
  }

  /** Move to the nearest token of the line above (-1) or below (1), as it is laid out. */
  _line(step) {
    const here = this._spans[this._at].getBoundingClientRect();
    let best = null;
    for (let k = this._at + step; this._spans[k]; k += step) {
      const box = this._spans[k].getClientRects()[0];
      const down = step * (box.top - here.top);
      if (down < here.height / 2) continue; // still this line
      if (best && Math.abs(box.top - best.top) > here.height / 2) break; // the line after the next
      const away = Math.abs(box.left - here.left);
      if (!best || away < best.away) best = { index: k, away, top: box.top };
    }
    if (best) this.focus(best.index);
  }
}

/** Return a sign as a word, for a screen reader. */
export function spoken(name) {
  return { [LINE_END]: "end of line", [SPACE]: "space" }[name] ?? name;
}
