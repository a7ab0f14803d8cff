"""Sealing: bound to its place, opened by any key of the ring, and quiet about the keys."""

from pathlib import Path

import pytest

from sync.store.sealing import BadKey, KeyRing, NoKey, Sealer, Unsealable, new_key


def _sealer() -> Sealer:
    return Sealer(KeyRing.parse(new_key()))


def test_what_was_sealed_opens_in_its_place() -> None:
    sealer = _sealer()
    blob = sealer.seal("customer_order", "1", "person", "李雷".encode())
    assert sealer.open("customer_order", "1", "person", blob).decode() == "李雷"
    assert "李雷".encode() not in blob


@pytest.mark.parametrize(
    "place", [("customer_order", "2", "person"), ("customer_order", "1", "raw"), ("inbox", "1", "person")]
)
def test_a_blob_moved_to_another_place_is_refused(place: tuple[str, str, str]) -> None:
    sealer = _sealer()
    blob = sealer.seal("customer_order", "1", "person", b"x")
    with pytest.raises(Unsealable, match="was changed, or belongs to another row"):
        sealer.open(*place, blob)


def test_a_changed_or_cut_blob_is_refused() -> None:
    sealer = _sealer()
    blob = sealer.seal("t", "1", "f", b"x")
    for spoilt in (blob[:-1] + bytes([blob[-1] ^ 1]), blob[:10], blob[:2]):
        with pytest.raises(Unsealable):
            sealer.open("t", "1", "f", spoilt)


def test_after_rotation_the_old_blobs_open_and_the_new_key_seals() -> None:
    before = _sealer()
    old = before.seal("t", "1", "f", b"old")
    after = Sealer(before.ring.with_new_key())
    fresh = after.seal("t", "2", "f", b"new")
    assert (before.key_id, after.key_id) == (1, 2)
    assert after.open("t", "1", "f", old) == b"old"
    assert after.open("t", "2", "f", fresh) == b"new"
    with pytest.raises(Unsealable, match="sealed with key 2, which is not in the key file"):
        before.open("t", "2", "f", fresh)


def test_the_blind_index_is_one_for_all_spellings_and_survives_rotation() -> None:
    sealer = _sealer()
    rotated = Sealer(sealer.ring.with_new_key())
    index = sealer.blind("email", "Ann@Example.com")
    assert index == sealer.blind("email", " ann@example.COM ") == rotated.blind("email", "ａnn@example.com")
    assert index != sealer.blind("phone", "Ann@Example.com")
    assert len(index) == 16


def test_a_key_file_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    ring = KeyRing.parse(new_key()).with_new_key()
    path = tmp_path / "keys"
    path.write_text("# keep a copy\r\n" + ring.text())
    assert KeyRing.load(path) == ring
    assert KeyRing.load(ring.text().replace("\n", " ")) == ring


@pytest.mark.parametrize("source", [None, "", "# nothing\n", b"", Path("/nowhere/keys")])
def test_without_a_key_the_command_that_makes_one_is_named(source: bytes | str | Path | None) -> None:
    with pytest.raises(NoKey, match="entrepot keys new"):
        KeyRing.load(source)


SECRET = "sEcReT" * 8


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"blind:{SECRET}", "URL-safe base64|has 36 bytes; a key has 32"),
        ("blind:***", "word 1 of the key is not URL-safe base64"),
        (f"zero:{SECRET}", "word 1 of the key is neither"),
        (f"0:{SECRET}", "word 1 of the key is neither"),
        (f"²:{SECRET}", "word 1 of the key is neither"),
        (new_key() + new_key(), "word 3 of the key is neither"),
        (new_key().split()[0], "needs one word `blind:…` and at least one word `1:…`"),
        (new_key().split()[1], "needs one word `blind:…` and at least one word `1:…`"),
        (b"\xff\xfe", "bytes that are not ASCII"),
    ],
    ids=range(9),
)
def test_a_bad_key_is_told_without_the_key(text: str | bytes, says: str) -> None:
    with pytest.raises(BadKey, match=says) as told:
        KeyRing.load(text)
    assert SECRET not in str(told.value)


def test_neither_a_ring_nor_its_check_values_show_a_key() -> None:
    ring = KeyRing.parse(new_key())
    shown = repr(ring) + str(ring.check_values())
    for word in ring.text().split():
        assert word.partition(":")[2] not in shown
