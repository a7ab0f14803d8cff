"""`people:` compiled: who may decide what waits, and where each of them is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from config.errors import Problem, problem_at, shown
from config.secrets import SecretRef, secret_ref
from config.yaml import MapNode
from mappings.accounts import Accounts
from mappings.schema import MappingsModel, PersonModel
from sync.domain.chats import ChatForm
from sync.domain.messages import MAIL
from sync.domain.waiting import Decider


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a person is told. `url` is where the secret address lies; `inside`: it may be in an inner network."""

    form: ChatForm
    url: SecretRef = field(repr=False)
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person of the section."""

    decider: Decider
    chat: Chat | None = None
    mail: SecretRef | None = field(default=None, repr=False)
    """Where the mail address lies: it is personal data."""

    @property
    def address(self) -> SecretRef | None:
        """Where the secret address lies at which this person is told; None: nowhere."""
        return self.mail if self.chat is None else self.chat.url


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody of the section, by name."""

    people: tuple[Colleague, ...] = ()

    def find(self, name: str) -> Decider | None:
        """The person of that name; None where the section has none (any more)."""
        return next((one.decider for one in self.people if one.decider.name == name), None)

    @property
    def owners(self) -> frozenset[str]:
        """Every name that somebody stands for."""
        return frozenset(name for one in self.people for name in (one.decider.name, *one.decider.owns))


def compile_people(models: Sequence[PersonModel], root: MapNode, problems: list[Problem]) -> Staff:
    """A function of models that bound well; a secret that stands in clear is a problem."""
    return Staff(tuple(_colleague(model, root, index, problems) for index, model in enumerate(models)))


def _colleague(model: PersonModel, root: MapNode, index: int, problems: list[Problem]) -> Colleague:
    decider = Decider(
        model.name, frozenset(model.owns), frozenset(model.decides), tuple(model.up_to), model.language
    )
    if model.mail is not None:
        mail = secret_ref(root.find("people", index, "mail"), model.mail, problems)
        return Colleague(decider, mail=mail)
    if model.chat is None:
        return Colleague(decider)
    ref = secret_ref(root.find("people", index, "chat", "url"), model.chat.url, problems)
    return Colleague(decider, None if ref is None else Chat(model.chat.form, ref, model.chat.inside))


def check_people(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Nobody is told by mail where `entrepot.yaml` sets up none."""
    if accounts.ways is None or MAIL in accounts.ways:
        return
    for index, one in enumerate(model.people or ()):
        if one.mail is not None:
            place = root.find("people", index, "mail")
            what = "entrepot.yaml does not set up mail"
            yield problem_at(
                place, place.path, what, allowed="mail: {host: …, from: …} there, or a chat here"
            )


def warn_people(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Owners that nobody stands for, where there are people at all: only the terminal decides theirs."""
    if not model.people:
        return
    known = {name for one in model.people for name in (one.name, *one.owns)}
    for section in ("holds", "returns"):
        for index, rule in enumerate(getattr(model, section) or ()):
            if rule.owner is not None and rule.owner not in known:
                place = root.find(section, index, "owner")
                what = f"nobody in `people` stands for {shown(rule.owner)}: only the terminal can decide it"
                yield problem_at(place, place.path, what)
