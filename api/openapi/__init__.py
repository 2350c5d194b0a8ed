"""The description of the HTTP interface: OpenAPI, its problems, and the page that shows it."""
