"""Tracebacks as an author gets them: their own lines, and none of the runtime's."""

from __future__ import annotations

from reactor_runtime.cli.tracebacks import trimmed
from reactor_runtime.errors import OutputError, error_name
from reactor_runtime.media.pictures import check_picture


def caught(raising):
    try:
        raising()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_an_error_of_the_runtimes_own_is_its_text_and_its_notes():
    error = caught(lambda: check_picture(3, "emit()"))
    assert "in caught" in trimmed(error)  # it passed lines that count as the author's
    error.__traceback__ = error.__traceback__.tb_next.tb_next
    error.add_note("inference() yielded it at dream.py:63")
    assert trimmed(error).splitlines() == [
        "reactor_runtime.errors.OutputError: emit(): a int is no picture; "
        "give a numpy array or a torch tensor (H, W, 3)",
        "inference() yielded it at dream.py:63",
    ]


def test_classes_are_called_by_what_one_would_search_for():
    class Broken(Exception):
        pass

    assert error_name(ValueError()) == "ValueError"
    assert error_name(OutputError()) == "OutputError"
    assert error_name(Broken()).endswith(".<locals>.Broken")
