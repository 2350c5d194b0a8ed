// Runs of questions that measure one's own answers: started here, listed, their reports saved.

import { button, byId, element, say } from "./dom.js";
import { saveAs } from "./download.js";
import { t } from "./language.js";

const LOOK_MS = 2000;
const WAITS = ["queued", "running"];
const SHOWN = {
  "answer_in_quote@2": t`of the answers hold the right words`,
  citation_recall: t`of the right documents are cited`,
  groundedness: t`of the sentences are supported`,
};

const percent = (value) => `${Math.round(100 * value)} %`;

/** What a run has come to, in words. */
function describe({ state, done, total, reason, report }) {
  if (state === "failed") return reason || t`It failed.`;
  if (state === "cancelled") return t`Cancelled.`;
  if (WAITS.includes(state)) return total ? t`${done} of ${total} questions` : t`${done} questions asked`;
  const figures = Object.entries(SHOWN).filter(([name]) => typeof report.metrics?.[name] === "number");
  return figures.map(([name, words]) => `${percent(report.metrics[name])} ${words}`).join(", ");
}

/** The list below the trends. */
export class MeasuredRuns {
  #client;
  #isOpen;
  #timer;

  constructor(client, isOpen, signal) {
    this.#client = client;
    this.#isOpen = isOpen;
    byId("measure").addEventListener("click", () => this.#begin(), { signal });
  }

  stop() {
    clearTimeout(this.#timer);
    byId("runs-list").replaceChildren();
  }

  async show() {
    clearTimeout(this.#timer);
    try {
      const { items } = await this.#client.runs();
      byId("runs-list").replaceChildren(...items.map((run) => this.#row(run)));
      const waits = items.some(({ state }) => WAITS.includes(state));
      byId("measure").disabled = waits;
      if (waits) this.#timer = setTimeout(() => this.#isOpen() && this.show(), LOOK_MS);
    } catch (problem) {
      say(byId("trends-problem"), problem.message);
    }
  }

  async #begin() {
    byId("measure").disabled = true;
    try {
      await this.#client.startRun();
    } catch (problem) {
      say(byId("trends-problem"), problem.message);
      byId("measure").disabled = false;
      return;
    }
    await this.show();
  }

  async #cancel({ evaluation_id: id }) {
    try {
      await this.#client.cancelRun(id);
      await this.show();
      byId("measure").focus();
    } catch (problem) {
      say(byId("trends-problem"), problem.message);
    }
  }

  #row(run) {
    const when = new Date(run.created_at).toLocaleString();
    const load = () => this.#client.report(run.evaluation_id);
    const hasReport = run.state === "succeeded" && !!run.report.metrics;
    return element("li", {}, element("strong", {}, when), ` ${describe(run)} `,
      WAITS.includes(run.state) ? button(t`Cancel`, () => this.#cancel(run),
        { class: "quiet small", "aria-label": t`Cancel the run of ${when}` }) : null,
      hasReport ? button(t`Save the report`, () => saveAs(load, "report.html", byId("trends-problem")),
        { class: "quiet small", "aria-label": t`Save the report of ${when}` }) : null);
  }
}
