"""New workspaces: a model that runs at once, with its manifest, config and tests."""

from .workspace import TEMPLATES, Workspace, create_workspace

__all__ = ["TEMPLATES", "Workspace", "create_workspace"]
