"""``footnote plan``: what a deployment needs, from a few numbers about it."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.options import AsJson, print_json, print_line

app = command_group()


@app.command("plan")
def plan_command(  # noqa: PLR0913 - a plan has many numbers, and each is an option of its own
    *,
    chunks: Annotated[
        int, typer.Option(metavar="N", help="chunks in all; a page has about two", min=1)
    ],
    readable: Annotated[
        float, typer.Option(metavar="SHARE", help="of the chunks that an asker may read")
    ] = 0.1,
    asks_per_minute: Annotated[float, typer.Option(metavar="N", help="in the busiest hour")] = 10.0,
    average: Annotated[
        float, typer.Option(metavar="SHARE", help="mean load of a month beside the busiest hour")
    ] = 0.2,
    new_chunks_per_day: Annotated[int, typer.Option(metavar="N", min=0)] = 0,
    originals_gb: Annotated[
        float, typer.Option(metavar="GB", help="size of all original files", min=0)
    ] = 0.0,
    model: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="1.5b, 3b, 8b, 14b, 32b or 70b (default: quotes)"),
    ] = None,
    gpu: Annotated[str, typer.Option(metavar="NAME", help="l4, l40s, a100, h100, h200")] = "h100",
    prompt_tokens: Annotated[int, typer.Option(metavar="N", min=1)] = 3_000,
    answer_tokens: Annotated[int, typer.Option(metavar="N", min=1)] = 250,
    answer_seconds: Annotated[
        float, typer.Option(metavar="SECONDS", help="a whole answer in the busiest hour")
    ] = 15.0,
    weight_bytes: Annotated[
        float, typer.Option(metavar="BYTES", help="for a parameter: 2 bfloat16, 1 fp8, .5 int4")
    ] = 2.0,
    replicas: Annotated[int, typer.Option(metavar="N", help="services at least", min=1)] = 2,
    node_cores: Annotated[int, typer.Option(metavar="N", min=1)] = 8,
    node_memory_gb: Annotated[float, typer.Option(metavar="GB", min=0.1)] = 32.0,
    core_price: Annotated[float, typer.Option(metavar="DOLLARS", help="an hour")] = 0.04,
    gpu_price: Annotated[
        float | None, typer.Option(metavar="DOLLARS", help="an hour (default: a rough list)")
    ] = None,
    storage_price: Annotated[
        float, typer.Option(metavar="DOLLARS", help="a gigabyte and month")
    ] = 0.1,
    as_json: AsJson = False,
) -> int:
    """Estimate cores, memory, disk, GPUs, waiting times and cost, each with its formula and range.

    Nothing is read or changed: it is arithmetic on measured constants.
    """
    from api.capacity.plan import make_plan
    from api.capacity.plan_text import plan_lines
    from api.capacity.scenario import Scenario

    plan = make_plan(
        Scenario(
            chunks, readable, asks_per_minute, average, new_chunks_per_day, originals_gb * 1e9,
            model.lower() if model else None, gpu.lower(), prompt_tokens, answer_tokens,
            answer_seconds, weight_bytes, replicas, node_cores, node_memory_gb * 1e9, core_price,
            storage_price, gpu_price,
        )
    )  # fmt: skip
    if as_json:
        print_json(asdict(plan))
    else:
        for line in plan_lines(plan):
            print_line(line)
    return 0
