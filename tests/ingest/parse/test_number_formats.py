# ruff: noqa: DTZ001 - a date of a sheet has no time zone

import datetime as dt

import pytest

from ingest.parse.office.cells.number_formats import (
    hides_everything,
    is_date_code,
    serial_of,
    show,
)

ACCOUNTING = '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)'
MARCH_3 = 46_084
"""3 March 2026, a Tuesday."""
QUARTER_PAST_NINE = 9.25 / 24


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.0825, "0.00%", "8.25%"),
        (0.5, "0%", "50%"),
        (2199.9, '"£"#,##0.00', "£2,199.90"),
        (2199.9, "#,##0.00 [$kr-406]", "2,199.90 kr"),
        (-31, "#,##0;(#,##0)", "(31)"),
        (-31, "#,##0;[Red]-#,##0", "-31"),
        (-31, "[Blue]0", "-31"),
        (77, "000000", "000077"),
        (4930123456, '"+"00 00 000000', "+49 30 123456"),
        (2036667788, "(000) 000-0000", "(203) 666-7788"),
        (19.25, '0.0" °C"', "19.3 °C"),
        (3, "0\\ \\x", "3 x"),
        (5, "0 kg", "5 kg"),
        (8_400_000, '#,##0.0,,"M"', "8.4M"),
        (8_400_000, "#,##0,", "8,400"),
        (1_234_567.891, "#,##0.00", "1,234,567.89"),
        (0.4, "#.00", ".40"),
        (2.5, "0.0##", "2.5"),
        (1.005, "0.00", "1.01"),
        (987654.321, "0.00E+00", "9.88E+05"),
        (0.00042, "0.0E-0", "4.2E-4"),
        (98765, "##0.0E+0", "98.8E+3"),
        (2.25, "# ?/?", "2 1/4"),
        (0.375, "# ??/??", "3/8"),
        (3, "# ?/?", "3"),
        (0.5, "# ?/8", "4/8"),
        (1234.5, ACCOUNTING, "$1,234.50"),
        (-1234.5, ACCOUNTING, "$(1,234.50)"),
        (0, ACCOUNTING, "$-"),
        (0, '"yes";"yes";"no"', "no"),
        (150, '[>=100]0" high";0" low"', "150 high"),
        (50, '[>=100]0" high";0" low"', "50 low"),
        (12, 'General" pieces"', "12 pieces"),
        (12, "@", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (12, None, "12"),
        (True, "0.00", "TRUE"),
        ("late", '0;0;0;"("@")"', "(late)"),
        ("late", "0.00", "late"),
        (float("inf"), "0.00", "inf"),
        (1e300, "0", "1" + "0" * 300),
        (7, "[", "7"),
        (7, '"', ""),
        (7, "0" * 300, "7"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value, code, shown):
    assert show(value, code) == shown


@pytest.mark.parametrize(
    ("serial", "code", "shown"),
    [
        (MARCH_3, "dd.mm.yyyy", "03.03.2026"),
        (MARCH_3, "d mmm yy", "3 Mar 26"),
        (MARCH_3, "dddd, mmmm d", "Tuesday, March 3"),
        (MARCH_3, "mmmmm", "M"),
        (MARCH_3, '"Q"yyyy', "Q2026"),
        (MARCH_3, 'yyyy"年"m"月"d"日"', "2026年3月3日"),
        (MARCH_3, "[$-409]d-mmm-yyyy;@", "3-Mar-2026"),
        (MARCH_3, "d bbbb", "3 2569"),
        (MARCH_3 + QUARTER_PAST_NINE, "yyyy-mm-dd hh:mm", "2026-03-03 09:15"),
        (MARCH_3 + QUARTER_PAST_NINE, "m/d/yy h:mm AM/PM", "3/3/26 9:15 AM"),
        (MARCH_3 + 0.5, "h A/P", "12 P"),
        (QUARTER_PAST_NINE, "hh:mm:ss", "09:15:00"),
        (51.5 / 24, "[h]:mm", "51:30"),
        (51.5 / 24, "[hh]:mm:ss", "51:30:00"),
        (95 / 1440, "[mm]:ss", "95:00"),
        (75 / 86400, "[s]", "75"),
        (-1.5 / 24, "[h]:mm", "-1:30"),
        (12.25 / 86400, "ss.00", "12.25"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (61, "yyyy-mm-dd", "1900-03-01"),
        (-5, "yyyy-mm-dd", "-5"),
        (9e9, "yyyy-mm-dd", "9000000000"),
    ],
)
def test_a_serial_number_is_shown_as_a_date_or_a_span(serial, code, shown):
    assert show(serial, code) == shown


def test_a_workbook_of_1904_counts_from_another_day():
    assert show(MARCH_3 - 1462, "yyyy-mm-dd", epoch_1904=True) == "2026-03-03"


@pytest.mark.parametrize(
    ("value", "serial"),
    [
        (dt.date(2026, 3, 3), MARCH_3),
        (dt.datetime(2026, 3, 3, 12), MARCH_3 + 0.5),
        (dt.time(6), 0.25),
        (dt.timedelta(hours=36), 1.5),
        (dt.datetime(1900, 1, 1), 1),
        (dt.datetime(1900, 3, 1), 61),
    ],
)
def test_dates_have_serial_numbers(value, serial):
    assert serial_of(value, epoch_1904=False) == serial


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("[Red]0", False), ('0" days"', False), ("d", True), ("[h]", True), ("General", False)],
)
def test_a_format_of_dates_is_told_from_others(code, is_date):
    assert is_date_code(code) is is_date


@pytest.mark.parametrize(
    ("code", "hides"), [(";;;", True), ("0;;", False), ("0", False), ("", False)]
)
def test_a_format_that_shows_nothing_hides_everything(code, hides):
    assert hides_everything(code) is hides
