"""Errors of an evaluation.

EvaluationError          the root: an evaluation that cannot run as asked
  InvalidDatasetError      a file of the data set does not parse; the message names file and line
  UnknownDatasetError      the folder or file holds no data set of the kind that was asked for
  EmptyEvaluationError     the data set has nothing that could be measured
  InvalidRulesError        a file of gates is missing or does not fit
  RagasMissingError        the Python that was named has no RAGAS
  UnknownJudgeError        no model of that name is listed
  UnknownRunError          there is no such run, or its file is no report
"""

from index.errors import FootnoteError


class EvaluationError(FootnoteError):
    """An evaluation that cannot run as asked."""

    status = 422
    code = "evaluation-failed"
    title = "The evaluation cannot run"


class InvalidDatasetError(EvaluationError):
    """A file of the data set does not parse; the message names the file and the line."""

    code = "invalid-dataset"
    title = "The data set is not usable"


class UnknownDatasetError(EvaluationError):
    """The folder or file holds no data set of the kind that was asked for."""

    code = "unknown-dataset"
    title = "There is no such data set here"


class EmptyEvaluationError(EvaluationError):
    """The data set has nothing that could be measured."""

    code = "empty-evaluation"
    title = "There is nothing to measure"


class InvalidRulesError(EvaluationError):
    """A file of gates is missing or does not fit; the message says where."""

    code = "invalid-rules"
    title = "The rules are not usable"


class UnknownRunError(EvaluationError):
    """There is no such run, or another version of Footnote wrote its report."""

    code = "unknown-run"
    title = "There is no such run"


class RagasMissingError(EvaluationError):
    """The Python that was named does not start or has no RAGAS; the message says which."""

    code = "ragas-missing"
    title = "RAGAS is not installed there"


class UnknownJudgeError(EvaluationError):
    """No model of that name is listed, and no address is given for it."""

    code = "unknown-judge"
    title = "There is no such judge"
