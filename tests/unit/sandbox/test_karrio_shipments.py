"""Labels at the pretend courier aggregator: rates, purchase, look-up and voiding, with the real one's traps."""

import pytest
from karrio_door import KEY, START, Door, messages, order, parcel, who


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("header", ["", "Token wrong", f"Bearer {KEY}"])
async def test_a_wrong_token_is_401_with_an_error(door: Door, header: str) -> None:
    answer = await door.http.get("/v1/shipments", headers={"Authorization": header})
    assert answer.status_code == 401
    code = "invalid_token" if header else "not_authenticated"
    assert answer.json()["errors"][0]["code"] == code


async def test_without_a_carrier_account_nothing_is_offered() -> None:
    status, answer = await Door(connected=False).call("POST", "/v1/shipments", order())
    assert (status, messages(answer)) == (
        404,
        ["No active carrier connection found to process the request"],
    )


async def test_a_draft_carries_the_rates_of_both_services(door: Door) -> None:
    draft = await door.ok("POST", "/v1/shipments", order())
    assert (draft["status"], draft["tracking_number"], draft["label_url"]) == ("draft", None, None)
    assert [(rate["service"], rate["total_charge"], rate["currency"]) for rate in draft["rates"]] == [
        ("loopback_standard", 8.0, "CNY"),
        ("loopback_express", 23.0, "CNY"),
    ]
    assert draft["created_at"] == "2026-03-02 09:00:00+00:00"


@pytest.mark.parametrize(
    ("parcels", "charges"),
    [
        ([parcel(0.99)], [8.0, 23.0]),
        ([parcel(1)], [15.0, 23.0]),
        ([parcel(0.5), parcel(2)], [23.0, 46.0]),
        ([{"weight": 800, "weight_unit": "G"}], [8.0, 23.0]),
        ([{"weight": 2.5, "weight_unit": "LB"}], [15.0, 23.0]),
        ([parcel(30)], []),
    ],
)
async def test_rates_depend_on_the_weight_of_each_parcel(
    door: Door, parcels: list[object], charges: list[float]
) -> None:
    draft = await door.ok("POST", "/v1/shipments", order(parcels=parcels))
    assert [rate["total_charge"] for rate in draft["rates"]] == charges


async def test_buying_a_rate_gives_a_number_a_tracker_and_a_label(door: Door) -> None:
    draft = await door.ok("POST", "/v1/shipments", order())
    path = f"/v1/shipments/{draft['id']}/purchase"
    bought = await door.ok("POST", path, {"selected_rate_id": draft["rates"][0]["id"]})
    assert (bought["status"], bought["carrier_name"], bought["service"]) == (
        "created",
        "loopback",
        "loopback_standard",
    )
    assert bought["tracking_number"] == bought["parcels"][0]["reference_number"]
    label = await door.http.get(bought["label_url"])
    assert (label.headers["content-type"], label.content[:4]) == ("application/pdf", b"%PDF")
    assert bought["shipping_documents"][0]["base64"]
    later = await door.ok("GET", f"/v1/shipments/{draft['id']}")
    assert later["shipping_documents"][0]["base64"] is None
    assert (await door.tracker(bought["tracker_id"]))["tracking_number"] == bought["tracking_number"]
    (entry,) = door.entries("label_bought")
    assert entry.facts == {
        "shipment": draft["id"],
        "reference": "R-1",
        "tracking": bought["tracking_number"],
    }


async def test_a_label_from_somebody_who_only_got_parcels_is_for_the_way_back(door: Door) -> None:
    out = await door.buy("R-1")
    for reference in ("R-2", "R-3"):
        await door.buy(reference, shipper=out["recipient"], recipient=out["shipper"])
    await door.buy("R-4")
    backs = [(entry.facts["reference"], entry.facts.get("back")) for entry in door.entries("label_bought")]
    assert backs == [("R-1", None), ("R-2", True), ("R-3", True), ("R-4", None)]


