"""A mass change is held, looked at, approved, and goes through: with the installed program and its daemon."""

import json

import pytest

from tests.acceptance.conftest import World, until

pytestmark = pytest.mark.timeout(600)
SKU = "TEE-02"
NOTHING_LEFT = "stock:\n  by_account: {main: {percent: 100%}}\n"
ZERO, MANY = "going_to_zero", "quantities_changing"


def waits(world: World) -> dict[str, dict[str, object]]:
    """What `approve` lists for the shop, by guard."""
    return {one["guard"]: one for one in world.glance("approve") if one["account"] == "main"}


def refused(world: World, *args: str) -> str:
    """What a command says that is refused as bad input."""
    done = world.run(*args)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_a_mass_change_waits_is_looked_at_approved_and_goes_through(world: World) -> None:
    daemon = world.start()
    before = until("stock is pushed", lambda: world.saleable("main", SKU))
    assert world.run("approve").stdout.strip() == "nothing waits for a person"
    assert refused(world, "approve", ZERO) == "nothing waits for a person"

    (world.folder / "mappings" / "stock.yaml").write_text(NOTHING_LEFT)
    until("the guards ask", lambda: set(waits(world)) == {ZERO, MANY})
    assert world.saleable("main", SKU) == before, "nothing went out"
    assert 'entrepot_guard_waiting{account="main",guard="going_to_zero"}' in world.metrics()

    zero = waits(world)[ZERO]
    assert zero["waiting"] == zero["unsent"]
    assert len(zero["largest"]) == 3  # type: ignore[arg-type]
    table = world.run("approve").stdout
    for said in ("what waits", ZERO, MANY, f"{zero['limit']} of {zero['of']}", "the largest"):
        assert said in table
    assert {"guard.going_to_zero", "guard.quantities_changing"} <= {x["kind"] for x in world.told("issues")}

    slip = refused(world, "approve", "going_to_zerro")
    assert slip.endswith("did you mean going_to_zero?")
    assert refused(world, "approve", ZERO, "--account", "yen").startswith(f"nothing waits for {ZERO} at yen")
    assert refused(world, "approve", "--account", "main", "--all", "--most", "3").startswith(
        "--most is for one"
    )
    assert refused(world, "approve", "--most", "3").startswith("say what to approve")
    assert refused(world, "approve", ZERO, "--for", "2 days").startswith("--for: an approval lasts a day")

    done = world.run("approve", ZERO, "--account", "main", "--for", "1 hour")
    assert done.stdout.startswith(f"{ZERO} at main: {zero['waiting']} may pass until ")
    until("the other guard alone asks", lambda: set(waits(world)) == {MANY})
    assert world.saleable("main", SKU) == before, "each guard wants its own word"
    told = world.told("approve", "--account", "main", "--all")
    assert [one["guard"] for one in told["approved"]] == [MANY]
    until("it went through", lambda: world.saleable("main", SKU) <= 0)
    until("nothing waits any more", lambda: not waits(world))
    assert world.stop(daemon) == 0


def test_without_a_daemon_the_word_is_kept_for_the_next_start(world: World) -> None:
    assert world.run("once").returncode == 0
    before = world.saleable("main", SKU)
    (world.folder / "mappings" / "stock.yaml").write_text(NOTHING_LEFT)
    assert world.run("once").returncode == 0
    assert set(waits(world)) == {ZERO, MANY}
    assert world.saleable("main", SKU) == before
    told = json.loads(world.run("approve", "--account", "main", "--all", "--json").stdout)
    assert {one["guard"] for one in told["approved"]} == {ZERO, MANY}
    assert world.run("once").returncode == 0
    assert world.saleable("main", SKU) <= 0
    assert waits(world) == {}
