"""`python -m bench`: a look at ours; or, with an option of `compare`, what is in the plan: of ours, and of the official
runtime beside it where `--official-python` names that."""

import sys

from . import compare, latency

OF_THE_PLAN = {"--official-python", "--only", "--runs", "--json"}

planned = any(argument.split("=")[0] in OF_THE_PLAN for argument in sys.argv[1:])
sys.exit(compare.main() if planned else latency.main())
