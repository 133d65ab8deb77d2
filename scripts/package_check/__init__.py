"""What `pip install` gives a stranger: both distributions built, installed into clean environments, and run there.

`python -m scripts.package_check` does it for each interpreter on this machine; `tests/package` does it in `make test`.
"""
