"""The figures of the method: what judging gets right, and what it costs, on a grmd of the run."""

import sys
from pathlib import Path

# tools/evaluation, which reads the data and has the statistics.
sys.path.append(str(Path(__file__).resolve().parents[2]))
