"""Guard models: what they say is read strictly, and no verdict is never a licence."""

from dataclasses import replace
from functools import partial

import httpx
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from generate.answer import answer
from generate.errors import ModelProtocolError, PolicyError
from generate.guardrails.guard_models import GuardVerdict, ModelGuard, read_llama, read_qwen
from generate.guardrails.policy import read_policy
from generate.guardrails.policy_reload import PolicySource
from generate.guardrails.text_classifier import ClassifierGuard, guard_of
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from tests.fakes.model import ScriptedModel
from tests.fakes.model_server import running_model_server
from tests.fakes.tiny_models import make_cross_encoder
from tests.generate.conftest import BOB

POLICY = """
version: "1"
rules:
  - name: moderation
    stages: [before, after]
    action: block
    message: Not here.
    model: {{format: {form}, url: "{url}", name: guard, timeout_s: 2{more}}}
"""
CLASSIFIED = """
version: "1"
rules:
  - name: injection-model
    stages: [before]
    action: block
    model: {{format: classifier, path: "{path}", unsafe: {{{label}: 0.0}}}}
"""
FERRY = "When does the ferry to Skarö leave the north pier?"
SAFE = "Safety: Safe\nCategories: None\nRefusal: No"


def make_guard(spec):
    endpoint = ModelEndpoint(spec.name, spec.url.removesuffix("/v1"), attempts=1)
    return ModelGuard(OpenAIModel(endpoint, httpx.Client()), spec.format, timeout_s=spec.timeout_s)


@pytest.fixture
def guarded(tmp_path, make_parts):
    """Answer with a guard model on a server that says what it is told to."""

    def ask(question, text, *, form="qwen3guard", more="", model=None, **mode):
        path = tmp_path / "policy.yaml"
        settings = {"speak": text} if callable(text) else {"script": text}
        with running_model_server(**settings, **mode) as server:
            path.write_text(POLICY.format(form=form, url=f"{server.url}/v1", more=more))
            source = PolicySource(path, make_guard=make_guard)
            reply = answer(question, BOB, replace(make_parts(model), policy=source))
            return reply, list(server.requests)

    return ask


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Safety: Safe\nCategories: None", GuardVerdict("safe")),
        ("Safety: Unsafe\nCategories: Violent, PII", GuardVerdict("unsafe", ("Violent", "PII"))),
        ("Safety: Controversial\nCategories: Unethical Acts\nRefusal: No",
         GuardVerdict("controversial", ("Unethical Acts",))),
    ],
)  # fmt: skip
def test_qwens_three_levels_are_read(text, verdict):
    assert read_qwen(text) == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("safe", GuardVerdict("safe")),
        ("\n\nsafe ", GuardVerdict("safe")),
        ("\n\nunsafe\nS1,S10", GuardVerdict("unsafe", ("S1", "S10"))),
        ("unsafe", GuardVerdict("unsafe")),
    ],
)
def test_llamas_two_words_are_read(text, verdict):
    assert read_llama(text) == verdict


@pytest.mark.parametrize(
    "text",
    ["", "Safe", "Safety: Fine", "Safety: Safe\nSafety: Unsafe", "I think: safe", "unsafe S1",
     "safe\nS1", "Safety:Safely"],
)  # fmt: skip
def test_what_is_not_the_format_is_no_verdict(text):
    for reader in (read_qwen, read_llama):
        with pytest.raises(ModelProtocolError):
            reader(text)


def test_a_safe_question_and_its_answer_go_through_and_both_were_judged(guarded):
    reply, requests = guarded(FERRY, SAFE)
    assert reply.status == "answered"
    assert requests[0]["messages"] == [{"role": "user", "content": FERRY}]
    assert [m["role"] for m in requests[1]["messages"]] == ["user", "assistant"]
    assert "nine every morning" in requests[1]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("form", "text"),
    [("qwen3guard", "Safety: Unsafe\nCategories: Violent"), ("llama-guard", "unsafe\nS1")],
)
def test_an_unsafe_question_is_blocked_before_any_search(guarded, form, text):
    model = ScriptedModel("Yes. [1]")
    reply, requests = guarded(FERRY, text, form=form, model=model)
    assert (reply.status, reply.notice) == ("blocked", "Not here.")
    assert [(n.stage, n.rule, n.action) for n in reply.guard] == [("before", "moderation", "block")]
    assert model.prompts == []
    assert len(requests) == 1


def test_an_unsafe_sentence_is_not_released_and_the_others_are(guarded):
    def judge(text):
        return "Safety: Unsafe\nCategories: Violent" if "Dogs" in text else SAFE

    draft_text = (
        "The ferry to Skarö leaves the north pier at nine every morning. [1] "
        "Dogs travel free of charge on the ferry. [2]"
    )
    reply, _ = guarded(FERRY, judge, model=ScriptedModel(draft_text))
    assert reply.status == "partial"
    assert "Dogs" not in reply.text


@pytest.mark.parametrize(
    ("more", "action"),
    [("", "review"), (", controversial: block", "block"), (", controversial: allow", None)],
)
def test_what_is_controversial_does_what_the_policy_says(guarded, more, action):
    reply, _ = guarded(FERRY, "Safety: Controversial\nCategories: PII", more=more)
    assert reply.status == ("blocked" if action else "answered")
    assert [note.action for note in reply.guard] == ([action] if action else [])


