# ruff: noqa: RUF001 - questions in Turkish and Russian
"""Whether a question needs the turns before it: a test set in ten languages, and its figures.

    python -m benchmarks.followups

The questions were written before the rules were run on them. "Needs" are follow-ups that nobody
understands alone: ellipses, pronouns, "the other one", "and the second?". "Alone" are questions
that may follow anything: confirmations, expletives, pronouns that point within the question.
"""

import argparse

from generate.prompting.followup_rules import needs_history

NEEDS = {
    "English": (
        "And in 2023?", "And the second?", "What about the other one?", "By how much?",
        "Which of the two is older?", "Does that include lunch?", "How long does this one last?",
        "Only on weekdays?", "Since when?", "Is it heavier than the first?", "And for children?",
        "What did she say about it?",
    ),
    "German": (
        "Und 2023?", "Und der zweite?", "Was ist mit dem anderen?", "Wie lange gilt das?",
        "Seit wann?", "Und für Kinder?", "Wer hat sie repariert?", "Ist dort das Rauchen erlaubt?",
    ),
    "French": (
        "Et en 2023 ?", "Et le deuxième ?", "Et l'autre ?", "Combien de temps dure-t-il ?",
        "Depuis quand ?", "Et pour les enfants ?", "Qui l'a réparé ?", "Est-ce que cela suffit ?",
    ),
    "Spanish": (
        "¿Y en 2023?", "¿Y el segundo?", "¿Y el otro?", "¿Cuánto dura ese?",
        "¿Desde cuándo?", "¿Y para los niños?", "¿Quién lo reparó?", "¿Eso incluye la comida?",
    ),
    "Italian": (
        "E nel 2023?", "E il secondo?", "E l'altro?", "Quanto dura questo?",
        "Da quando?", "E per i bambini?", "Chi l'ha riparato?", "Quello è più vecchio?",
    ),
    "Portuguese": (
        "E em 2023?", "E o segundo?", "E o outro?", "Quanto tempo dura esse?",
        "Desde quando?", "E para as crianças?", "Quem o consertou?", "Isso inclui o almoço?",
    ),
    "Dutch": (
        "En in 2023?", "En de tweede?", "En de andere?", "Hoe lang duurt die?",
        "Sinds wanneer?", "En voor kinderen?", "Wie heeft hem gerepareerd?", "Is dat genoeg?",
    ),
    "Turkish": (
        "Peki 2023'te?", "Ya ikincisi?", "Peki diğeri?", "Bu ne kadar sürüyor?",
        "Ne zamandan beri?", "Peki çocuklar için?", "Onu kim tamir etti?", "Bu yeterli mi?",
    ),
    "Russian": (
        "А в 2023?", "А второй?", "А другой?", "Сколько это длится?",
        "С каких пор?", "А для детей?", "Кто его починил?", "Этого достаточно?",
    ),
    "Chinese": (
        "那2023年呢?", "第二个呢?", "另一个呢?", "这个要多久?",
        "从什么时候开始?", "那孩子呢?", "谁修好了它?", "那样够吗?",
    ),
}  # fmt: skip
ALONE = {
    "English": (
        "The fee never expires, correct?", "The pier was rebuilt in 1987, right?",
        "Is it allowed to fish from the pier?", "How long does it take to paint the tower?",
        "Who repaired the second lamp?", "What happens if a keeper loses her keys?",
        "Which boat is older, the Alka or the Bris?", "What was the catch in 2023?",
        "Does the fare include lunch?", "Are there lifts at the stations?",
        "When did the harbour board sell its boats?", "What is the weather report for?",
    ),
    "German": (
        "Die Gebühr verfällt nie, richtig?", "Gibt es dort drüben am Hafen Duschen?",
        "Wer hat die zweite Lampe repariert?", "Ist es erlaubt, vom Steg zu fischen?",
        "Wie hoch war der Fang im Jahr 2023?", "Wann hat der Hafen seine Boote verkauft?",
        "Was kostet die Fahrkarte für Kinder?", "Welches Boot ist älter, die Alka oder die Bris?",
    ),
    "French": (
        "Le tarif n'expire jamais, n'est-ce pas ?", "Y a-t-il des douches au port ?",
        "Qui a réparé la deuxième lampe ?", "Est-il permis de pêcher sur la jetée ?",
        "Quelle était la prise en 2023 ?", "Quand le port a-t-il vendu les bateaux ?",
        "Combien coûte le billet pour les enfants ?", "Quel bateau est le plus ancien ?",
    ),
    "Spanish": (
        "La tarifa nunca caduca, ¿verdad?", "¿Hay duchas en el puerto?",
        "¿Quién reparó la segunda lámpara?", "¿Está permitido pescar en el muelle?",
        "¿Cuál fue la captura en 2023?", "¿Cuándo vendió el puerto los barcos?",
        "¿Cuánto cuesta el billete para los niños?", "¿Qué barco es más antiguo?",
    ),
    "Italian": (
        "La tariffa non scade mai, vero?", "Ci sono docce nel porto?",
        "Chi ha riparato la seconda lampada?", "È permesso pescare dal molo?",
        "Qual è stata la pesca nel 2023?", "Quando il porto ha venduto le barche?",
        "Quanto costa il biglietto per i bambini?", "Quale barca è più vecchia?",
    ),
    "Portuguese": (
        "A taxa nunca expira, certo?", "Há chuveiros no porto?",
        "Quem consertou a segunda lâmpada?", "É permitido pescar no cais?",
        "Qual foi a captura em 2023?", "Quando o porto vendeu os barcos?",
        "Quanto custa o bilhete para as crianças?", "Qual barco é mais antigo?",
    ),
    "Dutch": (
        "Het tarief verloopt nooit, toch?", "Zijn er douches in de haven?",
        "Wie heeft de tweede lamp gerepareerd?", "Is het toegestaan om op de pier te vissen?",
        "Wat was de vangst in 2023?", "Wanneer heeft de haven de boten verkocht?",
        "Wat kost het kaartje voor kinderen?", "Welke boot is ouder, de Alka of de Bris?",
    ),
    "Turkish": (
        "Ücretin süresi hiç dolmaz, değil mi?", "Limanda duş var mı?",
        "İkinci lambayı kim tamir etti?", "İskelede balık tutmak serbest mi?",
        "2023'te av ne kadardı?", "Liman tekneleri ne zaman sattı?",
        "Çocuklar için bilet ne kadar?", "Hangi tekne daha eski?",
    ),
    "Russian": (
        "Плата никогда не сгорает, верно?", "Есть ли душ в гавани?",
        "Кто починил вторую лампу?", "Можно ли ловить рыбу с причала?",
        "Каким был улов в 2023 году?", "Когда порт продал лодки?",
        "Сколько стоит билет для детей?", "Какая лодка старше?",
    ),
    "Chinese": (
        "费用永远不会过期,对吗?", "港口有淋浴吗?", "谁修好了第二盏灯?", "可以在码头钓鱼吗?",
        "2023年的捕捞量是多少?", "港口什么时候卖掉了船?", "儿童票多少钱?", "哪艘船更老?",
    ),
}  # fmt: skip

