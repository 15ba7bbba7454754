/** Puts the page together: what to do, with which models, and what is wrong with the server. */

import { hooks, models as fetchModels, Gone } from "./api.js";
import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { Fill } from "./fill.js";
import { keep, keepFields, recall, store } from "./kept.js";
import { Models } from "./models.js";
import { Panel } from "./panel.js";
import { Score } from "./score.js";
import { Write } from "./write.js";

const panel = new Panel(byId("panel"));
const write = new Write(panel);
const parts = {
  write,
  score: new Score(panel, (text) => {
    show("write");
    write.goOn(text);
  }),
  fill: new Fill(),
};
const chooser = new Models(() => parts[shownPart].choose(chooser.chosen(parts[shownPart].can)));
const connection = new Connection((up) => (up ? back() : tell(LOST, "warning")));
let shownPart = location.hash.slice(1) in parts ? location.hash.slice(1) : recall("part", "write");

const LOST = "The server does not answer. Your text is kept; the page goes on when it is back.";

/** Say something in the line at the top; nothing clears it. */
function tell(text, kind = "") {
  byId("message").textContent = text;
  byId("message").className = kind;
  byId("message").hidden = !text;
}

/** Show a part of the page: write, score or fill. */
function show(name) {
  shownPart = name;
  keep("part", name);
  history.replaceState(null, "", `#${name}`);
  for (const other of Object.keys(parts)) {
    const here = other === name;
    const tab = byId(`tab-${other}`);
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
    byId(other).hidden = !here;
  }
  byId("panel").hidden = name === "fill";
  byId("legend").hidden = name === "fill";
  byId(`${name}-form`).after(byId("legend"));
  panel.clear();
  parts[name].fit(); // a hidden field has no height
  chooser.draw(parts[name].can);
  parts[name].choose(chooser.chosen(parts[name].can));
}

/** Let the arrow keys lead from tab to tab. */
function moveTabs(event) {
  const names = Object.keys(parts);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const name = names[(names.indexOf(shownPart) + step + names.length) % names.length];
  show(name);
  byId(`tab-${name}`).focus();
}

/** Fetch the models; show what they can do. */
async function load() {
  try {
    chooser.set(await fetchModels());
    show(shownPart);
  } catch (error) {
    if (!(error instanceof Gone)) tell(error.message, "warning");
  }
}

/** The server answers again, perhaps with other models. */
async function back() {
  tell("The server is back.");
  await load();
}

/** Ask for the key of the server until one is given. */
function askKey(refused) {
  const form = byId("key-form");
  tell(refused ? "The server refused this key." : "This server needs a key.");
  form.hidden = false;
  byId("key").focus();
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      form.hidden = true;
      tell("");
      resolve(byId("key").value);
      byId("key").value = "";
    };
  });
}

Object.assign(hooks, {
  key: askKey,
  busy: (seconds) => tell(`The server is busy; the request is repeated in ${seconds} s.`),
  resumed: () => tell(""),
  gone: () => connection.lost(),
});

for (const name of Object.keys(parts)) {
  byId(`tab-${name}`).addEventListener("click", () => show(name));
}
byId("tabs").addEventListener("keydown", moveTabs);
window.addEventListener("hashchange", () => {
  if (location.hash.slice(1) in parts) show(location.hash.slice(1));
});
// Escape ends streams, wherever the focus is
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") write.stop();
});
keepFields([byId("numbers")]);
const numbers = () => document.body.classList.toggle("numbers", byId("numbers").checked);
byId("numbers").addEventListener("input", numbers);
numbers();
load().then(store);