async def test_a_second_purchase_is_a_conflict_and_buys_nothing(door: Door) -> None:
    bought = await door.buy()
    status, answer = await door.call(
        "POST", f"/v1/shipments/{bought['id']}/purchase", {"service": "loopback_express"}
    )
    assert (status, answer["errors"][0]["code"]) == (409, "state_error")
    assert len(door.entries("label_bought")) == 1


async def test_nothing_recognises_a_repeated_order(door: Door) -> None:
    first, second = await door.buy("R-1"), await door.buy("R-1")
    assert first["tracking_number"] != second["tracking_number"]
    assert len(door.entries("label_bought")) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"selected_rate_id": "rat_x"}, "service_unavailable"),
        ({"service": "nope"}, "service_unavailable"),
        ({}, "validation_error"),
    ],
)
async def test_a_purchase_needs_a_rate_of_this_shipment(door: Door, body: dict[str, str], code: str) -> None:
    draft = await door.ok("POST", "/v1/shipments", order())
    status, answer = await door.call("POST", f"/v1/shipments/{draft['id']}/purchase", body)
    assert (status, answer["errors"][0]["code"]) == (400, code)


async def test_naming_a_service_buys_in_one_call(door: Door) -> None:
    bought = await door.ok("POST", "/v1/shipments", order(service="loopback_express"))
    assert bought["status"] == "created"
    assert [rate["service"] for rate in bought["rates"]] == ["loopback_express"]
    assert bought["shipping_documents"][0]["base64"]


async def test_what_the_carrier_refuses_comes_as_messages(door: Door) -> None:
    body = order(parcels=[parcel(31)], service="loopback_express")
    status, answer = await door.call("POST", "/v1/shipments", body)
    assert status == 424
    assert answer == {
        "messages": [
            {
                "carrier_id": "loop-1",
                "carrier_name": "loopback",
                "code": "invalid_weight",
                "message": "the weight exceeds service loopback_express max weight",
            }
        ]
    }
    assert (await door.ok("GET", "/v1/shipments"))["count"] == 0


async def test_each_parcel_gets_a_number_and_the_first_stands_for_all(door: Door) -> None:
    bought = await door.buy(parcels=[parcel(), parcel(reference_number="BOX-2")])
    numbers = [one["reference_number"] for one in bought["parcels"]]
    assert (bought["tracking_number"], numbers[1]) == (numbers[0], "BOX-2")
    assert bought["meta"]["tracking_numbers"] == numbers
    assert [entry.facts["tracking"] for entry in door.entries("label_bought")] == numbers


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"recipient": None}, "recipient: This field is required."),
        ({"parcels": []}, "parcels.non_field_errors: This list may not be empty."),
        ({"parcels": [{}]}, "parcels.0.weight: This field is required."),
        ({"parcels": [parcel(weight_unit="XX")]}, 'parcels.0.weight_unit: "XX" is not a valid choice.'),
        ({"recipient": who(country_code="ZZ")}, 'recipient.country_code: "ZZ" is not a valid choice.'),
        ({"recipient": {"city": "B"}}, "recipient.country_code: This field is required."),
        (
            {"recipient": who(address_line1="x" * 101)},
            "recipient.address_line1: Ensure this field has no more than 100 characters.",
        ),
        ({"reference": "x" * 101}, "reference: Ensure this field has no more than 100 characters."),
        (
            {"recipient": who(country_code="US", postal_code="1")},
            "recipient.postal_code: The American postal code must match 12345 or 12345-6789",
        ),
        (
            {"recipient": who(country_code="CA", postal_code="1")},
            "recipient.postal_code: The Canadian postal code must match Z9Z9Z9",
        ),
        ({"recipient": who(phone_number="abc")}, "recipient.phone_number: Invalid phone number format"),
    ],
)
async def test_an_unsound_order_is_refused_with_the_path_of_the_fault(
    door: Door, change: dict[str, object], expected: str
) -> None:
    status, answer = await door.call("POST", "/v1/shipments", order(**change))
    assert status == 400
    assert answer["errors"][0]["code"] == "validation"
    assert expected in messages(answer)


async def test_emoji_and_chinese_names_pass_and_a_missing_postal_code_too(door: Door) -> None:
    recipient = {"person_name": "李雷 😀", "country_code": "CN"}
    assert (await door.buy(recipient=recipient))["recipient"]["person_name"] == "李雷 😀"


