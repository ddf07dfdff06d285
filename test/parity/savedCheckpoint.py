"""What transformers makes of folders that saveT5 wrote, as a JSON list on stdout.

python test/parity/savedCheckpoint.py FOLDER ... < {"sources": [[id, ...], ...], "targets": [[id, ...], ...]}
"""

import json
import sys

import torch
from transformers import T5ForConditionalGeneration
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def load(folder, batch):
    model, loading = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    with torch.no_grad():
        logits = model.eval()(input_ids=torch.tensor(batch["sources"]), labels=torch.tensor(batch["targets"])).logits
    return {
        "missing": sorted(loading["missing_keys"]),
        "unexpected": sorted(loading["unexpected_keys"]),
        "tied": model.lm_head.weight is model.shared.weight,
        "startTokenId": model.generation_config.decoder_start_token_id,
        "logits": logits.flatten().tolist(),
    }


batch = json.load(sys.stdin)
print(json.dumps([load(folder, batch) for folder in sys.argv[1:]]))
