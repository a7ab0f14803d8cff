"""Messages to customers: languages, places, subjects and ways that the keys alone cannot show."""

import re
from collections.abc import Iterator

from config.errors import Problem, listed, near, problem_at, shown
from config.yaml import Located, MapNode
from mappings.accounts import STOREFRONT, Accounts
from mappings.languages import LANGUAGES
from mappings.messages import spoken
from mappings.schema import MappingsModel, MessageModel, MessagesModel
from mappings.templates import BadTemplate, Template, parse
from sync.domain.messages import CHANNEL, FACTS, MAIL, Event

_LANGUAGE = re.compile(r"([a-z]{2})(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_LANGUAGE_ALLOWED = "a language code such as en, zh, pt-BR"
_SECTION = "messages"


def check_messages(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Everything that forbids the section."""
    section = model.messages
    if section is None:
        return
    node = root.find(_SECTION)
    yield from _defaults(section, node.find("defaults"), accounts)
    for name, message in section.named.items():
        place = node.find(name)
        yield from accounts.each(message.accounts or (), place.find("accounts"), STOREFRONT)
        yield from _ways(message, place, accounts)
        yield from _letters(section, message, place)
        yield from _all_day(place.find("quiet_hours"))
    yield from _twice(section, node, accounts)


def warn_messages(model: MappingsModel, root: MapNode, accounts: Accounts) -> Iterator[Problem]:
    """Languages that no message has, and shops whose customers a message does not reach."""
    section = model.messages
    if section is None:
        return
    node = root.find(_SECTION)
    common = node.find("defaults")
    for key, wanted in (
        ("by_country", section.defaults.by_country),
        ("by_account", section.defaults.by_account),
    ):
        for one, language in wanted.items():
            if section.named and not any(spoken(language, each.letters) for each in section.named.values()):
                place = common.find(key, one)
                yield problem_at(place, place.path, f"no message has a text in {shown(language)}")
    for name, message in section.named.items():
        yield from _mute(message, node.find(name, "via"), accounts)


def _mute(message: MessageModel, place: Located, accounts: Accounts) -> Iterator[Problem]:
    if accounts.speaking is None or message.via != (CHANNEL,):
        return
    for shop in message.accounts or accounts.of(STOREFRONT):
        if shop in accounts.of(STOREFRONT) and shop not in accounts.speaking:
            what = f"{shop} cannot tell its customers anything: of this they are not told"
            yield problem_at(place, place.path, what)


def _defaults(section: MessagesModel, node: Located, accounts: Accounts) -> Iterator[Problem]:
    common = section.defaults
    if not _is_language(common.language):
        yield _no_language(common.language, node.find("language"))
    for key, wanted in (("by_country", common.by_country), ("by_account", common.by_account)):
        for one, language in wanted.items():
            if not _is_language(language):
                yield _no_language(language, node.find(key, one))
    for key in ("by_account", "shops"):
        yield from accounts.keys(node.child(key), STOREFRONT)
    yield from _all_day(node.find("quiet_hours"))


def _is_language(text: str) -> bool:
    found = _LANGUAGE.fullmatch(text)
    return found is not None and found[1] in LANGUAGES


def _no_language(text: str, place: Located) -> Problem:
    hint = text.lower() if text.lower() in LANGUAGES else ""
    return problem_at(
        place, place.path, f"{shown(text)} is not a language", allowed=_LANGUAGE_ALLOWED, hint=hint
    )


def _all_day(node: Located) -> Iterator[Problem]:
    if (
        isinstance(node, MapNode)
        and node.path.endswith("quiet_hours")
        and node.text("from") == node.text("until")
    ):
        what = "quiet hours that end when they begin are the whole day, or none at all"
        yield problem_at(node, node.path, what, allowed="two different times of day, off")


def _ways(message: MessageModel, node: Located, accounts: Accounts) -> Iterator[Problem]:
    for way in message.via:
        if accounts.ways is None or way == CHANNEL or way in accounts.ways:
            continue
        place = node.find("via")
        what = f"entrepot.yaml does not set up {shown(way)}"
        allowed = listed((CHANNEL, *sorted(accounts.ways)))
        yield problem_at(place, place.path, what, allowed=allowed, hint=near(way, accounts.ways))


def _letters(section: MessagesModel, message: MessageModel, node: Located) -> Iterator[Problem]:
    for code, letter in message.letters.items():
        if not _is_language(code):
            yield _unknown_key(code, node)
            continue
        place = node.find(code)
        for key, text in (("subject", letter.subject), ("text", letter.text)):
            if text is not None:
                at = place.find(key) if isinstance(place, MapNode) else place
                yield from _template(text, at, message.when)
        if MAIL in message.via and letter.subject is None:
            yield problem_at(place, place.path, "a mail has a subject", allowed="{subject: …, text: …}")
    if spoken(section.defaults.language, message.letters) is None:
        what = f"there is no text in {shown(section.defaults.language)}, the language of the defaults"
        yield problem_at(
            node, node.path, what, allowed="a text in every message, or another defaults.language"
        )


def _unknown_key(code: str, node: Located) -> Problem:
    place = node.key(code) if isinstance(node, MapNode) else None
    keys = tuple(MessageModel.model_fields)
    return problem_at(
        place or node,
        place.path if place else node.path,
        f"{shown(code)} is neither a key nor a language",
        allowed=f"{listed(keys)}, {_LANGUAGE_ALLOWED}",
        hint=code.lower() if code.lower() in LANGUAGES else near(code, keys),
    )


def _template(text: str, place: Located, event: Event) -> Iterator[Problem]:
    try:
        template = parse(text)
    except BadTemplate as error:
        yield problem_at(place, place.path, error.what, allowed=error.allowed)
        return
    yield from _places(template, place, event)


def _places(template: Template, place: Located, event: Event) -> Iterator[Problem]:
    known = FACTS[event]
    names = [fact.value for fact in known.facts]
    unsure = {fact.value for fact in known.sometimes}
    for one in template.places:
        if one.name not in names:
            what = f"{{{one.name}}} is not known when {event.value} is told"
            yield problem_at(place, place.path, what, allowed=listed(names), hint=near(one.name, names))
        elif one.name in unsure and one.otherwise is None:
            what = f"{{{one.name}}} is not always known: say what stands there without it"
            yield problem_at(place, place.path, what, allowed=f"{{{one.name}|}}, {{{one.name}|some words}}")


def _twice(section: MessagesModel, node: Located, accounts: Accounts) -> Iterator[Problem]:
    """Two messages that would tell one customer of one event by one way: which of them is not said."""
    first: dict[tuple[Event, str, str], str] = {}
    for name, message in section.named.items():
        both = {first[key] for key in _told(message, accounts) if first.setdefault(key, name) != name}
        for other in sorted(both):
            place = node.find(name, "when")
            what = (
                f"{shown(other)} tells of {message.when.value} by the same way to the same shop's customers"
            )
            yield problem_at(place, place.path, what, allowed="another way, or other accounts")


def _told(message: MessageModel, accounts: Accounts) -> Iterator[tuple[Event, str, str]]:
    for account in message.accounts or accounts.of(STOREFRONT):
        for way in message.via:
            yield message.when, way, account
