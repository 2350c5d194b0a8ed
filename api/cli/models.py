"""``footnote models``: which models may write answers, and how they are now."""

from typing import Any

from api.cli.command_group import command_group
from api.cli.local_store import local_settings
from api.cli.options import AsJson, DataFolder, print_json, print_line

app = command_group()


@app.command("models")
def models_command(*, data: DataFolder = None, as_json: AsJson = False) -> int:
    """Show the models that may answer, first choice first.

    Each model is asked for one token.
    """
    from api.composition.llm import load_registry, model_key
    from generate.llm.probe import probe

    settings = local_settings(data)
    rows: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "endpoint": spec.url,
            "served_as": spec.served_as or spec.name,
            "context_tokens": spec.context_tokens,
            "answer_tokens": spec.answer_tokens,
            "price": spec.price.model_dump(),
            "tiers": list(spec.tiers),
            "serving": spec.serving,
            "state": probe(spec, model_key(settings, spec)),
        }
        for spec in load_registry(settings).models
    ]
    rows.append({"name": "quote", "endpoint": None, "serving": True, "state": "ok"})
    if as_json:
        print_json({"models": rows})
        return 0
    for row in rows:
        _print_model(row)
    return 0


def _print_model(row: dict[str, Any]) -> None:
    serving = "" if row["serving"] else "  (not serving)"
    print_line(f"{row['name']}  {row['endpoint'] or 'built in'}  {row['state']}{serving}")
    if row["endpoint"]:
        price = row["price"]
        print_line(
            f"    context {row['context_tokens']}, tiers {', '.join(row['tiers']) or 'all'}, "
            f"per million tokens {price['prompt']:g} in, {price['completion']:g} out"
        )
