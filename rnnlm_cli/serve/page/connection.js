/** Notices when the server is gone, and when it is back. */

import { healthy } from "./api.js";

/** Milliseconds between two looks: at a server that answers, and at one that does not. */
const CALM = 10000;
const WAITING = 1000;

/** Watches the server. */
export class Connection {
  /**
   * @param {function(boolean)} changed - Called with whether the server answers, when that changes.
   */
  constructor(changed) {
    this.up = true;
    this._changed = changed;
    this._timer = setTimeout(() => this._look(), CALM);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this._soon(0);
    });
  }

  /** Note that a request was not answered. */
  lost() {
    this._set(false);
    this._soon(WAITING);
  }

  async _look() {
    // a hidden page has nothing to show; it looks again when it is seen
    if (!document.hidden || !this.up) this._set(await healthy());
    this._soon(this.up ? CALM : WAITING);
  }

  _soon(milliseconds) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._look(), milliseconds);
  }

  _set(up) {
    if (up === this.up) return;
    this.up = up;
    this._changed(up);
  }
}
