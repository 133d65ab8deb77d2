"""`python -m bench`: a look at ours; or the plan, where an option of `compare` is given, with `--official-python` beside
the official runtime."""

import sys

from . import compare, latency

OF_THE_PLAN = {"--official-python", "--only", "--runs", "--json"}

planned = any(argument.split("=")[0] in OF_THE_PLAN for argument in sys.argv[1:])
sys.exit(compare.main() if planned else latency.main())
