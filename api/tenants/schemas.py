"""Bodies of the routes for tenants."""

from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas import Body, Text
from api.tenants.life_cycle import TenantLine
from ingest.lifecycle.publishing import Publishing

Most = Annotated[int | None, Field(ge=0, le=2**53)]
"""A quota; none means no limit."""


class QuotaRequest(Body):
    """Quotas; one that is left out stays as it is, one of `null` is taken away."""

    documents: Most = None
    bytes: Most = None
    jobs: Most = None
    asks: Most = None
    evaluations: Most = None


class TenantRequest(Body):
    """A new tenant."""

    tenant: Text = Field(max_length=63, examples=["harbour"])
    name: Text = Field("", max_length=200, examples=["Harbour office"])
    quotas: QuotaRequest = QuotaRequest()


class TenantChange(Body):
    """A change to a tenant; what is left out stays."""

    name: Text | None = Field(None, max_length=200, examples=["Harbour office"])
    quotas: QuotaRequest = Field(QuotaRequest(), examples=[{"documents": 1000, "asks": 500}])


class OwnTenantChange(Body):
    """A change of an administrator to their own tenant."""

    publishing: Publishing | None = Field(
        examples=["open"],
        description="To whom readers may publish: `own`, to themselves and their groups; `open`, "
        "to everybody; `null`, as the installation says.",
    )


class TenantList(BaseModel):
    """Every tenant, in order of id."""

    items: list[TenantLine]
