"""The config's keys are held against those that load() reads, as authors write it."""

from __future__ import annotations

import textwrap

import pytest

from .models import GOOD, bad

LOAD = """def load(self, config):
            self.weights = config["weights"]
            self.steps = config.get("steps", 4)
"""
HELPERS = """
    DEFAULTS = {"guidance": 1.0}

    class Om:
        @staticmethod
        def merge(first, second):
            return {**first, **second}

    def read(cfg):
        return cfg["weights"], cfg.get("other")

    def build(x):
        return x["nope"]

    def wide(**config):
        return config

    def fill(cfg):
        cfg.setdefault("seed", 1)
"""


def with_load(code, parameters="self, config"):
    """The good model with another `load`, and with functions for it to call."""
    load = f"def load({parameters}):\n{textwrap.indent(textwrap.dedent(code).strip(), ' ' * 12)}\n"
    assert LOAD in GOOD
    return GOOD.replace(LOAD, load) + HELPERS


def of_config(findings):
    return [(level, text) for level, subject, text in findings if subject == "config" and level != "ok"]


@pytest.mark.parametrize(
    ("load", "config", "level", "text"),
    [
        (
            "self.a = config['wieghts']",
            "weights: 1",
            "error",
            "checked_model.py:12: load() reads 'wieghts', which c.yml has not; did you mean weights?",
        ),
        (
            "self.a = config.checkpoint",
            "{}",
            "error",
            "load() reads 'checkpoint', which c.yml has not; add it to c.yml",
        ),
        (
            "self.a = config.sampler.steps",
            "sampler: {stepz: 1}",
            "error",
            "load() reads 'sampler.steps', which c.yml has not; did you mean stepz?",
        ),
        ("self.a = config['sampler']['steps']", "sampler: {steps: 1}", "ok", "sampler"),
        ("self.a = config.get('a', 1)", "{}", "ok", "none, and none is needed"),
        ("self.a = config['a'] if 'a' in config else 1", "{}", "ok", "none, and none"),
        ("self.a = config['a']", "a: 1\nb: 2", "warning", "c.yml: 'b' is not read by load()"),
        (
            "self.a = config['colour']",
            "colour: 1\ncolor: 2",
            "warning",
            "c.yml: 'color' is not read by load(); did you mean 'colour'?",
        ),
        ("self.a = config", "a: 1\nb: 2", "ok", "a, b"),
        ("self.a = dict(**config)", "a: 1\nb: 2", "ok", "a, b"),
        (
            "self.a = read(config)",
            "weights: ckpt/w.pt\nother: 1",
            "warning",
            "c.yml: weights: ckpt/w.pt is not there; looked in HERE and",
        ),
        (
            "self.a = read(config)",
            "weight: 1",
            "error",
            "load() reads 'weights', which c.yml has not; did you mean weight?",
        ),
        ("self.a = read(cfg=config)", "weights: 1\nother: 1", "ok", "weights, other"),
        ("for key in config: pass", "weights: 1", "ok", "weights"),
        ("self.a = [config['layers'] for _ in range(2)]", "{}", "error", "load() reads 'layers'"),
    ],
)
def test_config_keys_are_held_against_what_load_reads(check, load, config, level, text):
    model = with_load(load)
    found = [(each[0], each[2]) for each in check(model, config) if each[1] == "config"]
    assert any(each[0] == level and text in each[1] for each in found), found
    if level != "error":
        assert all(each[0] != "error" for each in found), found


def test_an_override_is_a_key_too(check):
    assert bad(check(config="steps: 1"))
    assert not bad(check(config="steps: 1", overrides=["--model.weights=x"]))


