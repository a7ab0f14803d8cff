"""The carrier's two services and what they cost: by weight, per parcel, anywhere."""

from dataclasses import dataclass

from sandbox.courier.records import Json

CURRENCY = "CNY"
HEAVIEST = 30.0
_KILOGRAMS = {"KG": 1.0, "G": 0.001, "LB": 0.45359237, "OZ": 0.028349523125}


@dataclass(frozen=True, slots=True)
class Service:
    """A service; `zones` are (below so many kilograms, price) in rising order."""

    code: str
    title: str
    transit_days: int
    zones: tuple[tuple[float, float], ...]

    def price(self, kilograms: float) -> float | None:
        """The price of one parcel, or null when it is too heavy."""
        return next((price for limit, price in self.zones if kilograms < limit), None)


SERVICES = (
    Service("loopback_standard", "STANDARD", 3, ((1.0, 8.0), (HEAVIEST, 15.0))),
    Service("loopback_express", "EXPRESS", 1, ((HEAVIEST, 23.0),)),
)


def weigh(parcel: Json) -> float:
    """A parcel's weight in kilograms."""
    return float(str(parcel.get("weight") or 0)) * _KILOGRAMS[str(parcel.get("weight_unit"))]


def price(service: Service, parcels: list[Json]) -> float | None:
    """The price of all parcels together, or null when one of them cannot be carried."""
    prices = [service.price(weigh(parcel)) for parcel in parcels]
    known = [one for one in prices if one is not None]
    return sum(known) if len(known) == len(prices) else None
