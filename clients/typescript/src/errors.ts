// The errors that the client throws.

/** Base of every error that this client throws. */
export class FootnoteError extends Error {
  override name = "FootnoteError";
}

/** The service does not answer, or the connection broke. */
export class UnreachableError extends FootnoteError {
  override name = "UnreachableError";
}

/** A job or an evaluation did not end in the time that was given; it goes on. */
export class WaitTimeoutError extends FootnoteError {
  override name = "WaitTimeoutError";
}

/** A job or an evaluation that ended without success; `reason` is in words for a person. */
export class FailedError extends FootnoteError {
  override name = "FailedError";

  constructor(
    readonly id: string,
    readonly state: string,
    readonly reason: string | null,
  ) {
    super(`${id} ${state}: ${reason ?? "no reason is known"}`);
  }
}

/** A problem document (RFC 9457), as the service sends it. */
export interface ProblemDocument {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  errors?: { field: string; message: string }[];
}

/** The service refused; `code` is stable, `detail` says what happened and what to do. */
export class ProblemError extends FootnoteError {
  override name = "ProblemError";
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: { field: string; message: string }[];

  constructor(
    problem: ProblemDocument,
    /** Names the request in the service's log. */
    readonly requestId: string | null = null,
    /** Seconds after which the request may be sent again. */
    readonly retryAfter: number | null = null,
  ) {
    super(`${problem.detail ?? problem.title ?? ""} (${problem.code ?? "unknown"})`);
    this.status = problem.status ?? 0;
    this.code = problem.code ?? "unknown";
    this.title = problem.title ?? "";
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
  }
}

/** Return the error of a response that was refused. */
export async function responseError(response: Response): Promise<ProblemError> {
  const text = await response.text();
  let problem: ProblemDocument = { detail: text.slice(0, 500) };
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) problem = body as ProblemDocument;
  } catch {
    // Something before the service answered, and not with JSON.
  }
  return new ProblemError(
    { title: response.statusText, ...problem, status: response.status },
    response.headers.get("x-request-id"),
    secondsOf(response.headers.get("retry-after")),
  );
}

/** Return the seconds of a Retry-After header. */
export function secondsOf(header: string | null): number | null {
  const seconds = header === null || header === "" ? NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
