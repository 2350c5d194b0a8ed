// The client: ask, search, and the service's resources. The types come from the description.

import { FailedError, ProblemError, UnreachableError, WaitTimeoutError } from "./errors.js";
import type { ProblemDocument } from "./errors.js";
import { Sender, newKey, sleep } from "./sender.js";
import type { components } from "./schema.js";

export * from "./errors.js";
export type { components, paths } from "./schema.js";

type Schemas = components["schemas"];
export type Answer = Schemas["AnswerView"];
export type Citation = Schemas["Citation"];
export type Collection = Schemas["CollectionView"];
export type Conversation = Schemas["ConversationView"];
export type ConversationDetail = Schemas["ConversationDetail"];
export type Document = Schemas["DocumentView"];
export type Evaluation = Schemas["RunView"];
export type Job = Schemas["JobView"];
export type Me = Schemas["CallerView"];
export type Passage = Schemas["PassageView"];
export type SearchResponse = Schemas["SearchResponse"];
export type Upload = Schemas["UploadResponse"];

/** A sentence that has passed its checks, with its citations. */
export type CheckedSentence = Schemas["Sentence"] & {
  citations: Citation[];
  block: { number: number; unit: number; kind: string; introduction: string };
};

export interface FootnoteOptions {
  /** The service's address; default: FOOTNOTE_URL of the environment. */
  baseUrl?: string;
  /** An API key or a token; default: FOOTNOTE_KEY of the environment. */
  key?: string;
  /** Seconds after which a request fails; a stream has no such limit. */
  timeoutSeconds?: number;
  /** How often a request is sent again where that is safe. */
  retries?: number;
  fetch?: typeof fetch;
}

/** The scope of a search. */
export interface Narrowing {
  filters?: Record<string, unknown>;
  documents?: string[];
  collections?: string[];
}

export interface AskOptions extends Narrowing {
  conversationId?: string;
  format?: "json" | "markdown" | "html";
  /** Repeats of one key within a day get one answer; default: a new key. */
  idempotencyKey?: string;
}

export interface UploadOptions {
  filename: string;
  allow?: string[];
  deny?: string[];
  title?: string;
  attributes?: Record<string, unknown>;
  licence?: string;
  priority?: "low" | "normal" | "high";
  idempotencyKey?: string;
}

interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** A client of one service, as the person whose key it has. */
export class Footnote {
  readonly documents: Documents;
  readonly jobs: Jobs;
  readonly collections: Collections;
  readonly conversations: Conversations;
  readonly evaluations: Evaluations;
  private readonly sender: Sender;

  constructor(options: FootnoteOptions = {}) {
    const environment = typeof process === "undefined" ? {} : process.env;
    const baseUrl = options.baseUrl ?? environment["FOOTNOTE_URL"];
    const key = options.key ?? environment["FOOTNOTE_KEY"];
    if (!baseUrl) throw new TypeError("Give baseUrl, or set FOOTNOTE_URL.");
    if (!key) throw new TypeError("Give key, or set FOOTNOTE_KEY.");
    this.sender = new Sender({
      baseUrl,
      key,
      timeoutSeconds: options.timeoutSeconds ?? 120,
      retries: options.retries ?? 2,
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    });
    this.documents = new Documents(this.sender);
    this.jobs = new Jobs(this.sender);
    this.collections = new Collections(this.sender);
    this.conversations = new Conversations(this.sender);
    this.evaluations = new Evaluations(this.sender);
  }

  /** Return the answer to a question, every sentence cited and checked. */
  ask(question: string, options: AskOptions = {}): Promise<Answer> {
    return this.sender.json(askRequest(question, options, false));
  }

  /**
   * Yield each sentence once it is checked; the generator's return value is the whole answer.
   * To leave the loop early closes the connection, and the service stops writing.
   */
  async *askStream(
    question: string,
    options: AskOptions = {},
  ): AsyncGenerator<CheckedSentence, Answer> {
    for await (const event of this.sender.events(askRequest(question, options, true))) {
      if (event.name === "sentence") yield event.data as CheckedSentence;
      else if (event.name === "done") return event.data as Answer;
      else if (event.name === "error") throw new ProblemError(event.data as ProblemDocument);
    }
    throw new UnreachableError("The connection broke before the answer was whole.");
  }

