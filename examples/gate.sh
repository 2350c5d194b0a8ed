#!/usr/bin/env bash
# A gate for CI: bash examples/gate.sh DATASET RULES BASELINE
# Measures the answers to a question set and holds them against rules and a baseline.
# Exits with 1 where a rule is broken; gate.md is the text for a pull request.
set -euo pipefail

dataset=$1
rules=$2
baseline=$3

footnote evaluate dataset check "$dataset"
footnote evaluate answers "$dataset" --out report --junit answers.xml
footnote evaluate gate latest --baseline "$baseline" --rules "$rules" --markdown gate.md --junit gate.xml
