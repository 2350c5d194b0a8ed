// The form below a document's row that says who may read it.

import { button, element, freshId, say } from "./dom.js";
import { accessFields, lockOut, readable } from "./access.js";
import { confirmIn } from "./confirm.js";
import { t } from "./language.js";

/** A box for curators: the document counts for more than others about the same. */
function markField(isMarked) {
  const id = freshId("mark");
  const input = element("input", { type: "checkbox", id, checked: Boolean(isMarked), "aria-describedby": `${id}-help` });
  const help = t`It comes first among documents that answer nearly as well, and carries the label.`;
  const node = element("div", { class: "mark-field" },
    element("p", {}, input, " ", element("label", { for: id }, t`Authoritative`)),
    element("p", { id: `${id}-help`, class: "note" }, help));
  return { input, node };
}

/** Whether to go on although who saves it would no longer read the document. */
async function isMeant(form, access, me) {
  const warning = lockOut(access, me);
  return !warning || confirmIn(form, warning, t`Save all the same`);
}

/**
 * A form with a document's access list. `saved(edit)` is called with `{allow, deny}`, and with
 * `authoritative` of curators; what it throws is shown. `closed()` is called at the end.
 */
export function accessEditor(client, view, { saved, closed }) {
  const { me } = client;
  const onlyLabel = view.owner === me.user ? t`Only me` : t`Only ${readable(view.owner)}`;
  const fields = accessFields({
    ...view, onlyLabel, mayReachAll: me.publishing.everyone, knownNames: client.knownNames,
  });
  const mark = client.may("curate") ? markField(view.authoritative) : null;
  const problem = element("p", { class: "problem", role: "alert" });
  const save = element("button", { class: "primary small", type: "submit" }, t`Save`);
  const form = element(
    "form", { class: "editor", "aria-label": t`Access to ${view.title}` },
    fields.node, mark?.node, problem,
    element("div", { class: "row-actions" }, save, button(t`Cancel`, () => close(), { class: "quiet small" })),
  );
  const close = () => {
    form.remove();
    closed();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.querySelector(".confirm")) return;
    const access = fields.value();
    if (!(await isMeant(form, { ...access, owner: view.owner }, me))) return save.focus();
    try {
      await saved({ ...access, ...(mark ? { authoritative: mark.input.checked } : {}) });
      close();
    } catch (error) {
      say(problem, error.message);
    }
    return undefined;
  });
  return form;
}
