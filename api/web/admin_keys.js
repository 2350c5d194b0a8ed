// Keys, for administrators: list, make, renew and revoke them. A key is shown once.

import { button, element, say } from "./dom.js";
import { readable } from "./access.js";
import { copyText } from "./clipboard.js";
import { confirmIn } from "./confirm.js";
import { whenExactly } from "./code_points.js";
import { tableOf } from "./table.js";

const ROLES = ["reader", "contributor", "evaluator", "curator", "admin"];

function stateOf(key) {
  if (key.revoked_at) return `Revoked ${whenExactly(key.revoked_at)}`;
  if (key.expires_at && new Date(key.expires_at) < new Date()) return `Expired ${whenExactly(key.expires_at)}`;
  return key.expires_at ? `Until ${whenExactly(key.expires_at)}` : "Valid";
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
      tableOf("Keys", ["Person", "Role", "Groups", "State", "Last used", "Made by", ""],
        items.map((key) => this.#row(key)), "There is no key yet."));
  }

  #row(key) {
    const acts = element("div", { class: "row-actions" });
    if (!key.revoked_at) {
      const named = (label, act) => button(label, () => act(acts), { class: "link", "aria-label": `${label}: key of ${key.user}, ${key.key_id}` });
      acts.append(named("Renew", () => this.#renew(key)), named("Revoke", (box) => this.#revoke(key, box)));
    }
    return [readable(key.user), key.role, key.groups.map(readable).join(", "), stateOf(key),
      key.last_used_at ? whenExactly(key.last_used_at) : "Never", readable(key.made_by || "not recorded"), acts];
  }

  #form() {
    const user = element("input", { type: "text", maxlength: 200, required: true, placeholder: "ann" });
    const groups = element("input", { type: "text", maxlength: 1000, placeholder: "hr/all, sea/all" });
    const role = element("select", {}, ...ROLES.map((name) => element("option", { value: name }, name)));
    const form = element("form", { class: "admin-form", "aria-label": "Make a key" },
      element("label", {}, "Person ", user), element("label", {}, "Groups ", groups), element("label", {}, "Role ", role),
      element("button", { class: "primary small", type: "submit" }, "Make a key"));
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
      const copy = button("Copy", async () => {
        await copyText(key);
        say(copied, "Copied.");
      }, { class: "quiet small" });
      this.#fresh.replaceChildren(element("p", { class: "notice" }, `The key of ${readable(user)}, shown this once: `,
        element("code", {}, key), " ", copy, copied));
    } catch (problem) {
      this.#fresh.replaceChildren(element("p", { class: "problem", role: "alert" }, problem.message));
    }
  }

  async #revoke(key, box) {
    if (box.querySelector(".confirm")) return;
    if (!(await confirmIn(box, `Revoke this key of ${readable(key.user)}? The next request with it is refused.`, "Revoke"))) return;
    try {
      await this.#client.revokeKey(key.key_id);
      await this.show();
    } catch (problem) {
      this.#fresh.replaceChildren(element("p", { class: "problem", role: "alert" }, problem.message));
    }
  }
}
