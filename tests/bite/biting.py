"""Break one law after the other, two at a time, and see whether the named tests notice.

Unbroken, every named test must pass first: what fails anyway proves nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass

from tests.bite import verdicts
from tests.bite.patches import Patch
from tests.bite.scratch import Failed, Scratch
from tests.bite.verdicts import Ended, Verdict

_ANEW = "the code has moved on: break the same law in it by hand, and write `git diff` below the header"


@dataclass(frozen=True, slots=True)
class Bite:
    """What became of one patch. `why` is how the test failed, or why it is not bitten."""

    patch: Patch
    bitten: bool
    why: str

    def plain(self) -> dict[str, object]:
        """For JSON."""
        facts = asdict(self.patch)
        told = {key: facts[key] for key in ("name", "law", "tests", "why", "changes")}
        return {**told, "bitten": self.bitten, "said": self.why}


async def unbroken(copy: Scratch, patches: list[Patch]) -> dict[str, str]:
    """The named tests that do not pass as the code is, each with its reason; none is as it should be."""
    tests = list(dict.fromkeys(test for patch in patches for test in patch.tests))
    ends, text = await verdicts.run(copy, tests, workers=2)
    if ends and all(end.verdict is Verdict.ABSENT for end in ends):
        raise Failed("\n".join([line for line in text.splitlines() if line.strip()][-8:]))
    return {
        end.test: f"{end.test.rpartition('::')[2]} does not pass as the code is ({end.verdict}) {end.why}".rstrip()
        for end in ends
        if end.verdict is not Verdict.PASSED
    }


def unproven(patches: list[Patch], wrong: dict[str, str]) -> list[Bite]:
    """Those whose tests do not pass unbroken: whatever they did then, it would prove nothing."""
    return [
        Bite(patch, False, "; ".join(wrong[test] for test in patch.tests if test in wrong))
        for patch in patches
        if not wrong.keys().isdisjoint(patch.tests)
    ]


async def all_of(
    copies: list[Scratch], patches: list[Patch], tell: Callable[[Bite], None], *, keep_going: bool
) -> list[Bite]:
    """Every patch in some copy; after one that is not bitten no other begins, unless `keep_going`."""
    bites = unproven(patches, await unbroken(copies[0], patches))
    for bite in bites:
        tell(bite)
    waiting = [patch for patch in patches if all(bite.patch != patch for bite in bites)]

    async def work(copy: Scratch) -> None:
        while waiting and (keep_going or all(bite.bitten for bite in bites)):
            bite = await one(copy, waiting.pop(0))
            bites.append(bite)
            tell(bite)

    await asyncio.gather(*(work(copy) for copy in copies))
    return sorted(bites, key=lambda bite: bite.patch.name)


async def one(copy: Scratch, patch: Patch) -> Bite:
    """Break it, run its tests, mend it."""
    try:
        await copy.apply(patch)
    except Failed as error:
        return Bite(patch, False, f"does not apply ({error}): {_ANEW}")
    try:
        await copy.compiles(patch)
        ends, _ = await verdicts.run(copy, list(patch.tests))
    except Failed as error:
        return Bite(patch, False, f"is no Python any more ({error})")
    finally:
        await copy.mend(patch)
    return _judged(patch, ends)


def _judged(patch: Patch, ends: list[Ended]) -> Bite:
    toothless = [end for end in ends if end.verdict is not Verdict.FAILED]
    if not toothless:
        return Bite(patch, True, ends[0].why)
    named = "; ".join(f"{end.test.rpartition('::')[2]} {end.verdict} {end.why}".rstrip() for end in toothless)
    return Bite(patch, False, named)
