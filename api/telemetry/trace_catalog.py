"""Every span, attribute and event that leaves this service: docs and tests read it here."""

from dataclasses import dataclass

from index.tracing import SpanKind


@dataclass(frozen=True, slots=True)
class CatalogSpan:
    """A step that is traced."""

    name: str
    """In braces: an attribute, or what the request names."""
    kind: SpanKind
    parent: str
    text: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogAttribute:
    """A fact about a step."""

    type: str
    unit: str
    text: str
    is_content: bool = False
    """Only with ``FOOTNOTE_TRACE_CONTENT``."""


_EMBEDDINGS = (
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model",
    "gen_ai.embeddings.dimension.count", "footnote.texts",
)  # fmt: skip
_CHAT = (
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model",
    "gen_ai.request.stream", "gen_ai.response.model", "gen_ai.response.time_to_first_chunk",
    "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "footnote.prompt.messages",
    "gen_ai.input.messages", "gen_ai.output.messages",
)  # fmt: skip
_REQUEST = (
    "http.request.method", "http.route", "http.response.status_code", "url.scheme", "url.path",
    "network.protocol.version", "server.address", "server.port", "footnote.request.id",
)  # fmt: skip
_ANSWER = (
    "gen_ai.operation.name", "gen_ai.workflow.name", "footnote.answer.status",
    "footnote.answer.sentences", "footnote.answer.citations", "footnote.answer.model",
    "footnote.question", "footnote.answer.text",
)  # fmt: skip
_RETRIEVAL = (
    "gen_ai.operation.name", "gen_ai.request.top_k", "footnote.passages",
    "gen_ai.retrieval.query.text", "gen_ai.retrieval.documents",
)  # fmt: skip
_JOB = ("footnote.job.kind", "footnote.job.attempt")

SPANS = (
    CatalogSpan(
        "{method} {route}", "server", "none, or the caller's", "One request.", _REQUEST
    ),
    CatalogSpan("admission", "internal", "request", "An ask or a search waits for its turn."),
    CatalogSpan("answer", "internal", "request", "From the question to the answer.", _ANSWER),
    CatalogSpan("retrieval", "internal", "answer, request", "One search.", _RETRIEVAL),
    CatalogSpan(
        "embeddings {model}", "internal", "retrieval, ingest",
        "An embedding model reads texts; `client` where it is behind a server.", _EMBEDDINGS,
    ),
    CatalogSpan("search", "internal", "retrieval", "Vectors and words are searched and joined."),
    CatalogSpan("rerank", "internal", "retrieval", "The best passages are scored again."),
    CatalogSpan("expand", "internal", "retrieval", "Neighbours are added to short passages."),
    CatalogSpan(
        "select", "internal", "answer",
        "The policy filters the passages, and the sentences that answer are chosen.",
        ("footnote.passages",),
    ),
    CatalogSpan(
        "prompt", "internal", "answer", "The prompt is built within the model's context.",
        ("footnote.passages",),
    ),
    CatalogSpan(
        "chat {model}", "client", "answer",
        "One request to a language model: a writer, a rewriter, a judge or a guard.", _CHAT,
    ),
    CatalogSpan(
        "verify", "internal", "answer", "One sentence is compared with its citations.",
        ("footnote.verifier", "footnote.verdict"),
    ),
    CatalogSpan(
        "response", "consumer", "none", "A response is answered in the background."
    ),
    CatalogSpan("queue", "internal", "request", "A job waits for a worker.", _JOB),
    CatalogSpan("ingest", "consumer", "request", "A worker takes in a document.", _JOB),
    CatalogSpan(
        "parse", "internal", "ingest", "The file is read in the sandbox.",
        ("footnote.document.bytes", "footnote.document.media_type"),
    ),
    CatalogSpan(
        "screen", "internal", "ingest", "Detectors look through the text.", ("footnote.findings",)
    ),
    CatalogSpan("chunk", "internal", "ingest", "The text is cut.", ("footnote.chunks",)),
    CatalogSpan("commit", "internal", "ingest", "Text, chunks and vectors become searchable."),
)  # fmt: skip

