// Files on their way in: sent two at a time, then followed until they can be searched.

import { byId, button, element, say } from "./dom.js";
import { accessFields } from "./access.js";
import { size } from "./text.js";

const AT_ONCE = 2;
const FOLLOWED_AT_ONCE = 3; // jobs run in order: the oldest are the ones that move
const PAUSE_MS = 700;

const STAGES = {
  parse: "Reading the file", chunk: "Finding passages", embed: "Learning its words",
  commit: "Adding it to the index",
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a job is doing, in words. */
export function jobText({ state, stage, done, total }) {
  if (state === "queued") return "Waiting its turn";
  const words = STAGES[stage] ?? "Working";
  return total > 1 && done > 0 ? `${words}, ${Math.round((100 * done) / total)} %` : words;
}

/** One line of the upload list: a name, a bar, a state. */
function row(file) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": `Upload of ${file.name}` });
  const state = element("span", { class: "state" }, "Waiting to upload");
  const node = element(
    "li", { class: "document upload-row", "data-state": "uploading" },
    element("p", { class: "document-title" }, file.name),
    element("p", { class: "document-facts" }, size(file.size)),
    bar, state,
  );
  const dismiss = button("Dismiss", () => node.remove(), {
    class: "quiet small", "aria-label": `Dismiss ${file.name}`,
  });
  return {
    node,
    sending(share) {
      bar.value = share;
      say(state, share < 1 ? `Uploading, ${Math.floor(share * 100)} %` : "Checking the file");
    },
    working(text) {
      bar.removeAttribute("value");
      say(state, text);
    },
    failed(reason) {
      bar.remove();
      node.dataset.state = "failed";
      say(state, `Failed: ${reason}`);
      node.append(dismiss);
    },
  };
}

/** The upload form. `arrived()` is called when the list of documents has changed. */
export class Uploads {
  #client;
  #arrived;
  #waiting = [];
  #sending = 0;
  #jobs = [];
  #following = false;
  #stopped = false;
  #access = accessFields({});
  #listeners = new AbortController();

  constructor(client, arrived) {
    this.#client = client;
    this.#arrived = arrived;
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

  /** Whether this document is still followed here. */
  isArriving(documentId) {
    return this.#jobs.some((job) => job.documentId === documentId);
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
    const access = this.#access.value();
    for (const file of files) {
      const line = row(file);
      byId("upload-list").append(line.node);
      this.#waiting.push({ file, access, line });
    }
    this.#sendMore();
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

  async #send({ file, access, line }, retried = 0) {
    try {
      const accepted = await this.#client.upload(file, access, (share) => line.sending(share));
      line.working("Waiting its turn");
      this.#jobs.push({ id: accepted.job_id, documentId: accepted.document_id, name: file.name, line });
      this.#follow();
    } catch (problem) {
      if (problem.status !== 429 || retried > 4) return line.failed(problem.message);
      line.working("The service is busy: trying again soon");
      await pause(1000 * Math.max(problem.retryAfter, 1));
      return this.#send({ file, access, line }, retried + 1);
    }
    return undefined;
  }

  async #follow() {
    if (this.#following) return;
    this.#following = true;
    while (this.#jobs.length && !this.#stopped) {
      for (const job of this.#jobs.slice(0, FOLLOWED_AT_ONCE)) await this.#look(job);
      await pause(PAUSE_MS);
    }
    this.#following = false;
  }

  async #look(job) {
    try {
      const view = await this.#client.job(job.id);
      if (view.state === "queued" || view.state === "running") job.line.working(jobText(view));
      else this.#finish(job, view);
    } catch (problem) {
      if (problem.status === 429) await pause(1000 * Math.max(problem.retryAfter, 1));
      else if (problem.status) this.#finish(job, { state: "failed", reason: problem.message });
    }
  }

  #finish(job, { state, reason }) {
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (this.#stopped) return;
    if (state === "succeeded") {
      job.line.node.remove();
      say(byId("documents-status"), `${job.name} is ready.`);
    } else {
      job.line.failed(reason ?? "It was cancelled");
      say(byId("documents-status"), `${job.name} failed: ${reason ?? "cancelled"}`);
    }
    this.#arrived();
  }
}
