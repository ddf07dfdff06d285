"""Executes a notebook in the tslab kernel, cell by cell, and says where it is.

usage: executeNotebook.py NOTEBOOK.ipynb OUTPUT_FOLDER SECONDS
The executed copy lands in OUTPUT_FOLDER also when a cell fails.
"""

import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from jupyter_client.kernelspec import NoSuchKernel

source, folder, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
start = time.monotonic()
at = 0


def say(text):
    print(f"{source.name}: {text} ({time.monotonic() - start:.0f} s)", flush=True)


def fail(problem):
    last = next((line for line in reversed(str(problem).strip().splitlines()) if line.strip()), type(problem).__name__)
    print(f"error: {source}, cell {at}: {last.strip()}", file=sys.stderr)
    sys.exit(1)


try:
    notebook = nbformat.read(source, as_version=4)
except (OSError, ValueError) as problem:
    fail(problem)
code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]


def on_cell_start(cell, cell_index):
    global at
    at = cell_index + 1
    if cell_index in code:
        first = cell.source.strip().splitlines()[0]
        say(f"cell {code.index(cell_index) + 1} of {len(code)}: {first[:70]}")


def told(cell):
    """tslab prints what went wrong on the cell's stderr; its reply to Jupyter holds no message."""
    return "".join(o.text for o in cell.get("outputs", []) if o.output_type == "stream" and o.name == "stderr")


def on_cell_error(cell, cell_index, execute_reply):
    sys.stderr.write(told(cell))


def cause(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("    at ")]
    return next((line for line in lines if re.match(r"\w*Error: ", line)), lines[0] if lines else "the cell failed")


client = NotebookClient(
    notebook,
    timeout=seconds,
    kernel_name="tslab",
    resources={"metadata": {"path": str(source.parent)}},
    on_cell_start=on_cell_start,
    on_cell_error=on_cell_error,
)
try:
    client.execute()
    say("done")
except CellTimeoutError:
    fail(f"not done after {seconds:.0f} s")
except CellExecutionError:
    fail(cause(told(notebook.cells[at - 1])))
except AssertionError as problem:
    # nbclient cleans up twice when it is told to end, and trips over the second time.
    fail(problem.__context__ or problem)
except (DeadKernelError, NoSuchKernel) as problem:
    fail(problem)
finally:
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{source.name}.{os.getpid()}"
    nbformat.write(notebook, beside)
    os.replace(beside, folder / source.name)
