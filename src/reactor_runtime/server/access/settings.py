"""What the command line says about who may use the server."""

from __future__ import annotations

from dataclasses import dataclass, field

from .origins import ANY, LOOPBACK_SOURCES, check_origin
from .tokens import check_token


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the server.

    Attributes:
        token: what everybody has to know; None where nobody has to.
        origins: pages that may call it though it asks for no token, beside those of this machine: `scheme://host:port`,
            or `*` for any.
        host: the name or address it is bound to, by which it may be called.
        told: whether the token was made here, and is to be shown.

    Raises:
        ValueError: the token or an origin cannot work.
    """

    token: str | None = field(default=None, repr=False)
    origins: tuple[str, ...] = ()
    host: str = ""
    told: bool = False

    @property
    def base(self) -> str:
        """What stands in front of every path for the holder of the token."""
        return "" if self.token is None else f"/t/{self.token}"

    @property
    def told_base(self) -> str:
        """The same for who is not to be told the token."""
        return "" if self.token is None else "/t/TOKEN"

    @property
    def framers(self) -> str:
        """Which pages may show this server's page inside of theirs, as a content security policy says it."""
        if self.token is not None or ANY in self.origins:
            return "*"
        return " ".join(["'self'", *LOOPBACK_SOURCES, *(origin for origin in self.origins if "://" in origin)])

    def __post_init__(self) -> None:
        if self.token is not None:
            check_token(self.token)
        for origin in self.origins:
            check_origin(origin)
