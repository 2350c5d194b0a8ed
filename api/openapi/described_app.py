"""The application with its description, and the page at ``/docs`` that shows it offline.

The page's script and style come from an installed package. Nothing of it is inline and nothing is
loaded from elsewhere, so it works without a network and under the service's own policy.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse

from api.openapi.problems import add_problems

PAGE = Path(__file__).parent / "docs.html"
START = Path(__file__).parent / "docs.js"

_SWAGGER_UI = ("swagger-ui-bundle.js", "swagger-ui.css")


class DescribedApp(FastAPI):
    """FastAPI whose OpenAPI description shows each error as the problem that is sent."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; it is made once."""
        if self.openapi_schema is None:
            add_problems(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def serve_docs(app: FastAPI) -> None:
    """Serve Swagger UI at ``/docs``."""
    package = Path(str(files("fastapi_offline") / "static"))
    assets = {name: package / name for name in _SWAGGER_UI} | {"docs.js": START}

    @app.get("/docs", include_in_schema=False)
    def docs() -> FileResponse:
        return FileResponse(PAGE, headers={"Cache-Control": "no-cache"})

    for name, path in assets.items():
        app.add_api_route(
            f"/docs/{name}", _sender(path), include_in_schema=False, response_class=FileResponse
        )


def _sender(path: Path) -> Any:
    def send() -> FileResponse:
        return FileResponse(path)

    return send
