"""The figures of the engine, beside llama.cpp on the same machine in one run."""
