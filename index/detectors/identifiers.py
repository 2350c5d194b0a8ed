"""Numbers that identify a person, by their check digits and by the words that stand before them.

python-stdnum knows the numbers' rules (https://arthurdejong.org/python-stdnum/). A check digit
alone passes one in ten of all numbers, so most forms want a word before them as well; where a form
can hardly be anything else, none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import re2

NATIONAL, TAX, HEALTH = "national-id", "tax-number", "health-number"
DEVICE, WALLET, PASSPORT = "device-id", "wallet-address", "passport"
BIRTH, LICENCE, ACCOUNT = "birth-date", "driving-licence", "bank-account"
RULES = (NATIONAL, TAX, HEALTH, DEVICE, WALLET, PASSPORT, BIRTH, LICENCE, ACCOUNT)

_DATE = (
    r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2}\.? [^\W\d]{3,9} (?:19|20)\d\d|[^\W\d]{3,9} \d{1,2},? (?:19|20)\d\d"
)
_NINE = r"\d{3}[ -]?\d{3}[ -]?\d{3}"
_TABLE = (
    # rule, module of stdnum, words before it ("" for none), form
    (TAX, "it.codicefiscale", "", r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]"),
    (NATIONAL, "mx.curp", "", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d"),
    (TAX, "br.cpf", "", r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    (TAX, "br.cpf", r"cpf", r"\d{11}"),
    (TAX, "cl.rut", "", r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]"),
    (NATIONAL, "cn.ric", "", r"\d{17}[\dXx]"),
    (NATIONAL, "fi.hetu", "", r"\d{6}[-+A-FU-Y]\d{3}[\dA-Y]"),
    (NATIONAL, "be.nn", "", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"),
    (HEALTH, "ch.ssn", "", r"756\.\d{4}\.\d{4}\.\d\d"),
    (NATIONAL, "pt.cc", "", r"\d{8} ?\d ?[A-Z\d]{2}\d"),
    (TAX, "ar.cuit", "", r"2[03479]-\d{8}-\d"),
    (NATIONAL, "th.pin", "", r"\d-\d{4}-\d{5}-\d\d-\d"),
    (TAX, "us.itin", "", r"9\d\d-[5-9]\d-\d{4}"),
    (WALLET, "bitcoin", "", r"[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[a-z\d]{25,87}"),
    (WALLET, "", "", r"0x[\da-fA-F]{40}"),
    (DEVICE, "", "", r"(?:[\dA-Fa-f]{2}:){5}[\dA-Fa-f]{2}|(?:[\dA-F]{2}-){5}[\dA-F]{2}"),
    (DEVICE, "imei", r"imei", r"\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d"),
    (PASSPORT, "", "", r"P[A-Z<][A-Z<]{3}[A-Z<]{39}"),
    (NATIONAL, "at.vnr", r"svnr|sv-nr|(?:sozial)?versicherungsnummer", r"\d{4} ?\d{6}"),
    (TAX, "au.tfn", r"tfn|tax file number", r"\d{3} ?\d{3} ?\d{3}"),
    (NATIONAL, "be.nn", r"rijksregister\w*|registre national|national number", r"\d{11}"),
    (NATIONAL, "bg.egn", r"egn|\u0435\u0433\u043d", r"\d{10}"),
    (NATIONAL, "ca.sin", r"sin|social insurance", _NINE),
    (NATIONAL, "cz.rc", r"rodn\xe9 \u010d\xedslo|r\.? ?\u010d\.?|birth number", r"\d{6}/?\d{3,4}"),
    (NATIONAL, "sk.rc", r"rodn\xe9 \u010d\xedslo", r"\d{6}/?\d{3,4}"),
    (TAX, "de.idnr", r"steuer-?id\w*|(?:steuer)?identifikationsnummer|steuernummer|tax id|tin",
     r"\d\d ?\d{3} ?\d{3} ?\d{3}"),
    (NATIONAL, "dk.cpr", r"cpr\w*|personnummer", r"\d{6}[- ]?\d{4}"),
    (NATIONAL, "ee.ik", r"isikukood|personal code", r"\d{11}"),
    (NATIONAL, "lt.asmens", r"asmens kodas|personal code", r"\d{11}"),
    (TAX, "eu.vat", r"vat|ust-?id\w*|tva|iva|btw|partita iva", r"[A-Z]{2} ?[A-Z\d]{8,12}"),
    (TAX, "fr.nif", r"num\xe9ro fiscal|nif|spi", r"\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{3}"),
    (TAX, "gb.utr", r"utr|taxpayer reference", r"\d{10}|\d{5} \d{5}"),
    (HEALTH, "gb.nhs", r"nhs", r"\d{10}"),
    (HEALTH, "gr.amka", r"amka|\u03b1\u03bc\u03ba\u03b1", r"\d{11}"),
    (TAX, "hr.oib", r"oib", r"\d{11}"),
    (TAX, "ie.pps", r"pps[n]?", r"\d{7}[A-W][A-IW]?"),
    (NATIONAL, "il.idnr", r"teudat zehut|israeli id|\u05ea\.?\u05d6\.?", r"\d{9}"),
    (NATIONAL, "in_.aadhaar", r"aadhaa?r|uidai?", r"\d{4}[ -]?\d{4}[ -]?\d{4}"),
    (TAX, "in_.pan", r"pan", r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]"),
    (NATIONAL, "is_.kennitala", r"kennitala", r"\d{6}-?\d{4}"),
    (NATIONAL, "jp.in_", r"my ?number|\u30de\u30a4\u30ca\u30f3\u30d0\u30fc|\u500b\u4eba\u756a\u53f7",  # noqa: E501 - a row
     r"\d{4}[ -]?\d{4}[ -]?\d{4}"),
    (NATIONAL, "kr.rrn", r"rrn|resident registration|\uc8fc\ubbfc\ub4f1\ub85d\ubc88\ud638",
     r"\d{6}-?[1-8]\d{6}"),
    (TAX, "mx.rfc", r"rfc", r"[A-Z&\xd1]{4}\d{6}[A-Z\d]{3}"),
    (NATIONAL, "my.nric", r"nric|mykad|ic", r"\d{6}-\d\d-\d{4}"),
    (NATIONAL, "nl.bsn", r"bsn|burgerservicenummer|sofinummer", r"\d{9}|\d{4}\.\d\d\.\d{3}"),
    (NATIONAL, "no.fodselsnummer", r"f\xf8dselsnummer|fnr|personnummer|national identity",
     r"\d{6} ?\d{5}"),
    (TAX, "nz.ird", r"ird", r"\d{2,3}[- ]?\d{3}[- ]?\d{3}"),
    (TAX, "pt.nif", r"nif|contribuinte", r"\d{3} ?\d{3} ?\d{3}"),
    (NATIONAL, "ro.cnp", r"cnp|cod numeric", r"\d{13}"),
    (NATIONAL, "se.personnummer", r"personnummer|pnr|personal (?:identity )?number",
     r"(?:\d\d)?\d{6}[-+]?\d{4}"),
    (NATIONAL, "si.emso", r"emso|em\u0161o|jmbg", r"\d{13}"),
    (NATIONAL, "tr.tckimlik", r"tckn|tc|t\.c\.|kimlik", r"\d{11}"),
    (TAX, "ua.rntrc", r"\u0456\u043f\u043d|\u0440\u043d\u043e\u043a\u043f\u043f|rntrc", r"\d{10}"),
    (ACCOUNT, "us.rtn", r"routing|aba|rtn", r"\d{9}"),
    (NATIONAL, "za.idnr", r"sa id|id|identity", r"\d{6} ?\d{4} ?\d{3}"),
    # no check digit: the words say what it is
    (NATIONAL, "", r"nric|fin|singapore", r"[STFGM]\d{7}[A-Z]"),
    (PASSPORT, "", r"passport|reisepass\w*|passeport|pasaporte|passaporto",
     r"[A-Z]{0,2}\d{6,9}[A-Z]?|[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ\d]{8}"),
    (BIRTH, "", (r"dob|d\.o\.b\.|date of birth|birth ?date|geburtsdatum|geb\. am|date de naissance"
                r"|fecha de nacimiento|data di nascita|data de nascimento"), _DATE),
    (LICENCE, "", r"driv(?:er'?s?|ing) licen[cs]e|f\xfchrerschein\w*|permis de conduire|dvla",
     r"[A-Z]{0,5}\d[A-Z\d-]{5,19}"),
    (ACCOUNT, "", r"(?:bank )?account|acct|konto(?:nummer|-?nr)?|sort code",
     r"\d{8,12}(?!\d)|\d\d-\d\d-\d\d"),
    (HEALTH, "", r"medicare|mbi|insurance|health card|versichertennummer|medical record|mrn",
     r"[A-Z]\d{9}|\d{4}[ -]?\d{5}[ -]?\d|\d[A-Z][A-Z\d]\d-?[A-Z][A-Z\d]\d-?[A-Z]{2}\d\d|\d{7,10}"),
)  # fmt: skip
_MARK = (
    r"(?:[ \t]?(?:no|nos|number|num|nr|n\xb0|n\xba|id|code|card|#)\.?){0,2}[ \t]?"
    r"(?:[:=#(\uff1a-]|is\b|ist\b|est\b|es\b|\xe8|lautet\b|\u662f|\u306f)?[ \t#\"']{0,3}"
)
"""Between the words and the number: "no.", a colon, "is"."""
_LEFT, _RIGHT = r"(?<![\w.])", r"(?![\w]|[.,-]\d)"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One kind of number: its rule, its pattern and who knows its check."""

    rule: str
    module: str
    pattern: "re.Pattern[str]"

    def holds(self, value: str) -> bool:
        """Tell whether the number's check is right."""
        return not self.module or bool(import_module(f"stdnum.{self.module}").is_valid(value))