ATTRIBUTES = {
    "error.type": CatalogAttribute(
        "string", "", "On any span: the problem's code, or the name of the error's class."
    ),
    "http.request.method": CatalogAttribute("string", "", "`_OTHER` for any that HTTP lacks."),
    "http.route": CatalogAttribute("string", "", "The route, with `{document_id}` for an id."),
    "http.response.status_code": CatalogAttribute("int", "", "499: the caller left."),
    "url.scheme": CatalogAttribute("string", "", "`http` or `https`."),
    "url.path": CatalogAttribute("string", "", "The path, with ids.", is_content=True),
    "network.protocol.version": CatalogAttribute("string", "", "HTTP's version."),
    "server.address": CatalogAttribute("string", "", "The address that took the request."),
    "server.port": CatalogAttribute("int", "", "Its port."),
    "gen_ai.operation.name": CatalogAttribute(
        "string", "", "`invoke_workflow`, `retrieval`, `embeddings` or `chat`."
    ),
    "gen_ai.workflow.name": CatalogAttribute("string", "", "`answer`."),
    "gen_ai.provider.name": CatalogAttribute(
        "string", "", "`openai` for every server that speaks OpenAI's API, `footnote` inside."
    ),
    "gen_ai.request.model": CatalogAttribute("string", "", "The model that was to reply."),
    "gen_ai.request.stream": CatalogAttribute("boolean", "", "Always true."),
    "gen_ai.request.top_k": CatalogAttribute("int", "{passage}", "Passages at most."),
    "gen_ai.response.model": CatalogAttribute("string", "", "The model of the chain that did."),
    "gen_ai.response.time_to_first_chunk": CatalogAttribute(
        "double", "s", "Time to the first piece of the reply."
    ),
    "gen_ai.usage.input_tokens": CatalogAttribute("int", "{token}", "Tokens of the prompt."),
    "gen_ai.usage.output_tokens": CatalogAttribute("int", "{token}", "Tokens of the reply."),
    "gen_ai.embeddings.dimension.count": CatalogAttribute("int", "{dimension}", "Of a vector."),
    "gen_ai.retrieval.query.text": CatalogAttribute(
        "string", "", "The text that is searched for.", is_content=True
    ),
    "gen_ai.retrieval.documents": CatalogAttribute(
        "string", "", "JSON: id and score of each passage's document.", is_content=True
    ),
    "gen_ai.input.messages": CatalogAttribute(
        "string", "", "JSON: the prompt, with its passages.", is_content=True
    ),
    "gen_ai.output.messages": CatalogAttribute("string", "", "JSON: the reply.", is_content=True),
    "footnote.request.id": CatalogAttribute("string", "", "As in `X-Request-Id` and the log."),
    "footnote.answer.status": CatalogAttribute(
        "string", "", "`answered`, `partial`, `no_evidence` or `blocked`."
    ),
    "footnote.answer.sentences": CatalogAttribute("int", "{sentence}", "Sentences."),
    "footnote.answer.citations": CatalogAttribute("int", "{citation}", "Citations."),
    "footnote.answer.model": CatalogAttribute("string", "", "Who wrote: a model, or `quote`."),
    "footnote.answer.text": CatalogAttribute("string", "", "The answer.", is_content=True),
    "footnote.question": CatalogAttribute(
        "string", "", "The question, as the policy lets it be kept.", is_content=True
    ),
    "footnote.passages": CatalogAttribute("int", "{passage}", "Passages."),
    "footnote.prompt.messages": CatalogAttribute("int", "{message}", "Messages of the prompt."),
    "footnote.texts": CatalogAttribute("int", "{text}", "Texts to embed."),
    "footnote.verifier": CatalogAttribute("string", "", "Who judged."),
    "footnote.verdict": CatalogAttribute("string", "", "`supported`, `partial`, `unsupported`."),
    "footnote.job.kind": CatalogAttribute("string", "", "`ingest` or `reingest`."),
    "footnote.job.attempt": CatalogAttribute("int", "{attempt}", "From 1."),
    "footnote.document.bytes": CatalogAttribute("int", "By", "Size of the file."),
    "footnote.document.media_type": CatalogAttribute("string", "", "What the file is."),
    "footnote.findings": CatalogAttribute("int", "{finding}", "What detectors found."),
    "footnote.chunks": CatalogAttribute("int", "{chunk}", "Chunks."),
}

EVENTS = {
    "gen_ai.evaluation.result": {
        "gen_ai.evaluation.name": CatalogAttribute(
            "string", "", "`support` for every answer; the scores of sampled answers by name."
        ),
        "gen_ai.evaluation.score.value": CatalogAttribute(
            "double", "", "Of `support`: the share of the sentences that are supported."
        ),
        "gen_ai.evaluation.score.label": CatalogAttribute(
            "string", "", "Of `support`: the worst verdict."
        ),
        "gen_ai.response.id": CatalogAttribute("string", "", "The answer's id."),
    }
}
