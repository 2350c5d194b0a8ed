"""``footnote evaluate cancel``: stop an evaluation that runs in a service or waits there."""

from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, open_local_store
from api.cli.options import ApiKey, DataFolder, Principals, ServerUrl, connect, print_line

runs = command_group()


@runs.command("cancel")
def cancel_command(
    evaluation_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="the evaluation")],
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
) -> int:
    """Cancel one of your evaluations in a service; one that runs stops after a question."""
    if remote := connect(server, key, principals):
        state = remote.call("POST", f"/v1/evaluations/{evaluation_id}/cancel")["state"]
    else:
        from api.evaluations.run_store import cancel_run

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            state = cancel_run(store.database, actor, evaluation_id).state
    print_line(f"{evaluation_id}  {state}")
    return 0
