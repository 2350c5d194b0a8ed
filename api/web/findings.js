// What was found in a document: kinds, rules and places, for its uploader and for curators.

import { element, say } from "./dom.js";
import { plural, t } from "./language.js";

const KINDS = {
  hidden: t`Characters nobody sees`, injection: t`Instructions to a model`,
  personal: t`Personal data`, secret: t`Secret`,
};
const ACTIONS = { keep: t`recorded`, mask: t`masked`, quarantine: t`held back` };
const SHOWN = 50;

/** A kind of finding and its rule, in words. */
export const kindOf = (kind, rule) => `${KINDS[kind] ?? kind} (${rule})`;

function line(item) {
  const place = t`characters ${item.start} to ${item.end}`;
  const location = item.page ? t`page ${item.page}, ${place}` : place;
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
    const box = element("div", { class: "findings", role: "group", "aria-label": t`Findings in ${view.title}` },
      element("p", {}, total ? t`${plural(total, "place")} found.` : t`Nothing was found.`),
      element("ul", {}, ...items.map(line)),
      ...(more > 0 ? [element("p", {}, t`And ${plural(more, "more place")}.`)] : []));
    node.insertBefore(box, problem);
  } catch (error) {
    opener.setAttribute("aria-expanded", "false");
    say(problem, error.message);
  }
  return undefined;
}
