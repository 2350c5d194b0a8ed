"""Settings of how a process works beside others: connections, leases, stopping."""

from pydantic import BaseModel, Field


class ProcessSettings(BaseModel):
    """The part of the settings that an operator of several processes looks at together."""

    database_connections: int = Field(
        10,
        ge=1,
        le=1000,
        description="Connections to PostgreSQL that each process keeps open; under load it opens "
        "as many again. All processes together must stay below the server's `max_connections`.",
    )
    stop_seconds: int = Field(
        10,
        ge=1,
        le=3600,
        description="How long a service that is told to stop lets requests and its threads end. "
        "Whoever stops it must wait a few seconds longer before it is killed.",
    )
    lease_seconds: float = Field(
        30.0,
        ge=3,
        le=3600,
        description="How long a worker that is silent keeps its job; then another one takes it. It "
        "must be the same for all processes of a store.",
    )
