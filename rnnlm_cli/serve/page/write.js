/** Write: type a start, and each chosen model goes on. */

import { byId, growWithText, sendOnEnter } from "./dom.js";
import { keep, keepFields, recall } from "./kept.js";
import { Tree } from "./tree.js";
import { Writer } from "./writer.js";

/** Seeds that the page draws when the field is empty. */
const SEEDS = 2 ** 31;

/** The part of the page in which models write. */
export class Write {
  /** @param {Panel} panel - Where a token is shown. */
  constructor(panel) {
    this.can = "completions";
    this._panel = panel;
    this._writers = new Map();
    this._columns = byId("write-columns");
    this._trees = recall("trees", {});
    this._start = byId("start");
    this._seed = null;
    const fields = ["temperature", "top-p", "length", "seed", "known"].map(byId);
    keepFields([this._start, ...fields]);
    this.fit = growWithText(this._start);
    sendOnEnter(this._start);
    for (const name of ["temperature", "top-p"]) this._showValue(byId(name), byId(`${name}-value`));
    byId("write-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.write();
    });
    byId("stop").addEventListener("click", () => this.stop());
  }

  /** Show the chosen models, side by side. */
  choose(models) {
    for (const writer of this._writers.values()) writer.stop();
    this._writers = new Map(models.map((model) => [model.id, this._writerOf(model)]));
    this._columns.replaceChildren(...[...this._writers.values()].map(({ element }) => element));
    this._changed();
  }

  /** Let every chosen model write a new text; all have the same seed. */
  write(start = this._start.value) {
    this._panel.clear();
    this._seed = this._newSeed();
    for (const writer of this._writers.values()) writer.write(start);
  }

  /** Put a text into the field, and write. */
  goOn(text) {
    this._start.value = text;
    keep("start", text);
    this.fit();
    this.write();
  }

  /** End all streams. */
  stop() {
    for (const writer of this._writers.values()) writer.stop();
  }

  _writerOf(model) {
    const known = this._writers.get(model.id);
    if (known) return known;
    const tree = new Tree(this._trees[model.id]);
    this._trees[model.id] = tree;
    keep("trees", this._trees);
    return new Writer(model, tree, {
      panel: this._panel,
      settings: (asked) => this._settings(asked),
      changed: () => this._changed(),
    });
  }

  /** Return the fields as a request has them. */
  _settings({ unknown }) {
    return {
      max_tokens: byId("length").valueAsNumber,
      temperature: byId("temperature").valueAsNumber,
      top_p: byId("top-p").valueAsNumber,
      seed: byId("seed").value === "" ? (this._seed ?? this._newSeed()) : byId("seed").valueAsNumber,
      skip: byId("known").checked && unknown ? [unknown] : [],
      allow_unknown: true,
    };
  }

  _newSeed() {
    return Math.floor(SEEDS * Math.random());
  }

  _changed() {
    const busy = [...this._writers.values()].some((writer) => writer.busy);
    byId("stop").disabled = !busy;
  }

  _showValue(slider, output) {
    const show = () => {
      output.textContent = slider.valueAsNumber.toFixed(2);
    };
    slider.addEventListener("input", show);
    show();
  }
}
