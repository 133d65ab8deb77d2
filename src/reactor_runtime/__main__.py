"""`python -m reactor_runtime` is `reactor`."""

from openreactor import main

if __name__ == "__main__":
    main()
