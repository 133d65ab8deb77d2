"""The ways clients reach the engine."""
