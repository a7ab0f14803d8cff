"""One daemon that works, and what may happen beside it: each test leaves it at work."""

import re
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import World, a_world, until

pytestmark = pytest.mark.timeout(600)
SKU = "TEE-02"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("beside") / "house") as made:
        daemon = made.start()
        yield made
        assert made.stop(daemon) == 0


def test_explain_adds_up_to_what_the_shop_answers(world: World) -> None:
    until(
        "stock is pushed",
        lambda: all(o["acked"] == o["desired"] for o in world.glance("explain", SKU)["listings"]),
    )
    world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 3}])
    until(
        "the other shops have come down",
        lambda: (
            sum(o["acked"] or 0 for o in world.glance("explain", SKU)["listings"]) < 250
            and all(o["acked"] == o["desired"] for o in world.glance("explain", SKU)["listings"])
        ),
    )
    told = world.told("explain", SKU)
    for offer in told["listings"]:
        (term,) = offer["terms"]["skus"]
        promise = term["on_hand"] - term["reserved"] - term["safety"] - term["velocity"] + term["inbound"]
        assert term["promise"] == max(0, promise)
        assert offer["desired"] == (term["share"] - term["buffer"]) // term["units"]
        assert world.saleable(offer["account"], SKU) == offer["acked"] == offer["desired"]
    assert (
        sum(offer["terms"]["skus"][0]["share"] for offer in told["listings"])
        == told["listings"][0]["terms"]["skus"][0]["promise"]
    )
    text = world.run("explain", SKU).stdout
    assert re.search(r"on hand − \d+ reserved", text)


def test_a_second_daemon_is_refused_and_names_the_first(world: World) -> None:
    (daemon,) = world.daemons
    second = world.run("run")
    assert second.returncode == 2
    assert second.stderr.strip() == (
        f"a daemon already works on this database, pid {daemon.pid}: stop it first, or give this one a folder of its own"
    )
    assert daemon.poll() is None


def test_a_bad_change_keeps_the_last_good_rules_and_says_so(world: World) -> None:
    rules = world.folder / "mappings" / "stock.yaml"
    rules.write_text("stock:\n  buffer: {units: two}\n")
    issue = until("the change is refused", lambda: world.glance("issues", "--kind", "config.rejected"))[0]
    assert "mappings/stock.yaml:2:" in issue["why"]
    assert "entrepot_config_last_reload_successful 0.0" in world.metrics()
    rules.write_text("stock:\n  buffer: {units: 2}\n")
    until("the mend is taken over", lambda: not world.glance("issues", "--kind", "config.rejected"))
    until(
        "the buffer rules",
        lambda: world.glance("explain", SKU)["listings"][0]["terms"]["skus"][0]["buffer"] == 2,
    )
