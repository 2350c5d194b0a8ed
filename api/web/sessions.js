// The browsers in which somebody signed in: list them, sign out of one, or everywhere.

import { byId, button, element, say } from "./dom.js";
import { confirmIn } from "./confirm.js";
import { Fold } from "./disclosure.js";
import { whenExactly } from "./code_points.js";
import { t } from "./language.js";

/** The list below its button, which only people see who signed in; a key has no session. */
export class Sessions {
  #client;
  #current;
  #ended;
  #fold;

  /** `current` is the id of this browser's session; `ended()` is called when it is over. */
  constructor(client, current, ended) {
    this.#client = client;
    this.#current = current;
    this.#ended = ended;
    this.#fold = new Fold("sessions", () => this.#load());
    byId("sessions-toggle").hidden = false;
    const listen = { signal: this.#fold.signal };
    byId("sign-out-everywhere").addEventListener("click", () => this.#endAll(), listen);
  }

  stop() {
    this.#fold.stop();
    byId("sessions-toggle").hidden = true;
  }

  async #load() {
    say(byId("sessions-problem"), "");
    try {
      const { items } = await this.#client.sessions();
      if (this.#fold.signal.aborted) return;
      byId("sessions-list").replaceChildren(...items.map((item) => this.#row(item)));
    } catch (problem) {
      say(byId("sessions-problem"), problem.message);
    }
  }

  #row(item) {
    const begun = whenExactly(item.created_at);
    const isCurrent = item.session_id === this.#current;
    const where = isCurrent ? t`This browser` : t`Another browser`;
    const times = t`last used ${whenExactly(item.used_at)}, ends ${whenExactly(item.expires_at)} at the latest`;
    return element(
      "li", { class: "history-row", "data-session": item.session_id },
      element("span", { class: "session-facts" }, element("strong", {}, where), t`, signed in ${begun}`,
        element("span", { class: "session-times" }, times)),
      button(t`Sign out`, () => this.#end(item), {
        class: "quiet small", "aria-label": t`Sign out: ${where}, signed in ${begun}`,
      }),
    );
  }

  async #end({ session_id: id }) {
    try {
      await this.#client.endSession(id);
    } catch (problem) {
      if (problem.status !== 404) return say(byId("sessions-problem"), problem.message);
    }
    if (id === this.#current) return this.#ended();
    await this.#load();
    return byId("sessions-title").focus();
  }

  async #endAll() {
    const place = byId("sign-out-everywhere").parentElement;
    if (place.querySelector(".confirm")) return undefined;
    const question = t`Sign out in every browser, this one too?`;
    if (!(await confirmIn(place, question, t`Sign out of all`))) return byId("sign-out-everywhere").focus();
    try {
      await this.#client.endAllSessions();
    } catch (problem) {
      return say(byId("sessions-problem"), problem.message);
    }
    return this.#ended();
  }
}
