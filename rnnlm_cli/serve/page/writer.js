/** A column in which a model writes, and which keeps every branch of its text. */

import { completion, next } from "./api.js";
import { Column } from "./column.js";
import { el } from "./dom.js";
import { store } from "./kept.js";
import { bits, count } from "./numbers.js";
import { promptOf, syllables, textOf, tokensOf } from "./tree.js";
import { shown, Words } from "./words.js";

/** Alternatives of each token. */
export const LIKELY = 10;

/** Tokens at the end of a text that one more may change: the letters of a syllable, and itself. */
const LETTERS = 4;

/** One model's texts. */
export class Writer extends Column {
  /**
   * @param {Object} model - The model.
   * @param {Tree} tree - Its texts so far.
   * @param {Object} page - `panel`; `settings(model)`, the sampling settings of a request;
   *   `changed()`, called when the model begins or ends to write.
   */
  constructor(model, tree, page) {
    super(model);
    this.tree = tree;
    this._page = page;
    this._branches = el("nav", { class: "branches", "aria-label": `Branches of ${model.id}` });
    this._words = new Words(`Text of ${model.id}`, model, {
      show: (index) => this._show(index),
      enter: () => page.panel.enter(),
      pick: (index, k) => {
        this._show(index);
        page.panel.pick(k);
      },
      turn: (step) => this.turn(this.tree.current + step),
    });
    this._more = this._button("Continue", () => this._continue());
    this._copy = this._button("Copy", () => navigator.clipboard.writeText(textOf(this._tokens())));
    this._copy.hidden = !navigator.clipboard; // browsers have it for https and this machine only
    this.body.append(this._words.element, this._branches);
    this.element.append(el("p", { class: "buttons" }, this._more, this._copy));
    this._render();
  }

  /** Write a new text. */
  write(start) {
    const prompt = this.model.separator ? start.replace(/ +$/, "") : start;
    const number = this.tree.begin(prompt);
    this._render();
    return this._stream(number, prompt, true);
  }

  /** Show another branch. */
  turn(number) {
    if (!this.tree.branches[number]) return;
    this.tree.current = number;
    this._page.panel.clear();
    this._render();
  }

  turned() {
    this._summarize();
    this._page.changed();
  }

  /** Go on where the current branch ends. */
  _continue() {
    const number = this.tree.current;
    const tokens = this.tree.tokens();
    // a text of which nothing came is begun once more
    if (!tokens.length) return this._stream(number, this.tree.branches[number].start, true);
    return this._stream(number, promptOf(tokens, this.model), false);
  }

  /**
   * Let the model write at the end of a branch.
   *
   * @param {boolean} echo - Whether the tokens of the prompt are wanted too: for a new text.
   */
  async _stream(number, prompt, echo) {
    const branch = this.tree.branches[number];
    await this.run(async (signal) => {
      const settings = this._page.settings(this.model);
      const given = echo ? Array.from(prompt).length : 0;
      Object.assign(branch, { seed: settings.seed, finish: "stopped" });
      this._summarize();
      const request = { model: this.model.id, prompt, echo, logprobs: LIKELY, ...settings };
      for await (const choice of completion(request, signal)) {
        for (const token of tokensOf(choice, given)) {
          this.tree.append(number, this._marked(token));
          if (number === this.tree.current) this._add(token);
        }
        branch.finish = choice.finish_reason ?? branch.finish;
        this._summarize();
      }
    });
    store();
  }

  /** Show a new token; it may complete the syllable of those before it. */
  _add(token) {
    if (this.model.unit !== "jamo") return this._words.append(token);
    const last = syllables(this.tree.tokens().slice(-LETTERS)).slice(-2);
    if (last.length > 1) this._words.removeLast();
    last.forEach((one) => this._words.append(one));
  }

  /** Return the tokens of the current branch, as they are shown. */
  _tokens() {
    const tokens = this.tree.tokens();
    return this.model.unit === "jamo" ? syllables(tokens) : tokens;
  }

  /** Mark a token that a user wrote and the model does not know. */
  _marked(token) {
    token.oov = token.given && token.token === this.model.unknown && token.text.trim() !== token.token;
    return token;
  }

  /** Show what else was likely at a token of the current branch. */
  _show(index) {
    const tokens = this._tokens();
    const token = tokens[index];
    this._page.panel.show({
      model: this.model,
      token,
      read: promptOf(tokens.slice(0, index + 1), this.model),
      verb: "go on from here with",
      choose: (candidate) => this._leave(index, candidate),
      back: () => this._words.focus(index),
    });
  }

  /** Begin a branch: another token at an index, and what the model writes after it. */
  async _leave(index, candidate) {
    const tokens = this.tree.tokens();
    const { top } = tokens[index];
    const before = promptOf(tokens.slice(0, index), this.model);
    let { text } = candidate;
    if (text === null) {
      await this.run(async (signal) => (text = await this._written(before, candidate.token, signal)));
    }
    if (text === null) return; // it went wrong, and the column says so
    const { token, logprob } = candidate;
    const chosen = { token, text, logprob, top, given: false };
    const number = this.tree.leave(index, chosen);
    this._render();
    this._words.focus(index);
    await this._stream(number, promptOf(this.tree.tokens(number), this.model), false);
  }

  /** Return what a token adds to a text: its space and itself, as the server writes it. */
  async _written(before, token, signal) {
    const request = { model: this.model.id, prompt: before, top: 2 * LIKELY, allow_unknown: true };
    const found = (await next(request, signal)).next.find((one) => one.token === token);
    if (found) return found.text;
    if (token === this.model.line_end) return "\n";
    return before && !before.endsWith("\n") ? this.model.separator + token : token;
  }

  /** Draw the current branch anew. */
  _render() {
    this._words.show(this._tokens());
    const several = this.tree.branches.length > 1;
    this._branches.replaceChildren(...(several ? this.tree.branches.map((b, k) => this._tab(b, k)) : []));
    this._summarize();
  }

  _tab({ parent, tail, start }, number) {
    const word = parent === null ? start : tail[0].text || tail[0].token;
    const name = shown(word.slice(0, 24), this.model) || "new text";
    const here = number === this.tree.current;
    const from = parent === null ? "" : `, from ${parent + 1}`;
    const props = { "aria-current": here ? "true" : null, title: `Branch ${number + 1}${from}` };
    return this._button(`${number + 1} ${name}`, () => this.turn(number), props);
  }

  /** Say how long the text is, and how surprising to the model itself. */
  _summarize() {
    const branch = this.tree.branches[this.tree.current];
    const drawn = this.tree.tokens().filter(({ given, logprob }) => !given && logprob !== null);
    this._more.hidden = !branch || this.busy;
    this._copy.hidden = !branch || !navigator.clipboard;
    if (!branch) return this.say("");
    const sum = drawn.reduce((total, { logprob }) => total + bits(logprob), 0);
    const mean = drawn.length ? `, ${(sum / drawn.length).toFixed(1)} bits per token` : "";
    const seed = branch.seed === null ? "" : `, seed ${branch.seed}`;
    const end = branch.finish === "stopped" && !this.busy ? ", stopped" : "";
    this.say(`${count(drawn.length, "token")}${mean}${seed}${end}`);
  }

  _button(text, onclick, props = {}) {
    return el("button", { type: "button", onclick, ...props }, text);
  }
}
