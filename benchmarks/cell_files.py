"""Six documents with tables as people keep them, and 66 questions about single cells.

Each has another format and another shape: a caption above, a header of two rows with cells that
span, a title row in a sheet of two hundred rows, abbreviations in cells, statements with fiscal
years as columns and the unit in the title. Nothing of them exists.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.fakes.pdf import Print, write_pdf

Rows = Sequence[Sequence[str]]

DUTY: Rows = (
    ("Keeper", "January", "February", "March", "April"),
    ("Solveig Aune", "12", "9", "14", "11"),
    ("Tor Brekke", "8", "13", "10", "15"),
    ("Nils Dahl-Moe", "16", "7", "9", "12"),
    ("Kari Eide", "10", "11", "6", "13"),
)
DUTY_CAPTION = "Table 1: Days on duty at Osk Light, 2024"

FARES_HTML = """<html><head><title>Ferry fares</title></head><body>
<h1>Ferry fares</h1><p>Tickets are sold on board and in the harbour office.</p>
<table><caption>Fares from Tindvik from 1 May, in crowns</caption>
<thead><tr><th rowspan="2">To</th><th colspan="2">Single</th><th colspan="2">Return</th></tr>
<tr><th>Adult</th><th>Child</th><th>Adult</th><th>Child</th></tr></thead><tbody>
<tr><td>Osvik</td><td>42</td><td>21</td><td>76</td><td>38</td></tr>
<tr><td>Skarholm</td><td>58</td><td>29</td><td>104</td><td>52</td></tr>
<tr><td>Long Holm</td><td>67</td><td>34</td><td>121</td><td>60</td></tr>
<tr><td>St. Brann</td><td>83</td><td>41</td><td>149</td><td>75</td></tr>
</tbody></table><p>Children under four travel free.</p></body></html>"""

STORES: Rows = (
    ("Article", "Description", "In stock", "Price (crowns)", "Supplier"),
    *(
        (f"ND-{300 + n}", f"{kind} {size} mm", str(3 + 11 * n % 70), f"{4 + 3 * n % 57}.50", maker)
        for n, (kind, size, maker) in enumerate(
            (kind, size, maker)
            for kind, maker in (
                ("Shackle", "Altes"), ("Swivel", "Norvik"), ("Hinge", "Brod"), ("Cleat", "Altes"),
                ("Fender hook", "Vik & Co."), ("Eye bolt", "Norvik"), ("Snap ring", "Brod"),
                ("Thimble", "Altes"),
            )
            for size in range(6, 31)
        )
    ),
)  # fmt: skip
STORES_TITLE = "Chandlery of the harbour: stock on 30 June 2025"

DOCTORS: Rows = (
    ("Name", "Practice", "Street", "Hours", "Phone"),
    ("Dr. A. Keller", "St. Mary Clinic", "St. Mary Rd. 3", "Mon. to Wed. 8-12", "555 0142"),
    ("Dr. H. Keller", "Osvik Surgery", "Pier St. 11", "Tue. and Fri. 9-15", "555 0177"),
    ("Prof. I. Sand", "Bay Hospital", "Mt. Skar Ave. 2", "by appointment", "555 0120"),
    ("Dr. O. Tveit-Lie", "Ness Surgery", "Capt. Moe Ln. 8", "Thu. 10-18", "555 0199"),
)

INCOME_TITLE = "CONSOLIDATED STATEMENTS OF INCOME"
INCOME_UNIT = "(in millions of crowns, except per share amounts)"
INCOME: Rows = (
    ("Fiscal year ended 31 March", "2025", "2024", "2023"),
    ("Net sales", "4,812", "4,377", "4,105"),
    ("Cost of sales", "2,903", "2,741", "2,588"),
    ("Gross profit", "1,909", "1,636", "1,517"),
    ("Research and development", "312", "287", "254"),
    ("Operating income", "744", "598", "531"),
    ("Interest expense", "(41)", "(38)", "(52)"),
    ("Net income", "561", "447", "383"),
    ("Diluted earnings per share", "3.27", "2.58", "2.19"),
)

BALANCE: Rows = (
    ("", "2024", "2023"),
    ("Cash and cash equivalents", "218,440", "187,902"),
    ("Trade receivables", "94,310", "101,775"),
    ("Inventories", "61,028", "58,349"),
    ("Total current assets", "373,778", "348,026"),
    ("Property, plant and equipment", "512,660", "498,115"),
    ("Long-term debt", "240,000", "265,000"),
    ("Total equity", "455,871", "421,340"),
)


@dataclass(frozen=True, slots=True)
class CellQuestion:
    """A question, the words that find its row, and the cell that answers."""

    question: str
    row: str
    cell: str
    file: str


def files() -> dict[str, bytes]:
    """Return each document by its file name."""
    return {
        "duty-days.md": _markdown().encode(),
        "ferry-fares.html": FARES_HTML.encode(),
        "stores.xlsx": _workbook(),
        "doctors.csv": _separated().encode(),
        "halden-annual-report.docx": _word(),
        "brekke-balance-sheet.pdf": _pdf(),
    }


def _markdown() -> str:
    header, *rows = ("| " + " | ".join(row) + " |" for row in DUTY)
    table = "\n".join((header, "|---" * len(DUTY[0]) + "|", *rows))
    return (
        "# Osk Light\n\nThe station is manned all winter.\n\n## Duty\n\n"
        f"{DUTY_CAPTION}\n\n{table}\n\nWho swaps a day tells the office.\n"
    )


def _workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Stock"
    sheet.append([STORES_TITLE])
    for row in STORES:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _separated() -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(DOCTORS)
    return out.getvalue()


def _word() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("FORM 20-A", 0)
    document.add_paragraph("Annual report for the fiscal year ended 31 March 2025")
    document.add_paragraph("Halden Rope Works AS")
    document.add_paragraph("The company makes ropes and nets in four mills.")
    document.add_heading(INCOME_TITLE, 1)
    document.add_paragraph(INCOME_UNIT)
    table = document.add_table(rows=0, cols=len(INCOME[0]))
    for row in INCOME:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    document.add_paragraph("The notes are a part of these statements.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _pdf() -> bytes:
    lines = [
        Print("Brekke Fish Oil ASA", y=740, size=16, bold=True),
        Print("Consolidated balance sheets as of 31 December", y=712, bold=True),
        Print("(amounts in thousands of euros)", y=696),
    ]
    places = (72, 330, 430)
    for number, row in enumerate(BALANCE):
        lines += [
            Print(words, x=x, y=668 - 18 * number)
            for x, words in zip(places, row, strict=True)
            if words
        ]
    return write_pdf([lines])


def questions() -> Iterator[CellQuestion]:
    """Yield 66 questions, eleven of each document."""
    for file, listed in _QUESTIONS.items():
        for line in listed.strip().splitlines():
            question, row, cell = (words.strip() for words in line.split(" // "))
            yield CellQuestion(question, row, cell, file)


_QUESTIONS = {
    "duty-days.md": """
