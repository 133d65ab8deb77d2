"""`reactor init`: a workspace to begin with."""

from __future__ import annotations

import os
import shlex

import click

from ..errors import WorkspaceError
from ..scaffold import TEMPLATES, Workspace, create_workspace
from .failures import USAGE_ERROR, fail


@click.command("init")
@click.argument("name")
@click.option(
    "--template",
    "-t",
    default="model",
    show_default=True,
    metavar="|".join(TEMPLATES),
    help="; ".join(f"{name}: {what}" for name, what in TEMPLATES.items()) + ".",
)
def init(name: str, template: str) -> None:
    """Make a folder NAME with a model in it that runs at once: the model, its manifest and config, a README, tests.

    \b
    NAME becomes the folder, the module, the class and the published name: my-model, my_model and MyModel all make
    my_model.py with the class MyModel, served as my-model. Of a path, the last part is the name.

    \b
    Examples
      reactor init my-model
      reactor init my-camera --template webcam
      reactor init models/dream --template pipeline
    """
    try:
        workspace = create_workspace(name, template)
    except WorkspaceError as error:
        fail(error, USAGE_ERROR, verbose=False)
    click.echo(_summary(workspace, template))


def _summary(workspace: Workspace, template: str) -> str:
    what = {
        f"{workspace.module}.py": f"the model, class {workspace.cls}: begin here",
        "config.yml": "what load(config) gets",
        "reactor.yaml": f"served as {workspace.name}",
        f"tests{os.sep}test_{workspace.module}.py": "the model as clients see it, without a server",
    }
    width = max(len(str(file)) for file in workspace.files)
    files = [f"  {file!s:{width}}  {what.get(str(file), '')}".rstrip() for file in workspace.files]
    return "\n".join(
        [
            f"made {workspace.folder}{os.sep} from the template {template}",
            *files,
            "next",
            f"  cd {shlex.quote(str(workspace.folder))}",
            "  reactor run --reload     then open the address it prints, change a line and save",
            "  pytest                   pip install pytest, if it is not there",
        ]
    )
