// Groups, for administrators: who is in which, and who may publish to an audience.

import { button, element, say } from "./dom.js";
import { readable } from "./access.js";
import { tableOf } from "./table.js";
import { t } from "./language.js";

/** The section; `show()` fills it. */
export class AdminGroups {
  node = element("div");
  #client;
  #problem = element("p", { class: "problem", role: "alert" });

  constructor(client) {
    this.#client = client;
  }

  async show() {
    const [members, contributors] = await Promise.all([this.#client.members(), this.#client.contributors()]);
    this.node.replaceChildren(this.#problem,
      this.#form(t`Put into a group`, [t`Person or group`, "user:ann"], [t`Group`, "hr/all"], (member, group) => this.#client.join(member, group)),
      tableOf(t`Members of groups`, [t`Group`, t`Member`, ""], members.items.map(({ member, group }) =>
        [readable(group), readable(member), this.#out(`${member}, ${group}`, () => this.#client.leaveGroup(member, group))]),
      t`Nobody was put into a group here. Groups of keys and of sign-ins count beside these.`),
      this.#form(t`Let somebody publish`, [t`Person or group`, "user:ann"], [t`To`, "group:hr/all"], (member, audience) => this.#client.letPublish(member, audience)),
      tableOf(t`Who may publish to audiences they are not in`, [t`Audience`, t`Who`, ""], contributors.items.map(({ member, audience }) =>
        [readable(audience), readable(member), this.#out(`${member}, ${audience}`, () => this.#client.endPublishing(member, audience))]),
      t`Nobody but curators.`));
  }

  #form(label, [who, whoHint], [what, whatHint], act) {
    const member = element("input", { type: "text", maxlength: 1200, required: true, placeholder: whoHint });
    const group = element("input", { type: "text", maxlength: 1200, required: true, placeholder: whatHint });
    const form = element("form", { class: "admin-form", "aria-label": label },
      element("label", {}, `${who} `, member), element("label", {}, `${what} `, group),
      element("button", { class: "primary small", type: "submit" }, label));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = member.value.trim();
      this.#try(() => act(name.includes(":") ? name : `user:${name}`, group.value.trim()));
    });
    return form;
  }

  #out(name, act) {
    return button(t`Take out`, () => this.#try(act), { class: "link", "aria-label": t`Take out: ${name}` });
  }

  async #try(act) {
    say(this.#problem, "");
    try {
      await act();
      await this.show();
    } catch (error) {
      say(this.#problem, error.message);
    }
  }
}
