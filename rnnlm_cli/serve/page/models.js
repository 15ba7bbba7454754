/** Which models are asked: a box for each. */

import { described } from "./column.js";
import { byId, el } from "./dom.js";
import { keep, recall } from "./kept.js";

/** What a model cannot do, by its name in `can`. */
const UNABLE = { completions: "cannot write", score: "cannot score", fill: "cannot fill" };

/** The boxes. */
export class Models {
  /** @param {function()} changed - Called when the choice changes. */
  constructor(changed) {
    this._changed = changed;
    this._boxes = byId("models");
    this._all = [];
  }

  /** Take what the server has. */
  set(listed) {
    this._all = listed.map(({ id, rnnlm }) => ({ id, ...rnnlm }));
    const known = recall("models", []).filter((id) => this._all.some((model) => model.id === id));
    this._names = new Set(known.length ? known : this._all.slice(0, 1).map(({ id }) => id));
  }

  /** Draw the boxes; those of models that cannot do something are disabled. */
  draw(can) {
    const boxes = this._all.map((model) => this._box(model, can));
    this._boxes.replaceChildren(el("legend", {}, "Models"), ...boxes);
  }

  /** Return the chosen models that can do something. */
  chosen(can) {
    return this._all.filter((model) => this._names.has(model.id) && model.can.includes(can));
  }

  _box(model, can) {
    const able = model.can.includes(can);
    const box = el("input", {
      type: "checkbox",
      value: model.id,
      checked: able && this._names.has(model.id),
      disabled: !able,
      onchange: (event) => this._choose(model.id, event.target.checked),
    });
    const about = able ? described(model) : UNABLE[can];
    return el(
      "label",
      { class: able ? "chip" : "chip unable" },
      box,
      el("span", {}, model.id),
      el("span", { class: "faint" }, about),
    );
  }

  _choose(id, wanted) {
    if (wanted) this._names.add(id);
    else this._names.delete(id);
    keep("models", [...this._names]);
    this._changed();
  }
}
