// Who is signed in: name and role in the header, and below its button all that follows from them.

import { byId, element, say } from "./dom.js";
import { readable } from "./access.js";
import { Fold } from "./disclosure.js";

const ROLES = {
  reader: "Reader", evaluator: "Evaluator", contributor: "Contributor", curator: "Curator",
  admin: "Administrator", operator: "Operator",
};

const RIGHTS = {
  ask: "ask questions", upload: "add documents", evaluate: "measure answers",
  measure: "measure as much as the organisation may", publish: "publish to everybody",
  curate: "change what others have added, and decide on what is held",
  administer: "administer", operate: "operate the service",
};

const line = (term, words) =>
  element("div", {}, element("dt", {}, term), element("dd", {}, words));

/** The account below its button. */
export class Account {
  #me;
  #fold;

  constructor(me) {
    this.#me = me;
    this.#fold = new Fold("account", () => this.#fill());
    say(byId("who"), me.name);
    say(byId("who-role"), [ROLES[me.role] ?? me.role, ...me.groups.map(readable)].join(" · "));
    addEventListener("click", ({ target }) => {
      if (!target.closest("#account, #account-toggle")) this.#fold.close();
    }, { signal: this.#fold.signal });
  }

  stop() {
    this.#fold.stop();
  }

  #fill() {
    const { user, tenant, groups, role, rights, publishing } = this.#me;
    const audiences = publishing.everyone ? ["everyone"] : publishing.audiences.map(readable);
    byId("account-list").replaceChildren(
      line("Signed in as", user),
      line("Organisation", tenant),
      line("Role", ROLES[role] ?? role),
      line("Groups", groups.map(readable).join(", ") || "none"),
      line("You may", rights.map((right) => RIGHTS[right] ?? right).join(", ")),
      line("You may publish to", ["yourself", ...audiences].join(", ")));
  }
}