@pytest.mark.parametrize(
    "load",
    [
        # the name gets another meaning
        "config = {**DEFAULTS, **config}; self.g = config['guidance']",
        "config = config['model']; self.p = config['dtype']",
        "config = Om.merge(DEFAULTS, config); self.g = config.guidance",
        "config = dict(config); config['g'] = 1; self.g = config['g']",
        "config = config or {}; self.g = config['g']",
        "config: dict = read_more(); self.g = config['g']",
        "config |= DEFAULTS; self.g = config['guidance']",
        "for config in config['parts']: self.p = config['dtype']",
        "with opened() as config: self.p = config['dtype']",
        "if (config := more()): pass\nself.p = config['dtype']",
        "import config\nself.p = config.dtype",
        "match self.kind:\n    case config: pass\nself.p = config.dtype",
        # keys are put in
        "config['device'] = 'cpu'; self.d = config['device']",
        "config.device = 'cpu'; self.d = config.device",
        "setattr(config, 'device', 'cpu'); self.d = config.device",
        "config['sampler'] = {'steps': 1}; self.s = config.sampler.steps",
        "config.setdefault('seed', 3); self.s = config['seed']",
        "fill(config); self.s = config['seed']",
        "config.update(seed=1); self.s = config['seed']",
        "for key, value in DEFAULTS.items(): config[key] = value\nself.g = config['guidance']",
        "for key, value in DEFAULTS.items(): config.setdefault(key, value)\nself.g = config['guidance']",
        "config['model'].update(device='cpu'); self.d = config['model']['device']",
        # a key is guarded
        "try:\n    self.s = config['seed']\nexcept KeyError:\n    self.s = 0",
        "try:\n    self.s = build(config)\nexcept KeyError:\n    self.s = 0",
        "with contextlib.suppress(KeyError): self.s = config['seed']",
        "if hasattr(config, 'lora'): self.l = config.lora",
        "self.l = getattr(config, 'lora', None)",
        "if config.use_lora: self.l = config.lora_path",
        "if config['use_lora']:\n    pass\nelse:\n    self.l = config['other']",
        "self.p = config['path'] if 'path' in config else config['repo']",
        "self.p = config.get('path') or config['repo']",
        "if not config: return\nself.s = config.seed",
        "while self.more(): self.s = config.seed",
        "for each in config.get('loras', []): self.s = config['scale']",
        "self.l = [(each, config['scale']) for each in config.get('loras', [])]",
        "match config['model']:\n    case 'big': self.s = config['big']",
        "self.make = lambda: config['later']",
        "del config['model']",
        # another thing of that name
        "def build(config):\n    return config['dtype']\nself.p = build(config['model'])",
        "self.p = [config['dtype'] for config in config['parts']]",
        "self.p = {config['a']: config['b'] for config in config['parts']}",
        "self.p = (lambda config: config['dtype'])(config['model'])",
        "build = self.b; self.p = build(config)",
        "self.p = wide(config=config)",
    ],
)
def test_sensible_ways_to_load_are_no_errors(check, load):
    config = "model: {path: x}\nuse_lora: false\npath: y\nparts: []\n"
    found = of_config(check(with_load(load), config))
    assert not [text for level, text in found if level == "error"], found


@pytest.mark.parametrize(
    ("load", "key"),
    [
        ("self.s = config['seed']; config['seed'] = 1", "seed"),
        ("config['seed'] += 1", "seed"),
        ("if config.seed: self.x = 1", "seed"),
        ("self.s = config['seed'] if self.x else 0; self.t = config['seed']", "seed"),
        ("try:\n    self.s = config['seed']\nfinally:\n    self.x = 1", "seed"),
        ("with open('x') as file: self.s = config['seed']", "seed"),
        ("def later():\n    return 1\nself.s = config['seed']", "seed"),
        ("self.s = getattr(config, 'seed')", "seed"),
        ("config = config['modle']", "modle"),
        ("self.p = config['modle']['path']", "modle"),
        ("self.p = config.modle.path.strip()", "modle"),
        ("self.p = config['prompt'].strip()", "prompt"),
        ("self.p = config['modle'].get('path')", "modle"),
        ("self.p = 'path' in config['modle']", "modle"),
        ("config['modle']['path'] = 'x'", "modle"),
        ("self.p = config.model.sampler.steps", "model.sampler"),
        ("self.x = 1; self.p = build(config)", "nope"),
    ],
)
def test_a_key_that_load_cannot_do_without(check, load, key):
    errors = [text for level, text in of_config(check(with_load(load), "model: {path: x}\n")) if level == "error"]
    assert len(errors) == 1 and f": load() reads {key!r}, which c.yml has not" in errors[0], errors


def test_a_misspelt_parent_is_told_once_with_the_nearest(check):
    found = check(with_load("self.p = config.modle.path, config.modle.dtype"), "model: {path: x}\n")
    assert of_config(found)[0] == (
        "error",
        "checked_model.py:12: load() reads 'modle', which c.yml has not; did you mean model?",
    )
    assert [level for level, _ in of_config(found)].count("error") == 1


@pytest.mark.parametrize("load", ["self.p = config.model.strip()", "self.p = config['model']['path']"])
def test_what_belongs_to_a_value_is_no_key(check, load):
    assert not of_config(check(with_load(load), "model: x\n"))


def test_keys_that_are_numbers_are_no_suggestions(check):
    found = of_config(check(with_load("self.p = config.table.one"), "table: {1: a}\n"))
    assert found == [("error", "checked_model.py:12: load() reads 'table.one', which c.yml has not; add it to c.yml")]


def test_keys_that_load_only_sets_or_asks_for_are_known(check):
    load = "config['device'] = 'cpu'\nself.l = hasattr(config, 'lora') and config.lora"
    assert not of_config(check(with_load(load), "device: x\nlora: y\n"))


@pytest.mark.parametrize("parameters", ["self, config: Path", "self, config: 'pathlib.Path'", "self, *config"])
def test_a_load_that_takes_the_files_path_reads_it_itself(check, parameters):
    model = with_load("self.text = config.read_text()", parameters).replace("import time", "from pathlib import Path")
    assert not bad(check(model, "a: 1\n"))


@pytest.mark.parametrize(
    ("value", "warned"),
    [
        ("https://example.com/x/w.safetensors", False),
        ("lightning.safetensors", False),
        ("weights/lightning.safetensors", True),
        ("~nosuchuser/w.pt", True),
        (f"x/{'a' * 300}.pt", True),
    ],
)
def test_weights_are_looked_for_where_a_folder_is_named(check, value, warned):
    found = of_config(check(with_load("self.w = config.w"), f"w: {value}\n"))
    assert [level for level, text in found if f"c.yml: w: {value} is not there" in text] == ["warning"] * warned
    assert len(found) == warned
