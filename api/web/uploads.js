// Files on their way in: sent two at a time, then followed until they can be searched.

import { byId, button, element, say } from "./dom.js";
import { accessFields } from "./access.js";
import { isOver, jobShare, jobText, steps } from "./jobs.js";
import { size } from "./code_points.js";
import { t } from "./language.js";

const AT_ONCE = 2;
const LOOKED_UP = 3; // jobs that are not in the list of the newest, looked up one by one
const PAUSE_MS = 700;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One line of the upload list: a name, a bar, a state, the stages, and what can be done. */
function row(file, replaced) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": t`Upload of ${file.name}` });
  const state = element("span", { class: "state" }, t`Waiting to upload`);
  const stages = element("div");
  const actions = element("div", { class: "row-actions" });
  const version = replaced ? t`new version of ${replaced}` : null;
  const facts = [size(file.size), version].filter(Boolean);
  const node = element(
    "li", { class: "document upload-row", "data-state": "uploading" },
    element("p", { class: "document-title" }, file.name),
    element("p", { class: "document-facts" },
      ...facts.flatMap((fact) => [element("span", { class: "fact" }, fact), " "])),
    bar, state, stages, actions,
  );
  const offer = (label, act) => actions.append(
    button(label, act, { class: "link", "aria-label": `${label}: ${file.name}` }));
  return {
    node,
    offer,
    sending(share) {
      bar.value = share;
      say(state, share < 1 ? t`Uploading, ${Math.floor(share * 100)} %` : t`Checking the file`);
    },
    working(text) {
      bar.removeAttribute("value");
      say(state, text);
    },
    following(job) {
      node.dataset.state = "processing";
      if (job.state === "running") bar.value = jobShare(job);
      else bar.removeAttribute("value");
      say(state, jobText(job));
      stages.replaceChildren(steps(job));
    },
    failed(reason) {
      bar.hidden = true;
      node.dataset.state = "failed";
      say(state, t`Failed: ${reason}`);
      actions.replaceChildren();
      offer(t`Dismiss`, () => node.remove());
    },
    accepted() {
      actions.replaceChildren();
      this.working(t`Waiting its turn`);
    },
  };
}

const MANY = 5; // files: more have one line together, which unfolds

/** How far all uploads are, in one line. */
class UploadSummary {
  #lines = new Set();
  #ended = 0;
  #failed = 0;

  constructor() {
    byId("upload-each").onclick = () => this.#unfold(byId("upload-list").hidden);
    this.#unfold(true);
    this.#draw();
  }

  add(line) {
    if (this.#lines.size === this.#ended) this.#forget(); // another batch
    this.#lines.add(line);
    if (this.#lines.size === MANY + 1) this.#unfold(false);
    this.#draw();
  }

  ended({ failed = false } = {}) {
    this.#ended += 1;
    this.#failed += failed ? 1 : 0;
    if (this.#failed && this.#ended === this.#lines.size) this.#unfold(true);
    this.#draw();
  }

  #forget() {
    this.#lines.clear();
    this.#ended = 0;
    this.#failed = 0;
    this.#unfold(true);
  }

  #unfold(isUnfolded) {
    byId("upload-each").setAttribute("aria-expanded", String(isUnfolded));
    say(byId("upload-each"), isUnfolded ? t`Show one line for all` : t`Show each file`);
    byId("upload-list").hidden = !isUnfolded;
  }

  #draw() {
    const total = this.#lines.size;
    byId("upload-summary").hidden = total <= MANY;
    byId("upload-progress").value = total ? this.#ended / total : 0;
    byId("upload-progress").hidden = this.#ended === total;
    byId("upload-each").hidden = this.#ended === total && !this.#failed;
    const failures = this.#failed ? t`, ${this.#failed} failed` : "";
    say(byId("upload-counts"), t`${this.#ended - this.#failed} of ${total} files added${failures}`);
  }
}

/** The upload form. `arrived()` is called when the list of documents has changed. */
export class Uploads {
  #client;
  #arrived;
  #waiting = [];
  #sending = 0;
  #jobs = [];
  #summary = new UploadSummary();
  #warnings = new Map(); // what the service said of each upload of this session
  #following = false;
  #stopped = false;
  #access;
  #listeners = new AbortController();

