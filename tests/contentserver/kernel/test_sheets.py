"""Files of tables: typed cells, and none that a spreadsheet program would carry out."""

import csv
import io

import pytest
from openpyxl import load_workbook

from contentserver.kernel.sheets import Cell, Column, Kind, Table, as_csv, as_xlsx

COLUMNS = [Column("名称"), Column("人数", Kind.COUNT), Column("到课率", Kind.SHARE), Column("学时", Kind.HOURS)]


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_begins_a_formula(hostile: str) -> None:
    row = list(
        csv.reader(io.StringIO(as_csv([hostile], Table("x", COLUMNS, [[hostile, 1, None, 2.0]])).decode("utf-8-sig")))
    )
    assert row[0][0] == row[2][0] == f"'{hostile}"
    sheet = load_workbook(io.BytesIO(as_xlsx([hostile], Table("x", COLUMNS, [[hostile, 1, None, 2.0]])))).worksheets[0]
    assert sheet["A4"].data_type == "s"
    assert sheet["A1"].data_type == "s"


def test_cells_keep_their_kind() -> None:
    rows: list[list[Cell]] = [["甲", 1234567, 0.756, 12.34], ["合计", 1234567, None, 12.34]]
    sheet = load_workbook(io.BytesIO(as_xlsx(["一"], Table("到课", COLUMNS, rows, True)))).worksheets[0]
    assert [cell.value for cell in sheet[4]] == ["甲", 1234567, 0.756, 12.34]
    assert [cell.number_format for cell in sheet[4]][1:] == ["#,##0", "0.0%", "#,##0.0"]
    assert sheet["C5"].value is None
    assert sheet["A5"].font.bold
    lines = list(csv.reader(io.StringIO(as_csv(["一"], Table("到课", COLUMNS, rows, True)).decode("utf-8-sig"))))
    assert lines[2:] == [["甲", "1234567", "75.6%", "12.3"], ["合计", "1234567", "", "12.3"]]


def test_a_table_without_rows_is_a_head() -> None:
    assert load_workbook(io.BytesIO(as_xlsx([], Table("到课", COLUMNS, [])))).worksheets[0].max_row == 2


def test_tables_stand_one_below_the_other_and_on_a_sheet_each() -> None:
    one, other = Table("甲", COLUMNS, [["一", 1, 0.5, 2.0]]), Table("乙", COLUMNS[:2], [["二", 2]])
    lines = list(csv.reader(io.StringIO(as_csv(["上"], one, other).decode("utf-8-sig"))))
    assert lines == [
        ["上"],
        ["名称", "人数", "到课率", "学时"],
        ["一", "1", "50.0%", "2.0"],
        [],
        ["名称", "人数"],
        ["二", "2"],
    ]
    assert load_workbook(io.BytesIO(as_xlsx(["上"], one, other))).sheetnames == ["甲", "乙"]
