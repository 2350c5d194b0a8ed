"""Terms: the same for documents and for questions, in the language of the text."""

import pytest

from index.text.analyzer import analyse, document_terms, question_terms
from index.text.language_detection import detect

RUNNING_TEXT = {
    "german": "Die Versicherungen kündigten den Vertrag, weil der Beitrag nicht bezahlt wurde.",
    "french": "Les assurances ont résilié le contrat parce que la prime n'était pas payée.",
    "spanish": "Las aseguradoras cancelaron el contrato porque la prima no estaba pagada.",
    "portuguese": "As seguradoras não cancelaram os contratos porque o prêmio foi pago em dia.",
    "italian": "Le compagnie hanno annullato il contratto perché il premio non era stato pagato.",
    "dutch": "De verzekeraars hebben het contract opgezegd omdat de premie niet was betaald.",
    "swedish": "Försäkringsbolagen sade upp avtalet för att premien inte hade betalats och så.",
    "finnish": "Vakuutusyhtiöt irtisanoivat sopimuksen, koska maksua ei ollut suoritettu, mutta se "
    "on voimassa.",
    "hungarian": "A biztosítók felmondták a szerződést, mert a díjat nem fizették be, és ez nagy "
    "gond volt.",
    "romanian": "Asigurătorii au reziliat contractul pentru că prima nu a fost plătită la timp.",
    "turkish": "Sigorta şirketleri sözleşmeyi iptal etti ve bu karar çok kişi için yeni bir "
    "sorun oldu.",
    "polish": "Ubezpieczyciele wypowiedzieli umowę, ponieważ składka nie była zapłacona na czas.",
    "czech": "Pojišťovny vypověděly smlouvu, protože pojistné nebylo zaplaceno a které se platí.",
    "catalan": "Les asseguradores van cancel·lar el contracte perquè la prima no estava pagada amb "
    "temps.",
    "indonesian": "Perusahaan itu membatalkan kontrak karena premi tidak dibayar oleh nasabah.",
}


def words(text):
    return text.casefold().replace(".", "").replace(",", "").split()


@pytest.mark.parametrize("language", RUNNING_TEXT)
def test_running_text_is_told_apart_by_its_function_words(language):
    assert detect(words(RUNNING_TEXT[language])) == language


@pytest.mark.parametrize(
    "text",
    [
        "The insurers cancelled the contract because the premium was not paid in time.",
        "Die casting in de Havilland engines",
        "S. cerevisiae: reduces life span by 20 to 40 days in vitro",
        "Krankenversicherung Kündigung",
        "Các công ty bảo hiểm đã hủy hợp đồng vì phí không được trả",
        "",
    ],
)
def test_english_and_what_cannot_be_told_have_general_terms_alone(text):
    assert document_terms(text) == question_terms(text) == analyse(text)


def test_english_words_lose_their_endings_and_stop_words_are_dropped():
    assert analyse("The keepers' lamps aren't burning in U.S. fog; IL-6 and 17\u03b1") == [
        "keeper", "lamp", "aren't", "burn", "u", "s", "fog", "il", "6", "17\u03b1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("университета", "университет"),
        ("δρόμους", "δρόμος"),
        ("الكتاب", "كتاب"),
        ("लड़कियाँ", "लड़की"),
    ],
)
def test_a_script_brings_its_stemmer(one, other):
    assert analyse(one) == analyse(other)


@pytest.mark.parametrize(
    ("document", "question"),
    [
        ("Die Bücher stehen in den Häusern der Stadt.", "In welchem Haus ist das Buch?"),
        ("Las universidades publicaron los informes.", "¿Qué informe es de la universidad?"),
        ("L'eau de la rivière est froide et le pont bas.", "Quelle eau est dans les rivières ?"),
        ("Cărțile sunt în case și nu pe masă, pentru că este frig.", "Care este cartea din casă?"),
        ("Kitaplar evlerde ve bu çok güzel ama ne için?", "Bu kitap hangi evde ve kim için?"),
    ],
)  # fmt: skip
def test_a_question_finds_other_forms_of_its_words_in_its_own_language(document, question):
    together = set(document_terms(document)) & set(question_terms(question))
    assert len(together - set(analyse(document))) + len(together - set(analyse(question))) > 0


def test_every_word_of_a_question_weighs_the_same():
    terms = question_terms("Wie viele Tore erzielte der Verein in dem Jahr?")
    assert terms.count("verein") == 2
    assert terms.count("tore") == terms.count("tor") == 1
    assert document_terms("Der Verein wurde in dem Jahr nicht genannt.").count("verein") == 1


def test_words_keep_their_vowel_signs():
    assert analyse("हिन्दी") == ["हिन्द"]
    assert len(analyse("தமிழ் மொழி")) == 2


def test_runs_without_spaces_become_overlapping_pairs():
    assert analyse("東京都に行く") == ["東京", "京都", "都に", "に行", "行く"]
    assert analyse("ไทย") == ["ไท", "ทย"]
    assert analyse("ภาษาไทย ok") == [*["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"], "ok"]
    assert analyse("ភាសាខ្មែរ")[0].startswith("ភា")


def test_forms_that_look_alike_are_alike():
    assert analyse("STRASSE") == analyse("Straße")
    assert analyse("co\u00adoperate") == analyse("cooperate")
    assert analyse("\uff21\uff22\uff23") == ["abc"]
    assert analyse("İstanbul") == analyse("istanbul")
    assert analyse("می\u200cخواهم") == analyse("میخواهم")  # noqa: RUF001 - Persian
