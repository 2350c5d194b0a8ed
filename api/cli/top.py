"""``footnote top``: a running service in a terminal, as its metrics tell."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.options import ApiKey, AsJson, connect, print_json, print_line
from api.errors import UsageError

app = command_group()

CLEAR = "\x1b[H\x1b[2J"
"""Moves to the upper left corner of a terminal and clears it."""


@app.command("top")
def top_command(
    *,
    server: Annotated[
        str | None, typer.Option("--server", metavar="URL", help="the running service")
    ] = None,
    key: ApiKey = None,
    once: Annotated[bool, typer.Option("--once", help="print once, since the start")] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.2, help="between two looks")
    ] = 2.0,
    as_json: AsJson = False,
) -> int:
    """Show the queue, asks, latencies, models and the process of a running service.

    It needs an administrator's key and goes on until it is interrupted.
    """
    from api.telemetry.service_figures import Look, Period, figures_of

    remote = connect(server, key)
    if remote is None:
        raise UsageError("Name the service: footnote top --server URL --key KEY.")
    before = None
    while True:
        look = Look.of(remote.text("/metrics"))
        figures = figures_of(Period(look, before))
        if as_json:
            print_json(figures)
            return 0
        if not once:
            sys.stdout.write(CLEAR)
        for line in lines_of(figures):
            print_line(line)
        if once:
            return 0
        sys.stdout.flush()
        before = look
        time.sleep(every)


def lines_of(figures: Mapping[str, Any]) -> list[str]:
    """Return the figures as lines for a terminal."""
    period = "since the start" if figures["since_start"] else f"of {figures['seconds']:.1f} s"
    lines = [f"Footnote: figures {period}", ""]
    for title, part in (
        ("Queue", _queue_lines(figures["queue"])),
        ("Asks", _ask_lines(figures["asks"])),
        ("Requests", _request_lines(figures["requests"])),
        ("Models", _model_lines(figures["models"])),
        ("Process", _process_lines(figures["process"])),
    ):
        lines += [f"{title if number == 0 else '':<10}{line}" for number, line in enumerate(part)]
    return lines


def _queue_lines(queue: Mapping[str, Any]) -> list[str]:
    workers, failed = queue["workers"], queue["jobs"].get("failed", 0)
    return [
        (
            f"{_count(queue['depth'])} jobs wait or run, the oldest waits "
            f"{_time(queue['oldest_seconds'])}; {_count(workers.get('alive'))} of "
            f"{_count(workers.get('configured'))} workers run"
        ),
        (
            f"{queue['attempts_per_second']:.2f} a second; {_count(failed)} failed; "
            f"{_count(queue['reviews_waiting'])} replies wait for a reviewer"
        ),
    ]


def _ask_lines(asks: Mapping[str, Any]) -> list[str]:
    lines = [
        (
            f"{asks['per_second']:.2f} a second; {_count(asks['under_way'])} under way, "
            f"{_count(asks['waiting'])} waiting, {_count(asks['streams_open'])} streams open"
        ),
        _listed(asks["answers"]) or "none yet",
    ]
    if asks["verdicts"]:
        lines.append(f"sentences: {_listed(asks['verdicts'])}")
    if asks["refused"]:
        lines.append(f"refused: {_listed(asks['refused'])}")
    for route, latency in asks["latency"].items():
        if latency["p50_s"] is not None:
            lines.append(f"{route}: p50 {_time(latency['p50_s'])}, p95 {_time(latency['p95_s'])}")
    return lines


def _request_lines(requests: Mapping[str, Any]) -> list[str]:
    failing = requests["failures_per_second"]
    return [
        (
            f"{requests['per_second']:.2f} a second, {failing:.2f} failing; "
            f"{_count(requests['open'])} open; p95 {_time(requests['p95_s'])}"
        )
    ]


def _model_lines(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"{name}: {_count(model['requests'])} requests, {_count(model['failures'])} failed; "
        f"first token p95 {_time(model['first_token_p95_s'])}; "
        f"{model['tokens_per_second']:.1f} tokens a second"
        f"{'; PASSED OVER' if model['is_passed_over'] else ''}"
        for name, model in models.items()
    ] or ["none was asked: documents are quoted"]


def _process_lines(process: Mapping[str, Any]) -> list[str]:
    connections = process["database_connections"]
    return [
        (
            f"{_bytes(process['memory_bytes'])} of memory, {process['cpu_cores']:.2f} cores; "
            f"event loop late by {_time(process['event_loop_lag_p99_s'])} (p99)"
        ),
        (
            f"{_count(process['index_chunks'])} chunks, "
            f"{_count(process['index_lag_changes'])} changes behind; "
            f"{_count(connections.get('in_use'))} database connections in use; "
            f"{_bytes(process['disk_free_bytes'])} free on the disk"
        ),
    ]


def _listed(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {count:.0f}" for name, count in sorted(counts.items()))


def _shown(value: float | None, form: Callable[[float], str]) -> str:
    return "-" if value is None else form(value)


def _count(value: float | None) -> str:
    return _shown(value, lambda number: f"{number:,.0f}")


def _time(seconds: float | None) -> str:
    def form(number: float) -> str:
        if number < 1:
            return f"{1000 * number:.0f} ms"
        return f"{number:.1f} s" if number < 120 else f"{number / 60:.0f} min"  # noqa: PLR2004

    return _shown(seconds, form)


def _bytes(value: float | None) -> str:
    def form(number: float) -> str:
        return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"  # noqa: PLR2004

    return _shown(value, form)
