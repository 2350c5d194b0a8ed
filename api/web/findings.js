// What was found in a document: kinds, rules and places, for its uploader and for curators.

import { element, say } from "./dom.js";
import { plural } from "./code_points.js";

const KINDS = {
  hidden: "Characters nobody sees", injection: "Instructions to a model",
  personal: "Personal data", secret: "Secret",
};
const ACTIONS = { keep: "recorded", mask: "masked", quarantine: "held back" };
const SHOWN = 50;

/** A kind of finding and its rule, in words. */
export const kindOf = (kind, rule) => `${KINDS[kind] ?? kind} (${rule})`;

function line(item) {
  const page = item.page ? `page ${item.page}, ` : "";
  const location = `${page}characters ${item.start} to ${item.end}`;
  const action = ACTIONS[item.action] ?? item.action;
  return element("li", {}, `${kindOf(item.kind, item.rule)}, ${location}: ${action}`);
}

/** Open the findings of a document below its row, or close them. */
export async function toggleFindings(client, node, view, problem, opener) {
  const open = node.querySelector(".findings");
  opener.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  try {
    const findings = await client.findings(view.document_id);
    const total = Object.values(findings.counts).reduce((sum, count) => sum + count, 0);
    const items = findings.items.slice(0, SHOWN);
    const more = total - items.length;
    const box = element("div", { class: "findings", role: "group", "aria-label": `Findings in ${view.title}` },
      element("p", {}, total ? `${plural(total, "place")} found.` : "Nothing was found."),
      element("ul", {}, ...items.map(line)),
      ...(more > 0 ? [element("p", {}, `And ${plural(more, "more place")}.`)] : []));
    node.insertBefore(box, problem);
  } catch (error) {
    opener.setAttribute("aria-expanded", "false");
    say(problem, error.message);
  }
  return undefined;
}
