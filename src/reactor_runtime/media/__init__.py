"""Pictures, as the engine carries them."""