How many days was Solveig Aune on duty in March? // Solveig Aune // 14
How many days did Tor Brekke work in January? // Tor Brekke // 8
What is Kari Eide's number of days for April? // Kari Eide // 13
In February, how long was Nils Dahl-Moe on duty? // Nils Dahl-Moe // 7
How many duty days did Kari Eide have in March? // Kari Eide // 6
How many days was Tor Brekke on duty in April 2024? // Tor Brekke // 15
On how many days of January did Nils Dahl-Moe serve? // Nils Dahl-Moe // 16
Days on duty of Solveig Aune in February? // Solveig Aune // 9
How often was Brekke on duty in February? // Tor Brekke // 13
How many days did Eide work in January? // Kari Eide // 10
What were the days on duty for Aune in April? // Solveig Aune // 11
""",
    "ferry-fares.html": """
What does a return ticket for an adult to Osvik cost? // Osvik // 76
How much is a single fare for a child to Skarholm? // Skarholm // 29
What is the adult return fare to Long Holm? // Long Holm // 121
How much does a child pay for a return to St. Brann? // St. Brann // 75
What is the price of an adult single to St. Brann? // St. Brann // 83
What does a single to Long Holm cost for a child? // Long Holm // 34
How much is the return fare to Skarholm for adults? // Skarholm // 104
What does an adult pay for a single ticket to Osvik? // Osvik // 42
What is the child return fare to Osvik? // Osvik // 38
How many crowns is the adult single to Skarholm? // Skarholm // 58
How much is a child return to Long Holm? // Long Holm // 60
""",
    "stores.xlsx": """
