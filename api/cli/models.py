"""``footnote models``: which models may write answers, and how they are now."""

import argparse
from typing import Any

from api.cli.options import data_options, json_option, parts_of, print_json, print_line


def add_commands(commands: Any) -> None:
    """Add the command to the parser."""
    models = commands.add_parser(
        "models", parents=[data_options(), json_option()], help="show the models that may answer"
    )
    models.set_defaults(run=run_models)


def run_models(options: argparse.Namespace) -> int:
    """Print the chain, first choice first; each model is asked for one token."""
    from generate.llm.probe import probe

    parts = parts_of(options)
    shown: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "endpoint": spec.url,
            "served_as": spec.served_as or spec.name,
            "context_tokens": spec.context_tokens,
            "answer_tokens": spec.answer_tokens,
            "price": spec.price.model_dump(),
            "tiers": list(spec.tiers),
            "serving": spec.serving,
            "state": probe(spec, parts.model_key(spec)),
        }
        for spec in parts.registry.models
    ]
    shown.append({"name": "quote", "endpoint": None, "serving": True, "state": "ok"})
    if options.json:
        print_json({"models": shown})
        return 0
    for one in shown:
        serving = "" if one["serving"] else "  (not serving)"
        print_line(f"{one['name']}  {one['endpoint'] or 'built in'}  {one['state']}{serving}")
        if one["endpoint"]:
            price = one["price"]
            print_line(
                f"    context {one['context_tokens']}, tiers {', '.join(one['tiers']) or 'all'}, "
                f"per million tokens {price['prompt']:g} in, {price['completion']:g} out"
            )
    return 0
