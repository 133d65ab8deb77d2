"""When two functions do the same, as far as their code tells."""

from __future__ import annotations

import sys
import textwrap
import types

import pytest

from reactor_runtime.manifest import fingerprint, own_print

BASE = """
    SIZE = 4
    NAMES = ("a", "b")

    def make(n):
        return [n] * SIZE

    def unrelated():
        return 1

    class Net:
        def __init__(self):
            self.layers = make(3)

        def forward(self):
            return self.layers

    class Model:
        def load(self, config):
            '''Docs.'''
            self.net = Net()
            self.names = NAMES
            self.begin()

        def begin(self):
            self.step = 0

        def run(self):
            return self.net.forward()
"""


def prints(text: str):
    module = types.ModuleType("printed")
    sys.modules["printed"] = module
    try:
        exec(textwrap.dedent(text), vars(module))
        return fingerprint(module.Model.load, {"printed"}, module.Model), own_print(module.Model.load)
    finally:
        del sys.modules["printed"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SIZE = 4", "SIZE = 5"),
        ('("a", "b")', '("a", "c")'),
        ("return [n] * SIZE", "return [n] * SIZE * 2"),
        ("make(3)", "make(4)"),
        ("self.step = 0", "self.step = 1"),
        ("self.names = NAMES", "self.names = NAMES[:]"),
        ("def load(self, config):", "def load(self, config, more=1):"),
        ("make(3)", "make(3.0)"),
    ],
)
def test_what_load_comes_to_has_changed(before, after):
    assert before in BASE
    assert prints(BASE)[0] != prints(BASE.replace(before, after))[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return 1", "return 2"),
        ("return self.layers", "return self.layers[:1]"),
        ("return self.net.forward()", "return 0"),
        ("'''Docs.'''", "'''Other words.'''"),
        ("    SIZE = 4", "    # a comment, and lines\n\n\n    SIZE = 4"),
    ],
)
def test_it_has_not(before, after):
    assert before in BASE
    assert prints(BASE) == prints(BASE.replace(before, after))


MORE = """
    import functools
    TABLE = {"steps": 4, "names": ["a"]}

    def no_grad(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args)
        return wrapper

    class Base:
        def load(self, config):
            self.base = 1

    class Model(Base):
        @no_grad
        def load(self, config):
            super().load(config)
            self.table = TABLE["steps"]
            self.built = printed_helper.build(config)
"""
HELPER = "def build(config):\n    return [1]\n"


def prints_beside_a_helper(text: str, helper: str = HELPER):
    module = types.ModuleType("printed_helper")
    sys.modules["printed_helper"] = module
    exec(helper, vars(module))
    main = types.ModuleType("printed")
    sys.modules["printed"] = main
    main.printed_helper = module
    try:
        exec(textwrap.dedent(text), vars(main))
        return fingerprint(main.Model.load, {"printed", "printed_helper"}, main.Model)
    finally:
        del sys.modules["printed"], sys.modules["printed_helper"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("self.base = 1", "self.base = 2"),
        ('"steps": 4', '"steps": 5'),
        ('["a"]', '["b"]'),
        ('TABLE["steps"]', 'TABLE["names"]'),
        ("return function(*args)", "return function(*args) or 1"),
    ],
)
def test_decorators_bases_and_tables_count(before, after):
    assert before in MORE
    assert prints_beside_a_helper(MORE) != prints_beside_a_helper(MORE.replace(before, after))
    assert prints_beside_a_helper(MORE) == prints_beside_a_helper(MORE)


def test_functions_of_an_imported_module_count():
    assert prints_beside_a_helper(MORE) != prints_beside_a_helper(MORE, HELPER.replace("[1]", "[2]"))


def test_the_own_print_does_not_look_further():
    assert prints(BASE)[1] == prints(BASE.replace("make(3)", "make(4)"))[1]
    assert own_print(print) == fingerprint(print, {"builtins"}) == ()


def test_code_that_calls_itself_has_a_print():
    looped = BASE.replace("return [n] * SIZE", "return make(n)")
    assert prints(looped)[0] == prints(looped)[0]
