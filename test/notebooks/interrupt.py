"""Trains in a real tslab kernel, interrupts it as Jupyter does, runs another cell, trains again, interrupts again.

usage: interrupt.py NOTEBOOK_FOLDER RUN_FOLDER        prints one JSON document: what the kernel answered
"""

import json
import re
import sys
import time
from queue import Empty

from jupyter_client.manager import start_new_kernel

folder, out = sys.argv[1:]
prepare = """
import { drawFewShot, fewShotConfig, loadT5, resolveModel, trainFewShot, trainingProgress, useBackend } from '..';
await useBackend();
const model = await loadT5(resolveModel('mini'));
const config = fewShotConfig({
  model: 'mini', task: 'mini-e2e', method: 'scaled-prompt-tuning', shots: 4, seed: [1, 2],
  steps: 5000, batch: 2, length: 4, devSize: 4,
});
const data = drawFewShot(config);
"""
train = f"const trained = await trainFewShot(model, config, data, {{ out: '{out}', ...trainingProgress('SPT') }});"

manager, client = start_new_kernel(kernel_name="tslab", cwd=folder, startup_timeout=120)


def run(source, interrupt_after=None):
    """Executes a cell; with `interrupt_after`, interrupts once that many training steps were shown."""
    message = client.execute(source)
    interrupted = None
    found = {"displays": [], "stdout": "", "stderr": ""}
    end = time.monotonic() + 240
    while time.monotonic() < end:
        try:
            answer = client.get_iopub_msg(timeout=1)
        except Empty:
            if not manager.is_alive():
                raise SystemExit("the kernel died")
            continue
        content = answer["content"]
        if answer["msg_type"] in ("display_data", "update_display_data"):
            text = content["data"]["text/plain"]
            found["displays"].append(text)
            step = int(re.search(r"step (\d+) of", text)[1])
            if interrupt_after is not None and interrupted is None and step >= interrupt_after:
                interrupted = time.monotonic()
                manager.interrupt_kernel()
        elif answer["parent_header"].get("msg_id") != message:
            continue
        elif answer["msg_type"] == "stream":
            found[content["name"]] += content["text"]
        elif answer["msg_type"] == "status" and content["execution_state"] == "idle":
            break
    reply = client.get_shell_msg(timeout=60)
    while reply["parent_header"].get("msg_id") != message:
        reply = client.get_shell_msg(timeout=60)
    # The kernel refuses cells sent within 0.2 s of a failed one, and the training still ends its step.
    time.sleep(3)
    return {"status": reply["content"]["status"], **found}


try:
    result = {
        "prepared": run(prepare),
        "first": run(train, interrupt_after=3),
        "next": run("console.log('alive', 1 + 1);"),
        "second": run(train, interrupt_after=1),
    }
    print(json.dumps(result))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
