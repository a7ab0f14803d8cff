"""What a supplier, or whoever can write into its folder, may lay there to do harm."""

import errno
import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from connectors.contract import Deadline, Refused, Unavailable
from connectors.contract.supplier import PlaceOrder
from connectors.suppliers.feed.folder import Folder, plain_file, reachable
from sync.domain.people import Address
from tests.unit.feed.conftest import Shelf
from tests.unit.feed.test_feed_lists import GOOD, packed, workbook

DECLARED = b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"
PAGE = b'<?xml version="1.0"?>\n'


@pytest.mark.parametrize(
    "parts",
    [
        {"a.xml": PAGE + DECLARED},
        {"a.xml": PAGE + b"<!-- " + b"x" * 10_000 + b" -->" + DECLARED},
        {"a.xml": PAGE + b" " * 70_000 + DECLARED},
        {"a.xml": b"\xef\xbb\xbf" + DECLARED},
        {"a.xml": DECLARED.decode().encode("utf-16")},
        {"a.xml": DECLARED.decode().encode("utf-16-be")},
        {"xl/printer.bin": DECLARED},
    ],
    ids=["first", "behind a comment", "far down", "mark", "utf-16", "utf-16-be", "another name"],
)
async def test_a_workbook_with_entities_is_not_opened_wherever_they_stand(
    shelf: Shelf, parts: dict[str, bytes]
) -> None:
    shelf.put("stock.xlsx", packed(parts))
    assert await shelf.refusal(shelf.connector()) == (
        "stock.xlsx: the workbook declares XML entities: not opened"
    )


