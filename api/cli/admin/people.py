"""``footnote admin person``: refuse somebody everything that opens something, and end that."""

from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.option_sets import TenantActOptions, takes_options

PATH = "/v1/admin/people"

User = Annotated[str, typer.Argument(metavar="USER", help="ann, or user:ann")]

person = command_group("Suspend people and resume them.")


@person.command("suspend")
@takes_options
def suspend_command(user: User, *, options: TenantActOptions) -> int:
    """Refuse a person's keys and tokens, end their sessions and streams; nothing is deleted."""
    return _change("suspend", user, options)


@person.command("resume")
@takes_options
def resume_command(user: User, *, options: TenantActOptions) -> int:
    """End a person's suspension."""
    return _change("resume", user, options)


def _change(verb: Literal["suspend", "resume"], user: str, options: TenantActOptions) -> int:
    if remote := options.connect():
        view: dict[str, Any] = remote.call("POST", f"{PATH}/{user}/{verb}")
    else:
        from api.auth.people import resume_person, suspend_person

        change = suspend_person if verb == "suspend" else resume_person
        with options.open_store() as store:
            principal = change(store.database, options.tenant, user, author=options.author)
        view = {"user": principal, "suspended": verb == "suspend"}
    state = "is suspended" if view["suspended"] else "is not suspended"
    return options.print(view, f"{view['user']} {state}.")
