// Who is signed in: name and role in the header, and below its button all that follows from them.

import { byId, element, say } from "./dom.js";
import { readable } from "./access.js";
import { Fold } from "./disclosure.js";
import { t } from "./language.js";

/** What each role is called. */
export const ROLES = {
  reader: t`Reader`, evaluator: t`Evaluator`, contributor: t`Contributor`, curator: t`Curator`,
  admin: t`Administrator`, operator: t`Operator`,
};

const RIGHTS = {
  ask: t`ask questions`, upload: t`add documents`, evaluate: t`measure answers`,
  measure: t`measure as much as the organisation may`, publish: t`publish to everybody`,
  curate: t`change what others have added, and decide on what is held`,
  administer: t`administer`, operate: t`operate the service`,
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
    const audiences = publishing.everyone ? [t`everyone`] : publishing.audiences.map(readable);
    byId("account-list").replaceChildren(
      line(t`Signed in as`, user),
      line(t`Organisation`, tenant),
      line(t`Role`, ROLES[role] ?? role),
      line(t`Groups`, groups.map(readable).join(", ") || t`none`),
      line(t`You may`, rights.map((right) => RIGHTS[right] ?? right).join(", ")),
      line(t`You may publish to`, [t`yourself`, ...audiences].join(", ")));
  }
}
