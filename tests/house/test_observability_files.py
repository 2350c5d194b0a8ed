"""The dashboard and the alert rules ask for metrics that there are, by labels that they have."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from tests.conftest import missing
from tests.house.sources import ROOT

FOLDER = ROOT / "deploy" / "observability"
ALERTS = yaml.safe_load((FOLDER / "alerts.yaml").read_text())
DASHBOARD = json.loads((FOLDER / "grafana" / "dashboard.json").read_text())

RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [rule["expr"] for rule in RULES]
QUERIES += [target["expr"] for panel in PANELS for target in panel["targets"]]

OF_PROMETHEUS = {"instance", "job", "le"}
"""Labels that Prometheus adds, or that a histogram has."""

ROW = re.compile(r"\| `(\w+)` \| (\w+) \| \w* \| (.*?) \| .* \|")


def documented():
    """Return the labels of each series of each metric of the table."""
    text = (ROOT / "docs" / "observability.md").read_text()
    table = text.partition("<!-- begin metrics -->")[2].partition("<!-- end metrics -->")[0]
    series = {"up": set()}
    for name, kind, labels in ROW.findall(table):
        names = [f"{name}_{part}" for part in ("bucket", "count", "sum")]
        for one in names if kind == "histogram" else [name]:
            series[one] = set(re.findall(r"`(\w+)`", labels))
    return series


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_asks_for_documented_metrics_by_their_labels(query):
    series = documented()
    names = re.findall(r"\b(?:footnote|process)_\w+|\bup\b", query)
    assert names
    assert [name for name in names if name not in series] == []
    known = OF_PROMETHEUS.union(*(series[name] for name in names))
    asked = set(re.findall(r'(\w+)\s*(?:=~|!=|!~|=)\s*"', query))
    for group in re.findall(r"(?:by|ignoring) \(([\w, ]+)\)", query):
        asked |= set(group.split(", "))
    assert asked <= known


def test_every_alert_says_what_happened_and_what_to_do():
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 10
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert {"summary", "action"} == set(rule["annotations"])
        assert re.fullmatch(r"\d+[mh]", rule["for"])


def test_the_panels_of_the_dashboard_have_their_own_places_and_units():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in DASHBOARD["panels"]:
        box = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(box["x"], box["x"] + box["w"])
            for y in range(box["y"], box["y"] + box["h"])
        }
        assert box["x"] + box["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    for panel in PANELS:
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert [target["refId"] for target in panel["targets"]] == sorted(
            {target["refId"] for target in panel["targets"]}
        )


def test_the_scraped_ports_are_those_of_the_compose_file():
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    scrape = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"][0]
    assert scrape["job_name"] == "footnote"
    assert scrape["static_configs"][0]["targets"] == ["service:9464", "worker:9464"]
    assert 'FOOTNOTE_METRICS_PORT: "9464"' in compose
    assert '--metrics-port, "9464"' in compose


@pytest.mark.parametrize("arguments", [("check", "alerts.yaml"), ("test", "alerts.test.yaml")])
def test_promtool_takes_the_rules(arguments):
    promtool = shutil.which("promtool")
    if promtool is None:
        missing("promtool", "Run scripts/system_packages.sh.")
    verb, file = arguments
    result = subprocess.run(
        [promtool, verb, "rules", file], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
