import time

import pytest

from detectors.budget import Budget
from detectors.extract import sqldump
from tests.detectors.extract.reads import said, surfaces, tables
from tests.samples import individual_numbers

A, B = individual_numbers(2, seed=9)
ROWS = [["山田 太郎", A], ["佐藤's", B]]
MYSQL = f"""CREATE TABLE `emp` (
  `name` varchar(64) DEFAULT 'a,b' COMMENT '氏名 (漢字)',
  `no` char(12) COMMENT '個人番号',
  PRIMARY KEY (`no`)
) COMMENT='社員';
INSERT INTO `emp` VALUES ('山田 太郎','{A}'),('佐藤''s','{B}');
"""
MICROSOFT = f"""INSERT [dbo].[emp] ([氏名], [個人番号]) VALUES (N'山田 太郎', N'{A}')
GO
INSERT [dbo].[emp] ([氏名], [個人番号]) VALUES (N'佐藤''s', N'{B}')
"""
POSTGRES = f"""insert into "hr"."emp" (name, kojin_bango) values
('山田 太郎', '{A}'),
(E'佐藤\\'s', '{B}');
"""


@pytest.mark.parametrize(
    ("dump", "heading"),
    [
        (MYSQL, ["name 氏名 (漢字)", "no 個人番号"]),
        (MICROSOFT, ["氏名", "個人番号"]),
        (POSTGRES, ["name", "kojin_bango"]),
    ],
)
def test_rows_stand_under_the_names_of_their_columns(dump, heading):
    found = surfaces(dump.encode(), "jinji.sql")
    (table,) = tables(found)
    assert table.spot.path == ("jinji.sql", "emp")
    assert table.rows == [heading, *ROWS]
    assert A not in said(found)
    assert said(found).count("\n") == dump.count("\n")


def test_a_number_that_lost_its_zeros_is_marked_as_one():
    (table,) = tables(surfaces(b"INSERT INTO a (id, no) VALUES (1, 12345678901);\n"))
    assert table.numeric == {(2, 2)}


@pytest.mark.parametrize("end", ["", f"'{B}", f"'{B}', now(("])
def test_what_is_no_row_stays_text(end):
    dump = f"INSERT INTO a VALUES ('{A}'),\n({end}"
    found = surfaces(dump.encode())
    assert tables(found)[0].rows[1:] == [[A]]
    assert said(found).rstrip().endswith(f"({end}".rstrip())


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO a VALUES (" + " " * 300_000,
        "INSERT INTO a VALUES ('" + "a''" * 100_000,
        "INSERT INTO a (" * 30_000 + " VALUES",
        "INSERT INTO a VALUES (" * 30_000,
        "CREATE TABLE a (" + "(" * 300_000 + "INSERT VALUES",
        "CREATE TABLE a (x 'y' " * 30_000 + "INSERT VALUES",
        "INSERT " + " " * 300_000 + "VALUES",
    ],
)
def test_no_text_takes_long(text):
    started = time.process_time()
    sqldump.rows_apart(text, Budget())
    assert time.process_time() - started < 2
