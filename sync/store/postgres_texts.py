"""How texts are written to PostgreSQL: its driver's own way, without the one sign that it cannot hold."""

from psycopg.types.string import StrDumper


class WithoutNul(StrDumper):
    """PostgreSQL's text holds no NUL, which vendors' texts sometimes do: it becomes U+FFFD."""

    def dump(self, obj: str) -> bytes | None:
        """The text as the server takes it."""
        return super().dump(obj.replace("\0", "�"))  # type: ignore[return-value]
