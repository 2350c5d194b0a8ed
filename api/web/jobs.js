// What a job is doing, in words and as steps.

import { element, hiddenText } from "./dom.js";
import { t } from "./language.js";

const STEPS = { parse: t`Read`, chunk: t`Divide`, embed: t`Learn`, commit: t`Add` };

const STAGES = {
  parse: t`Reading the file`, chunk: t`Finding passages`, embed: t`Learning its words`,
  commit: t`Adding it to the index`,
};

const SPOKEN = { done: t`done`, running: t`under way`, stopped: t`stopped here`, waiting: "" };

export const isOver = ({ state }) => state !== "queued" && state !== "running";

/** What a job is doing: "Learning its words, 64 %". */
export function jobText({ state, stage, done, total, reason }) {
  if (state === "queued") return reason ? t`Waiting: ${reason}` : t`Waiting its turn`;
  const words = STAGES[stage] ?? t`Working`;
  return total > 1 && done > 0 ? `${words}, ${Math.round((100 * done) / total)} %` : words;
}

/** The share of a job that is done, in [0, 1]: learning takes nearly all of it. */
export function jobShare({ stage, done, total }) {
  if (stage === "embed") return 0.1 + (0.85 * done) / Math.max(total, 1);
  return { parse: 0.02, chunk: 0.08, commit: 0.97 }[stage] ?? 0;
}

/** The stages in a row, each with its state. */
export function steps(job) {
  const item = ({ stage, state }) => element(
    "li", { "data-state": state, "aria-current": state === "running" ? "step" : false },
    STEPS[stage] ?? stage, SPOKEN[state] ? hiddenText(`, ${SPOKEN[state]}`) : null,
  );
  return element("ol", { class: "steps", "aria-label": t`Stages` }, ...(job.stages ?? []).map(item));
}
