// The queue, usage and the audit log, for administrators.

import { button, element, say } from "./dom.js";
import { readable } from "./access.js";
import { plural, whenExactly } from "./code_points.js";
import { tableOf } from "./table.js";

/** The queue: how much waits, what failed, and a pause. */
export class AdminQueue {
  node = element("div");
  #client;
  #status = element("p", { class: "note", role: "status" });

  constructor(client) {
    this.#client = client;
  }

  async show() {
    const [queue, failed] = await Promise.all([this.#client.queue(), this.#client.failedJobs()]);
    const pause = queue.pause
      ? button("Let workers go on", () => this.#try(() => this.#client.resumeQueue(), "Workers go on."), { class: "quiet small" })
      : button("Pause", () => this.#try(() => this.#client.pauseQueue(), "Workers take no new job. Uploads are still accepted."), { class: "quiet small" });
    const again = button("Try all again", () => this.#try(() => this.#client.requeueAll(), "Queued again."), { class: "quiet small" });
    const paused = queue.whole_queue_paused ? " The operator has paused the queue of all tenants." : "";
    this.node.replaceChildren(
      element("p", {}, `${queue.queued} waiting, ${queue.running} running, ${plural(queue.failed, "failed job")}.${queue.pause ? " Paused." : ""}${paused}`),
      element("div", { class: "row-actions" }, pause, queue.failed ? again : ""), this.#status,
      tableOf("Failed jobs", ["When", "Document", "Submitted by", "Why"], failed.items.map((job) =>
        [whenExactly(job.updated_at), `${job.document_id}, version ${job.version}`, readable(job.submitter), job.reason ?? job.code ?? ""]),
      "No job has failed."));
  }

  async #try(act, words) {
    try {
      await act();
      await this.show();
      say(this.#status, words);
    } catch (problem) {
      say(this.#status, problem.message);
    }
  }
}

/** Asks, tokens and cost since a day, by person and by model. */
export class AdminUsage {
  node = element("div");
  #client;

  constructor(client) {
    this.#client = client;
  }

  /** Add up since a day, `YYYY-MM-DD`; by default since the month began. */
  async show(day = "") {
    const reports = await Promise.all(["user", "model"].map((by) => this.#client.usage(by, day)));
    const tables = reports.map(({ by, since, items }) => tableOf(
      `${by === "user" ? "By person" : "By model"}, since ${since}`,
      ["Name", "Questions", "From the cache", "Tokens read", "Tokens written", "Cost"],
      items.map((line) => [readable(line.name), ...[line.asks, line.cached, line.prompt_tokens, line.completion_tokens].map((value) => value.toLocaleString()), line.cost.toFixed(4)]),
      "Nobody has asked since then."));
    const since = element("input", { type: "date", value: reports[0].since, onchange: () => this.show(since.value) });
    this.node.replaceChildren(element("div", { class: "admin-form" }, element("label", {}, "Since ", since)), ...tables);
  }
}

/** Who did and read what, newest first; and whether the log is whole. */
export class AdminAudit {
  node = element("div");
  #client;
  #rows = [];
  #next = null;

  constructor(client) {
    this.#client = client;
  }

  async show() {
    this.#rows = [];
    this.#next = null;
    await this.#more();
  }

  async #more() {
    const page = await this.#client.audit(this.#next);
    this.#next = page.next;
    this.#rows.push(...page.items);
    const status = element("p", { class: "note", role: "status" });
    const check = button("Check that the log is whole", async () => {
      const report = await this.#client.verifyAudit().catch((problem) => ({ problem: problem.message }));
      say(status, report.problem ?? (report.problems.length ? `Not whole: ${report.problems.join("; ")}` : `Whole: ${plural(report.rows, "row")}.`));
    }, { class: "quiet small" });
    const older = this.#next ? button("Older", () => this.#more(), { class: "quiet small" }) : "";
    this.node.replaceChildren(element("div", { class: "row-actions" }, check), status,
      tableOf("Acts", ["When", "Who", "With", "Act", "On", "Reason"], this.#rows.map((row) =>
        [whenExactly(row.at), readable(row.actor), row.credential, row.act, row.object, row.reason]), "Nothing was done yet."), older);
  }
}
