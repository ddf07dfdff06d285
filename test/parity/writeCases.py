"""What the scripts share that write cases of methods for the parity tests: two files a checkpoint, and the command line."""

import argparse
import json
from pathlib import Path

from safetensors.torch import save_file


def write_cases(out, name, cases, tensors, **provenance):
    """Writes FOLDER/`name`.json (cases, and what made them) and FOLDER/`name`.safetensors, in float32."""
    out.mkdir(parents=True, exist_ok=True)
    save_file({key: value.float().contiguous() for key, value in tensors.items()}, out / f"{name}.safetensors")
    (out / f"{name}.json").write_text(json.dumps(dict(provenance=provenance, cases=cases)) + "\n")


def main(make):
    """Calls make(folder, out, seed) for each --model, with --out/NAME and --seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for folder in options.model:
        make(folder, options.out / folder.name, options.seed)
