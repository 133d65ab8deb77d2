"""`python -m bench`: ours alone, or beside the official runtime where `--official-python` names it."""

import sys

from . import compare, latency

beside = any(argument.split("=")[0] == "--official-python" for argument in sys.argv[1:])
sys.exit(compare.main() if beside else latency.main())
