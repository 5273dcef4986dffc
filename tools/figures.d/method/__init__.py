"""The figures of the method: what judging gets right, and what it costs, on a grmd of the run."""