async def test_a_look_up_by_reference_finds_longer_references_too_newest_first(door: Door) -> None:
    for reference in ("A-1", "A-10", "B-1"):
        await door.buy(reference)
    found = await door.ok("GET", "/v1/shipments", reference="a-1")
    assert [shipment["reference"] for shipment in found["results"]] == ["A-10", "A-1"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "created"}, 2),
        ({"status": "draft"}, 1),
        ({"created_after": "2026-03-02T09:30:00Z"}, 1),
        ({"created_before": "2026-03-02T09:30:00+00:00"}, 2),
        ({"keyword": "third"}, 1),
        ({"carrier_name": "loopback"}, 2),
        ({"service": "loopback_express"}, 0),
        ({"has_tracker": "true"}, 2),
        ({"metadata_key": "order"}, 1),
        ({"metadata_value": "77"}, 1),
        ({"order_id": "o-9"}, 1),
        ({"never_heard_of": "1"}, 3),
    ],
)
async def test_filters(door: Door, query: dict[str, str], count: int) -> None:
    await door.buy("first", metadata={"order": "77"})
    await door.ok("POST", "/v1/shipments", order("second", order_id="O-9"))
    door.clock.advance(3600)
    await door.buy("third")
    assert (await door.ok("GET", "/v1/shipments", **query))["count"] == count


async def test_a_filter_that_cannot_be_read_is_refused(door: Door) -> None:
    for name in ("created_after", "status"):
        status, _ = await door.call("GET", "/v1/shipments", **{name: "bogus"})
        assert status == 400


async def test_pages_are_linked(door: Door) -> None:
    for number in range(3):
        await door.buy(f"R-{number}")
    first = await door.ok("GET", "/v1/shipments", limit=2)
    assert (first["count"], len(first["results"]), first["previous"]) == (3, 2, None)
    second = await door.ok("GET", first["next"])
    assert ([one["reference"] for one in second["results"]], second["next"]) == (["R-0"], None)


async def test_without_a_limit_a_page_has_twenty(door: Door) -> None:
    for number in range(21):
        await door.buy(f"R-{number}")
    assert len((await door.ok("GET", "/v1/shipments"))["results"]) == 20


async def test_voiding_takes_the_label_back_and_the_tracker_away(door: Door) -> None:
    bought = await door.buy()
    status, answer = await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {})
    assert (status, answer["status"], answer["tracker_id"]) == (200, "cancelled", None)
    assert (await door.call("GET", f"/v1/trackers/{bought['tracker_id']}"))[0] == 404
    assert door.courier.parcels() == {bought["tracking_number"]: "cancelled"}
    (entry,) = door.entries("label_voided")
    assert entry.facts == {"tracking": bought["tracking_number"]}


async def test_voiding_again_is_202_and_voids_nothing(door: Door) -> None:
    bought = await door.buy()
    await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {})
    assert (await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {}))[0] == 202
    assert len(door.entries("label_voided")) == 1


async def test_a_cancelled_shipment_cannot_be_bought(door: Door) -> None:
    draft = await door.ok("POST", "/v1/shipments", order())
    await door.ok("POST", f"/v1/shipments/{draft['id']}/cancel", {})
    body = {"service": "loopback_standard"}
    assert (await door.call("POST", f"/v1/shipments/{draft['id']}/purchase", body))[0] == 409


async def test_a_parcel_that_the_carrier_has_is_not_voidable(door: Door) -> None:
    bought = await door.buy(parcels=[parcel(), parcel()])
    door.courier.scan(bought["parcels"][1]["reference_number"], "picked_up", "collected")
    status, answer = await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {})
    assert (status, answer["messages"][0]["code"]) == (424, "NOT_VOIDABLE")
    assert door.entries("label_voided") == []


async def test_a_shipment_that_moves_at_the_aggregator_is_a_conflict(door: Door) -> None:
    bought = await door.buy()
    await door.inject(bought["tracker_id"], "in_transit", status="in_transit")
    status, answer = await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {})
    assert (status, answer["errors"][0]["code"]) == (409, "state_error")


