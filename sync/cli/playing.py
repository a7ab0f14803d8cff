"""demo: the whole thing at work, on this machine, judged by the pretend world's own books."""

import shutil
import signal
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.cli.office import FINDINGS, JsonOption, answered, err, out, print_json, run
from sync.engine.refusals import StartRefused


class World(StrEnum):
    """Which pretend world."""

    DEMO = "demo"
    MIXED = "mixed"


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command()(demo)


@answered
def demo(
    seconds: Annotated[float, typer.Option(min=1, help="How long shoppers shop.")] = 30.0,
    faults: Annotated[
        bool, typer.Option("--faults", help="Lost answers, throttling, outages and the like.")
    ] = False,
    world: Annotated[
        World, typer.Option(help="demo: shops of one kind; mixed: two kinds, two warehouses, a supplier.")
    ] = World.DEMO,
    seed: Annotated[int, typer.Option(help="What chance starts from.")] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the daemon's folder here, to look around in.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """A pretend business on this machine, with the real daemon in it, live; then the verdict.

    Exit 1 unless nothing was oversold, lost or doubled, and 90 % of what could ship was shipped.

    Example: entrepot demo --seconds 20 --json --faults
    """
    folder = _folder(keep)
    for number in (signal.SIGTERM, signal.SIGHUP):  # whatever ends the demo ends its processes too
        signal.signal(number, signal.default_int_handler)
    try:
        told = run(_play(seconds, world, seed, faults, folder, as_json))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print_json(told)
    else:
        from sync.cli.demo.view import summary

        out.print(summary(told, str(keep) if keep else None))
    if not told["passed"]:
        err.print("the promise is broken: " + "; ".join(told["broken"]), markup=False)
        raise typer.Exit(FINDINGS)


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="entrepot-demo-"))
    if keep.exists() and any(keep.iterdir()):
        raise StartRefused(f"{keep} is not empty: choose another folder for --keep")
    keep.mkdir(parents=True, exist_ok=True)
    return keep.resolve()


async def _play(
    seconds: float, world: World, seed: int, faults: bool, folder: Path, as_json: bool
) -> dict[str, Any]:
    from sync.cli.demo.play import Play, Wishes
    from sync.cli.demo.view import LineView, LiveView

    lively = err.is_terminal and not as_json
    wishes = Wishes(seconds, seed, faults, folder, world.value)
    with LiveView(err) if lively else LineView(err) as view:
        async with Play(wishes, view.show, lively=lively) as play:
            return await play.run()
