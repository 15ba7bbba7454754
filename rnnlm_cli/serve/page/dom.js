/**
 * Elements of the page.
 *
 * Text always becomes a text node, never HTML: what a model writes cannot change the page.
 */

/** Return the element with an id. */
export const byId = (id) => document.getElementById(id);

/**
 * Return a new element.
 *
 * @param {string} name - Its tag.
 * @param {Object} props - Attributes; `on...` is a listener, `false` or `null` omits one.
 * @param {...(Node|string|null)} children - What it holds.
 */
export function el(name, props = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * Let a field send its form with Enter; Shift+Enter writes a new line.
 *
 * While a Hangul syllable (or any other composed text) is unfinished, Enter belongs to the input
 * method. Safari reports the Enter that ends a composition with key code 229 only.
 */
export function sendOnEnter(field) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    field.form.requestSubmit();
  });
}

/** Make a text field as high as its text, within what the style sheet allows. */
export function growWithText(field) {
  const fit = () => {
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${field.scrollHeight + 2}px`;
  };
  field.addEventListener("input", fit);
  window.addEventListener("resize", fit);
  fit();
  return fit;
}
