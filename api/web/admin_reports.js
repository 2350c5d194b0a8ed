// The queue, usage and the audit log, for administrators.

import { button, element, say } from "./dom.js";
import { readable } from "./access.js";
import { whenExactly } from "./code_points.js";
import { tableOf } from "./table.js";
import { plural, t } from "./language.js";

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
      ? button(t`Let workers go on`, () => this.#try(() => this.#client.resumeQueue(), t`Workers go on.`), { class: "quiet small" })
      : button(t`Pause`, () => this.#try(() => this.#client.pauseQueue(), t`Workers take no new job. Uploads are still accepted.`), { class: "quiet small" });
    const again = button(t`Try all again`, () => this.#try(() => this.#client.requeueAll(), t`Queued again.`), { class: "quiet small" });
    const paused = queue.whole_queue_paused ? ` ${t`The operator has paused the queue of all tenants.`}` : "";
    this.node.replaceChildren(
      element("p", {}, `${t`${queue.queued} waiting, ${queue.running} running, ${plural(queue.failed, "failed job")}.`}${queue.pause ? ` ${t`Paused.`}` : ""}${paused}`),
      element("div", { class: "row-actions" }, pause, queue.failed ? again : ""), this.#status,
      tableOf(t`Failed jobs`, [t`When`, t`Document`, t`Submitted by`, t`Why`], failed.items.map((job) =>
        [whenExactly(job.updated_at), t`${job.document_id}, version ${job.version}`, readable(job.submitter), job.reason ?? job.code ?? ""]),
      t`No job has failed.`));
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
      by === "user" ? t`By person, since ${since}` : t`By model, since ${since}`,
      [t`Name`, t`Questions`, t`From the cache`, t`Tokens read`, t`Tokens written`, t`Cost`],
      items.map((line) => [readable(line.name), ...[line.asks, line.cached, line.prompt_tokens, line.completion_tokens].map((value) => value.toLocaleString()), line.cost.toFixed(4)]),
      t`Nobody has asked since then.`));
    const since = element("input", { type: "date", value: reports[0].since, onchange: () => this.show(since.value) });
    this.node.replaceChildren(element("div", { class: "admin-form" }, element("label", {}, t`Since`, " ", since)), ...tables);
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
    const check = button(t`Check that the log is whole`, async () => {
      const report = await this.#client.verifyAudit().catch((problem) => ({ problem: problem.message }));
      say(status, report.problem ?? (report.problems.length ? t`Not whole: ${report.problems.join("; ")}` : t`Whole: ${plural(report.rows, "row")}.`));
    }, { class: "quiet small" });
    const older = this.#next ? button(t`Older`, () => this.#more(), { class: "quiet small" }) : "";
    this.node.replaceChildren(element("div", { class: "row-actions" }, check), status,
      tableOf(t`Acts`, [t`When`, t`Who`, t`With`, t`Act`, t`On`, t`Reason`], this.#rows.map((row) =>
        [whenExactly(row.at), readable(row.actor), row.credential, row.act, row.object, row.reason]), t`Nothing was done yet.`), older);
  }
}
