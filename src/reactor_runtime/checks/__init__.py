"""What would go wrong with a model, found before it is served."""

from .advice import advice
from .findings import Finding, Level
from .rehearsal import rehearse
from .static import StaticCheck

__all__ = ["Finding", "Level", "StaticCheck", "advice", "rehearse"]