How many of ND-317 are in stock? // ND-317 // 50
What is the price of ND-402? // ND-402 // 25.50
Who supplies ND-455? // ND-455 // Brod
What is article ND-388? // ND-388 // Cleat 19 mm
Which supplier delivers ND-420? // ND-420 // Vik & Co.
How much does ND-333 cost? // ND-333 // 46.50
How many pieces of ND-471 do we have in stock? // ND-471 // 64
What is the description of ND-499? // ND-499 // Thimble 30 mm
What does the hinge 12 mm cost? // Hinge 12 mm // 58.50
Who is the supplier of the eye bolt 20 mm? // Eye bolt 20 mm // Norvik
How many of the fender hook 9 mm are in stock? // Fender hook 9 mm // 16
""",
    "doctors.csv": """
What is the phone number of Dr. H. Keller? // Dr. H. Keller // 555 0177
In which street is Prof. I. Sand? // Prof. I. Sand // Mt. Skar Ave. 2
When are the hours of Dr. A. Keller? // Dr. A. Keller // Mon. to Wed. 8-12
At which practice does Dr. O. Tveit-Lie work? // Dr. O. Tveit-Lie // Ness Surgery
What is the street of the Osvik Surgery? // Osvik Surgery // Pier St. 11
What is the phone number of the Bay Hospital? // Bay Hospital // 555 0120
What are the hours of the Ness Surgery? // Ness Surgery // Thu. 10-18
Which street is the St. Mary Clinic in? // St. Mary Clinic // St. Mary Rd. 3
What is the phone of Dr. Tveit-Lie? // Dr. O. Tveit-Lie // 555 0199
What are the hours of Professor Sand? // Prof. I. Sand // by appointment
What is the name of the doctor at Pier St. 11? // Pier St. 11 // Dr. H. Keller
""",
    "halden-annual-report.docx": """
What were Halden's net sales in fiscal 2025? // Net sales // 4,812
What was the operating income of Halden Rope Works in 2024? // Operating income // 598
How much did Halden spend on research and development in FY2023? // Research and development // 254
What is Halden's FY2025 net income? // Net income // 561
What was the gross profit of Halden in fiscal year 2024? // Gross profit // 1,636
What was the cost of sales in 2023 at Halden Rope Works? // Cost of sales // 2,588
How high was Halden's interest expense in 2024? // Interest expense // (38)
What were diluted earnings per share of Halden in FY2025? // Diluted earnings per share // 3.27
What was the net income of Halden in fiscal 2023? // Net income // 383
How much revenue did Halden Rope Works have in FY2024? // Net sales // 4,377
What did Halden spend on R&D in fiscal year 2025? // Research and development // 312
""",
    "brekke-balance-sheet.pdf": """
How much cash did Brekke Fish Oil have at the end of 2024? // Cash and cash equivalents // 218,440
What were Brekke's inventories in 2023? // Inventories // 58,349
What is the long-term debt of Brekke Fish Oil in 2024? // Long-term debt // 240,000
What was Brekke's total equity in FY2023? // Total equity // 421,340
What were the trade receivables of Brekke in 2024? // Trade receivables // 94,310
How high were total current assets of Brekke Fish Oil in 2023? // Total current assets // 348,026
What was property, plant and equipment of Brekke at year end 2024? // Property, plant // 512,660
What were the inventories of Brekke Fish Oil as of 31 December 2024? // Inventories // 61,028
What is Brekke's FY2024 PP&E? // Property, plant // 512,660
How much long-term debt did Brekke have in 2023? // Long-term debt // 265,000
What was the total equity of Brekke Fish Oil at the end of 2024? // Total equity // 455,871
""",
}
