// What is known of a document beside its text: where it came from, how it was read, who may see it.

import { button, element, say } from "./dom.js";
import { readable, summary } from "./access.js";
import { size, when } from "./code_points.js";
import { t } from "./language.js";

const MADE_BY = { parser: t`Read by`, chunker: t`Cut by`, embedder: t`Embedded by`, screening: t`Screened by` };

function facts(view) {
  const source = view.source ? `${view.source.kind}, ${view.source.path}` : null;
  const attributes = Object.entries(view.attributes ?? {}).map(([name, value]) =>
    `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [
    [t`Identifier`, view.document_id],
    [t`File`, [view.filename, size(view.size), view.media_type].filter(Boolean).join(", ")],
    [t`Version`, view.version ? t`${view.version}, of ${when(view.published_at ?? view.updated_at)}` : t`none can be searched yet`],
    [t`Published by`, readable(view.publisher ?? view.owner)],
    [t`Came from`, source],
    [t`Who may read it`, summary(view)],
    [t`Labels`, attributes.join("; ") || null],
    [t`Licence`, view.licence],
    [t`Deleted on`, view.expires_at ? when(view.expires_at) : null],
    [t`Held, not deleted`, view.hold],
    ...Object.entries(MADE_BY).map(([name, label]) => [label, view.provenance?.[name]]),
    [t`SHA-256 of the file`, view.sha256],
  ].filter(([, value]) => value);
}

/** A field that says whether somebody can read the document, and why. */
function explainer(client, view) {
  const field = element("input", { type: "text", maxlength: 1200, required: true, placeholder: "user:ann", "aria-label": t`Person` });
  const answer = element("p", { role: "status" });
  const form = element("form", { class: "explain" },
    element("label", {}, t`Can somebody read it?`, " ", field),
    element("button", { class: "quiet small", type: "submit" }, t`Say why`), answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const person = field.value.trim();
    try {
      const { explanation } = await client.explainAccess(view.document_id, person.includes(":") ? person : `user:${person}`);
      say(answer, explanation.reason);
    } catch (error) {
      say(answer, error.message);
    }
  });
  return form;
}

/** Open the details of a document below its row, or close them. */
export async function toggleDetails(client, node, view, problem, opener) {
  const open = node.querySelector(".details");
  opener.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  const pairs = facts(view).flatMap(([label, value]) => [
    element("dt", {}, label), element("dd", {}, element("bdi", {}, value))]);
  const box = element("div", { class: "details", role: "group", "aria-label": t`Details of ${view.title}` },
    element("dl", {}, ...pairs), client.may("administer") ? explainer(client, view) : "");
  node.insertBefore(box, problem);
  return undefined;
}
