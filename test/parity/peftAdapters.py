"""Adapters that Hugging Face PEFT writes for a tiny T5 of the parity fixtures, and what it makes of adapters of ours.

python test/parity/peftAdapters.py write --model MODEL [MODEL ...] --out FOLDER [--seed N]
  FOLDER/NAME gets a folder for each case, saved by peft, and `logits.safetensors` (`CASE`).
  The committed ones, from the repository's root: --model test/fixtures/parity/{v1.0,v1.1} --out test/fixtures/peft
python test/parity/peftAdapters.py read --model MODEL --adapters FOLDER --out FILE
  FILE gets the logits by each adapter in FOLDER, by its name.

Sources and targets are those of the model's expected.json.
"""

import argparse
import json
from pathlib import Path

import peft
import torch
from safetensors.torch import save_file
from transformers import T5ForConditionalGeneration
from transformers.utils import logging

from reference import pad

torch.set_num_threads(1)
logging.set_verbosity_error()
logging.disable_progress_bar()

T5 = dict(task_type="SEQ_2_SEQ_LM")
CASES = {
    "prompt": peft.PromptTuningConfig(**T5, num_virtual_tokens=3),
    "lora": peft.LoraConfig(**T5, r=2, lora_alpha=3),
    "lora-stabilised": peft.LoraConfig(**T5, r=3, lora_alpha=3, use_rslora=True, target_modules=["q", "k", "v", "o"]),
    "ia3": peft.IA3Config(**T5),
    "prefix": peft.PrefixTuningConfig(**T5, num_virtual_tokens=3),
    "prefix-projected": peft.PrefixTuningConfig(**T5, num_virtual_tokens=2, num_layers=3, prefix_projection=True),
}


def base(folder):
    return T5ForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()


def logits(tuned, folder):
    expected = json.loads((folder / "expected.json").read_text())
    sources = expected["sources"]
    with torch.no_grad():
        return tuned.double().eval()(
            input_ids=pad(sources, 0), attention_mask=pad([[1] * len(s) for s in sources], 0),
            labels=pad(expected["targets"], -100)).logits.float().contiguous()


def write(options):
    for folder in options.model:
        generator = torch.Generator().manual_seed(options.seed)
        found, out = {}, options.out / folder.name
        for name, config in CASES.items():
            tuned = peft.get_peft_model(base(folder), config)
            with torch.no_grad():
                for parameter in tuned.parameters():
                    if parameter.requires_grad:
                        parameter.copy_(parameter + 0.2 * torch.randn(parameter.shape, generator=generator))
            tuned.save_pretrained(out / name)
            (out / name / "README.md").unlink()
            # What was saved, and no longer what it was saved from.
            found[name] = logits(peft.PeftModel.from_pretrained(base(folder), out / name), folder)
        save_file(found, out / "logits.safetensors")


def read(options):
    [folder] = options.model
    found = {adapter.name: logits(peft.PeftModel.from_pretrained(base(folder), adapter), folder)
             for adapter in options.adapters.iterdir()}
    save_file(found, options.out)


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(required=True)
    for verb in (write, read):
        command = verbs.add_parser(verb.__name__)
        command.set_defaults(run=verb)
        command.add_argument("--model", type=Path, required=True, nargs="+")
        command.add_argument("--out", type=Path, required=True)
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--adapters", type=Path)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
