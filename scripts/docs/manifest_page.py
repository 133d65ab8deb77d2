"""The reference of `reactor.yaml`, from the table of keys that reading it uses."""

from __future__ import annotations

from reactor_runtime.manifest.keys import KEYS, LATER

_INTRODUCTION = """# Manifest

<!-- Made by scripts/docs from src/reactor_runtime/manifest/keys.py; `make docs` writes it anew. -->

`reactor.yaml` says what is served and how. `reactor run` takes that of the folder you are in, or the one that you name;
a single Python file needs none. This one says all there is to say, and needs no more than `runtime.import`:

"""
_KEYS = """
## Keys

A key that is left out, or that has no value, takes its default. One that is unknown is ignored, with a warning that
names the nearest known one.

| key | value | what it is for | default |
|---|---|---|---|
"""
_REST = """
Keys of other runtimes that say nothing here, and are no reason for a warning: {later}.

## The config

What the config file holds is the model's own affair: `load(config)` [gets it](../model/anatomy.md#loading). The command
line overrides its keys, the value being YAML: `--model.steps=8 --model.sampler.eta=0.5 --model.tags='[a, b]'`. An
override of a key that the config file does not have is taken, with a warning.

```yaml
steps: 4
sampler:
  eta: 1e-1
```

## The older form

```yaml
model: "my_model:MyModel"
name: my-model
config: config.yml
```
"""


def manifest_page() -> str:
    """The page."""
    rows = "".join(
        f"| `{key.path}` | {key.expected} | {key.description} | {key.default} |\n"
        for key in KEYS
        if key.expected != "keys and values"
    )
    later = ", ".join(f"`{path}`" for path in LATER)
    return _INTRODUCTION + example() + _KEYS + rows + _REST.format(later=later)


def example() -> str:
    """A manifest with every key that has an example, as a block of YAML."""
    lines = []
    for key in KEYS:
        depth = key.path.count(".")
        opens = any(other.section == key.path and other.example for other in KEYS)
        if "[]" not in key.path and (key.example or opens):
            lines.append(f"{'  ' * depth}{key.name}: {key.example}".rstrip())
    return "```yaml\n" + "\n".join(lines) + "\n```\n"
