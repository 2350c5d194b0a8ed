// The workplace of administrators: a section for each thing that they look after.

import { button, byId, say } from "./dom.js";
import { AdminAudit, AdminQueue, AdminUsage } from "./admin_reports.js";
import { AdminGroups } from "./admin_groups.js";
import { AdminKeys } from "./admin_keys.js";
import { t } from "./language.js";

const SECTIONS = [
  [t`Keys`, AdminKeys], [t`Groups`, AdminGroups], [t`Queue`, AdminQueue], [t`Usage`, AdminUsage], [t`Audit log`, AdminAudit],
];

/** The view; only administrators get its button. */
export class Administration {
  #client;
  #isStopped = false;

  constructor(client) {
    this.#client = client;
    const isOffered = client.may("administer");
    byId("view-administration").hidden = !isOffered;
    byId("administration-section").replaceChildren();
    byId("administration-tabs").replaceChildren(...(isOffered ? SECTIONS : []).map(([label, Section]) =>
      button(label, ({ target }) => this.#show(target, Section), { class: "quiet small", "aria-pressed": "false" })));
  }

  stop() {
    this.#isStopped = true;
    byId("administration-section").replaceChildren();
    byId("view-administration").hidden = true;
  }

  /** Show the first section, unless one is on show. */
  enter() {
    if (!byId("administration-section").firstChild) byId("administration-tabs").firstChild?.click();
  }

  async #show(tab, Section) {
    for (const one of byId("administration-tabs").children) one.setAttribute("aria-pressed", String(one === tab));
    const section = new Section(this.#client);
    say(byId("administration-problem"), "");
    byId("administration-section").replaceChildren(section.node);
    try {
      await section.show();
    } catch (problem) {
      if (!this.#isStopped) say(byId("administration-problem"), problem.message);
    }
  }
}