  constructor(client, arrived) {
    this.#client = client;
    this.#arrived = arrived;
    this.#access = accessFields({
      mayReachAll: client.me.publishing.everyone, knownNames: client.knownNames,
    });
    byId("upload").hidden = !client.may("upload");
    byId("upload-access").replaceChildren(this.#access.node);
    byId("upload-list").replaceChildren();
    const listen = { signal: this.#listeners.signal };
    const files = byId("files");
    files.addEventListener("change", () => {
      this.add(files.files);
      files.value = "";
    }, listen);
    byId("upload").addEventListener("submit", (event) => event.preventDefault(), listen);
    this.#acceptDrops(byId("drop"), listen);
  }

  /** Forget everything under way; what was accepted goes on in the service. */
  stop() {
    this.#stopped = true;
    this.#waiting = [];
    this.#listeners.abort();
  }

  /** Whether any file is on its way. */
  get busy() {
    return this.#sending > 0 || this.#waiting.length > 0 || this.#jobs.length > 0;
  }

  /** Whether a new document is still followed here; one with a version before has a row of its own. */
  isArriving(documentId) {
    return this.#jobs.some((job) => job.documentId === documentId && !job.replaces);
  }

  /** What the service said of a document when it was uploaded here, such as a look-alike name. */
  warningsOf(documentId) {
    return this.#warnings.get(documentId) ?? [];
  }

  #acceptDrops(area, listen) {
    const mark = (over) => area.classList.toggle("over", over);
    addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    }, listen);
    addEventListener("dragleave", (event) => event.relatedTarget ?? mark(false), listen);
    addEventListener("drop", (event) => {
      event.preventDefault(); // a file dropped beside the area must not replace the page
      mark(false);
      this.add(event.dataTransfer.files);
    }, listen);
  }

  /** Queue files for upload, all with the access list that is chosen now. */
  add(files) {
    if (!this.#client.may("upload")) return;
    const access = this.#access.value();
    for (const file of files) this.#enqueue({ file, access });
    byId("documents-empty").hidden = true;
    this.#sendMore();
  }

  /** Queue one file as a new version of a document; who may read it stays as it is. */
  replace(view, file) {
    this.#enqueue({ file, documentId: view.document_id, replaced: view.title });
    this.#sendMore();
  }

  #enqueue(upload) {
    const line = row(upload.file, upload.replaced);
    const stopper = new AbortController();
    line.offer(t`Cancel`, () => stopper.abort());
    stopper.signal.addEventListener("abort", () => {
      this.#waiting = this.#waiting.filter((other) => other.line !== line);
      line.node.remove();
      this.#summary.ended({ failed: true });
      say(byId("documents-status"), t`${upload.file.name} was not uploaded.`);
    });
    byId("upload-list").append(line.node);
    this.#summary.add(line);
    this.#waiting.push({ ...upload, line, signal: stopper.signal });
  }

  #sendMore() {
    while (this.#sending < AT_ONCE && this.#waiting.length) {
      this.#sending += 1;
      this.#send(this.#waiting.shift()).finally(() => {
        this.#sending -= 1;
        this.#sendMore();
      });
    }
  }

  async #send(upload, retried = 0) {
    const { file, line, signal } = upload;
    try {
      const accepted = await this.#client.upload(upload, (share) => line.sending(share), signal);
      this.#startFollowing(accepted, upload);
    } catch (problem) {
      if (problem.name === "AbortError") return undefined;
      if (problem.status !== 429 || retried > 4) {
        this.#summary.ended({ failed: true });
        return line.failed(problem.message);
      }
      line.working(t`The service is busy: trying again soon`);
      await pause(1000 * Math.max(problem.retryAfter, 1));
      return this.#send(upload, retried + 1);
    }
    return undefined;
  }

  #startFollowing(accepted, { file, line, documentId }) {
    const job = {
      id: accepted.job_id, documentId: accepted.document_id, name: file.name, line,
      replaces: Boolean(documentId),
    };
    this.#warnings.set(accepted.document_id, accepted.warnings ?? []);
    line.accepted();
    line.offer(t`Cancel`, () => this.#cancel(job));
    this.#jobs.push(job);
    this.#follow();
    if (job.replaces) this.#arrived(); // its row says that a new version is on its way
  }

  #cancel(job) {
    this.#client.cancelJob(job.id).catch((problem) => say(byId("documents-problem"), problem.message));
  }

  async #follow() {
    if (this.#following) return;
    this.#following = true;
    while (this.#jobs.length && !this.#stopped) {
      await this.#lookAtAll();
      await pause(PAUSE_MS);
    }
    this.#following = false;
  }

  /** One request tells of nearly all of them; those that are not among the newest come one by one. */
  async #lookAtAll() {
    try {
      const { items } = await this.#client.jobs();
      const views = new Map(items.map((view) => [view.job_id, view]));
      const missing = this.#jobs.filter((job) => !views.has(job.id)).slice(0, LOOKED_UP);
      for (const job of missing) views.set(job.id, await this.#client.job(job.id));
      for (const job of [...this.#jobs]) this.#tell(job, views.get(job.id));
    } catch (problem) {
      if (problem.status === 429) await pause(1000 * Math.max(problem.retryAfter, 1));
    }
  }

  #tell(job, view) {
    if (!view) return;
    if (isOver(view)) this.#finish(job, view);
    else job.line.following(view);
  }

  /** The document's own row takes over: it says why, and what can be done. */
  #finish(job, { state, reason }) {
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (this.#stopped) return;
    this.#summary.ended({ failed: state !== "succeeded" });
    job.line.node.remove();
    const ended = { succeeded: t`${job.name} is ready`, cancelled: t`${job.name} was cancelled` }[state];
    say(byId("documents-status"), ended ?? t`${job.name} failed: ${reason}`);
    this.#arrived();
  }
}
