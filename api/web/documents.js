// The list of documents that the signed-in person may read, a page at a time.

import { byId, say } from "./dom.js";
import { DocumentRow } from "./document_row.js";
import { LibraryTools } from "./library_tools.js";
import { Selection } from "./selection.js";
import { plural, t } from "./language.js";

const PAGE = 50;
const REFRESH_MS = 2500;

/**
 * The list and its pages. `read(view)` opens a document's text; `uploads` takes new versions and
 * knows which documents it shows itself; `listed(views)` is told what is shown.
 */
export class Documents {
  client;
  read;
  uploads;
  views = [];
  selection;
  onAsk = () => {}; // called with documents that somebody wants to ask
  collections;
  #listed;
  #tools;
  #jobs = new Map();
  #starts = [null]; // after which documents the pages up to this one begin
  #next = null;
  #timer = null;
  #loads = 0;
  #stopped = false;

  constructor(client, collections, read, uploads, listed) {
    this.client = client;
    this.collections = collections;
    this.read = read;
    this.uploads = uploads;
    this.#listed = listed;
    byId("documents-next").onclick = () => this.#turn([...this.#starts, this.#next]);
    byId("documents-before").onclick = () => this.#turn(this.#starts.slice(0, -1));
    this.#tools = new LibraryTools(client.me.user, collections, () => this.#turn([null], { focuses: false }));
    this.selection = new Selection(this);
    this.refresh();
  }

  /** The newest job of a document that is not ready. */
  jobOf = (id) => this.#jobs.get(id);

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.views = [];
    this.selection.stop();
    this.#tools.stop();
    byId("document-list").replaceChildren();
  }

  /** Load the page on show again, unless somebody is editing a part of it. */
  refresh = async () => {
    clearTimeout(this.#timer);
    const load = ++this.#loads;
    try {
      const page = await this.#page({ limit: PAGE, after: this.#starts.at(-1) });
      const jobs = await this.#jobsOf(page.items);
      if (this.#stopped || load !== this.#loads) return; // a later one is under way
      if (!page.items.length && this.#starts.length > 1) return this.#turn([null]);
      this.views = page.items;
      this.#next = page.next ?? null;
      this.#jobs = jobs;
      say(byId("documents-problem"), "");
      this.#draw();
      this.#listed(this.views, this.#starts.length === 1 && !this.#tools.isNarrow);
    } catch (problem) {
      if (!this.#stopped) say(byId("documents-problem"), problem.message);
    }
    return undefined;
  };

  /** The collection that is listed, where somebody chose one. */
  get collection() {
    return this.#tools.collection;
  }

  #page(place) {
    return this.collection
      ? this.client.collected(this.collection, place)
      : this.client.documents({ ...this.#tools.choice, ...place });
  }

  /** Show another page, from its beginning. */
  async #turn(starts, { focuses = true } = {}) {
    this.#starts = starts;
    byId("document-list").replaceChildren();
    await this.refresh();
    if (focuses) byId("documents-title").focus();
    else say(byId("documents-status"), this.#next ? t`${plural(this.views.length, "document")} and more` : plural(this.views.length, "document"));
    byId("documents").scrollTo({ top: 0 });
  }

  /** How far documents are, and why they failed, stands in the jobs of whoever uploaded them. */
  async #jobsOf(views) {
    if (views.every((view) => view.state === "ready")) return new Map();
    const { items } = await this.client.jobs().catch(() => ({ items: [] })); // the list stands without
    const ingests = items.filter((job) => job.kind === "ingest").reverse();
    return new Map(ingests.map((job) => [job.document_id, job]));
  }

  #draw() {
    const list = byId("document-list");
    const isBusy = Boolean(list.querySelector(".editor, .confirm") || byId("selection-form").firstChild);
    if (!isBusy) this.#replace(list);
    const isEmpty = this.views.length === 0 && !this.uploads.busy;
    byId("documents-empty").hidden = !isEmpty || this.#tools.isNarrow;
    byId("documents-none").hidden = !isEmpty || !this.#tools.isNarrow;
    this.selection.shown(this.views);
    const first = (this.#starts.length - 1) * PAGE + 1;
    say(byId("documents-range"), t`${first} to ${first + this.views.length - 1}`);
    byId("documents-pages").hidden = !this.#next && this.#starts.length === 1;
    byId("documents-next").disabled = !this.#next;
    byId("documents-before").disabled = this.#starts.length === 1;
    const waits = isBusy || this.views.some((view) => view.state === "processing");
    if (waits) this.#timer = setTimeout(this.refresh, REFRESH_MS);
  }

  /** Draw the rows again and leave the focus where it was. */
  #replace(list) {
    const focused = document.activeElement?.dataset?.focus;
    const views = this.views.filter((view) => !this.uploads.isArriving(view.document_id));
    list.replaceChildren(...views.map((view) =>
      new DocumentRow(view, this.#jobs.get(view.document_id), this).node));
    if (focused) list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }
}