LATER_NEEDS = (
    "And how old was he then?", "Does the other one have a crane?", "Until when?",
    "Even in fog?", "What if it rains?", "Und wie alt war er da?", "Hat die andere einen Kran?",
    "Auch bei Nebel?", "Et quel âge avait-il ?", "L'autre a-t-elle une grue ?",
    "Même sans billet ?", "¿Y cuántos años tenía?", "¿La otra tiene grúa?", "¿Hasta cuándo?",
    "E quanti anni aveva?", "L'altra ha una gru?", "Fino a quando?", "E quantos anos ele tinha?",
    "A outra tem um guindaste?", "Até quando?", "En hoe oud was hij toen?",
    "Heeft de andere een kraan?", "Tot wanneer?", "Peki o zaman kaç yaşındaydı?",
    "Diğerinin vinci var mı?", "Ne zamana kadar?", "А сколько ему было лет?",
    "А у другой есть кран?", "До каких пор?", "那他当时多大?", "另一艘有起重机吗?", "到什么时候?",
)  # fmt: skip
LATER_ALONE = (
    "How old was the first keeper when he retired?", "Does the Alka have a crane?",
    "Children travel free, don't they?", "What does the buoy mark?",
    "Is it true that the bell cracked?", "Wie alt war der erste Wärter?",
    "Hat die Alka einen Kran?", "Kinder fahren frei, oder?",
    "Quel âge avait le premier gardien ?", "L'Alka a-t-elle une grue ?", "Que signale la bouée ?",
    "¿Cuántos años tenía el primer guardián?", "¿Tiene grúa el Alka?", "¿Qué marca la boya?",
    "Quanti anni aveva il primo guardiano?", "L'Alka ha una gru?", "Cosa segnala la boa?",
    "Quantos anos tinha o primeiro faroleiro?", "O Alka tem um guindaste?", "O que marca a boia?",
    "Hoe oud was de eerste wachter?", "Heeft de Alka een kraan?", "Wat markeert de boei?",
    "İlk bekçi kaç yaşındaydı?", "Alka'nın vinci var mı?", "Şamandıra neyi işaret eder?",
    "Сколько лет было первому смотрителю?", "Есть ли у Алки кран?", "Что отмечает буй?",
    "第一位看守人多大?", "阿尔卡号有起重机吗?", "浮标标记什么?",
)  # fmt: skip
"""Written after the rules had been mended by the questions above."""


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    total = right_total = 0
    print("| language | follow-ups found | questions left alone |\n| --- | ---: | ---: |")
    for language, needing in NEEDS.items():
        missed = [question for question in needing if not needs_history(question)]
        taken = [question for question in ALONE[language] if needs_history(question)]
        counts = (len(needing), len(ALONE[language]))
        shown = (
            f"{count - len(wrong)} of {count}"
            for count, wrong in zip(counts, (missed, taken), strict=True)
        )
        print(f"| {language} | {' | '.join(shown)} |")
        total += sum(counts)
        right_total += sum(counts) - len(missed) - len(taken)
        for question in missed:
            print(f"  missed: {question}")
        for question in taken:
            print(f"  taken for a follow-up: {question}")
    print(f"right: {right_total} of {total}")
    missed = [question for question in LATER_NEEDS if not needs_history(question)]
    taken = [question for question in LATER_ALONE if needs_history(question)]
    for question in missed:
        print(f"  later, missed: {question}")
    for question in taken:
        print(f"  later, taken for a follow-up: {question}")
    counts = len(LATER_NEEDS), len(LATER_ALONE)
    print(f"later: {counts[0] - len(missed)} of {counts[0]} follow-ups found, "
          f"{counts[1] - len(taken)} of {counts[1]} left alone")  # fmt: skip


if __name__ == "__main__":
    main()
