"""Writes the golden fixtures. `tools/golden` prepares the environment and calls this.

    golden.py --out DIR              the tiny models and their fixtures
    golden.py --out DIR --model M    the fixture of a real model, from its GGUF file M (real.py)

The fixtures are an independent proof: everything in them comes from Hugging Face transformers,
tokenizers and gguf, or was checked against them here. fixture.py documents the file format,
tiny.py and real.py the entries, tolerance.py how large a difference may be.
"""

import argparse
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TQDM_DISABLE", "1")


def main():
    """Parses the arguments and writes what they ask for."""
    parser = argparse.ArgumentParser(description="Write the golden fixtures.")
    parser.add_argument("--out", required=True, help="folder of the fixtures")
    parser.add_argument("--model", help="one of the files that real.py knows: write its fixture")
    arguments = parser.parse_args()

    import torch

    torch.set_num_threads(1)
    os.makedirs(arguments.out, exist_ok=True)
    if arguments.model:
        import real

        real.make(os.path.abspath(arguments.model), os.path.abspath(arguments.out))
    else:
        import tiny

        tiny.make(os.path.abspath(arguments.out))


if __name__ == "__main__":
    main()
