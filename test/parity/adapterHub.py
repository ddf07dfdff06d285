"""What AdapterHub's adapters makes of a tiny T5 of the parity fixtures: logits, by parameters under this project's names.

python test/parity/adapterHub.py --model MODEL [MODEL ...] --out FOLDER [--seed N]
The committed ones: --model test/fixtures/parity/{v1.0,v1.1,flan-bf16} --out test/fixtures/adapterHub

FOLDER/NAME gets `adapterHub.json` (cases: configuration, inputs) and `adapterHub.safetensors` (`CASE/parameter/NAME`,
`CASE/logits`). Runs with adapters 1.3.0 and the transformers that it needs, in a venv of their own.

With a prefix, adapters computes T5's position bias for as many keys as there are with the prefix, which moves every key
away from its query by the prefix's length. A case is `aligned` where this was mended (keys where they stand, zeros for
the prefix), and has `zeroBias` where all biases are zero and adapters runs as it is.
"""

import json
import re

import torch
from torch.nn import functional as F
from transformers import T5Config, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention
from transformers.utils import logging

import adapters
from reference import pad
from writeCases import main, write_cases

torch.set_num_threads(1)
logging.set_verbosity_error()

NAME = "tuned"
LENGTH, MIDDLE, REDUCTION, WIDTH, RANK = 4, 6, 4, 8, 2

MAPS = {"adapter_down.0": "down", "adapter_up": "up", "gate": "gate"}
LEAVES = {"weight": "weight", "bias": "bias", "b": "bias", "W_left": "s", "W_right": "t"}
ATTENTIONS = {"SelfAttention": "selfAttention", "EncDecAttention": "crossAttention"}
LORA = {"q": "query", "v": "value", "lora_A": "A", "lora_B": "B", "gate.weight": "gate.weight", "gate.bias": "gate.bias"}
PLACES = {"encoder": "encoder", "self": "decoder", "cross": "cross"}
PREFIX = {"wte.weight": "embedding", "control_trans.0.weight": "first.weight", "control_trans.0.bias": "first.bias",
          "control_trans.2.weight": "second.weight", "control_trans.2.bias": "second.bias"}
BLOCK = r"(encoder|decoder)\.block\.(\d+)\.layer\.(\d)\."
ATTENTION = BLOCK + r"(SelfAttention|EncDecAttention)\."


def own_name(name, reads_residual):
    """This project's name of a parameter of adapters."""
    if match := re.fullmatch(BLOCK + rf"adapters\.{NAME}\.(adapter_down\.0|adapter_up|gate)\.(\w+)", name):
        stack, block, layer, part, leaf = match.groups()
        place = "selfAttention.output" if layer == "0" else "output" if reads_residual else "feedForward.output"
        return f"{stack}.{block}.{place}.{MAPS[part]}.{LEAVES[leaf]}"
    if match := re.fullmatch(ATTENTION + rf"([qv])\.loras\.{NAME}\.([\w.]+)", name):
        stack, block, _layer, attention, letter, part = match.groups()
        return f"{stack}.{block}.{ATTENTIONS[attention]}.{LORA[letter]}.{LORA[part]}"
    if match := re.fullmatch(ATTENTION + rf"prefix_tuning\.prefix_gates\.{NAME}\.(weight|bias)", name):
        stack, block, _layer, attention, leaf = match.groups()
        return f"{stack}.{block}.{ATTENTIONS[attention]}.gate.{leaf}"
    if match := re.fullmatch(rf".*\.prefix_tunings\.{NAME}\.(encoder|self|cross)_prefix\.(.*)", name):
        return f"{PLACES[match[1]]}.{PREFIX[match[2]]}"
    if name == f"shared_parameters.{NAME}.phm_rule":
        return "shared.A"
    raise SystemExit(f"no name here for {name}")


def deviation_of(own, shape):
    """How widely a parameter is drawn: maps keep their input's size, biases and gates stay visible."""
    if own.endswith(".embedding"):
        return 1.0
    if own.endswith(".bias"):
        return 0.1
    return shape[-1] ** -0.5 if own.endswith(".weight") else 0.4


def prefix():
    return adapters.PrefixTuningConfig(prefix_length=LENGTH, bottleneck_size=MIDDLE)


def pfeiffer():
    return adapters.SeqBnConfig(reduction_factor=REDUCTION)


