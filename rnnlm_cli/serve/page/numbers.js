/** Probabilities, bits and shades, as they are shown. */

/** Shades of surprise besides none: the classes s1 to s10 of the style sheet. */
export const LEVELS = 10;

/** Return bits for a natural logarithm of a probability: -log2 p. */
export const bits = (logprob) => -logprob / Math.LN2;

/**
 * Return the shade of a token, 0 to 10.
 *
 * As in the report of `rnnlm report`, the strongest shade is log V: the surprise of a token drawn
 * blindly from V tokens.
 *
 * @param {?number} logprob - Natural logarithm; `null` for a token that was not predicted.
 * @param {number} vocabulary - V.
 */
export function level(logprob, vocabulary) {
  if (logprob === null) return 0;
  const share = -logprob / Math.log(Math.max(vocabulary, 2));
  return Math.round(Math.min(Math.max(share, 0), 1) * LEVELS);
}

/** Return a probability as a percentage with about two digits: "12%", "3.4%", "0.05%". */
export function percent(probability) {
  const value = 100 * probability;
  if (value >= 99.5 && value < 100) return ">99%";
  if (value >= 9.95) return `${value.toFixed(0)}%`;
  if (value >= 0.995) return `${value.toFixed(1)}%`;
  return value >= 0.005 ? `${value.toFixed(2)}%` : "<0.01%";
}

/** Return a number for people: "1,234", "12.3", "0.04". */
export function figure(value) {
  if (!Number.isFinite(value)) return "∞";
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Return "1 token", "2 tokens". */
export const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** Return a token's surprise in words, for a tooltip and for a screen reader. */
export function surprise(logprob) {
  if (logprob === null) return "given, not predicted";
  return `probability ${percent(Math.exp(logprob))}, ${bits(logprob).toFixed(1)} bits`;
}
