"""The parts of `bench.soak`: what is done, what is looked at, and what counts as growth."""
