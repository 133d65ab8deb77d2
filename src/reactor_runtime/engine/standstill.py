"""A model that has failed and stands still until there is new code, as under `reactor run --reload`: what its clients
are told, who are its author's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ModelError
from ..wire.messages import Refusal
from .faults import Faults
from .load_failure import author_place, in_words
from .scope import Scope


class Standstill:
    """On the server's loop.

    Attributes:
        notice: that the model has failed, for who comes later; None while it runs.
        detail: what the last load failed with; None where there is a model.
    """

    def __init__(self) -> None:
        self.notice: Refusal | None = None
        self.detail: str | None = None
        self._replacing = False
        self._untold: Scope | None = None

    def run_failed(self, reason: str, faults: Faults, scope: Scope | None) -> None:
        """`run()` has ended for a `reason`, of which `faults` has more; the clients of `scope` are told."""
        fault = next((fault for fault in reversed(tuple(faults)) if fault.where == "run()"), None)
        if fault is not None and not isinstance(fault.error, ModelError):  # which says all there is to say
            reason = f"run() failed with {in_words(fault.error)}{author_place(fault.error, folder=False)}"
        self._stop(reason, scope)

    def load_failed(self, failure: ModelError, scope: Scope | None) -> None:
        """There is no model any more; the clients of `scope` are told."""
        self.detail = str(failure)
        self._stop(self.detail, scope)

    def session_began(self) -> None:
        """`run()` begins anew with a session, where there is a model."""
        if self.detail is None:
            self.notice = None

    @contextmanager
    def replacing(self, *, load: bool) -> Iterator[None]:
        """New code takes the place of what has failed, unless this raises; with a fresh load or without.

        What fails meanwhile is told at its end: the schema of the new code, which says that all is well, comes first.
        """
        had, self._replacing = self.notice, True
        if load or self.detail is None:
            self.notice = None  # before: the new run() may fail at once
        try:
            yield
        except BaseException:
            self.notice = self.notice or had
            raise
        else:
            self.detail = None if load else self.detail
        finally:
            scope, self._untold, self._replacing = self._untold, None, False
            self._tell(scope)

    def remind(self, scope: Scope) -> None:
        """The clients of `scope` have a schema: where the model still has no load that worked, they are told again."""
        if self.notice is not None:
            self._untold = scope

    def _stop(self, why: str, scope: Scope | None) -> None:
        self.notice = Refusal("", "run_failed", f"{why}; it waits for new code", None)
        if self._replacing:
            self._untold = scope
        else:
            self._tell(scope)

    def _tell(self, scope: Scope | None) -> None:
        if scope is not None and self.notice is not None:
            scope.broadcast(self.notice)


def refuse(why: str, scope: Scope | None) -> None:
    """New code is not taken; the clients of `scope` are told."""
    if scope is not None:
        scope.broadcast(Refusal("", "reload_refused", why, None))