def _changed(book: bytes, part: str, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = re.sub(old.encode(), new.encode(), parts[part])
    return packed(parts)


async def test_a_sheet_is_read_to_its_end_whatever_size_it_claims(shelf: Shelf) -> None:
    book = workbook([["code", "cost", "stock"], ["A", 1, 2], ["B", 3, 4]])
    shelf.put("stock.xlsx", _changed(book, "xl/worksheets/sheet1.xml", 'ref="A1:C3"', 'ref="A1:A1"'))
    offers, broken, _ = await shelf.read(shelf.connector())
    assert ([offer.code for offer in offers], broken) == (["A", "B"], [])


async def test_a_sheet_that_claims_endless_lines_is_refused(shelf: Shelf) -> None:
    book = workbook([["code", "cost", "stock"], ["A", 1, 2]])
    trap = _changed(book, "xl/worksheets/sheet1.xml", '<row r="2"', '<row r="99999999999"')
    trap = _changed(trap, "xl/worksheets/sheet1.xml", 'r="([ABC])2"', r'r="\g<1>99999999999"')
    shelf.put("stock.xlsx", trap)
    assert await shelf.refusal(shelf.connector()) == (
        "stock.xlsx: the sheet claims more than 1,048,576 lines: it is damaged, or a trap"
    )


async def test_a_workbook_whose_parts_are_larger_than_they_say_is_refused(shelf: Shelf) -> None:
    book = bytearray(workbook([["code", "cost", "stock"], *[[f"A{n}", 1, 2] for n in range(200)]]))
    with zipfile.ZipFile(io.BytesIO(bytes(book))) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    at = book.rindex(b"PK\x01\x02", 0, book.rindex(part.filename.encode()))
    book[at + 24 : at + 28] = (100).to_bytes(4, "little")
    shelf.put("stock.xlsx", bytes(book))
    assert (await shelf.refusal(shelf.connector())) == "stock.xlsx: is no XLSX, or only a part of one"


@pytest.mark.parametrize("name", ["stock.csv", "stock.jsonl"])
async def test_a_file_of_one_endless_line_is_refused(shelf: Shelf, name: str) -> None:
    shelf.put(name, "code,cost,stock" + "x" * 1_000_001)
    assert await shelf.refusal(shelf.connector()) == (
        f"{name}: line 1 is longer than 1,000,000 characters: is it the right file?"
    )


async def test_a_cell_larger_than_any_cell_is_refused_with_its_file(shelf: Shelf) -> None:
    shelf.put("stock.csv", 'code,cost,stock\n"' + "x" * 200_000 + '",1,1\n')
    assert (await shelf.refusal(shelf.connector())).startswith(
        "stock.csv: cannot be read as a table (field larger"
    )


async def test_a_row_of_thousands_of_cells_is_refused_alone(shelf: Shelf) -> None:
    shelf.put("stock.csv", GOOD + "B,1,1" + "," * 3000 + "\n")
    offers, broken, _ = await shelf.read(shelf.connector())
    assert [offer.code for offer in offers] == ["A"]
    assert broken == ["stock.csv line 3: has 3,003 cells: more than 2,000"]


async def test_a_line_of_json_nested_too_deeply_is_refused_alone(shelf: Shelf) -> None:
    shelf.put("stock.jsonl", '{"code":"A","cost":1,"stock":1}\n' + '{"x":' * 50_000 + "\n")
    offers, broken, _ = await shelf.read(shelf.connector())
    assert [offer.code for offer in offers] == ["A"]
    assert broken == ["stock.jsonl line 2: is nested too deeply"]


@pytest.mark.parametrize("name", ["../out.csv", "/etc/passwd", "a/../../b", "a\x00.csv", ""])
def test_no_name_leads_out_of_the_folder(shelf: Shelf, name: str) -> None:
    with pytest.raises(Refused, match="leads out of the folder"):
        Folder("acme", shelf.root, 0, None).path(name)


def test_a_link_put_in_the_place_of_a_file_after_it_was_seen_is_not_read(shelf: Shelf) -> None:
    path = shelf.put("stock.csv", GOOD)
    (shelf.root.parent / "secret").write_text("hush")
    path.unlink()
    path.symlink_to(shelf.root.parent / "secret")
    with (
        pytest.raises(Unavailable, match=r"^acme: .* a symbolic link stands in it, which is not followed"),
        reachable("acme"),
        plain_file(path),
    ):
        pass


def test_a_pipe_in_the_place_of_a_file_makes_nobody_wait(shelf: Shelf) -> None:
    os.mkfifo(shelf.root / "stock.csv")
    with pytest.raises(OSError, match="no plain file"):
        plain_file(shelf.root / "stock.csv")


async def test_a_link_in_the_place_of_a_draft_is_replaced_and_not_written_through(shelf: Shelf) -> None:
    precious = shelf.root.parent / "precious"
    precious.write_text("mine")
    (shelf.root / "orders").mkdir()
    (shelf.root / "orders" / ".R.csv.tmp").symlink_to(precious)
    await shelf.connector(orders={}).place_order(PlaceOrder("R", (("A", 1),), Address()), Deadline.after(5))
    assert (precious.read_text(), (shelf.root / "orders" / "R.csv").is_symlink()) == ("mine", False)


def _linked(shelf: Shelf, name: str) -> Path:
    elsewhere = shelf.root.parent / "elsewhere"
    elsewhere.mkdir()
    place = shelf.root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(elsewhere)
    return elsewhere


@pytest.mark.parametrize("name", [".entrepot", ".entrepot/orders", ".entrepot/lists"])
async def test_a_link_in_the_place_of_our_own_folder_is_not_written_through(shelf: Shelf, name: str) -> None:
    elsewhere = _linked(shelf, name)
    with pytest.raises(Unavailable, match="a symbolic link stands in it, which is not followed"):
        await shelf.connector().identity(Deadline.after(5))
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENOSPC, "No space left on device; free some space on its disk; nothing is lost"),
        (errno.EROFS, "Read-only file system; check that it is there and its mode"),
    ],
)
def test_a_fault_of_the_folder_says_what_to_do(number: int, mend: str) -> None:
    with pytest.raises(Unavailable) as told, reachable("acme"):
        raise OSError(number, os.strerror(number))
    assert str(told.value) == f"acme: the folder cannot be used: {mend}"
