/** Score: paste a text, and see where it surprises a model. */

import { score } from "./api.js";
import { Column } from "./column.js";
import { byId, el, growWithText, sendOnEnter } from "./dom.js";
import { keepFields } from "./kept.js";
import { bits, figure, level } from "./numbers.js";
import { promptOf, syllables } from "./tree.js";
import { Words } from "./words.js";
import { LIKELY } from "./writer.js";

/** The part of the page that scores a text. */
export class Score {
  /**
   * @param {Panel} panel - Where a token is shown.
   * @param {function(string)} goOn - Writes on from a text.
   */
  constructor(panel, goOn) {
    this.can = "score";
    this._panel = panel;
    this._goOn = goOn;
    this._columns = [];
    this._text = byId("score-text");
    keepFields([this._text]);
    this.fit = growWithText(this._text);
    sendOnEnter(this._text);
    byId("score-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this._panel.clear();
      this._columns.forEach((column) => this._score(column));
    });
  }

  /** Show the chosen models, side by side. */
  choose(models) {
    this._columns.forEach((column) => column.stop());
    const known = new Map(this._columns.map((column) => [column.model.id, column]));
    this._columns = models.map((model) => known.get(model.id) ?? new Column(model));
    byId("score-columns").replaceChildren(...this._columns.map(({ element }) => element));
  }

  _score(column) {
    const { model } = column;
    // the newline at the end ends the last line, it does not begin another one
    const text = this._text.value.replace(/\n+$/, "");
    return column.run(async (signal) => {
      const found = await score({ model: model.id, text, top: LIKELY }, signal);
      const unknown = found.lines.flatMap(({ tokens }) => tokens).filter(({ oov }) => oov).length;
      column.body.replaceChildren(
        el(
          "dl",
          { class: "figures" },
          fact("perplexity", figure(found.perplexity)),
          fact("bits per token", figure(bits(-found.nats_per_token))),
          fact("tokens", found.tokens.toLocaleString("en")),
          fact("unknown", unknown.toLocaleString("en")),
        ),
        ...found.lines.map((line, k) => this._line(model, line, k)),
      );
    });
  }

  /** Return a line: its words, and its figures. */
  _line(model, { tokens, logprob, perplexity }, number) {
    const read = tokens.map((one) => ({
      ...one,
      given: true,
      top: (one.top ?? []).map(({ token, logprob: value, text }) => [token, value, text]),
    }));
    const all = model.unit === "jamo" ? syllables(read) : read;
    const label = `Line ${number + 1}`;
    const words = new Words(`${label}, scored by ${model.id}`, model, {
      show: (index) => this._show(model, all, index, words),
      enter: () => this._panel.enter(),
      pick: (index, k) => {
        this._show(model, all, index, words);
        this._panel.pick(k);
      },
    });
    words.show(all);
    const shade = level(logprob / tokens.length, model.vocabulary);
    const each = figure(bits(logprob) / tokens.length);
    const about = `${label}: perplexity ${figure(perplexity)}, ${figure(bits(logprob))} bits, ${each} per token`;
    const mark = el("span", { class: `mark s${shade}`, title: about }, each);
    return el("div", { class: "line" }, mark, words.element);
  }

  _show(model, tokens, index, words) {
    this._panel.show({
      model,
      token: tokens[index],
      read: promptOf(tokens.slice(0, index + 1), model),
      verb: "write on from here with",
      choose: (other) => this._goOn(promptOf([...tokens.slice(0, index), other], model)),
      back: () => words.focus(index),
    });
  }
}

function fact(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}
