// The service's HTTP interface, as one signed-in person sees it.

import { events } from "./sse.js";
import { t } from "./language.js";

/** An error a person can read, from problem details (RFC 9457). */
export class Problem extends Error {
  constructor({ title, detail, status = 0, code = "", retryAfter = 0 }) {
    super([title, detail].filter(Boolean).join(". ").replace(/\.\./g, "."));
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

const unreachable = () =>
  new Problem({ title: t`The service cannot be reached`, detail: t`Is it running? Try again.` });

function problemFrom(status, text, retryAfter) {
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Not every proxy on the way speaks JSON: the status alone must do.
  }
  const title = body.title ?? t`The service answered ${status}`;
  const detail = typeof body.detail === "string" ? body.detail : "";
  return new Problem({ title, detail, status, code: body.code, retryAfter });
}

const path = (...segments) => `/v1/${segments.map(encodeURIComponent).join("/")}`;

/** A name for one upload, so that a repeated request is not a second document. */
function uploadName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs https
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The header of somebody with an API key. */
export const withKey = (key) => ({ Authorization: `Bearer ${key}` });

/** The header of somebody who signed in: the browser adds the cookie, and this proves the page. */
export const withSession = (session) => ({ "X-CSRF-Token": session.csrf_token });

/** Whether people sign in by OIDC, and the session that this browser has, if any. */
export async function signInState() {
  const read = async (address) => {
    const response = await fetch(address, { cache: "no-store" });
    return response.ok ? response.json() : null;
  };
  const options = await read("/auth/options").catch(() => null);
  const session = options?.sign_in ? await read(path("me", "session")).catch(() => null) : null;
  return { isOffered: Boolean(options?.sign_in), session };
}

/** Requests of one person. Every method throws `Problem`; an abort throws `AbortError`. */
export class Client {
  /** Who the service takes this person for, and what they may do; `signIn` asks. */
  me = null;
  #names = new Set(); // principals that the service has shown
  #credentials;
  #rejected;

  /**
   * `credentials` are the headers that say who asks; `rejected(problem)` is called when the
   * service no longer takes them.
   */
  constructor(credentials, rejected) {
    this.#credentials = credentials;
    this.#rejected = rejected;
  }

