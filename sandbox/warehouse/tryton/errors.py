"""The answers that are no records: HTML pages as the real server's web framework writes them."""

from html import escape


class HttpError(Exception):
    """A request that is answered with an HTML page."""

    status = 500
    title = "Internal Server Error"
    text = ""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text)
        if text is not None:
            self.text = text

    def page(self) -> str:
        """The page's source."""
        text = escape(self.text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        return (
            f"<!doctype html>\n<html lang=en>\n<title>{self.status} {self.title}</title>\n"
            f"<h1>{self.title}</h1>\n<p>{text}</p>\n"
        )


class Broken(HttpError):
    """What the real server answers when its code fails on the request: 500 with the bare error text."""


class BadRequest(HttpError):
    """A body that cannot be read."""

    status = 400
    title = "Bad Request"


class Unauthorised(HttpError):
    """No key, or a wrong one."""

    status = 401
    title = "Unauthorized"
    text = (
        "The server could not verify that you are authorized to access the URL requested. You either "
        "supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to "
        "supply the credentials required."
    )


class Forbidden(HttpError):
    """An action that the model does not offer."""

    status = 403
    title = "Forbidden"
    text = (
        "You don't have the permission to access the requested resource. It is either read-protected or not "
        "readable by the server."
    )


class NotFound(HttpError):
    """No such record, database or address."""

    status = 404
    title = "Not Found"
    text = (
        "The requested URL was not found on the server. If you entered the URL manually please check your "
        "spelling and try again."
    )


class RangeNotSatisfiable(HttpError):
    """A range that starts behind the last record."""

    status = 416
    title = "Requested Range Not Satisfiable"
    text = "The server cannot provide the requested range."


class ServiceUnavailable(HttpError):
    """The database would not give a lock."""

    status = 503
    title = "Service Unavailable"
