"""What is measured of a running server, one thing a module. Each gives figures by name, one number a run."""
