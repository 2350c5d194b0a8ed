// What a job is doing, in words and as steps.

import { element, hiddenText } from "./dom.js";

const STEPS = { parse: "Read", chunk: "Divide", embed: "Learn", commit: "Add" };

const STAGES = {
  parse: "Reading the file", chunk: "Finding passages", embed: "Learning its words",
  commit: "Adding it to the index",
};

const SPOKEN = { done: "done", running: "under way", stopped: "stopped here", waiting: "" };

export const isOver = ({ state }) => state !== "queued" && state !== "running";

/** What a job is doing: "Learning its words, 64 %". */
export function jobText({ state, stage, done, total, reason }) {
  if (state === "queued") return reason ? `Waiting: ${reason}` : "Waiting its turn";
  const words = STAGES[stage] ?? "Working";
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
  return element("ol", { class: "steps", "aria-label": "Stages" }, ...(job.stages ?? []).map(item));
}
