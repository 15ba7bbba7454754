/**
 * Texts that share their beginnings.
 *
 * A branch is a text that leaves another one at a token: it has its own tokens from there, and what
 * is before belongs to its parent. A branch without a parent has the whole text.
 *
 * A token is `{token, text, logprob, top, given}`: its name, what it adds to the text, the natural
 * logarithm of its probability (`null` where none was predicted), the most likely tokens in its
 * place as pairs `[token, logprob]`, and whether a user wrote it.
 */
export class Tree {
  /** @param {Object} stored - What `JSON.stringify` made of a tree. */
  constructor(stored = {}) {
    this.branches = stored.branches ?? [];
    this.current = stored.current ?? 0;
  }

  /** Begin a text; return its number. */
  begin(start) {
    return this._add({ start, parent: null, at: 0, tail: [] });
  }

  /** Leave the current text before the token `at`, with another one; return the number. */
  leave(at, token) {
    const { start } = this.branches[this.current];
    return this._add({ start, parent: this.current, at, tail: [token] });
  }

  /** Add a token to a branch. */
  append(number, token) {
    this.branches[number].tail.push(token);
  }

  /** Return all tokens of a branch, its parent's first. */
  tokens(number = this.current) {
    const branch = this.branches[number];
    if (!branch) return [];
    const before = branch.parent === null ? [] : this.tokens(branch.parent).slice(0, branch.at);
    return [...before, ...branch.tail];
  }

  /** Return the text of a branch. */
  text(number = this.current) {
    return textOf(this.tokens(number));
  }

  _add(branch) {
    this.current = this.branches.push({ finish: "", seed: null, ...branch }) - 1;
    return this.current;
  }
}

/** Return the text of tokens. */
export const textOf = (tokens) => tokens.map((token) => token.text).join("");

/** A letter of a Hangul syllable, as models of jamo have them: first, middle and last differ. */
const LETTER = /^[\u1100-\u11ff]$/;

/**
 * Return tokens with the text of a Hangul syllable at its last letter, and none at the others.
 *
 * The server writes a syllable when the next one begins, so its pieces of text are one token late.
 */
export function syllables(tokens) {
  const found = [];
  for (const token of tokens) {
    const letter = LETTER.test(token.token);
    const own = letter ? { ...token, text: token.token } : heldBack(token, found.at(-1));
    const last = found.at(-1);
    const both = ((last?.text ?? "") + own.text).normalize("NFC");
    if (letter && last && LETTER.test(last.token) && both.length === 1) {
      last.text = "";
      own.text = both;
    }
    found.push(own);
  }
  return found;
}

/** Return another token than a letter, without the syllable that its text may begin with. */
function heldBack(token, before) {
  if (!before || !LETTER.test(before.token)) return token;
  return { ...token, text: token.text.replace(/^[\u1100-\u11ff\uac00-\ud7a3]/, "") };
}

/**
 * Return tokens as a model reads them again.
 *
 * In the text of a model of words a full stop is attached to its word, "hello."; it reads "hello ."
 * and takes "hello." for a word of its own. Letters of Hangul are composed, also of half a syllable.
 */
export function promptOf(tokens, { separator, unit, line_end: end }) {
  if (unit === "jamo") return textOf(syllables(tokens));
  if (!separator) return textOf(tokens);
  const parts = tokens.map(({ token }) => (token === end ? "\n" : token));
  return parts.reduce((text, part) => {
    const apart = text === "" || text.endsWith("\n") || part === "\n" ? "" : separator;
    return text + apart + part;
  }, "");
}

/**
 * Return the tokens of a chunk of a completion.
 *
 * `text_offset` counts characters as Python does, so a letter outside the basic plane is one.
 *
 * @param {Object} choice - As OpenAI's legacy completions have it.
 * @param {number} given - How many characters at the beginning of the whole text a user wrote.
 */
export function tokensOf({ text, logprobs }, given = 0) {
  if (!logprobs?.tokens.length) {
    return text ? [{ token: text, text, logprob: null, top: [], given: given > 0 }] : [];
  }
  const letters = Array.from(text);
  const offsets = logprobs.text_offset;
  return logprobs.tokens.map((token, k) => {
    const from = offsets[k] - offsets[0];
    const to = k + 1 < offsets.length ? offsets[k + 1] - offsets[0] : letters.length;
    return {
      token,
      text: letters.slice(from, to).join(""),
      logprob: logprobs.token_logprobs[k],
      top: Object.entries(logprobs.top_logprobs?.[k] ?? {}).sort((a, b) => b[1] - a[1]),
      given: offsets[k] < given,
    };
  });
}
