/**
 * Questions to the server.
 *
 * Addresses are relative, so that the page also works below a path of a proxy. The key is kept in
 * this module's memory only: a reload asks for it again.
 */

/** What a request tells the page; main.js fills in all of them. */
export const hooks = {
  /** Ask for the key, perhaps because another one was refused: a promise of it. */
  key: async (refused) => "",
  /** The server is busy; the request is repeated after some seconds. */
  busy: (seconds) => {},
  /** A request that had to wait goes on. */
  resumed: () => {},
  /** The server does not answer, or is stopping. */
  gone: () => {},
};

/** An answer that is an error, in the server's words. */
export class ServerError extends Error {}

/** No answer, or one that broke off. */
export class Gone extends Error {
  constructor() {
    super("the server does not answer");
  }
}

let key = "";
let asking = null; // one question for the key, however many requests wait for it

/** Return the models: GET /v1/models. */
export async function models() {
  return (await answer("v1/models")).data;
}

/** Ask what a text is followed by: POST /v1/next. */
export const next = (body, signal) => answer("v1/next", body, signal);

/** Score a text line by line: POST /v1/score. */
export const score = (body, signal) => answer("v1/score", body, signal);

/** Fill blanks: POST /v1/fill. */
export const fill = (body, signal) => answer("v1/fill", body, signal);

/** Look at gates and states after a token: POST /v1/trace. */
export const trace = (body, signal) => answer("v1/trace", body, signal);

/** Whether the server answers and takes requests: GET /health. */
export async function healthy() {
  try {
    const response = await fetch("health", { signal: AbortSignal.timeout(3000), cache: "no-store" });
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Stream a completion: POST /v1/completions, answered by server-sent events.
 *
 * @yields {Object} The choice of each chunk.
 * @throws {Gone} When the stream ends before its last event, "[DONE]".
 */
export async function* completion(body, signal) {
  const response = await request("v1/completions", { ...body, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(broken);
      if (done) broken();
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) {
        if (!event.startsWith("data:")) continue; // a comment keeps the connection open
        const data = event.slice(5).trim();
        if (data === "[DONE]") return;
        const chunk = JSON.parse(data);
        if (chunk.error) throw new ServerError(chunk.error.message);
        if (chunk.choices.length) yield chunk.choices[0];
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // the server sees that nobody reads, and frees the place
  }
}

/** Return the JSON of an answer. */
async function answer(path, body, signal) {
  const response = await request(path, body, signal);
  return response.json().catch(broken);
}

/**
 * Send a request until it is answered: with the key when one is needed, later when the server is
 * busy.
 *
 * @throws {Gone|ServerError|DOMException} The last one when the signal aborts it.
 */
async function request(path, body, signal) {
  for (;;) {
    const used = key;
    const response = await fetch(path, options(body, signal, used)).catch(broken);
    if (response.ok) return response;
    if (response.status === 401) {
      if (used === key) await askKey(used !== "");
    } else if (response.status === 429) {
      const seconds = Math.max(Number(response.headers.get("Retry-After")) || 1, 1);
      hooks.busy(seconds);
      await pause(seconds, signal);
      hooks.resumed();
    } else if (response.status === 503) {
      broken();
    } else {
      throw new ServerError(await messageOf(response));
    }
  }
}

function options(body, signal, used) {
  const headers = used ? { Authorization: `Bearer ${used}` } : {};
  if (body === undefined) return { headers, signal, cache: "no-store" };
  headers["Content-Type"] = "application/json";
  return { method: "POST", headers, signal, body: JSON.stringify(body) };
}

async function askKey(refused) {
  asking ??= hooks.key(refused).finally(() => (asking = null));
  key = await asking;
}

/** Tell that the server is gone; a request that was stopped on purpose says so instead. */
function broken(error) {
  if (error?.name === "AbortError") throw error;
  hooks.gone();
  throw new Gone();
}

async function messageOf(response) {
  const plain = `the server answered ${response.status}`;
  const found = await response.json().catch(() => null);
  return found?.error?.message ?? plain;
}

/** Wait; the signal ends the waiting by an AbortError. */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}
