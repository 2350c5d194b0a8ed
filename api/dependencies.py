"""FastAPI dependencies: each route names the collaborators that it uses.

What only looks something up is a coroutine; FastAPI runs the others in a thread.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.auth.sign_in import SignIn
from api.composition.pipelines import Pipelines
from api.documents.page_images import PageRenderer
from api.operations.background_tasks import BackgroundTasks
from api.operations.demo import StartQuestion
from api.questions.answer_cache import AnswerCache
from api.questions.dependencies import QuestionDependencies
from api.service import ServiceState
from api.settings import Settings
from api.telemetry.prometheus import Metrics
from generate.guardrails.policy_reload import PolicySource
from index.audit.read_log import ReadLog
from index.db.database import Database
from index.egress.fetcher import Fetcher
from index.library import Library
from index.queue_caps import QueueCaps
from ingest.lifecycle.publishing import Publishing
from ingest.partial_files import PartialFileRules
from ingest.pipeline import IngestDependencies
from ingest.screening.policy import ScreeningPolicy


@dataclass(frozen=True, slots=True)
class UrlImport:
    """The fetcher of URL sources' documents, and how large a document may be."""

    fetcher: Fetcher
    limit_bytes: int
    job_caps: QueueCaps
    source_caps: QueueCaps


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """The client that checks where a webhook leads, and how many webhooks there may be."""

    fetcher: Fetcher
    caps: QueueCaps


@dataclass(frozen=True, slots=True)
class UploadRules:
    """How large an upload may be, how many may wait, and to whom readers may publish."""

    limit_bytes: int
    caps: QueueCaps
    publishing: Publishing


async def service_state(request: Request) -> ServiceState:
    """Return what lives as long as the service; routes ask for the parts of it below."""
    state: ServiceState = request.app.state.service
    return state


_State = Annotated[ServiceState, Depends(service_state)]


async def current_database(state: _State) -> Database:
    """Return the store's database."""
    return state.store.database


def current_library(state: _State) -> Library:
    """Return the store, with the embedding model that it uses now; this may load the model."""
    return state.pipelines.current.library


def current_ingestion(state: _State) -> IngestDependencies:
    """Return what the ingestion of a document needs now."""
    return state.pipelines.current.ingestion.dependencies


def current_policy(state: _State) -> PolicySource:
    """Return the guardrails' policy."""
    return state.pipelines.current.answering.policy


async def current_questions(state: _State) -> QuestionDependencies:
    """Return what searches and asks need."""
    return state.questions


async def current_answers(state: _State) -> AnswerCache:
    """Return the cache of answers."""
    return state.questions.answers


async def current_reads(state: _State) -> ReadLog:
    """Return the log of reads."""
    return state.reads


async def current_screening(state: _State) -> ScreeningPolicy:
    """Return what this installation does about findings in documents."""
    return state.screening


async def current_pages(state: _State) -> PageRenderer:
    """Return what renders pages."""
    return state.pages


async def current_url_import(state: _State) -> UrlImport:
    """Return what fetches URL sources."""
    settings = state.settings
    return UrlImport(
        state.fetcher, settings.upload_limit, await current_job_caps(state),
        QueueCaps(settings.sources_per_person, settings.sources_per_tenant),
    )  # fmt: skip


async def current_webhook_rules(state: _State) -> WebhookRules:
    """Return what holds for each webhook."""
    settings = state.settings
    return WebhookRules(
        state.fetcher, QueueCaps(settings.webhooks_per_person, settings.webhooks_per_tenant)
    )


async def current_job_caps(state: _State) -> QueueCaps:
    """Return how many uploads may wait."""
    return QueueCaps(state.settings.jobs_per_person, state.settings.jobs_per_tenant)


async def current_evaluation_caps(state: _State) -> QueueCaps:
    """Return how many evaluations may wait or run."""
    return QueueCaps(state.settings.evaluations_per_person, state.settings.evaluations_per_tenant)


async def current_response_caps(state: _State) -> QueueCaps:
    """Return how many background responses may wait or be written."""
    return QueueCaps(state.settings.responses_per_person, state.settings.responses_per_tenant)


async def current_start_questions(state: _State) -> dict[str, list[StartQuestion]]:
    """Return the questions to begin with, by principal; there are some with the samples alone."""
    return state.start_questions


async def current_publishing(state: _State) -> Publishing:
    """Return to whom readers may publish."""
    return state.settings.publishing


async def current_upload_rules(state: _State) -> UploadRules:
    """Return what holds for each upload."""
    settings = state.settings
    return UploadRules(
        settings.upload_limit, await current_job_caps(state), await current_publishing(state)
    )


async def current_partial_file_rules(state: _State) -> PartialFileRules:
    """Return what holds for files that come in parts."""
    settings = state.settings
    return PartialFileRules(
        settings.upload_limit,
        QueueCaps(settings.uploads_per_person, settings.uploads_per_tenant),
        await current_job_caps(state),
        await current_publishing(state),
    )


async def current_metrics(state: _State) -> Metrics:
    """Return the service's metrics."""
    return state.metrics


async def current_background(state: _State) -> BackgroundTasks:
    """Return the service's threads."""
    return state.background


async def built_pipelines(state: _State) -> Pipelines | None:
    """Return what depends on the embedding model; none while it is being loaded."""
    return state.pipelines.built


async def current_settings(state: _State) -> Settings:
    """Return the settings; a route shows some of them as limits."""
    return state.settings


async def current_sign_in(state: _State) -> SignIn | None:
    """Return what signs people in to the page, where that is configured."""
    return state.sign_in


CurrentDatabase = Annotated[Database, Depends(current_database)]
CurrentLibrary = Annotated[Library, Depends(current_library)]
CurrentIngestion = Annotated[IngestDependencies, Depends(current_ingestion)]
CurrentPolicy = Annotated[PolicySource, Depends(current_policy)]
CurrentQuestions = Annotated[QuestionDependencies, Depends(current_questions)]
CurrentAnswers = Annotated[AnswerCache, Depends(current_answers)]
CurrentReads = Annotated[ReadLog, Depends(current_reads)]
CurrentScreening = Annotated[ScreeningPolicy, Depends(current_screening)]
CurrentPages = Annotated[PageRenderer, Depends(current_pages)]
CurrentUrlImport = Annotated[UrlImport, Depends(current_url_import)]
CurrentWebhookRules = Annotated[WebhookRules, Depends(current_webhook_rules)]
CurrentUploadRules = Annotated[UploadRules, Depends(current_upload_rules)]
CurrentPartialFileRules = Annotated[PartialFileRules, Depends(current_partial_file_rules)]
CurrentStartQuestions = Annotated[dict[str, list[StartQuestion]], Depends(current_start_questions)]
CurrentPublishing = Annotated[Publishing, Depends(current_publishing)]
CurrentEvaluationCaps = Annotated[QueueCaps, Depends(current_evaluation_caps)]
CurrentResponseCaps = Annotated[QueueCaps, Depends(current_response_caps)]
CurrentMetrics = Annotated[Metrics, Depends(current_metrics)]
BuiltPipelines = Annotated[Pipelines | None, Depends(built_pipelines)]
CurrentBackground = Annotated[BackgroundTasks, Depends(current_background)]
CurrentSettings = Annotated[Settings, Depends(current_settings)]
