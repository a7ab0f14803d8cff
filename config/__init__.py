"""Settings: `entrepot.yaml`, secrets by reference, YAML with line numbers, amounts with units, templates."""

from config.accounts import COMMON_KEYS, AccountSettings
from config.bind import bind, try_bind
from config.errors import ConfigError, Problem
from config.file_schema import settings_schema
from config.schema import Level, Listen, LogFormat, Mode, PersonalData, RetentionModel
from config.secrets import KeyMissing, KeyText, SecretRef, master_key, read_secret
from config.settings import Settings, bind_options, load_settings
from config.ways import MailSettings, Security

__all__ = [
    "COMMON_KEYS",
    "AccountSettings",
    "ConfigError",
    "KeyMissing",
    "KeyText",
    "Level",
    "Listen",
    "LogFormat",
    "MailSettings",
    "Mode",
    "PersonalData",
    "Problem",
    "RetentionModel",
    "SecretRef",
    "Security",
    "Settings",
    "bind",
    "bind_options",
    "load_settings",
    "master_key",
    "read_secret",
    "settings_schema",
    "try_bind",
]
