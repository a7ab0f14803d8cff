"""Tracking at the pretend courier aggregator: what the carrier knows, what the aggregator knows, and when."""

import pytest
from karrio_door import Door, messages


@pytest.fixture
def door() -> Door:
    return Door()


def codes(tracker: dict[str, object]) -> list[tuple[str, str]]:
    events = tracker["events"]
    assert isinstance(events, list)
    return [(event["status"], event["code"]) for event in events]


async def _live(door: Door, tracking: str) -> dict[str, object]:
    body = {"carrier_name": "loopback", "tracking_number": tracking}
    found: dict[str, object] = (await door.ok("POST", "/v1/proxy/tracking", body))["tracking"]
    return found


async def test_a_bought_label_has_a_pending_tracker_with_the_aggregator_s_own_event(door: Door) -> None:
    tracker = await door.tracker((await door.buy())["tracker_id"])
    assert (tracker["status"], tracker["delivered"]) == ("pending", False)
    (event,) = tracker["events"]
    assert (event["code"], event["time"], event["timestamp"]) == (
        "CREATED",
        "09:00 AM",
        "2026-03-02T09:00:00.000Z",
    )
    assert tracker["estimated_delivery"] == "2026-03-05"


async def test_a_scan_reaches_the_carrier_s_answer_but_not_the_tracker(door: Door) -> None:
    bought = await door.buy()
    door.courier.scan(bought["tracking_number"], "in_transit", "at the hub")
    assert (await _live(door, bought["tracking_number"]))["status"] == "in_transit"
    assert (await door.tracker(bought["tracker_id"]))["status"] == "pending"


async def test_asking_again_is_throttled_to_a_minute_after_the_last_change(door: Door) -> None:
    bought = await door.buy()
    door.courier.scan(bought["tracking_number"], "picked_up", "collected")
    door.clock.advance(59)
    assert (await door.ask_again(bought["tracking_number"]))["status"] == "pending"
    door.clock.advance(1)
    assert (await door.ask_again(bought["tracking_number"]))["status"] == "picked_up"
    assert (await door.ok("GET", f"/v1/shipments/{bought['id']}"))["status"] == "shipped"


async def test_scans_in_one_moment_keep_their_order(door: Door) -> None:
    bought = await door.buy()
    for status in ("picked_up", "in_transit", "out_for_delivery", "delivered"):
        door.courier.scan(bought["tracking_number"], status)
    found = await _live(door, bought["tracking_number"])
    assert (found["status"], found["delivered"]) == ("delivered", True)
    assert [status for status, _ in codes(found)] == [
        *("delivered", "out_for_delivery", "in_transit", "picked_up", "pending")
    ]
    assert [entry.facts["status"] for entry in door.entries("scan")] == [
        *("picked_up", "in_transit", "out_for_delivery", "delivered")
    ]
    assert [entry.facts for entry in door.entries("delivered")] == [{"tracking": bought["tracking_number"]}]


async def test_the_carrier_s_reason_comes_along(door: Door) -> None:
    bought = await door.buy()
    door.courier.scan(bought["tracking_number"], "on_hold", "refused", reason="consignee_refused")
    events = (await _live(door, bought["tracking_number"]))["events"]
    assert isinstance(events, list)
    assert events[0]["reason"] == "consignee_refused"


async def test_an_unknown_number_is_404_with_the_carrier_s_words(door: Door) -> None:
    body = {"carrier_name": "loopback", "tracking_number": "zzz"}
    for path in ("/v1/trackers", "/v1/proxy/tracking"):
        status, answer = await door.call("POST", path, body)
        assert (status, answer["messages"][0]["code"]) == (404, "NOT_FOUND")
    assert (await door.call("GET", "/v1/trackers/zzz"))[0] == 404


async def test_an_unknown_number_is_followed_when_the_pickup_is_still_to_come(door: Door) -> None:
    body = {"carrier_name": "loopback", "tracking_number": "zzz"}
    tracker = await door.ok("POST", "/v1/trackers?pending_pickup=true", body)
    assert (tracker["status"], tracker["messages"][0]["code"]) == ("pending", "NOT_FOUND")


