"""The HTTP application: the routes, the middleware before them, and the page at ``/``."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.auth.authenticator import Authenticator
from api.auth.credential_watch import refusals
from api.mcp_server import routes as mcp_server
from api.middleware.observability import Observe
from api.middleware.rate_limiter import RateLimiter
from api.middleware.request_guard import Gate, RequestLimits
from api.middleware.stream_guard import StreamGuard
from api.openai_compatible import (
    chat,
    conversation_items,
    embeddings,
    files,
    input_tokens,
    models,
    moderations,
    rerank,
    responses,
    store_files,
    uploads,
    vector_stores,
)
from api.openai_compatible.response_worker import answering_in_background
from api.openapi.described_app import DescribedApp, serve_docs
from api.problem_details import install
from api.routes import (
    admin,
    audit,
    collections,
    conversations,
    dify,
    documents,
    evaluations,
    health,
    jobs,
    me,
    people,
    policy,
    questions,
    queue,
    reviews,
    screening,
    sessions,
    sign_in,
    sources,
    tenants,
    webhooks,
)
from api.scim import routes as scim
from api.service import ServiceState, build_service, running
from api.settings import Settings
from api.telemetry.event_loop_lag import watching_event_loop
from api.telemetry.request_tracing import RequestTracing

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "auto_configure": False,
}  # fmt: skip
"""The framework's own telemetry stays off, whatever the environment says: it puts paths, queries
and the messages of exceptions into spans, believes every caller's ``traceparent``, and sends them
by a client of its own."""

PAGE = Path(__file__).parent / "web"

ROUTERS = (
    documents, screening, jobs, questions, conversations, evaluations, admin, queue, policy, health,
    sources, webhooks, dify, reviews, audit, me, tenants, chat, responses, models,
    conversation_items, input_tokens, embeddings, moderations, rerank, collections, files,
    vector_stores, store_files, uploads, mcp_server, sessions, sign_in, scim, people,
)  # fmt: skip


def create_app(service: ServiceState) -> FastAPI:
    """Return the application of a service; they start and stop together."""
    settings = service.settings
    authenticator = Authenticator(service.database, settings, service.reads.note_use)
    limiter = RateLimiter(settings.rate_limit)
    app = DescribedApp(
        title="Footnote",
        version=version("footnote"),
        description="Answers from your documents, every sentence cited and checked.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(service),
        telemetry=NO_TELEMETRY,
        middleware=[
            Middleware(
                Observe,
                metrics=service.metrics,
                tracing=RequestTracing(service.tracing, settings.trace_parents),
            ),
            Middleware(
                Gate,
                authenticator,
                limiter,
                RequestLimits.of(settings, service.questions.registry),
                StreamGuard(partial(refusals, service.database)),
            ),
        ],
    )
    app.state.service = service
    install(app)
    for module in ROUTERS:  # include_router() would build every route again for each application
        app.router.routes.extend(module.router.routes)
    _serve_page(app)
    serve_docs(app)
    return app


def describe_new_service() -> dict[str, Any]:
    """Return the OpenAPI description of a new service, made in a folder that goes away."""
    with TemporaryDirectory() as folder:
        service = build_service(Settings(data=Path(folder)))
        description = create_app(service).openapi()
        service.store.close()
    return description


def _lifespan(service: ServiceState) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        ready = service.background.warm
        with (
            running(service),
            answering_in_background(service.questions, ready, service.tracing),
        ):
            async with watching_event_loop(service.metrics.event_loop_lag):
                yield

    return lifespan


def _serve_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    # Compressed are these files alone: none of them tells of anybody.
    app.mount("/static", GZipMiddleware(StaticFiles(directory=PAGE)), name="static")