  /** Return the passages that fit a query best, out of those that you may read. */
  search(query: string, options: Narrowing & { topK?: number } = {}): Promise<SearchResponse> {
    const { topK, ...narrowing } = options;
    const json = { query, ...(topK === undefined ? {} : { top_k: topK }), ...narrowing };
    return this.sender.json({ method: "POST", path: "/v1/search", json, isRepeatable: true });
  }

  /** Return who you are here. */
  me(): Promise<Me> {
    return this.sender.json(get("/v1/me"));
  }
}

/** The documents that you may read. */
export class Documents {
  constructor(private readonly sender: Sender) {}

  /** Upload a file; it is durable when this returns, searchable when its job succeeds. */
  upload(file: Blob, options: UploadOptions): Promise<Upload> {
    const form = new FormData();
    form.set("file", file, options.filename);
    for (const principal of options.allow ?? []) form.append("allow", principal);
    for (const principal of options.deny ?? []) form.append("deny", principal);
    if (options.title !== undefined) form.set("title", options.title);
    if (options.attributes) form.set("attributes", JSON.stringify(options.attributes));
    if (options.licence !== undefined) form.set("licence", options.licence);
    if (options.priority) form.set("priority", options.priority);
    return this.sender.json({
      method: "POST",
      path: "/v1/documents",
      form,
      headers: { "Idempotency-Key": options.idempotencyKey ?? newKey() },
      isRepeatable: true,
    });
  }

  /** Yield every document that you may read, newest first. */
  list(pageSize = 100): AsyncGenerator<Document, void> {
    return pages<Document>(this.sender, "/v1/documents", pageSize);
  }

  get(documentId: string): Promise<Document> {
    return this.sender.json(get(`/v1/documents/${documentId}`));
  }

  /** Return the text that the offsets of citations count in, in code points. */
  async text(documentId: string): Promise<string> {
    return (await this.sender.send(get(`/v1/documents/${documentId}/text`))).text();
  }

  /** Return the original file. */
  async content(documentId: string): Promise<Blob> {
    return (await this.sender.send(get(`/v1/documents/${documentId}/content`))).blob();
  }

  /** Change a document; undefined where it is no longer yours to read. */
  update(documentId: string, changes: Schemas["DocumentPatch"]): Promise<Document | undefined> {
    return this.sender.json({ method: "PATCH", path: `/v1/documents/${documentId}`, json: changes });
  }

  /** Delete a document; it is gone from the next search on. */
  delete(documentId: string): Promise<Schemas["Receipt"]> {
    return this.sender.json({ method: "DELETE", path: `/v1/documents/${documentId}` });
  }
}

/** Your jobs. */
export class Jobs {
  constructor(private readonly sender: Sender) {}

  get(job: string | Upload): Promise<Job> {
    return this.sender.json(get(`/v1/jobs/${idOf(job)}`));
  }

  async list(limit = 100): Promise<Job[]> {
    return (await this.sender.json<Schemas["JobList"]>(get("/v1/jobs", { limit }))).items;
  }

  cancel(job: string | Upload): Promise<Job> {
    return this.sender.json({ method: "POST", path: `/v1/jobs/${idOf(job)}/cancel` });
  }

  retry(job: string | Upload): Promise<Job> {
    return this.sender.json({ method: "POST", path: `/v1/jobs/${idOf(job)}/retry` });
  }

  /** Return a job once it has succeeded; `progress` is called with each look at it. */
  wait(
    job: string | Upload,
    options: { timeoutSeconds?: number; progress?: (job: Job) => void } = {},
  ): Promise<Job> {
    return until(idOf(job), () => this.get(job), { timeoutSeconds: 600, ...options });
  }
}

/** The collections that you see. */
export class Collections {
  constructor(private readonly sender: Sender) {}

  create(
    collection: Partial<Schemas["CollectionRequest"]> & { name: string },
  ): Promise<Collection> {
    return this.sender.json({ method: "POST", path: "/v1/collections", json: collection });
  }

  list(pageSize = 100): AsyncGenerator<Collection, void> {
    return pages<Collection>(this.sender, "/v1/collections", pageSize);
  }

  get(collectionId: string): Promise<Collection> {
    return this.sender.json(get(`/v1/collections/${collectionId}`));
  }

  delete(collectionId: string): Promise<void> {
    return this.sender.json({ method: "DELETE", path: `/v1/collections/${collectionId}` });
  }

