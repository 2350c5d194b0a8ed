"""JUnit's XML, which every CI shows: a test case for each question of a run, or rule of a gate."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from evaluate.metrics.score import shortened
from evaluate.reports.gates import GateOutcome
from evaluate.reports.number_format import figure
from evaluate.scoring.results import Report, Result

PASSES = 0.5
"""The headline score from which on a question counts as passed."""
_LONGEST = 300
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_gate(outcomes: Sequence[GateOutcome], name: str) -> str:
    """Return a gate's outcomes: a test case for each rule."""
    suite = _suite(f"evaluation of {name}", len(outcomes), sum(not o.is_kept for o in outcomes), 0)
    for outcome in outcomes:
        case = _case(suite, name, outcome.rule.metric)
        if not outcome.is_kept:
            _note(case, "failure", outcome.reason)
    return _render(suite)


def render_run(report: Report) -> str:
    """Return a run: a test case for each question, the figures as properties of the suite.

    A question fails where its headline score is below ``PASSES``, where answering or abstaining
    was the wrong decision, or where something hidden was shown. One that could not be judged is
    skipped, with its reason.
    """
    cases = [(result, _failure(result, report.headline)) for result in report.results]
    skipped = [
        result for result, failure in cases if not failure and _reason_to_skip(result, report)
    ]
    failures = sum(bool(failure) for _, failure in cases)
    suite = _suite(f"{report.kind} of {report.dataset}", len(cases), failures, len(skipped))
    suite.set("timestamp", report.started_at.isoformat(timespec="seconds"))
    suite.set("time", f"{report.seconds:.3f}")
    properties = ET.SubElement(suite, "properties")
    for metric, measure in report.measures.items():
        value = figure(measure.score.value)
        ET.SubElement(properties, "property", name=_text(metric), value=value)
    for result, failure in cases:
        case = _case(suite, report.dataset, shortened(f"{result.id}: {result.question}", _LONGEST))
        if result.facts.get("seconds") is not None:
            case.set("time", f"{result.facts['seconds']:.3f}")
        if failure:
            _note(case, "failure", failure)
        elif result in skipped:
            _note(case, "skipped", _reason_to_skip(result, report))
    return _render(suite)


def _failure(result: Result, headline: str) -> str:
    """Return why a question failed; empty where it did not."""
    leaks, decision = result.scores.get("leaks"), result.scores.get("abstention")
    if leaks is not None and leaks.value:
        return f"leaks: {leaks.reason}"
    if decision is not None and decision.value == 0:
        return f"abstention: {decision.reason}"
    score = result.scores.get(headline)
    if score is not None and score.value is not None and score.value < PASSES:
        return f"{headline} is {figure(score.value)}: {score.reason}"
    return ""


def _reason_to_skip(result: Result, report: Report) -> str:
    """Return why a question has no verdict; a right decision not to answer is one."""
    score, decision = result.scores.get(report.headline), result.scores.get("abstention")
    if (score is not None and score.value is not None) or (decision and decision.value):
        return ""
    return score.reason if score is not None else f"{report.headline} was not computed"


def _suite(name: str, tests: int, failures: int, skipped: int) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "skipped": str(skipped)}
    return ET.Element("testsuite", {"name": _text(name), **counts})


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_text(group), name=_text(name))


def _note(case: ET.Element, kind: str, reason: str) -> None:
    ET.SubElement(case, kind, message=_text(reason)).text = _text(reason)


def _text(value: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", value)


def _render(suite: ET.Element) -> str:
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)
