"""What stands in the field Reference of a customer return: our announcement, a tracking number, or both.

Tryton's customer return has no field for a tracking number, so the one that people search by carries it:

    main/10042/R1                    announced; the number is not known
    main/10042/R1 | 00340434161094   announced, and under this number
    00340434161094                   nobody announced it: what people scanned from the parcel
    (empty)                          nobody announced it, and nobody noted a number

Ours are told by their slash: every reference of the daemon's has one, no carrier's number has. Pure.
"""

BEFORE_NUMBER = " | "


def unfit(reference: str) -> str | None:
    """Why a return cannot be announced under this reference; None where it can."""
    if "/" not in reference or BEFORE_NUMBER in f"{reference} ":
        rule = f'must hold a slash and no "{BEFORE_NUMBER}"'
        return (
            f"return {reference}: its reference {rule}, since Tryton keeps tracking numbers in the same field"
        )
    return None


def written(reference: str, tracking: str | None) -> str:
    """As Tryton keeps it."""
    number = " ".join((tracking or "").split())
    return f"{reference.strip()}{BEFORE_NUMBER}{number}" if number else reference.strip()


def read(text: str | None) -> tuple[str | None, str | None]:
    """(our reference, tracking number), each None where it is not there."""
    plain = (text or "").strip()
    reference, _, number = plain.partition(BEFORE_NUMBER)
    if "/" in reference:
        return reference, number.strip() or None
    return None, plain or None


def pattern(reference: str) -> str:
    """What `like` finds it by, with a number behind it. Other references may fit too: compare with `read`."""
    escaped = reference.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}{BEFORE_NUMBER}%"
