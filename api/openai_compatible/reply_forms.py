"""Replies in a form: which values a JSON schema asks for, where they can be checked.

Every value of such a reply is verified with its name, like a cell of a table. So a schema may ask
for texts and numbers, for lists of them, and for objects of them, but not for what stands in no
document word for word, such as a boolean.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from api.errors import ParameterError
from api.openai_compatible.fields import JsonObjectFormat, JsonSchemaFormat, NestedJsonSchemaFormat
from api.questions.dependencies import QuestionDependencies
from api.questions.service import Question
from generate.answer_form import AnswerForm, FormLine
from generate.guardrails.sent_history import allowed_turns
from generate.types import Turn
from index.types import Actor

SentFormat = JsonObjectFormat | JsonSchemaFormat | NestedJsonSchemaFormat
ValueKind = Literal["string", "integer", "number"]
Path = tuple[str, ...]

MOST_VALUES = 40
DEEPEST = 5
LONGEST_WORDS = 8_000
"""Characters of all names and hints together."""

_KINDS: dict[ValueKind, str] = {
    "string": "a few words", "integer": "a whole number in digits", "number": "a number in digits",
}  # fmt: skip
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.\s]+")
_NOT_IN_A_CELL = re.compile(r"[|\[\]`<>\r\n]+")
_REFERENCE = "#/$defs/"
_NOT_IN_A_NAME = re.compile("[/~%]")
"""Signs that a JSON pointer escapes (RFC 6901): a validator would look elsewhere than we do."""

_OF_SCHEMAS = ("properties", "$defs")
"""Keywords that hold schemas by name."""
_KEYWORDS = frozenset(
    [
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "const",
        "anyOf",
        "$ref",
        "$defs",
        "$schema",
        "title",
        "description",
        "default",
        "examples",
        "format",
        "additionalProperties",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
    ]
)
"""Others are refused: a pattern may take for ever to match, a reference may lead elsewhere."""
_DEEPEST_SCHEMA = 4 * DEEPEST
_MOST_SCHEMAS = 1_000
"""Schemas inside a schema, each counted as often as references lead to it: a check of a reply may
have to look at all of them."""


@dataclass(frozen=True, slots=True)
class FormValue:
    """One value that a schema asks for, or a list of them."""

    path: Path
    kind: ValueKind
    hint: str = ""
    is_list: bool = False
    is_nullable: bool = False
    is_required: bool = True

    @property
    def name(self) -> str:
        """The names of its path as words: what its value is verified with."""
        words = " ".join(_WORD_ENDS.sub(" ", name) for name in self.path)
        return " ".join(_NOT_IN_A_CELL.sub(" ", words).lower().split())

    @property
    def line(self) -> FormLine:
        """The row that asks for it."""
        hint = f"{_KINDS[self.kind]}; {self.hint}" if self.hint else _KINDS[self.kind]
        return FormLine(self.name, f"{hint}; a row each" if self.is_list else hint)


@dataclass(frozen=True, slots=True)
class ReplyForm:
    """The form of a reply: the values of a schema, or an object with whatever names."""

    schema: Mapping[str, Any] | None = None
    values: tuple[FormValue, ...] = ()

    @property
    def answer_form(self) -> AnswerForm:
        """The form as the answering stage takes it."""
        return AnswerForm(tuple(value.line for value in self.values))


def form_of(requested_format: object, *location: str) -> ReplyForm | None:
    """Return the form that a request asks for; none where it asks for sentences.

    Raises:
        ParameterError: the schema is not valid, or asks for what cannot be checked.

    """
    if isinstance(requested_format, JsonObjectFormat):
        return ReplyForm()
    if isinstance(requested_format, NestedJsonSchemaFormat):
        return _of_schema(
            requested_format.json_schema.schema_, (*location, "json_schema", "schema")
        )
    if isinstance(requested_format, JsonSchemaFormat):
        return _of_schema(requested_format.schema_, (*location, "schema"))
    return None


def check_form(
    form: ReplyForm, questions: QuestionDependencies, actor: Actor, *location: str
) -> None:
    """Check that a reply in this form can be written for the actor.

    Raises:
        ParameterError: no large model writes the answers, or the policy stops the form's words.

    """
    answering = questions.answering(actor.scope.tenant)
    if answering.model is None or answering.config.is_model_small:
        raise _refusal(
            "a reply in a form is written by a large language model, and none is configured here; "
            "ask for text",
            location,
        )
    words = "\n".join(f"{line.name}: {line.kind}" for line in form.answer_form.lines)
    turns = (Turn("user", words),) if words else ()
    if allowed_turns(turns, answering.start_guardrails) != turns:
        raise _refusal("the policy does not let its names or descriptions be used", location)


def in_form(question: Question, form: ReplyForm | None) -> Question:
    """Return a question whose answer is to have this form.

    Raises:
        BudgetSpentError: a budget is used up, so that no model would write it.

    """
    if form is None:
        return question
    if question.over_budget is not None:
        raise question.over_budget
    return replace(question, answer_form=form.answer_form)


def _of_schema(schema: Mapping[str, Any], location: tuple[str, ...]) -> ReplyForm:
    from jsonschema import Draft202012Validator, SchemaError

    _check_keywords(schema, location)
    _check_size(schema, location)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise _refusal(f"it is no JSON schema: {error.message[:200]}", location) from error
    reader = _SchemaReader(schema, location)
    values = tuple(reader.values_of(schema, ()))
    names = [value.name for value in values]
    if not names or len(names) > MOST_VALUES:
        raise _refusal(f"it asks for 1 to {MOST_VALUES} values", location)
    if len(set(names)) != len(names) or not all(names):
        raise _refusal("each value needs a name in words of its own", location)
    if sum(len(value.line.name) + len(value.line.kind) for value in values) > LONGEST_WORDS:
        raise _refusal("its names and descriptions are too long", location)
    return ReplyForm(schema, values)


def _check_keywords(node: object, location: tuple[str, ...], depth: int = 0) -> None:
    """Refuse keywords that would be costly or unsafe to validate by, at every depth."""
    if depth > _DEEPEST_SCHEMA:
        raise _refusal("the schema is too deep here", location)
    for keyword, value in node.items() if isinstance(node, Mapping) else ():
        leads_elsewhere = keyword == "$ref" and not str(value).startswith(_REFERENCE)
        is_schema = keyword == "additionalProperties" and isinstance(value, Mapping)
        if keyword not in _KEYWORDS or leads_elsewhere or is_schema:
            raise _refusal("this is not offered in a schema", (*location, keyword))
        for name, each in _schemas_in(keyword, value):
            _check_keywords(each, (*location, keyword, *name), depth + 1)


def _schemas_in(keyword: str, value: object) -> Iterator[tuple[Path, object]]:
    """Yield the schemas that stand in a keyword's value, each with its name there."""
    if keyword in _OF_SCHEMAS and isinstance(value, Mapping):
        yield from (((name,), each) for name, each in value.items())
    elif keyword == "anyOf" and isinstance(value, list):
        yield from (((), each) for each in value)
    elif keyword == "items":
        yield (), value