@pytest.mark.parametrize("mode", ["unavailable", "refuse", "garbage", "reset", "error"])
@pytest.mark.parametrize(("more", "action"), [("", "block"), (", failure: hold", "review")])
def test_a_guard_that_fails_lets_nothing_through(guarded, mode, more, action):
    reply, _ = guarded(FERRY, SAFE, more=more, mode=mode)
    assert reply.status == "blocked"
    assert [note.action for note in reply.guard] == [action]


def test_a_guard_that_is_late_or_rambles_lets_nothing_through(guarded):
    reply, _ = guarded(FERRY, SAFE, more="", mode="hang")
    assert reply.status == "blocked"
    reply, _ = guarded(FERRY, "Safety: Sure, let me think about this. " * 50)
    assert reply.status == "blocked"


def test_a_policy_whose_guard_nobody_made_lets_nothing_through(tmp_path, make_parts):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.format(form="qwen3guard", url="http://127.0.0.1:9", more=""))
    reply = answer(FERRY, BOB, replace(make_parts(), policy=PolicySource(path)))
    assert reply.status == "blocked"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("action: block", "action: redact"), "review or block"),
        (("stages: [before, after]", "stages: [evidence]"), "before and after"),
        (("    stages: [before, after]\n", ""), "before and after"),
        (
            ("format: qwen3guard", "format: other"),
            r"rules\.1 \(moderation\)\.model: .*format.*'classifier'",
        ),
        (("timeout_s: 2", "timeout_s: 0"), "timeout_s"),
        (("http://", "ftp://"), r"model\.url"),
        (("action: block", "action: block\n    words: [a]"), "exactly one of"),
    ],
)
def test_a_guard_that_does_not_fit_is_refused_with_the_place(tmp_path, change, expected):
    path = tmp_path / "policy.yaml"
    text = POLICY.format(form="qwen3guard", url="http://127.0.0.1:9/v1", more="")
    path.write_text(text.replace(*change))
    with pytest.raises(PolicyError, match=expected):
        read_policy(path)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    folder = make_cross_encoder(tmp_path_factory.mktemp("classifier"), labels=2)
    return folder, ClassifierGuard(folder, {"LABEL_1": 0.0})


def likelihood(folder, text):
    """Return how likely LABEL_1 is, found by bisection of what the guard says."""
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        verdict = ClassifierGuard(folder, {"LABEL_1": middle}).judge(text, None)
        low, high = (middle, high) if verdict.level == "unsafe" else (low, middle)
    return low


def test_a_classifier_calls_a_text_unsafe_from_its_labels_likelihood_on(classifier):
    folder, always = classifier
    assert always.judge("When?", None) == GuardVerdict("unsafe", ("LABEL_1",))
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokens = AutoTokenizer.from_pretrained(folder)("When?", return_tensors="pt")
    with torch.no_grad():
        expected = float(model(**tokens).logits.double().softmax(-1)[0, 1])
    assert likelihood(folder, "When?") == pytest.approx(expected, abs=1 / 2**11)


def test_a_classifier_reads_a_long_text_to_its_end(classifier):
    folder, _ = classifier
    texts = ["a" * 60, "z" * 60]
    worst = max(texts, key=lambda text: likelihood(folder, text))
    mild = min(texts, key=lambda text: likelihood(folder, text))
    likelihood_alone = likelihood(folder, " ".join([mild] * 8))
    assert likelihood(folder, " ".join([mild] * 8 + [worst] * 3)) > likelihood_alone


def test_a_classifier_judges_the_reply_where_there_is_one(classifier):
    folder, _ = classifier
    guard = ClassifierGuard(folder, {"LABEL_1": likelihood(folder, "no. 7") + 0.001})
    assert guard.judge("no. 7", None).level == "safe"
    least = ClassifierGuard(folder, {"LABEL_1": likelihood(folder, "no. 7")})
    assert least.judge("anything", "no. 7") == least.judge("no. 7", None)


@pytest.mark.parametrize(
    ("path", "label", "expected"),
    [("nowhere", "LABEL_1", "No text classifier"), (None, "EVIL", "no label 'EVIL'.*LABEL_0")],
)
def test_a_classifier_that_cannot_be_had_is_told(classifier, tmp_path, path, label, expected):
    file = tmp_path / "policy.yaml"
    file.write_text(CLASSIFIED.format(path=tmp_path / path if path else classifier[0], label=label))
    with pytest.raises(PolicyError, match=expected):
        PolicySource(file, make_guard=partial(guard_of, model_at=None))


def test_a_classifier_stops_a_question(classifier, tmp_path, make_parts):
    file = tmp_path / "policy.yaml"
    file.write_text(CLASSIFIED.format(path=classifier[0], label="LABEL_1"))
    source = PolicySource(file, make_guard=partial(guard_of, model_at=None))
    reply = answer(FERRY, BOB, replace(make_parts(None), policy=source))
    assert reply.status == "blocked"
    assert [note.rule for note in reply.guard] == ["injection-model"]