def compacter(kind):
    return lambda d: kind(reduction_factor=d // WIDTH)


def unipelt(_d):
    return adapters.UniPELTConfig(prefix(), pfeiffer(), adapters.LoRAConfig(r=RANK))


def plain(sources, targets):
    return sources, targets


def without_padding(sources, targets):
    """Sources of one length and a single target token: what gates average over is then the same in both projects."""
    length = min(map(len, sources))
    return [source[:length] for source in sources], [target[:1] for target in targets]


PREFIX_CONFIG = dict(length=LENGTH, middle=MIDDLE)
COMPACTER = dict(method="compacter", bottleneck=WIDTH, activation="gelu-erf", layerNorms=False)
UNIPELT = dict(method="unipelt", **PREFIX_CONFIG, reduction=REDUCTION, rank=RANK)
CASES = {
    "adapter houlsby": dict(theirs=lambda _d: adapters.DoubleSeqBnConfig(reduction_factor=REDUCTION),
                            config=dict(method="adapter", reduction=REDUCTION)),
    "adapter pfeiffer": dict(theirs=lambda _d: pfeiffer(), residual=True,
                             config=dict(method="adapter", placement="pfeiffer", reduction=REDUCTION,
                                         activation="relu")),
    "compacter": dict(theirs=compacter(adapters.CompacterConfig), config=COMPACTER),
    "compacter++": dict(theirs=compacter(adapters.CompacterPlusPlusConfig), residual=True,
                        config=COMPACTER | dict(placement="compacter++-residual")),
    "prefix-tuning": dict(theirs=lambda _d: prefix(), zeroBias=True,
                          config=dict(method="prefix-tuning", **PREFIX_CONFIG)),
    "prefix-tuning aligned": dict(theirs=lambda _d: prefix(), aligned=True,
                                  config=dict(method="prefix-tuning", **PREFIX_CONFIG)),
    "prefix-tuning as it is": dict(theirs=lambda _d: prefix(), differs=True,
                                   config=dict(method="prefix-tuning", **PREFIX_CONFIG)),
    "unipelt": dict(theirs=unipelt, residual=True, zeroBias=True, inputs=without_padding, constant=True,
                    config=UNIPELT),
    "unipelt aligned": dict(theirs=unipelt, residual=True, aligned=True, inputs=without_padding, constant=True,
                            config=UNIPELT),
    "unipelt with padding": dict(theirs=unipelt, residual=True, aligned=True, constant=True, differs=True,
                                 config=UNIPELT),
}


def load(folder):
    """The checkpoint as transformers 5 reads it: a head of its own is kept, and outputs are scaled where the file says so."""
    said = json.loads((folder / "config.json").read_text())
    config = T5Config.from_pretrained(folder)
    config.tie_word_embeddings = said.get("scale_decoder_outputs", said.get("tie_word_embeddings", True))
    return T5ForConditionalGeneration.from_pretrained(folder, config=config, dtype=torch.float64,
                                                      attn_implementation="eager").eval()


def align(attention):
    """Makes an attention compute its position bias for the keys behind the prefix, with zeros for the prefix."""
    compute = attention.compute_bias

    def aligned(queries, keys, **options):
        return F.pad(compute(queries, queries, **options), (keys - queries, 0))
    attention.compute_bias = aligned


def make_case(folder, case, generator, sources, targets):
    model = load(folder)
    frozen = {name for name, _ in model.named_parameters()}
    adapters.init(model)
    model.add_adapter(NAME, config=case["theirs"](model.config.d_model))
    model.set_active_adapters(NAME)
    parameters = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in frozen:
                continue
            own = own_name(name, case.get("residual", False))
            # What is stored is float32, and all is computed from what is stored.
            value = deviation_of(own, parameter.shape) * torch.randn(*parameter.shape, generator=generator)
            # Such a gate reads the decoder in adapters and the source here: without a weight, nothing.
            if case.get("constant") and re.fullmatch(r"decoder\.\d+\.\w+Attention\.gate\.weight", own):
                value.zero_()
            parameters[own] = value
            parameter.copy_(value)
        for name, parameter in model.named_parameters():
            if case.get("zeroBias") and name.endswith("relative_attention_bias.weight"):
                parameter.zero_()
        for module in model.modules():
            if case.get("aligned") and isinstance(module, T5Attention) and module.has_relative_attention_bias:
                align(module)
        logits = model.double()(input_ids=pad(sources, 0), attention_mask=pad([[1] * len(s) for s in sources], 0),
                                labels=pad(targets, -100), use_cache=False).logits
    return parameters, logits


def make(folder, out, seed):
    expected = json.loads((folder / "expected.json").read_text())
    generator = torch.Generator().manual_seed(seed)
    tensors, cases = {}, {}
    for name, case in CASES.items():
        sources, targets = case.get("inputs", plain)(expected["sources"], expected["targets"])
        parameters, logits = make_case(folder, case, generator, sources, targets)
        flags = {key: case.get(key, False) for key in ("zeroBias", "aligned", "differs")}
        cases[name] = dict(config=case["config"], **flags, sources=sources, targets=targets)
        tensors[f"{name}/logits"] = logits
        tensors |= {f"{name}/parameter/{key}": value for key, value in parameters.items()}
    write_cases(out, "adapterHub", cases, tensors, torch=torch.__version__, adapters=adapters.__version__, seed=seed)


if __name__ == "__main__":
    main(make)