def _check_size(schema: Mapping[str, Any], location: tuple[str, ...]) -> None:
    """Refuse references that lead to each other, to nothing, or to more than can be checked.

    A few schemas that name each other twice are as costly as two to the power of their number.
    """
    waiting: list[tuple[object, Path]] = [(schema, ())]
    count = 0
    while waiting:
        node, path = waiting.pop()
        count += 1
        if count > _MOST_SCHEMAS or len(path) > 2 * _DEEPEST_SCHEMA:
            raise _refusal("its references lead to too much", (*location, *path[:2]))
        for keyword, value in node.items() if isinstance(node, Mapping) else ():
            if keyword == "$ref":
                waiting.append((_target(schema, value, (*location, *path)), (*path, keyword)))
            elif keyword != "$defs":
                waiting += [
                    (each, (*path, keyword, *name)) for name, each in _schemas_in(keyword, value)
                ]


def _target(schema: Mapping[str, Any], reference: object, location: tuple[str, ...]) -> object:
    """Return the schema that a reference names.

    Raises:
        ParameterError: it is none of ``$defs``, or its name is one that a pointer writes otherwise.

    """
    name = str(reference).removeprefix(_REFERENCE)
    definitions = schema.get("$defs")
    if (
        not isinstance(definitions, Mapping)
        or name not in definitions
        or _NOT_IN_A_NAME.search(name)
    ):
        raise _refusal("the reference leads to nothing in $defs", location)
    target: object = definitions[name]
    return target


