// Sends requests, again where that is safe, and turns refusals into errors.

import { ProblemError, UnreachableError, responseError } from "./errors.js";

/** A request to the service. */
export interface ServiceRequest {
  method: string;
  path: string;
  query?: Record<string, string | number | null | undefined>;
  json?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  /** To send it again changes nothing, or the service recognises the repeat. */
  isRepeatable?: boolean;
}

/** One server-sent event. */
export interface ServerEvent {
  name: string;
  data: unknown;
}

export interface SenderOptions {
  baseUrl: string;
  key: string;
  timeoutSeconds: number;
  retries: number;
  fetch: typeof fetch;
}

const PASSING = new Set([429, 502, 503, 504]);
const LONGEST_PAUSE = 20;

/** The one way to the service. */
export class Sender {
  constructor(private readonly options: SenderOptions) {}

  /** Return the JSON of a response; undefined where it has no body. */
  async json<T>(request: ServiceRequest): Promise<T> {
    const text = await (await this.send(request)).text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** Return a response whose status is a success. */
  async send(request: ServiceRequest, signal?: AbortSignal): Promise<Response> {
    for (let attempt = 0; ; attempt += 1) {
      let pause: number | null;
      let failure: Error;
      try {
        const response = await this.attempt(request, signal);
        if (response.ok) return response;
        const refusal = await responseError(response);
        pause = this.pauseAfterRefusal(request, refusal, attempt);
        failure = refusal;
      } catch (error) {
        if (signal?.aborted) throw error;
        pause = request.isRepeatable && attempt < this.options.retries ? backoff(attempt) : null;
        failure = new UnreachableError(`${request.method} ${request.path}: ${reasonOf(error)}`, {
          cause: error,
        });
      }
      if (pause === null) throw failure;
      await sleep(pause);
    }
  }

  /** Yield the events of a response as they come. */
  async *events(request: ServiceRequest): AsyncGenerator<ServerEvent, void> {
    const controller = new AbortController();
    const response = await this.send(request, controller.signal);
    try {
      yield* parseEvents(response.body ?? new ReadableStream<Uint8Array>());
    } finally {
      controller.abort();
    }
  }

  private attempt(request: ServiceRequest, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = {
      Authorization: `Bearer ${this.options.key}`,
      ...request.headers,
    };
    if (request.json !== undefined) headers["Content-Type"] = "application/json";
    return this.options.fetch(this.url(request), {
      method: request.method,
      headers,
      body: request.form ?? (request.json === undefined ? null : JSON.stringify(request.json)),
      // A stream has no limit of its own: it ends when its reader leaves.
      signal: signal ?? AbortSignal.timeout(this.options.timeoutSeconds * 1000),
    });
  }

  private url(request: ServiceRequest): string {
    const url = new URL(this.options.baseUrl.replace(/\/+$/, "") + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
    }
    return url.toString();
  }

  private pauseAfterRefusal(
    request: ServiceRequest,
    refusal: ProblemError,
    attempt: number,
  ): number | null {
    const isPassing = request.isRepeatable
      ? PASSING.has(refusal.status) || refusal.code === "ask-in-progress"
      : refusal.status === 429;
    if (!isPassing || attempt >= this.options.retries) return null;
    const pause = refusal.retryAfter ?? backoff(attempt);
    return pause <= LONGEST_PAUSE ? pause : null;
  }
}

/** Yield the events of a stream; comments, which keep it alive, are skipped. */
export async function* parseEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  let name = "message";
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { name, data: JSON.parse(data.join("\n")) };
        name = "message";
        data = [];
      } else if (line.startsWith("event:")) {
        name = line.slice(6).trim();
      } else if (line.startsWith("data:")) {
        data.push(line.slice(5).replace(/^ /, ""));
      }
    }
    if (done) return;
  }
}

/** Return a key for one request and its repeats. */
export function newKey(): string {
  return globalThis.crypto.randomUUID();
}

/** Wait. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function backoff(attempt: number): number {
  return 0.5 * 2 ** attempt * (0.75 + Math.random() / 2);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