async def test_a_bought_shipment_cannot_be_changed_not_even_its_metadata(door: Door) -> None:
    draft = await door.ok("POST", "/v1/shipments", order())
    path = f"/v1/shipments/{draft['id']}"
    assert (await door.ok("PUT", path, {"reference": "S"}))["reference"] == "S"
    await door.ok("POST", f"{path}/purchase", {"service": "loopback_standard"})
    assert (await door.call("PUT", path, {"metadata": {"a": 1}}))[0] == 409
    assert (await door.call("POST", f"{path}/rates", {}))[0] == 409


async def test_what_is_not_there_is_404(door: Door) -> None:
    assert (await door.call("GET", "/v1/shipments/shp_x"))[1]["errors"][0] == {
        "code": "not_found",
        "level": "warning",
        "message": "Shipment not found",
    }
    assert (await door.call("POST", "/v1/shipments/shp_x/cancel", {}))[0] == 404
    lost = await door.http.get("/v1/nope")
    assert (lost.status_code, lost.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_draft_s_label_breaks_the_server_and_a_label_needs_the_token(door: Door) -> None:
    draft = await door.ok("POST", "/v1/shipments", order())
    assert (await door.http.get(f"/v1/shipments/{draft['id']}/label.pdf")).status_code == 500
    bought = await door.buy()
    assert (await door.http.get(bought["label_url"], headers={"Authorization": ""})).status_code == 403
    document = await door.ok("POST", f"/v1/shipments/{bought['id']}/documents/label", {})
    assert document["base64"]


async def test_rates_without_a_shipment(door: Door) -> None:
    answer = await door.ok("POST", "/v1/proxy/rates", order())
    assert len(answer["rates"]) == 2
    assert (await door.ok("GET", "/v1/shipments"))["count"] == 0


async def test_a_pickup_holds_its_shipments_until_it_is_cancelled(door: Door) -> None:
    bought = await door.buy()
    body = {
        "carrier_code": "loopback",
        "pickup_date": "2026-03-03",
        "ready_time": "10:00",
        "closing_time": "17:00",
        "address": who(),
        "tracking_numbers": [bought["tracking_number"]],
    }
    status, pickup = await door.call("POST", "/v1/pickups", body)
    assert (status, pickup["status"]) == (201, "scheduled")
    assert "already scheduled for pickups" in messages((await door.call("POST", "/v1/pickups", body))[1])[0]
    assert (await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {}))[0] == 409
    path = f"/v1/pickups/{pickup['id']}/cancel"
    assert [(await door.call("POST", path, {}))[0] for _ in range(2)] == [200, 409]
    assert (await door.call("POST", f"/v1/shipments/{bought['id']}/cancel", {}))[0] == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"pickup_date": None}, "pickup_date: This field is required."),
        ({"tracking_numbers": ["zzz"]}, "Shipment with the tracking numbers: ['zzz'] not found"),
        ({"tracking_numbers": []}, "At least one of tracking_numbers or parcels_count must be provided"),
    ],
)
async def test_an_unsound_pickup_is_refused(door: Door, change: dict[str, object], expected: str) -> None:
    body = {
        "carrier_code": "loopback",
        "pickup_date": "2026-03-03",
        "ready_time": "10:00",
        "closing_time": "17:00",
    }
    status, answer = await door.call("POST", "/v1/pickups", body | change)
    assert status == 400
    assert expected in messages(answer)[0]


async def test_a_manifest_works_by_proxy_only(door: Door) -> None:
    bought = await door.buy()
    body = {
        "carrier_name": "loopback",
        "address": who(),
        "shipment_identifiers": [bought["shipment_identifier"]],
    }
    assert (await door.ok("POST", "/v1/proxy/manifest", body))["manifest"]["doc"]["manifest"]
    assert (await door.call("POST", "/v1/manifests", body))[0] == 500
    assert (await door.ok("GET", "/v1/manifests"))["count"] == 0


async def test_the_same_seed_gives_the_same_numbers() -> None:
    first, second = await Door().buy(), await Door().buy()
    assert first == second
    assert first["created_at"] == str(START)
