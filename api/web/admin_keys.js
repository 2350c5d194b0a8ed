// Keys, for administrators: list, make, renew and revoke them. A key is shown once.

import { button, element, say } from "./dom.js";
import { readable } from "./access.js";
import { copyText } from "./clipboard.js";
import { ROLES } from "./account.js";
import { confirmIn } from "./confirm.js";
import { whenExactly } from "./code_points.js";
import { tableOf } from "./table.js";
import { t } from "./language.js";

const GIVEN_ROLES = ["reader", "contributor", "evaluator", "curator", "admin"];

function stateOf(key) {
  if (key.revoked_at) return t`Revoked ${whenExactly(key.revoked_at)}`;
  if (key.expires_at && new Date(key.expires_at) < new Date()) return t`Expired ${whenExactly(key.expires_at)}`;
  return key.expires_at ? t`Until ${whenExactly(key.expires_at)}` : t`Valid`;
}

/** The section; `show()` fills it. */
export class AdminKeys {
  node = element("div");
  #client;
  #fresh = element("div", { role: "status" });

  constructor(client) {
    this.#client = client;
  }

  async show() {
    const { items } = await this.#client.keys();
    this.node.replaceChildren(this.#form(), this.#fresh,
      tableOf(t`Keys`, [t`Person`, t`Role`, t`Groups`, t`State`, t`Last used`, t`Made by`, ""],
        items.map((key) => this.#row(key)), t`There is no key yet.`));
  }

  #row(key) {
    const acts = element("div", { class: "row-actions" });
    if (!key.revoked_at) {
      const named = (label, act) => button(label, () => act(acts), { class: "link", "aria-label": t`${label}: key of ${key.user}, ${key.key_id}` });
      acts.append(named(t`Renew`, () => this.#renew(key)), named(t`Revoke`, (box) => this.#revoke(key, box)));
    }
    return [readable(key.user), key.role, key.groups.map(readable).join(", "), stateOf(key),
      key.last_used_at ? whenExactly(key.last_used_at) : t`Never`, readable(key.made_by || t`not recorded`), acts];
  }

  #form() {
    const user = element("input", { type: "text", maxlength: 200, required: true, placeholder: "ann" });
    const groups = element("input", { type: "text", maxlength: 1000, placeholder: "hr/all, sea/all" });
    const role = element("select", {}, ...GIVEN_ROLES.map((name) => element("option", { value: name }, ROLES[name])));
    const form = element("form", { class: "admin-form", "aria-label": t`Make a key` },
      element("label", {}, t`Person`, " ", user), element("label", {}, t`Groups`, " ", groups), element("label", {}, t`Role`, " ", role),
      element("button", { class: "primary small", type: "submit" }, t`Make a key`));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const names = groups.value.split(/[\s,]+/).filter(Boolean);
      this.#try(() => this.#client.makeKey({ user: user.value.trim(), groups: names, role: role.value }), user.value.trim());
    });
    return form;
  }

  #renew(key) {
    return this.#try(() => this.#client.renewKey(key.key_id), key.user);
  }

  /** Make a key and show it, this once. */
  async #try(make, user) {
    try {
      const { key } = await make();
      await this.show();
      const copied = element("span", { class: "note" });
      const copy = button(t`Copy`, async () => {
        await copyText(key);
        say(copied, t`Copied.`);
      }, { class: "quiet small" });
      this.#fresh.replaceChildren(element("p", { class: "notice" }, t`The key of ${readable(user)}, shown this once:`, " ",
        element("code", {}, key), " ", copy, copied));
    } catch (problem) {
      this.#fresh.replaceChildren(element("p", { class: "problem", role: "alert" }, problem.message));
    }
  }

  async #revoke(key, box) {
    if (box.querySelector(".confirm")) return;
    if (!(await confirmIn(box, t`Revoke this key of ${readable(key.user)}? The next request with it is refused.`, t`Revoke`))) return;
    try {
      await this.#client.revokeKey(key.key_id);
      await this.show();
    } catch (problem) {
      this.#fresh.replaceChildren(element("p", { class: "problem", role: "alert" }, problem.message));
    }
  }
}
