from evaluate.metrics import citations as metrics

QUOTES = ["It was cold.", "The war ended in 1945.", "Peace came."]


def test_the_answer_counts_only_within_the_first_quotes():
    assert metrics.answer_in_quote(QUOTES, ["1945"], 1).value == 0
    assert metrics.answer_in_quote(QUOTES, ["1945"], 2).value == 1
    assert metrics.answer_in_quote(QUOTES, ["1944", "Peace"], 3).value == 1


def test_citing_nothing_is_a_zero_where_an_answer_was_due():
    assert metrics.answer_in_quote([], ["1945"], 2).value == 0
    assert metrics.citation_recall([], ["d1"]).value == 0


def test_what_cannot_be_judged_has_no_value():
    assert metrics.answer_in_quote(QUOTES, [], 2).value is None
    assert metrics.answer_in_quote(QUOTES, ["the"], 2).value is None
    assert metrics.citation_precision(["d1"], []).value is None
    assert metrics.citation_precision([], ["d1"]).value is None
    assert metrics.citation_recall(["d1"], []).value is None
    assert metrics.evidence_precision(QUOTES, []).value is None
    assert metrics.evidence_precision([], [["a sentence"]]).value is None
    assert metrics.evidence_recall(QUOTES, [[""]]).value is None


def test_citations_are_held_against_the_gold_documents():
    assert metrics.citation_precision(["d1", "d2", "d1", "d3"], ["d1", "d9"]).value == 0.5
    assert metrics.citation_recall(["d1", "d2", "d1"], ["d1", "d9"]).value == 0.5


def test_evidence_recall_serves_the_best_reference_answer():
    evidence = [["The war ended in 1945 .", "Nobody knew ."], ["Peace came ."]]
    assert metrics.evidence_recall(QUOTES[:2], evidence).value == 0.5
    assert metrics.evidence_recall(QUOTES, evidence).value == 1


def test_evidence_precision_counts_quotes_that_are_or_hold_an_evidence_sentence():
    wide = "It was cold. The war ended in 1945. Peace came."
    assert metrics.evidence_precision(QUOTES[:2], [["The war ended in 1945 ."]]).value == 0.5
    assert metrics.evidence_precision([wide], [["The war ended in 1945 ."]]).value == 1
