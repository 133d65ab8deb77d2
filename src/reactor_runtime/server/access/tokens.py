"""Tokens: the server's own, and short-lived ones that it signs.

A signed token carries its role and its end, so nothing is kept of it; it cannot be taken back before that. No two are
alike, so that who has one is not taken for who has another (see `Admission.holder`). The key is made from the server's
own token, so that tokens outlive a restart and hold for all servers that share one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...engine.admission import Admission, Role

if TYPE_CHECKING:
    from itsdangerous import URLSafeSerializer

MIN_TOKEN = 16
"""How short the server's own token may be, in characters."""
_MAX_TOKEN = 512
_RANDOM_BYTES = 24
_NUMBER_BYTES = 6
_ALLOWED = re.compile(rf"[A-Za-z0-9._~-]{{{MIN_TOKEN},{_MAX_TOKEN}}}\Z")
_SALT = b"reactor session tokens"
_ROUNDS = 50_000
"""So that guessing the server's own token from one that it has signed takes 20 ms for each guess."""
_ROLES = {"control": Role.CONTROL, "view": Role.VIEW}


def new_token() -> str:
    """A token nobody guesses."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def check_token(token: str) -> None:
    """Raise a ValueError where `token` cannot be the server's own: it has to fit into a path, and to be hard to
    guess."""
    if not _ALLOWED.match(token):
        raise ValueError(
            f"a token has {MIN_TOKEN} to {_MAX_TOKEN} letters, digits or any of . _ ~ - ; "
            "`--token auto` makes one, and so does: openssl rand -hex 16"
        )


class Tokens:
    """Makes and reads tokens.

    Args:
        token: the server's own.
        wall: the time of day, in seconds since 1970.
    """

    def __init__(self, token: str, wall: Callable[[], float]) -> None:
        self._token = token
        self._digest = hashlib.sha256(token.encode()).digest()
        self._wall = wall

    def read(self, presented: str) -> Admission | None:
        """With what `presented` lets somebody in; None where it is no token, or is over. Takes as long for a wrong
        token as for one that is nearly right."""
        digest = hashlib.sha256(presented.encode()).digest()
        holder = digest.hex()[:16]
        if hmac.compare_digest(digest, self._digest):  # of digests, since it would tell the token's length
            return Admission(Role.OWNER, holder=holder)
        if "." not in presented or not _ALLOWED.match(presented):
            return None
        role = self._read_signed(presented)
        return None if role is None else Admission(role, holder=holder)

    def sign(self, role: str, seconds: float) -> tuple[str, float]:
        """A token with the role `control` or `view` for so many seconds, and when it ends, in seconds since 1970."""
        end = round(self._wall() + seconds)
        claims = {"r": _ROLES[role].name.lower(), "e": end, "n": secrets.token_urlsafe(_NUMBER_BYTES)}
        return self._signer.dumps(claims), end

    def _read_signed(self, presented: str) -> Role | None:
        from itsdangerous import BadData

        try:
            claims: Any = self._signer.loads(presented)
        except BadData:
            return None
        if self._signer.dumps(claims) != presented:  # one more way to write the same bytes would be one more holder
            return None
        return _ROLES.get(claims["r"]) if claims["e"] > self._wall() else None

    @cached_property
    def _signer(self) -> URLSafeSerializer:
        from itsdangerous import URLSafeSerializer  # here: most servers have no use for it

        key = hashlib.pbkdf2_hmac("sha256", self._token.encode(), _SALT, _ROUNDS)
        return URLSafeSerializer(key, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
