"""Which language a text is in, from the text alone.

The script decides where it can: a Cyrillic word is stemmed as Russian, a Greek one as Greek. Text
in Latin letters is told apart by its function words. The lists are short on purpose: the words
that make up most of any running text, and those that questions are asked with.
"""

from collections import defaultdict
from collections.abc import Sequence

SCRIPTS = {
    "russian": "\u0400-\u052f",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "arabic": "\u0600-\u06ff\u0750-\u077f",
    "hindi": "\u0900-\u097f",
    "tamil": "\u0b80-\u0bff",
    "armenian": "\u0530-\u058f",
}
"""The stemmer of a script, and the characters of that script."""

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer: written without spaces between words."""

_LISTS = {
    "english": "the of and to in a is that for it as was with be by on not he his but at are this "
    "have from or had an they which you were their has would what will there if can all her more "
    "who how when where why did does do many much we been its",
    "german": "der die das und in zu den von mit ist auf für im dem nicht ein eine einer eines "
    "einem einen als auch es an werden aus er hat dass sie nach wird bei um am sind noch wie über "
    "so zum zur war haben nur oder aber vor bis mehr durch man sein wurde wurden sich wer was wann "
    "wo warum welche welcher welches welchen wieviel viele kann ihre seine seiner ihrer des unter",
    "french": "le la les de des du et un une dans en est que qui pour par sur au aux avec ce cette "
    "ces pas ne plus il elle sont été être ou son sa ses leur leurs mais comme nous vous ils elles "
    "quel quelle quels quelles combien où quand comment pourquoi quoi était ont avait entre sans",
    "spanish": "el la los las de del y en un una que es por para con se al lo su sus como más o no "
    "pero fue son ha este esta entre cuando muy sin sobre también ser hay donde qué cuál cuáles "
    "quién quiénes cuántos cuántas cuánto cómo dónde cuándo era desde está han había fueron a hizo",
    "portuguese": "o os as de do da dos das e em um uma que é por para com se ao à no na nos nas "
    "não mais como mas foi são seu sua pelo pela entre quando muito também já ou ser há está qual "
    "quais quem quantos quantas onde foram tem era até",
    "italian": "il lo la i gli le di del della dei delle degli e è in un una che per con si da dal "
    "dalla al alla nel nella non più come ma sono anche o questo questa sul sulla ha chi quale "
    "quali quanti quante quanto dove quando perché cosa era stato essere ai su hanno",
    "dutch": "de het een en van in is dat op te zijn met voor niet die aan er om ook als dan maar "
    "bij nog uit naar door over werd wordt wat wie waar wanneer waarom hoe hoeveel welke deze dit "
    "hun zijn heeft had hebben kan of tot ze hij zich was",
    "swedish": "och i att det som en på är av för med till den har inte om ett de var men från vid "
    "så kan han nu hade eller ut när efter upp över än vad vem hur varför vilken vilket vilka "
    "många också blev skulle där sig sin",
    "danish": "og i at det som en på er af for med til den har ikke om et de var men fra ved så "
    "kan han hun blev eller når efter op over end hvad hvem hvor hvordan hvorfor hvilken hvilket "
    "hvilke mange også skulle der sig sin",
    "norwegian": "og i at det som en på er av for med til den har ikke om et de var men fra ved så "
    "kan han hun ble eller når etter opp over enn hva hvem hvor hvordan hvorfor hvilken hvilket "
    "hvilke mange også skulle der seg sin",
    "finnish": "ja on ei se että oli hän mutta ovat joka kun kuin myös niin tai jos mitä mikä kuka "
    "missä milloin miksi miten kuinka monta ole olla hänen sen sitä ne jotka jonka vain vuonna "
    "mukaan sekä minkä",
    "hungarian": "a az és hogy nem is egy ez volt de meg csak mint ha vagy már még kell ki mi mit "
    "hol mikor miért hogyan hány melyik milyen lehet van vannak voltak ezt azt majd minden után "
    "által között szerint",
    "romanian": "și în de la a cu pe nu este o un din care că pentru se mai sunt al ale ai cel cea "
    "fost ca sau dar după prin între până unui unei lui ei le cine ce când unde cum câți câte cât "
    "sa fi era au are acest această",
    "turkish": "ve bir bu da de için ile olarak çok daha olan gibi en ne kadar sonra ise değil o "
    "var kim hangi nerede nasıl neden niçin kaç mi mı mu mü olduğu tarafından her ya veya ancak "  # noqa: RUF001 - Turkish
    "idi oldu ki göre",
    "polish": "i w na z do się nie że to jest o jak po co ale od za są przez dla był była było "
    "tym przy jego jej ich oraz które który która czy kto gdzie kiedy dlaczego ile ze może tylko "
    "jako już",
    "czech": "a v na se je že s z do o to i ve by jako za pro po jeho ale si byl byla bylo jsou "
    "které který která od nebo při jak kdo co kde kdy proč kolik není také podle až tak",
    "catalan": "el la els les de del dels i en un una que és per amb se al als no més com però va "
    "són ha aquest aquesta entre quan molt també ser quin quina quins quines qui quants quantes on "
    "van seva seu han havia o",
    "indonesian": "yang dan di ke dari ini itu dengan untuk pada adalah tidak dalam akan oleh juga "
    "sebagai ada atau karena saat telah bisa kata mereka apa siapa mana kapan mengapa bagaimana "
    "berapa dapat lebih secara menjadi",
    "vietnamese": "của và là các có được trong cho một những với không này đã khi người từ để về "
    "tại vào nhiều gì nào ai đâu bao nhiêu thế ở đến cũng như trên sự hai ông ra bị",
}

UNSTEMMED = frozenset({"english", "vietnamese"})
"""English is every text's first reading; Vietnamese words have no endings."""

FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _LISTS.items()}

ELIDING = frozenset({"french", "italian", "catalan"})
"""Short words lean on the next one: l'eau, dell'acqua."""

READ = 200
"""Words from the start of a text that its language is told from."""

FEWEST = 2
"""Different function words, of more than one letter, that make a language."""

SHARE = 0.15
"""Part of the words that must be function words of the language."""

LEAD = 1.2
"""How far the best language must be ahead of the second."""


def _holders() -> dict[str, tuple[str, ...]]:
    every = sorted({word for words in FUNCTION_WORDS.values() for word in words})
    return {
        word: tuple(sorted(name for name, words in FUNCTION_WORDS.items() if word in words))
        for word in every
    }


_HOLDERS = _holders()


def detect(words: Sequence[str]) -> str | None:
    """Return the stemmer of a text in Latin letters, given its folded words in order.

    None for English, for languages without a stemmer, for other scripts (there the word itself
    says which stemmer), and where too little speaks for any one language. A function word that
    several languages share counts for each in equal parts; a single letter, which may be anything,
    has no vote.
    """
    first = words[:READ]
    function_words = [(word, _HOLDERS[word]) for word in first if word in _HOLDERS]
    if len(function_words) < FEWEST:
        return None
    votes: defaultdict[str, float] = defaultdict(float)
    for word, names in function_words:
        for name in names:
            votes[name] += (len(word) > 1) / len(names)
    best, second = [*sorted(votes, key=lambda name: (-votes[name], name)), None][:2]
    if best is None or best in UNSTEMMED or votes[best] < 1:
        return None
    if second and votes[best] < LEAD * votes[second]:
        return None
    own_words = [word for word, names in function_words if best in names]
    distinct = {word for word in own_words if len(word) > 1}
    is_certain = len(distinct) >= FEWEST and len(own_words) >= SHARE * len(first)
    return best if is_certain else None
