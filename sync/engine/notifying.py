"""The ways to customers besides their shop, as the configuration sets them up."""

from config import ConfigError, MailSettings, Settings, read_secret
from config.errors import Problem, problem_at
from connectors.contract.notifier import Notifier
from connectors.notifiers.gateways import EXTRA, Gateway, is_installed
from connectors.notifiers.mail import Mail, MailServer, Wrapping
from sync.domain.messages import APPRISE, MAIL
from sync.telemetry.redact import mask_secret


def ways_of(settings: Settings) -> tuple[str, ...]:
    """The names by which the mappings mean them."""
    mail = () if settings.mail is None else (MAIL,)
    return (*mail, *(f"{APPRISE}{name}" for name in settings.apprise))


def missing_extra(settings: Settings) -> list[Problem]:
    """A problem for each gateway where the package that gives to gateways is not installed."""
    if is_installed():
        return []
    what = f"gateways need a package that is not installed: {EXTRA}"
    return [problem_at(ref.place, ref.place.path, what) for ref in settings.apprise.values()]


def missing_secrets(settings: Settings) -> list[Problem]:
    """The problems of the secrets that cannot be had."""
    refs = [*settings.apprise.values()]
    if settings.mail is not None and settings.mail.password is not None:
        refs.append(settings.mail.password)
    problems: list[Problem] = []
    for ref in refs:
        try:
            read_secret(ref, settings.secrets)
        except ConfigError as error:
            problems.extend(error.problems)
    return problems


def open_notifiers(settings: Settings) -> dict[str, Notifier]:
    """By name. Nothing is called yet. Raises ConfigError where a secret is missing."""
    found: dict[str, Notifier] = {}
    if settings.mail is not None:
        found[MAIL] = Mail(_server(settings.mail, settings))
    for name, ref in settings.apprise.items():
        url = read_secret(ref, settings.secrets)
        mask_secret(url)
        found[f"{APPRISE}{name}"] = Gateway(name, url)
    return found


def _server(mail: MailSettings, settings: Settings) -> MailServer:
    password = None if mail.password is None else read_secret(mail.password, settings.secrets)
    if password is not None:
        mask_secret(password)
    return MailServer(
        host=mail.host.strip("[]"),
        port=mail.port,
        wrapping=Wrapping(mail.security.value),
        sender=mail.sender,
        reply_to=mail.reply_to,
        user=mail.user,
        password=password,
        trust=mail.trust,
    )
