"""`guards:` as admins write it: every guard is on unless it is switched off, and units are written."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from mappings import load_mappings
from sync.domain.guards import Guards


def guards(folder: Path, text: str) -> Guards:
    (folder / "guards.yaml").write_text(text, encoding="utf-8")
    return load_mappings(folder, {}).guards


def test_without_a_word_of_the_admin_every_guard_has_its_default(tmp_path: Path) -> None:
    assert load_mappings(tmp_path / "none", {}).guards == Guards()
    assert guards(tmp_path, "guards: {from: 20 offers}\n") == Guards()


def test_all_limits_are_read_with_their_units(tmp_path: Path) -> None:
    text = """
guards:
  price_move: 25% per day
  prices_changing: 10%
  quantities_changing: 60%
  going_to_zero: 2.5%
  going_down: 5%
  figures_to_zero: 40%
  from: 50 offers
  approval_lasts: 30 minutes
"""
    assert guards(tmp_path, text) == Guards(
        Decimal("0.25"),
        Decimal("0.1"),
        Decimal("0.6"),
        Decimal("0.025"),
        Decimal("0.05"),
        Decimal("0.4"),
        50,
        timedelta(minutes=30),
    )


def test_each_guard_can_be_switched_off_by_itself(tmp_path: Path) -> None:
    names = ("price_move", "prices_changing", "quantities_changing", "going_to_zero", "going_down")
    for name in (*names, "figures_to_zero"):
        found = guards(tmp_path, f"guards: {{{name}: off}}\n")
        off = [field for field in (*names, "figures_to_zero") if getattr(found, field) is None]
        assert off == [name]


def test_a_move_a_day_may_be_written_in_two_ways(tmp_path: Path) -> None:
    assert guards(tmp_path, "guards: {price_move: 5%/day}\n").price_move == Decimal("0.05")
    assert guards(tmp_path, "guards: {price_move: 5% a day}\n").price_move == Decimal("0.05")


def test_the_guards_are_a_part_of_the_version(tmp_path: Path) -> None:
    """A changed limit rules at once: what waits is judged anew under it."""
    before = load_mappings(tmp_path, {}).version
    guards(tmp_path, "guards: {going_to_zero: 21%}\n")
    assert load_mappings(tmp_path, {}).version != before
