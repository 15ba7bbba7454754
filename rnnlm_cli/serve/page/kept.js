/**
 * What a reload keeps: settings, texts and branches.
 *
 * They are in the tab's session storage, so two tabs do not disturb each other and nothing is left
 * when the tab is closed. The server's key is never among them.
 */

const NAME = "rnnlm";

const kept = read();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) ?? {};
  } catch {
    return {}; // storage is switched off, or holds something else
  }
}

/** Return what was kept under a name, or a default. */
export const recall = (name, otherwise) => kept[name] ?? otherwise;

/** Keep a value, which JSON can write, under a name. It is stored when `store` is called. */
export function keep(name, value) {
  kept[name] = value;
}

/** Write everything; without the branches if they do not fit. */
export function store() {
  for (const content of [kept, { ...kept, trees: {} }]) {
    try {
      sessionStorage.setItem(NAME, JSON.stringify(content));
      return;
    } catch {
      // too large, or no storage: a reload then keeps less
    }
  }
}

/** Keep the value of form fields, by their ids, and put back what was kept. */
export function keepFields(fields) {
  for (const field of fields) {
    const what = field.type === "checkbox" ? "checked" : "value";
    field[what] = recall(field.id, field[what]);
    field.addEventListener("input", () => keep(field.id, field[what]));
  }
}

// also when a phone ends the page in the background, where it never says "unload"
window.addEventListener("pagehide", store);
document.addEventListener("visibilitychange", store);