@dataclass(frozen=True, slots=True)
class _SchemaReader:
    """Finds the values that a schema asks for."""

    schema: Mapping[str, Any]
    location: tuple[str, ...]

    def values_of(
        self, node: Mapping[str, Any], path: Path, *, is_required: bool = True
    ) -> Iterator[FormValue]:
        """Yield the values of an object, in the order of its properties."""
        node, _ = self._resolved(node)
        properties = node.get("properties")
        if node.get("type") != "object" or not isinstance(properties, Mapping):
            raise self._refusal("an object with properties is expected", path)
        if len(path) >= DEEPEST:
            raise self._refusal(f"objects stand in each other {DEEPEST} deep at most", path)
        required = node.get("required", [])
        for name, each in properties.items():
            is_there = is_required and name in required
            yield from self._values_at(each, (*path, name), is_required=is_there)

    def _values_at(self, schema: object, path: Path, *, is_required: bool) -> Iterator[FormValue]:
        node, is_nullable = self._resolved(schema)
        if node.get("type") == "object" and not is_nullable:
            yield from self.values_of(node, path, is_required=is_required)
            return
        is_list = node.get("type") == "array" and not is_nullable
        items = self._resolved(node.get("items"))[0] if is_list else node
        kind = _kind_of(items)
        if kind is None:
            raise self._refusal(
                "texts, numbers, lists of them and objects of them can be checked, nothing else",
                path,
            )
        yield FormValue(path, kind, _hint(node, items), is_list, is_nullable, is_required)

    def _resolved(self, schema: object) -> tuple[Mapping[str, Any], bool]:
        """Return a schema without references, and whether it lets null stand."""
        node, is_nullable = schema if isinstance(schema, Mapping) else {}, False
        for _ in range(DEEPEST):
            options = node.get("anyOf")
            types = node.get("type")
            if str(node.get("$ref", "")).startswith(_REFERENCE):
                target = self.schema.get("$defs", {}).get(node["$ref"].removeprefix(_REFERENCE))
                if not isinstance(target, Mapping):
                    return {}, is_nullable
                node = {**target, **_without(node, "$ref")}
            elif isinstance(options, list):
                schemas = [each for each in options if isinstance(each, Mapping)]
                others = [each for each in schemas if each.get("type") != "null"]
                is_nullable = is_nullable or len(others) < len(schemas)
                only = others[0] if len(others) == len(options) - is_nullable == 1 else {}
                node = {**only, **_without(node, "anyOf")}
            elif isinstance(types, list):
                others = [each for each in types if each != "null"]
                is_nullable = is_nullable or len(others) < len(types)
                node = {**node, "type": others[0] if len(others) == 1 else "?"}
            else:
                break
        return node, is_nullable

    def _refusal(self, reason: str, path: Path) -> ParameterError:
        properties = (part for name in path for part in ("properties", name))
        return _refusal(reason, (*self.location, *properties))


def _refusal(reason: str, location: Sequence[str]) -> ParameterError:
    return ParameterError(reason, *location, kind="unsupported_value")


def _kind_of(node: Mapping[str, Any]) -> ValueKind | None:
    choices = node.get("enum", [node["const"]] if "const" in node else None)
    kind = node.get("type")
    if kind is None and choices and all(isinstance(choice, str) for choice in choices):
        return "string"
    return next((each for each in _KINDS if each == kind), None)


def _hint(*nodes: Mapping[str, Any]) -> str:
    """Return the description and the choices of a value, in one line of a cell."""
    words: list[str] = []
    for node in nodes:
        words.append(str(node.get("description", ""))[:300])
        choices = node.get("enum")
        if choices:
            words.append(f"one of: {', '.join(map(str, choices))}"[:500])
    distinct = dict.fromkeys(filter(None, words))
    return " ".join(_NOT_IN_A_CELL.sub(" ", "; ".join(distinct)).split())


def _without(node: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != name}
