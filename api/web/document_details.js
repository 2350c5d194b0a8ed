// What is known of a document beside its text: where it came from, how it was read, who may see it.

import { button, element, say } from "./dom.js";
import { readable, summary } from "./access.js";
import { size, when } from "./code_points.js";

const MADE_BY = { parser: "Read by", chunker: "Cut by", embedder: "Embedded by", screening: "Screened by" };

function facts(view) {
  const source = view.source ? `${view.source.kind}, ${view.source.path}` : null;
  const attributes = Object.entries(view.attributes ?? {}).map(([name, value]) =>
    `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [
    ["Identifier", view.document_id],
    ["File", `${view.filename}, ${size(view.size)}${view.media_type ? `, ${view.media_type}` : ""}`],
    ["Version", view.version ? `${view.version}, of ${when(view.published_at ?? view.updated_at)}` : "none can be searched yet"],
    ["Published by", readable(view.publisher ?? view.owner)],
    ["Came from", source],
    ["Who may read it", summary(view)],
    ["Labels", attributes.join("; ") || null],
    ["Licence", view.licence],
    ["Deleted on", view.expires_at ? when(view.expires_at) : null],
    ["Held, not deleted", view.hold],
    ...Object.entries(MADE_BY).map(([name, label]) => [label, view.provenance?.[name]]),
    ["SHA-256 of the file", view.sha256],
  ].filter(([, value]) => value);
}

/** A field that says whether somebody can read the document, and why. */
function explainer(client, view) {
  const field = element("input", { type: "text", maxlength: 1200, required: true, placeholder: "user:ann", "aria-label": "Person" });
  const answer = element("p", { role: "status" });
  const form = element("form", { class: "explain" },
    element("label", {}, "Can somebody read it? ", field),
    element("button", { class: "quiet small", type: "submit" }, "Say why"), answer);
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
  const box = element("div", { class: "details", role: "group", "aria-label": `Details of ${view.title}` },
    element("dl", {}, ...pairs), client.may("administer") ? explainer(client, view) : "");
  node.insertBefore(box, problem);
  return undefined;
}