def _identifier(rule: str, module: str, words: str, form: str) -> Identifier:
    if not words:
        return Identifier(rule, module, re.compile(f"{_LEFT}(?P<value>{form}){_RIGHT}"))
    begins = (
        f"(?<!\\w)(?i:{words})(?i:{_MARK})" if words[0].isascii() else f"(?i:{words})(?i:{_MARK})"
    )
    return Identifier(rule, module, re.compile(f"{begins}{_LEFT}(?P<value>{form}){_RIGHT}"))


_IDENTIFIERS = tuple(_identifier(*row) for row in _TABLE)


def _all_signs() -> "re2.Set":
    """Return RE2's set of each row's words, or its form where it has none."""
    signs = re2.Set.SearchSet()
    for _, _, words, form in _TABLE:
        spelled = re.sub(r"\\u([\da-f]{4})", r"\\x{\1}", words)  # RE2 writes characters otherwise
        signs.Add(f"(?i){spelled}" if words else form)
    signs.Compile()
    return signs


_SIGNS = _all_signs()


def find_identifiers(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the rule and span of each number; the spans of two rows may overlap."""
    for row in sorted(_SIGNS.Match(text) or ()):
        identifier = _IDENTIFIERS[row]
        for match in identifier.pattern.finditer(text):
            if identifier.holds(match.group("value")):
                yield identifier.rule, *match.span("value")