async def test_a_second_parcel_has_no_tracker_until_one_is_asked_for(door: Door) -> None:
    parcels = [{"weight": 1, "weight_unit": "KG"}] * 2
    bought = await door.buy(parcels=parcels)
    second = bought["parcels"][1]["reference_number"]
    assert (await door.call("GET", f"/v1/trackers/{second}"))[0] == 404
    assert (await door.ask_again(second))["status"] == "pending"
    assert (await door.tracker(second))["tracking_number"] == second


async def test_an_injection_without_a_status_moves_nothing(door: Door) -> None:
    bought = await door.buy()
    await door.inject(bought["tracker_id"], "out_for_delivery")
    tracker = await door.tracker(bought["tracker_id"])
    assert tracker["status"] == "pending"
    assert codes(tracker)[0] == ("out_for_delivery", "OUT_FOR_DELIVERY")


async def test_an_injected_delivery_needs_its_own_flag(door: Door) -> None:
    bought = await door.buy()
    await door.inject(bought["tracker_id"], "delivered", status="delivered")
    assert (await door.tracker(bought["tracker_id"]))["delivered"] is False
    await door.inject(bought["tracker_id"], delivered=True)
    assert (await door.tracker(bought["tracker_id"]))["delivered"] is True
    assert (await door.ok("GET", f"/v1/shipments/{bought['id']}"))["status"] == "delivered"


async def test_the_first_in_transit_is_rewritten_to_picked_up_when_there_is_none(door: Door) -> None:
    bought = await door.buy()
    await door.inject(bought["tracker_id"], "in_transit", "in_transit", status="in_transit")
    assert [status for status, _ in codes(await door.tracker(bought["tracker_id"]))] == [
        *("in_transit", "picked_up", "created")
    ]


async def test_the_rewritten_event_is_taken_for_a_new_one_when_it_is_read_again(door: Door) -> None:
    bought = await door.buy()
    door.courier.scan(bought["tracking_number"], "in_transit", "hub")
    for _ in range(2):
        door.clock.advance(61)
        tracker = await door.ask_again(bought["tracking_number"])
    assert sorted(status for status, _ in codes(tracker)) == ["created", "in_transit", "pending", "picked_up"]


async def test_asking_the_carrier_again_resets_what_was_injected_but_keeps_its_events(door: Door) -> None:
    bought = await door.buy()
    await door.inject(bought["tracker_id"], "out_for_delivery", status="out_for_delivery")
    door.clock.advance(61)
    tracker = await door.ask_again(bought["tracking_number"])
    assert tracker["status"] == "pending"
    assert ("out_for_delivery", "OUT_FOR_DELIVERY") in codes(tracker)
    assert (await door.ok("GET", f"/v1/shipments/{bought['id']}"))["status"] == "out_for_delivery"


async def test_a_delivered_tracker_is_never_fetched_again(door: Door) -> None:
    bought = await door.buy()
    await door.inject(bought["tracker_id"], "delivered", status="delivered", delivered=True)
    door.clock.advance(3600)
    assert (await door.ask_again(bought["tracking_number"]))["status"] == "delivered"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "events: This field is required."),
        ({"events": [{"status": "gone"}]}, 'events.0.status: "gone" is not a valid choice.'),
        ({"events": [], "status": "gone"}, 'status: "gone" is not a valid choice.'),
    ],
)
async def test_an_unsound_injection_is_refused(door: Door, body: dict[str, object], expected: str) -> None:
    bought = await door.buy()
    status, answer = await door.call("POST", f"/v1/trackers/{bought['tracker_id']}/inject-events", body)
    assert (status, messages(answer)) == (400, [expected])


async def test_trackers_are_listed_newest_first_and_know_no_reference(door: Door) -> None:
    first, second = await door.buy("A"), await door.buy("B")
    found = await door.ok("GET", "/v1/trackers", reference="A")
    assert [one["tracking_number"] for one in found["results"]] == [
        second["tracking_number"],
        first["tracking_number"],
    ]
    one = await door.ok("GET", "/v1/trackers", tracking_number=first["tracking_number"])
    assert one["count"] == 1
    assert (await door.ok("GET", "/v1/trackers", status="delivered"))["count"] == 0


