"""``footnote evaluate``: measure quality, compare runs, hold them against rules and people."""

from api.cli.command_group import command_group
from api.cli.evaluate.datasets import dataset
from api.cli.evaluate.gate import gate
from api.cli.evaluate.measure import measure
from api.cli.evaluate.ragas import judges
from api.cli.evaluate.runs import runs
from api.cli.evaluate.sweep import sweep_group

app = command_group()
evaluate = command_group("Measure quality on a data set.")
app.add_typer(evaluate, name="evaluate")

for commands in (measure, gate, sweep_group, judges, runs):
    evaluate.add_typer(commands)
evaluate.add_typer(dataset, name="dataset")
