"""What would go wrong with a model, found before it is served."""
