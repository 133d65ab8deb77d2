"""`python -m reactor_runtime` is `reactor`."""

from .cli import main

if __name__ == "__main__":
    main()