  documents(
    collectionId: string,
    pageSize = 100,
  ): AsyncGenerator<Schemas["CollectedDocument"], void> {
    return pages(this.sender, `/v1/collections/${collectionId}/documents`, pageSize);
  }

  /** Put documents into a collection, all of them or none. */
  add(collectionId: string, documents: string[]): Promise<void> {
    const path = `/v1/collections/${collectionId}/documents`;
    return this.sender.json({ method: "POST", path, json: { documents } });
  }

  remove(collectionId: string, documentId: string): Promise<void> {
    const path = `/v1/collections/${collectionId}/documents/${documentId}`;
    return this.sender.json({ method: "DELETE", path });
  }
}

/** Your conversations. */
export class Conversations {
  constructor(private readonly sender: Sender) {}

  create(title = ""): Promise<Conversation> {
    return this.sender.json({ method: "POST", path: "/v1/conversations", json: { title } });
  }

  async list(limit = 100): Promise<Conversation[]> {
    const request = get("/v1/conversations", { limit });
    return (await this.sender.json<Schemas["ConversationList"]>(request)).items;
  }

  get(conversationId: string): Promise<ConversationDetail> {
    return this.sender.json(get(`/v1/conversations/${conversationId}`));
  }

  delete(conversationId: string): Promise<void> {
    return this.sender.json({ method: "DELETE", path: `/v1/conversations/${conversationId}` });
  }
}

/** Your evaluation runs. */
export class Evaluations {
  constructor(private readonly sender: Sender) {}

  start(
    evaluation: Partial<Schemas["EvaluationRequest"]> & Pick<Schemas["EvaluationRequest"], "dataset">,
  ): Promise<Evaluation> {
    return this.sender.json({ method: "POST", path: "/v1/evaluations", json: evaluation });
  }

  get(evaluationId: string): Promise<Evaluation> {
    return this.sender.json(get(`/v1/evaluations/${evaluationId}`));
  }

  cancel(evaluationId: string): Promise<Evaluation> {
    return this.sender.json({ method: "POST", path: `/v1/evaluations/${evaluationId}/cancel` });
  }

  /** Return a run once it has succeeded; `progress` is called with each look at it. */
  wait(
    evaluationId: string,
    options: { timeoutSeconds?: number; progress?: (run: Evaluation) => void } = {},
  ): Promise<Evaluation> {
    return until(evaluationId, () => this.get(evaluationId), { timeoutSeconds: 3600, ...options });
  }
}

function askRequest(question: string, options: AskOptions, isStream: boolean) {
  const { conversationId, idempotencyKey, ...rest } = options;
  const json = {
    question,
    ...rest,
    ...(conversationId === undefined ? {} : { conversation_id: conversationId }),
    ...(isStream ? { stream: true } : {}),
  };
  const headers = { "Idempotency-Key": idempotencyKey ?? newKey() };
  return { method: "POST", path: "/v1/ask", json, headers, isRepeatable: true };
}

function get(path: string, query: Record<string, string | number | null | undefined> = {}) {
  return { method: "GET", path, query, isRepeatable: true };
}

async function* pages<Item>(
  sender: Sender,
  path: string,
  pageSize: number,
): AsyncGenerator<Item, void> {
  let after: string | null = null;
  do {
    const page: Page<Item> = await sender.json<Page<Item>>(get(path, { limit: pageSize, after }));
    yield* page.items;
    after = page.next;
  } while (after);
}

async function until<View extends { state: string; reason: string | null }>(
  id: string,
  look: () => Promise<View>,
  options: { timeoutSeconds: number; progress?: (view: View) => void },
): Promise<View> {
  const deadline = Date.now() + options.timeoutSeconds * 1000;
  for (let pause = 0.05; ; pause = Math.min(pause * 1.5, 2)) {
    const view = await look();
    options.progress?.(view);
    if (view.state === "succeeded") return view;
    if (view.state === "failed" || view.state === "cancelled") {
      throw new FailedError(id, view.state, view.reason);
    }
    if (Date.now() >= deadline) {
      throw new WaitTimeoutError(`${id} is ${view.state} after ${options.timeoutSeconds} s.`);
    }
    await sleep(pause);
  }
}

function idOf(job: string | Upload): string {
  return typeof job === "string" ? job : job.job_id;
}
