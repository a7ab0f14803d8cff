"""`messages:` compiled: which messages tell an event of a shop, in which language, and with which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from mappings.schema import LetterModel, MessageModel, MessagesModel
from mappings.templates import Template, parse
from sync.domain.messages import Event
from sync.domain.quiet import QuietHours

LATE_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in one language. `subject` is None where it has none; a mail has one."""

    subject: Template | None
    text: Template


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer is told: plain text, the subject of one line. It holds personal data."""

    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageRule:
    """One message. Without `accounts` it is for every shop."""

    name: str
    event: Event
    ways: tuple[str, ...]
    accounts: frozenset[str]
    quiet: QuietHours | None
    letters: Mapping[str, Letter] = field(repr=False)

    def is_for(self, account: str) -> bool:
        """Whether it tells this shop's customers."""
        return not self.accounts or account in self.accounts

    def say(self, language: str, values: Mapping[str, str]) -> Said:
        """Its words in one of its languages."""
        letter = self.letters[language]
        subject = "" if letter.subject is None else " ".join(letter.subject.fill(values).split())
        return Said(subject, letter.text.fill(values))


@dataclass(frozen=True, slots=True)
class MessageRules:
    """All messages, in the order of the file."""

    rules: tuple[MessageRule, ...] = ()
    default: str = "en"
    by_country: Mapping[str, str] = field(default_factory=dict)
    by_account: Mapping[str, str] = field(default_factory=dict)
    shops: Mapping[str, str] = field(default_factory=dict)
    late_after: timedelta = LATE_AFTER

    def of(self, account: str) -> tuple[MessageRule, ...]:
        """The messages for a shop's customers."""
        return tuple(rule for rule in self.rules if rule.is_for(account))

    def one(self, account: str, event: Event, way: str) -> MessageRule | None:
        """The message that tells a shop's customers of an event by this way; None where none does."""
        fitting = (rule for rule in self.of(account) if rule.event is event and way in rule.ways)
        return next(fitting, None)

    def named(self, name: str, account: str | None = None) -> tuple[MessageRule, ...]:
        """The messages of this name, or of the event that is called so; those of one shop where one is given."""
        rules = self.rules if account is None else self.of(account)
        return tuple(rule for rule in rules if name in (rule.name, rule.event.value))

    def language(self, rule: MessageRule, account: str, country: str | None) -> str:
        """Which of a message's languages a customer in this country is told in."""
        for wanted in (
            self.by_country.get((country or "").upper()),
            self.by_account.get(account),
            self.default,
        ):
            found = None if wanted is None else spoken(wanted, rule.letters)
            if found is not None:
                return found
        return next(iter(rule.letters))

    def shop(self, account: str) -> str:
        """What a shop is called to its customers."""
        return self.shops.get(account, account)


def spoken(wanted: str, there: Mapping[str, object]) -> str | None:
    """The language of those that are there that fits: the same, else the same without region (`pt-BR`, `pt`)."""
    by_code = {code.casefold(): code for code in there}
    whole = wanted.casefold()
    return by_code.get(whole) or by_code.get(whole.partition("-")[0])


def compile_messages(model: MessagesModel) -> MessageRules:
    """A pure function of the model, whose texts are good templates."""
    common = model.defaults
    return MessageRules(
        tuple(_rule(name, one, model) for name, one in model.named.items()),
        common.language,
        dict(common.by_country),
        dict(common.by_account),
        dict(common.shops),
        common.late_after,
    )


def _rule(name: str, model: MessageModel, whole: MessagesModel) -> MessageRule:
    quiet = model.quiet_hours or whole.defaults.quiet_hours
    return MessageRule(
        name,
        model.when,
        model.via,
        frozenset(model.accounts or ()),
        None if quiet is None else quiet.hours,
        {code: _letter(letter) for code, letter in model.letters.items()},
    )


def _letter(model: LetterModel) -> Letter:
    return Letter(None if model.subject is None else parse(model.subject), parse(model.text))