async def test_a_tracker_is_read_without_a_token(door: Door) -> None:
    bought = await door.buy()
    answer = await door.http.get(f"/v1/trackers/{bought['tracker_id']}", headers={"Authorization": ""})
    assert answer.status_code == 200


async def test_a_tracker_can_be_changed_and_deleted(door: Door) -> None:
    bought = await door.buy()
    path = f"/v1/trackers/{bought['tracker_id']}"
    assert (await door.ok("PUT", path, {"metadata": {"a": 1}}))["metadata"] == {"a": 1}
    assert (await door.ok("DELETE", path))["id"] is None
    assert (await door.ok("GET", f"/v1/shipments/{bought['id']}"))["tracker_id"] is None


async def test_a_carrier_that_is_no_carrier_is_refused(door: Door) -> None:
    body = {"carrier_name": "dhl", "tracking_number": "1"}
    status, answer = await door.call("POST", "/v1/proxy/tracking", body)
    assert (status, messages(answer)) == (400, ['carrier_name: "dhl" is not a valid choice.'])


def test_a_scan_of_a_number_that_was_never_sold_is_an_error(door: Door) -> None:
    with pytest.raises(KeyError):
        door.courier.scan("zzz", "in_transit")


async def test_the_books_in_short(door: Door) -> None:
    bought = await door.buy()
    door.courier.scan(bought["tracking_number"], "in_transit", "hub")
    assert door.courier.parcels() == {bought["tracking_number"]: "in_transit"}
    state = door.courier.state()
    assert state["shipments"] == [
        {
            "id": bought["id"],
            "reference": "R-1",
            "status": "created",
            "tracking": [bought["tracking_number"]],
        }
    ]


async def test_carrier_accounts_are_opened_listed_and_switched_off(door: Door) -> None:
    body = {"carrier_name": "loopback", "carrier_id": "loop-2", "credentials": {"api_key": "k"}}
    status, made = await door.call("POST", "/v1/connections", body)
    assert (status, made["active"], "credentials" in made) == (201, True, False)
    assert (await door.ok("GET", "/v1/connections"))["count"] == 2
    for row in (await door.ok("GET", "/v1/connections"))["results"]:
        await door.ok("PATCH", f"/v1/connections/{row['id']}", {"active": False})
    order_ = {"carrier_name": "loopback", "tracking_number": "1"}
    assert (await door.call("POST", "/v1/trackers", order_))[0] == 404
    await door.ok("DELETE", f"/v1/connections/{made['id']}")
    assert (await door.ok("GET", "/v1/connections"))["count"] == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "carrier_name: This field is required."),
        (
            {"carrier_name": "nope", "carrier_id": "x", "credentials": {}},
            'carrier_name: "nope" is not a valid choice.',
        ),
        (
            {"carrier_name": "loopback", "carrier_id": "x", "credentials": {}},
            "api_key: This field is required.",
        ),
    ],
)
async def test_an_unsound_carrier_account_is_refused(
    door: Door, body: dict[str, object], expected: str
) -> None:
    status, answer = await door.call("POST", "/v1/connections", body)
    assert status == 400
    assert expected in messages(answer)


async def test_a_webhook_shows_its_secret_to_whoever_asks(door: Door) -> None:
    body = {"url": "http://127.0.0.1:9/x", "enabled_events": ["all"]}
    status, made = await door.call("POST", "/v1/webhooks", body)
    assert status == 201
    assert made["secret"].startswith("whsec_")
    assert (await door.ok("GET", "/v1/webhooks"))["results"] == [made]
    await door.ok("DELETE", f"/v1/webhooks/{made['id']}")
    status, answer = await door.call("POST", "/v1/webhooks", {"url": "zz", "enabled_events": ["nope"]})
    assert messages(answer) == ["url: Enter a valid URL.", 'enabled_events.0: "nope" is not a valid choice.']


async def test_a_wrong_method_and_broken_json_are_told(door: Door) -> None:
    assert messages((await door.call("DELETE", "/v1/shipments"))[1]) == ['Method "DELETE" not allowed.']
    answer = await door.http.post("/v1/shipments", content=b"{x")
    assert answer.json()["errors"][0]["code"] == "parse_error"
    assert (await door.ok("GET", "/"))["VERSION"] == "2026.1.32"