  async #fetch(method, address, { json, signal } = {}) {
    const headers = { ...this.#credentials };
    if (json !== undefined) headers["Content-Type"] = "application/json";
    const body = json === undefined ? undefined : JSON.stringify(json);
    let response;
    try {
      response = await fetch(address, { method, headers, body, signal, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw unreachable();
    }
    if (response.ok) return response;
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    const problem = problemFrom(response.status, await response.text(), retryAfter);
    if (response.status === 401) this.#rejected(problem);
    throw problem;
  }

  async #json(method, address, options) {
    const response = await this.#fetch(method, address, options);
    return response.status === 204 ? null : response.json();
  }

  /** A page of documents; `choice` has the service's parameters, such as `after`. */
  async documents(choice) {
    const given = Object.entries(choice).filter(([, value]) => value);
    const page = await this.#json("GET", `${path("documents")}?${new URLSearchParams(given)}`);
    for (const { owner, allow, deny } of page.items) {
      for (const name of [owner, ...allow, ...deny]) this.#names.add(name);
    }
    return page;
  }

  /** Look who the service takes this person for, and what they may do. */
  async signIn() {
    this.me = await this.#json("GET", path("me"));
    for (const name of [this.me.user, ...this.me.groups, ...this.me.publishing.audiences]) {
      this.#names.add(name);
    }
  }

  /** Whether this person has a right, such as `curate`. */
  may = (right) => this.me.rights.includes(right);

  /** Whether this person may change a document: its owner and curators may. */
  mayChange = ({ owner }) => this.may("upload") && (owner === this.me.user || this.may("curate"));

  /** Principals that this person has seen: their own, and those on documents that they may read. */
  knownNames = () => [...this.#names];

  sessions = () => this.#json("GET", path("me", "sessions"));
  endSession = (id) => this.#json("DELETE", path("me", "sessions", id));
  endAllSessions = () => this.#json("DELETE", path("me", "sessions"));

  document = (id) => this.#json("GET", path("documents", id));
  edit = (id, changes) => this.#json("PATCH", path("documents", id), { json: changes });
  findings = (id) => this.#json("GET", path("documents", id, "findings"));
  remove = (id) => this.#json("DELETE", path("documents", id));
  jobs = () => this.#json("GET", `${path("jobs")}?limit=500`);
  job = (id) => this.#json("GET", path("jobs", id));
  cancelJob = (id) => this.#json("POST", path("jobs", id, "cancel"));
  retryJob = (id) => this.#json("POST", path("jobs", id, "retry"));
  conversations = () => this.#json("GET", `${path("conversations")}?limit=500`);
  labelConversation = (id, metadata) =>
    this.#json("POST", path("conversations", id), { json: { metadata } });
  removeConversation = (id) => this.#json("DELETE", path("conversations", id));
  startConversation = () => this.#json("POST", path("conversations"), { json: {} });
  conversation = (id) => this.#json("GET", path("conversations", id));
  keys = () => this.#json("GET", path("admin", "keys"));
  makeKey = (key) => this.#json("POST", path("admin", "keys"), { json: key });
  renewKey = (id) => this.#json("POST", path("admin", "keys", id, "rotate"));
  revokeKey = (id) => this.#json("DELETE", path("admin", "keys", id));
  members = () => this.#json("GET", path("admin", "members"));
  join = (member, group) => this.#json("POST", path("admin", "members"), { json: { member, group } });
  leaveGroup = (member, group) =>
    this.#json("DELETE", `${path("admin", "members")}?${new URLSearchParams({ member, group })}`);
  contributors = () => this.#json("GET", path("admin", "contributors"));
  letPublish = (member, audience) =>
    this.#json("POST", path("admin", "contributors"), { json: { member, audience } });
  endPublishing = (member, audience) =>
    this.#json("DELETE", `${path("admin", "contributors")}?${new URLSearchParams({ member, audience })}`);
  queue = () => this.#json("GET", path("admin", "queue"));
  failedJobs = () => this.#json("GET", `${path("admin", "queue", "failed")}?limit=100`);
  pauseQueue = () => this.#json("POST", path("admin", "queue", "pause"));
  resumeQueue = () => this.#json("POST", path("admin", "queue", "resume"));
  requeueAll = () => this.#json("POST", path("admin", "queue", "requeue"), { json: {} });
  usage = (by, since) =>
    this.#json("GET", `${path("admin", "usage")}?by=${by}${since ? `&since=${since}` : ""}`);
  audit = (before) =>
    this.#json("GET", `${path("admin", "audit")}?limit=50${before ? `&before=${before}` : ""}`);
  verifyAudit = () => this.#json("GET", path("admin", "audit", "verification"));
  explainAccess = (id, principal) =>
    this.#json("GET", `${path("admin", "access")}?${new URLSearchParams({ document_id: id, principal })}`);
  makeCollection = (name) => this.#json("POST", path("collections"), { json: { name } });
  collect = (id, documents) =>
    this.#json("POST", path("collections", id, "documents"), { json: { documents } });
  uncollect = (id, documentId) =>
    this.#json("DELETE", path("collections", id, "documents", documentId));

  /** A page of the documents in a collection, as `documents` gives them. */
  async collected(id, { limit, after }) {
    const given = Object.entries({ limit, after }).filter(([, value]) => value);
    const page = await this.#json("GET", `${path("collections", id, "documents")}?${new URLSearchParams(given)}`);
    return { ...page, items: page.items.map(({ document }) => document) };
  }

  collections = () => this.#json("GET", `${path("collections")}?limit=100`);
  runs = () => this.#json("GET", `${path("evaluations")}?limit=10`);
  startRun = () => this.#json("POST", path("evaluations"), { json: { dataset: "generated" } });
  cancelRun = (id) => this.#json("POST", path("evaluations", id, "cancel"));
  report = async (id) => (await this.#fetch("GET", path("evaluations", id, "report.html"))).blob();
  trends = () => this.#json("GET", path("evaluations", "live", "pictures"));
  reviews = () => this.#json("GET", path("reviews"));
  decideReview = (id, decision, note) =>
    this.#json("POST", path("reviews", id, "decide"), { json: { decision, note } });
  quarantine = () => this.#json("GET", path("quarantine"));
  release = ({ document_id: id, version }) =>
    this.#json("POST", `${path("quarantine", id, "release")}?version=${version}`);
  reject = ({ document_id: id, version }, reason) =>
    this.#json("POST", `${path("quarantine", id, "reject")}?version=${version}`, { json: { reason } });
  feedback = (feedback) => this.#json("POST", path("feedback"), { json: feedback });

  /** The document's text. A byte order mark is kept, since offsets count it. */
  async text(id, signal) {
    const response = await this.#fetch("GET", path("documents", id, "text"), { signal });
    const bytes = await response.arrayBuffer();
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }

  async pageImage(id, page, signal) {
    const address = `${path("documents", id, "pages", `${page}.png`)}?scale=2`;
    return (await this.#fetch("GET", address, { signal })).blob();
  }

  async content(id) {
    return (await this.#fetch("GET", path("documents", id, "content"))).blob();
  }

  /** The best passages for a query; `scope` has the service's `documents` or `collections`. */
  search = (query, count, scope, signal) =>
    this.#json("POST", path("search"), { json: { query, top_k: count, ...scope }, signal });

  /** Yield the events of one answer: `sentence`, `done`, `error`; `scope` as of a search. */
  async *ask(question, conversationId, scope, signal) {
    const json = { question, stream: true, ...scope };
    if (conversationId) json.conversation_id = conversationId;
    const response = await this.#fetch("POST", path("ask"), { json, signal });
    yield* events(response.body);
  }

  /**
   * Send one file, as a new document or as a new version of `documentId`; `progress(share)` is
   * called with shares in [0, 1]. Resolves to `{document_id, version, job_id}`. XMLHttpRequest,
   * since fetch does not tell how much it has sent.
   */
  upload({ file, access = { allow: [], deny: [] }, documentId = null }, progress, signal) {
    const form = new FormData();
    for (const principal of access.allow) form.append("allow", principal);
    for (const principal of access.deny) form.append("deny", principal);
    form.append("file", file, file.name);
    const request = new XMLHttpRequest();
    if (documentId) request.open("PUT", path("documents", documentId, "content"));
    else request.open("POST", path("documents"));
    signal.addEventListener("abort", () => request.abort());
    for (const [name, value] of Object.entries(this.#credentials)) {
      request.setRequestHeader(name, value);
    }
    request.setRequestHeader("Idempotency-Key", uploadName());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    return new Promise((resolve, reject) => {
      request.addEventListener("error", () => reject(unreachable()));
      request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      request.addEventListener("load", () => {
        if (request.status < 300) return resolve(JSON.parse(request.responseText));
        const retryAfter = Number(request.getResponseHeader("Retry-After")) || 0;
        const problem = problemFrom(request.status, request.responseText, retryAfter);
        if (request.status === 401) this.#rejected(problem);
        return reject(problem);
      });
      request.send(form);
    });
  }
}
