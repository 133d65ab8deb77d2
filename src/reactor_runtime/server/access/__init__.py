"""Who may use the server, and from which pages."""

from .guard import Guard, admission_of, admitted
from .origins import OriginCheck, check_origin
from .routes import TokenRoutes
from .settings import Access
from .tokens import MIN_TOKEN, Tokens, check_token, new_token

__all__ = [
    "MIN_TOKEN",
    "Access",
    "Guard",
    "OriginCheck",
    "TokenRoutes",
    "Tokens",
    "admission_of",
    "admitted",
    "check_origin",
    "check_token",
    "new_token",
]
