"""Every setting. The only module that reads the environment (``FOOTNOTE_*``)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.process_settings import ProcessSettings
from index.egress.address_policy import networks
from index.types import DEFAULT_TENANT, Role

BUNDLED = "bundled"
"""The value of ``embedding_model`` that means the model inside the installed package."""

TORCH = "torch:"
"""The prefix of a model's folder that torch runs, instead of onnxruntime."""

JUDGE = "judge"
"""The value of ``verifier`` that means a model behind a server."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(ProcessSettings, BaseSettings):
    """The operator's settings; each field is ``FOOTNOTE_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="FOOTNOTE_", frozen=True, hide_input_in_errors=True
    )

    data: Path = Field(
        Path("data"),
        description="Folder that holds the database, the original files and the index.",
    )
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the database; default: SQLite in the data folder."
    )
    blobs: str | None = Field(
        None,
        description="Root of the original files: a folder or an fsspec URL such as s3://bucket/x; "
        "default: `blobs` in the data folder.",
    )
    trash_days: int = Field(
        30,
        ge=0,
        description="Days that an original file without a document stays in the trash before it is "
        "deleted for good.",
    )
    audit_days: int = Field(
        365,
        ge=0,
        description="Days that rows of the audit log are kept; 0 keeps them for ever.",
    )
    cache: Path | None = Field(
        None,
        description="Folder where evaluations keep their search stores between runs; default: "
        "`evaluation` in the data folder.",
    )
    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the service listens on.")
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [],
        description="More host names that requests may use, separated by commas. On loopback the "
        "Host header is always checked; on other addresses only if this is set.",
    )
    header_seconds: float = Field(
        10.0,
        gt=0,
        le=600,
        description="Longest time that the headers of a request may take to come; then the "
        "connection is closed.",
    )
    body_seconds: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="Longest time that the body of a request may take to come, plus a second for "
        "every 4,000 bytes of it that came; then it is refused with 408.",
    )
    header_bytes: int = Field(
        32_768, ge=4096, le=1_048_576, description="Most bytes of a request's line and headers."
    )
    idle_connections: int = Field(
        1024,
        ge=1,
        le=100_000,
        description="Most connections that wait for a request. A new one closes the one that has "
        "waited longest. It must be well below the limit of open files.",
    )
    idle_connections_per_address: int = Field(
        256, ge=0, le=100_000, description="Most of these from one address; 0 means no limit."
    )
    embedding_model: str = Field(
        BUNDLED,
        description="`bundled` (all-MiniLM-L6-v2), a local sentence-transformers folder (with "
        "`torch:` before it torch runs it, else onnxruntime with 8-bit weights), or the URL of a "
        "server with `/v1/embeddings`, such as vLLM. Every chunk and question goes there.",
    )
    model_cache: Path | None = Field(
        None,
        description="Folder where embedding models are kept that were converted for onnxruntime; "
        "default: `~/.cache/footnote/models`.",
    )
    embedding_name: str | None = Field(
        None, description="What the server at `embedding_model` calls its model."
    )
    embedding_tokenizer: Path | None = Field(
        None,
        description="`tokenizer.json` of that model, or its folder: Footnote counts the tokens of "
        "each chunk with it.",
    )
    embedding_tokens: int = Field(
        512,
        ge=16,
        description="Longest input of this model, in tokens, special tokens included.",
    )
    embedding_dimension: int | None = Field(
        None,
        ge=1,
        description="Dimensions that its vectors must have; others are refused. If it is not set, "
        "Footnote asks the server at the start, so the server must be running then.",
    )
    embedding_key: SecretStr | None = Field(None, description="Key for this server.")
    embedding_requests: int = Field(
        8,
        ge=1,
        le=256,
        description="Most requests that each process sends to this server at the same time.",
    )
    dense: Literal["codes", "faiss", "gpu"] = Field(
        "codes",
        description="First pass of the exact vector search: `codes` (our own scan), `faiss` on the "
        "CPU, or `gpu` (needs the extra gpu). All three give exactly the same results. At the "
        "start each scan is tested; if it returns a hidden row, the service does not get ready.",
    )
    reranker: str | None = Field(
        None, description="Local folder of a sentence-transformers cross-encoder; default: none."
    )
    verifier: str | None = Field(
        None,
        description="Local folder of a cross-encoder that judges support, or `judge` for a model "
        "at `judge_url`; default: a built-in comparison of words and meaning.",
    )
    model_url: str | None = Field(
        None,
        description="Base URL of an OpenAI-compatible server such as vLLM, with /v1; default: "
        "answers are quoted.",
    )
    model_name: str | None = Field(None, description="Name of the model at `model_url`.")
    unsupported: Literal["drop", "mark", "regenerate"] = Field(
        "regenerate",
        description="What becomes of a model's sentence that its source does not support: "
        "`regenerate` it once, with the reason, then drop it; `drop` it at once; or `mark` it with "
        "its verdict.",
    )
    rewriting: Literal["rules", "model"] = Field(
        "rules",
        description="What makes a follow-up question stand alone for the search: `rules`, or the "
        "`model` that answers (one more call for each follow-up).",
    )
    reader: str | None = Field(
        None,
        description="Local folder of a question-answering model, such as `footnote train reader` "
        "writes; default: rules.",
    )
    judge_url: str | None = Field(
        None,
        description="Base URL of the OpenAI-compatible server that judges; default: `model_url`.",
    )
    judge_name: str | None = Field(
        None, description="Name of the model that judges; default: `model_name`."
    )
    models: Path | None = Field(
        None,
        description="YAML file of several models, their prices and tiers; in place of `model_url`.",
    )
    model_key: SecretStr | None = Field(None, description="Key for the server at `model_url`.")
    policy: Path | None = Field(
        None,
        description="YAML file of the guardrails' policy; it is read again when it changes. "
        "Default: the policy that is built in.",
    )
    review_hours: float = Field(
        72.0,
        gt=0,
        le=8760,
        description="How long a reply that the policy holds waits for a reviewer; then it is "
        "denied.",
    )
    review_decision_hours: float = Field(
        24.0,
        gt=0,
        le=8760,
        description="How long a reviewer's decision counts for the same question of the same "
        "asker.",
    )
    egress_allow: Annotated[list[str], NoDecode] = Field(
        [],
        description="Private networks that URL sources and webhooks may use, such as 10.1.0.0/16, "
        "separated by commas; public addresses are always allowed.",
    )
    egress_seconds: float = Field(
        30.0, gt=0, le=600, description="Longest time that fetching one URL may take."
    )
    drive_token: SecretStr | None = Field(
        None, description="Access token for `footnote ingest --from gdrive://...`."
    )
    drive_token_file: Path | None = Field(
        None, description="File with this token, read before each request, so that it may change."
    )
    drive_readers: Path | None = Field(
        None, description="YAML file that says which principals Drive's accounts are."
    )
    imap_password_file: Path | None = Field(
        None, description="File with the password for `footnote ingest --from imaps://...`."
    )
    screen_personal: Literal["keep", "mask", "quarantine"] = Field(
        "keep",
        description="What is done about personal data in documents: `keep` (only recorded), "
        "`mask` (blanked in what is indexed, shown and quoted), or `quarantine` (held until a "
        "curator releases the document). A tenant may choose otherwise.",
    )
    screen_secret: Literal["keep", "mask", "quarantine"] = Field(
        "keep", description="What is done about keys, tokens and passwords (same values)."
    )
    screen_hidden: Literal["keep", "mask", "quarantine"] = Field(
        "keep", description="What is done about invisible characters (same values)."
    )
    screen_injection: Literal["keep", "mask", "quarantine"] = Field(
        "keep", description="What is done about instructions addressed to a model (same values)."
    )
    pii_model: str | None = Field(
        None,
        description="Finds personal data with Presidio too (the extra pii): an installed spaCy "
        "model or its folder, or `blank` for Presidio's patterns alone; default: rules alone.",
    )
    evaluations_per_person: int = Field(
        4,
        ge=0,
        description="Most evaluations of one person that wait or run; 0 means no limit. People "
        "take turns, and each has one that runs.",
    )
    evaluations_per_tenant: int = Field(40, ge=0, description="The same for a tenant.")
    responses_per_person: int = Field(
        50, ge=0, description="Most background responses of one person under way; 0: no limit."
    )
    responses_per_tenant: int = Field(1_000, ge=0, description="The same for a tenant.")
    jobs_per_person: int = Field(
        10_000, ge=0, description="Most uploads of one person that wait or are read; 0: no limit."
    )
    jobs_per_tenant: int = Field(50_000, ge=0, description="The same for a tenant.")
    uploads_per_person: int = Field(
        20, ge=0, description="Most files in parts that one person has open; 0 means no limit."
    )
    uploads_per_tenant: int = Field(200, ge=0, description="The same for a tenant.")
    sources_per_person: int = Field(
        1_000, ge=0, description="Most sources of one curator; 0 means no limit."
    )
    sources_per_tenant: int = Field(10_000, ge=0, description="The same for a tenant.")
    webhooks_per_person: int = Field(
        20, ge=0, description="Most webhooks of one person; 0 means no limit."
    )
    webhooks_per_tenant: int = Field(200, ge=0, description="The same for a tenant.")
    webhook_senders: int = Field(
        2,
        ge=0,
        le=16,
        description="Messages to webhooks that are sent at the same time; 0 when other processes "
        "send them.",
    )
    webhook_failures: int = Field(
        20, ge=1, description="Attempts in a row that must fail before a webhook is disabled."
    )
    reviews_per_person: int = Field(
        100,
        ge=1,
        description="Most replies to one person that wait for a reviewer; further ones are blocked "
        "without one.",
    )
    reviews_per_tenant: int = Field(1_000, ge=1, description="The same for a tenant.")
    upload_limit: int = Field(100_000_000, ge=1, description="Largest file, in bytes.")
    live_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the answers that are scored in the background; 0 scores none.",
    )
    rate_limit: int = Field(
        6000, ge=0, description="Requests a minute that one key may send; 0 means no limit."
    )
    answer_cache: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Answers that each process caches. The same question gets the same answer "
        "while nothing that its asker may read has changed; 0 turns the cache off.",
    )
    ask_workers: int = Field(
        0,
        ge=0,
        le=256,
        description="Most asks and searches that use the CPU at the same time; 0 means one for "
        "each core.",
    )
    ask_places: int = Field(
        32,
        ge=1,
        le=1024,
        description="Asks that are served at once, including those that wait for a model. Set it "
        "to no more than the model server serves at once.",
    )
    ask_queue: int = Field(
        256,
        ge=0,
        le=100_000,
        description="Asks that may wait in the queue; further ones are refused with 429.",
    )
    ask_wait_seconds: float = Field(
        20.0,
        gt=0,
        le=600,
        description="Seconds that an ask may wait in the queue before it is refused with 429. If "
        "its expected wait is more than half of this, the ask is refused at once.",
    )
    reader_stall_seconds: float = Field(
        10.0,
        gt=0,
        le=600,
        description="A stream is closed when its reader takes no data for this many seconds.",
    )
    publishing: Literal["own", "open"] = Field(
        "own",
        description="To whom readers may publish: `own` (themselves and the groups that they are "
        "in; contributors and curators further), or `open` (everybody to all readers), for small "
        "teams.",
    )
    workers: int = Field(
        2, ge=0, le=16, description="Ingest workers inside the service; 0 when they run elsewhere."
    )
    allow_weak_sandbox: bool = Field(
        False,
        description="Read files also where `footnote doctor` finds that parsers cannot be "
        "confined. A hostile file may then read what the service can read.",
    )
    oidc_issuer: str | None = Field(
        None,
        description="Issuer of the OIDC tokens that are accepted, exactly as it names itself. It "
        "must be https, or on loopback.",
    )
    oidc_audience: str | None = Field(
        None, description="Audience that bearer tokens must name; default: none are accepted."
    )
    oidc_jwks: str | None = Field(
        None,
        description="The issuer's signing keys (JWKS): a file or an https URL. Bearer tokens need "
        "it; for signing in, the default is what the issuer publishes.",
    )
    oidc_client_id: str | None = Field(
        None,
        description="The id under which Footnote is registered at the issuer. With it, people sign "
        "in to the page by OIDC. Register `https://YOUR-HOST/auth/callback` as redirect address.",
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="The secret of this registration; none for a public client."
    )
    oidc_scopes: str = Field(
        "openid profile", description="OAuth scopes that are asked for, separated by spaces."
    )
    oidc_new_people: Literal["refuse", "register"] = Field(
        "refuse",
        description="What happens when somebody signs in whom nobody has registered: `refuse`, or "
        "`register` as a new person of `oidc_tenant`.",
    )
    oidc_tenant: str = Field(
        DEFAULT_TENANT,
        max_length=64,
        description="The tenant of new people, and the only one in which claims give groups and "
        "roles, where no claim names the tenant.",
    )
    oidc_tenant_claim: str | None = Field(
        None,
        max_length=200,
        description="The claim that says which tenant somebody belongs to, such as `org_id`; "
        "default: `oidc_tenant` is everybody's.",
    )
    oidc_tenants: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="The tenant that each value of this claim gives: `VALUE=TENANT`, separated by "
        "commas. A token with no such value, or with those of several tenants, is refused.",
    )
    oidc_subject_claim: Literal["sub", "oid"] = Field(
        "sub",
        description="The claim that is the subject: `sub`, or for Entra ID with SCIM `oid`, which "
        "is the same for every application.",
    )
    oidc_groups_claim: str | None = Field(
        None,
        max_length=200,
        description="The claim that names a person's groups, such as `groups`; `a.b` is the member "
        "`b` of the claim `a`. Default: groups in tokens count for nothing.",
    )
    oidc_groups_source: str = Field(
        "oidc",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        description="The source in the principals of these groups: `group:oidc/<name>`.",
    )
    oidc_roles_claim: str | None = Field(
        None, max_length=200, description="The claim that names roles; it may be that of groups."
    )
    oidc_roles: Annotated[dict[str, Role], NoDecode] = Field(
        {},
        description="The role that each value of this claim gives: `VALUE=ROLE`, separated by "
        "commas. The highest counts; without one, a person is a reader.",
    )
    session_hours: float = Field(
        12.0, gt=0, le=720, description="Hours after which a session ends, used or not."
    )
    session_idle_minutes: float = Field(
        120.0, ge=2, le=43_200, description="Minutes without a request after which a session ends."
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of a separate /metrics server that needs no key; default: /metrics on "
        "the service's port, with an admin's key.",
    )
    otlp_url: str | None = Field(
        None,
        description="Base address of a collector that takes OTLP over HTTP, such as "
        "`http://collector:4318`: traces go to `/v1/traces` there and events to `/v1/logs`. Needs "
        "the extra otel; default: nothing is traced.",
    )
    otlp_headers: SecretStr | None = Field(
        None,
        description="Headers for the collector, such as `authorization=Bearer KEY`, separated by "
        "commas.",
    )
    trace_share: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of the requests that are traced, with all that follows from them.",
    )
    trace_parents: Literal["ignore", "link", "follow"] = Field(
        "ignore",
        description="What a caller's `traceparent` header does: `ignore` it; `link` to it from a "
        "trace of our own; or `follow` it, recording what it says is recorded. Follow only where "
        "a gateway of yours sets the header: a caller could have every request recorded.",
    )
    trace_content: bool = Field(
        False,
        description="Whether traces hold questions, passages, prompts and answers, too. Whoever "
        "reads the traces then reads what the documents say, whatever their access lists.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line that is written."
    )

    @field_validator("allowed_hosts", "egress_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip().lower() for part in value.split(",") if part.strip()]
        return value

    @field_validator("oidc_roles", "oidc_tenants", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.rpartition("=") for part in value.split(",") if part.strip()]
        return {name.strip(): meaning.strip() for name, _, meaning in pairs}

    @field_validator("egress_allow")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        networks(value)
        return value

    @property
    def blobs_root(self) -> str:
        """Where original files are kept."""
        return self.blobs or str(self.data / "blobs")

    @property
    def has_oidc(self) -> bool:
        """Tell whether an issuer's bearer tokens are accepted."""
        return bool(self.oidc_issuer and self.oidc_audience and self.oidc_jwks)

    @property
    def has_sign_in(self) -> bool:
        """Tell whether people sign in to the page by OIDC."""
        return bool(self.oidc_issuer and self.oidc_client_id)

    @property
    def on_loopback(self) -> bool:
        """Tell whether the service is reachable from this machine only."""
        return self.host in LOOPBACK or self.host.startswith("127.")
