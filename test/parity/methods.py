"""What PyTorch makes of every tuning method on a tiny T5 of the parity fixtures: logits and float64 gradients.

python test/parity/methods.py --model MODEL [MODEL ...] --out FOLDER [--seed N]
The committed ones: --model test/fixtures/parity/{v1.0,v1.1,flan-bf16} --out test/fixtures/methods

Each method's definition is written here once more, with forward hooks on transformers' T5, and random parameters under
this project's names; Prompt-Tuning, LoRA, IA3 and Prefix-Tuning are also computed by peft, from the same parameters, and
must agree. FOLDER/NAME gets `methods.json` (cases, configurations) and `methods.safetensors` (`CASE/parameter/NAME`,
`CASE/gradient/NAME`, `CASE/logits`). Sources and targets are those of the model's expected.json.
"""

import copy
import json
import math

import peft
import torch
from peft.utils import TaskType
from torch.nn import functional as F
from transformers import T5ForConditionalGeneration
from transformers.utils import logging

from writeCases import main, write_cases

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
logging.set_verbosity_error()
logging.disable_progress_bar()

# Parameters are drawn anew until PyTorch's own float32 gradient is this near: a case that rounding moves further could not
# tell a right implementation from a wrong one.
STEADY = 1e-5
LENGTH, RANK, ALPHA, MIDDLE, WIDTH, PRODUCTS, MAX_LENGTH = 4, 2, 3, 6, 8, 4, 5
BIAS = "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"


class Sites:
    """A T5's modules by this project's site names."""

    def __init__(self, model):
        self.model, config = model, model.config
        self.d, self.inner, self.ff = config.d_model, config.num_heads * config.d_kv, config.d_ff
        self.attentions, self.dense, self.blocks = {}, {}, {}
        for name, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
            for index, block in enumerate(stack.block):
                self.attentions[f"{name}.{index}.selfAttention"] = block.layer[0].SelfAttention
                if name == "decoder":
                    self.attentions[f"{name}.{index}.crossAttention"] = block.layer[1].EncDecAttention
                self.dense[f"{name}.{index}.feedForward"] = block.layer[-1].DenseReluDense
                self.blocks[f"{name}.{index}.output"] = block
        self.norms = [name for name, _ in model.named_parameters() if name.endswith("layer_norm.weight")]

    def projections(self, *letters):
        names = dict(q="query", k="key", v="value", o="output")
        return {f"{site}.{names[letter]}": getattr(attention, letter)
                for site, attention in self.attentions.items() for letter in letters}

    def sublayers(self):
        """Outputs of self-attention and of feed-forward, before the residual is added."""
        own = {f"{site}.output": attention.o for site, attention in self.attentions.items() if "self" in site}
        return own | {f"{site}.output": dense.wo for site, dense in self.dense.items()}


def hook(module, change):
    """change(output, input) in the output's place."""
    def run(_module, args, output):
        if isinstance(output, tuple):
            return (change(output[0], args[0]),) + output[1:]
        return change(output, args[0])
    module.register_forward_hook(run)


def with_prefix(attention, prefix):
    """T5's attention with keys and values before its own, which get no position bias: prefix(states) gives both."""
    def forward(hidden_states, mask=None, key_value_states=None, position_bias=None, past_key_values=None, **_kwargs):
        states = hidden_states if key_value_states is None else key_value_states
        heads = lambda x: x.view(*x.shape[:2], attention.n_heads, -1).transpose(1, 2)
        query, key, value = heads(attention.q(hidden_states)), heads(attention.k(states)), heads(attention.v(states))
        if position_bias is None:
            shape = (1, attention.n_heads, query.shape[2], key.shape[2])
            position_bias = (attention.compute_bias(query.shape[2], key.shape[2])
                             if attention.has_relative_attention_bias else torch.zeros(shape))
        scores = position_bias if mask is None else position_bias + mask
        pkey, pvalue = (heads(x.expand(len(states), -1, -1)) for x in prefix(states))
        scores = F.pad(scores, (pkey.shape[2], 0)) + query @ torch.cat([pkey, key], 2).transpose(2, 3)
        merged = (scores.softmax(-1) @ torch.cat([pvalue, value], 2)).transpose(1, 2).flatten(2)
        return attention.o(merged), position_bias, None
    attention.forward = forward


class Case:
    """A model with a method on it: parameters drawn by name, and what they change."""

    def __init__(self, model, generator, given=None):
        self.model, self.generator, self.given, self.parameters = model, generator, given, {}
        self.sites = Sites(model)
        self.embed = lambda embeds, mask: embeds
        self.mask = None

    def parameter(self, name, *shape, around=0.0, deviation=0.4):
        if self.given is None:
            # What is stored is float32, and all is computed from what is stored.
            value = (around + deviation * torch.randn(*shape, generator=self.generator)).float()
        else:
            value = self.given[name].detach()
        self.parameters[name] = value.to(torch.get_default_dtype()).requires_grad_()
        return self.parameters[name]

    def linear(self, name, out, into):
        weight = self.parameter(f"{name}.weight", out, into, deviation=into**-0.5)
        bias = self.parameter(f"{name}.bias", out, deviation=0.1)
        return lambda x: F.linear(x, weight, bias)

    def layer_norms(self):
        """Trained layer norms in the frozen ones' place."""
        for name in self.sites.norms:
            module = self.model.get_submodule(name.removesuffix(".weight"))
            frozen = module.weight.detach()
            del module.weight
            module.weight = self.parameter(name, len(frozen), around=frozen, deviation=0.1)

    def logits(self, sources, targets):
        ids, self.mask = pad(sources, 0), pad([[1] * len(s) for s in sources], 0)
        embeds = self.embed(self.model.get_input_embeddings()(ids), self.mask)
        mask = F.pad(self.mask, (embeds.shape[1] - ids.shape[1], 0), value=1)
        result = self.model(inputs_embeds=embeds, attention_mask=mask, labels=pad(targets, -100), use_cache=False)
        return result.logits, result.loss


def pad(sequences, value):
    length = max(map(len, sequences))
    return torch.tensor([s + [value] * (length - len(s)) for s in sequences])


def prepend(prompt, embeds):
    return torch.cat([prompt.expand(len(embeds), -1, -1), embeds], 1)


def prompt_tuning(case):
    prompt = case.parameter("prompt", LENGTH, case.sites.d)
    case.embed = lambda embeds, _mask: prepend(prompt, embeds)


def scaled(scale):
    def method(case):
        prompt = case.parameter("prompt", LENGTH, case.sites.d)
        apply = scale(case, prompt)
        case.embed = lambda embeds, mask: prepend(apply(embeds, mask), embeds)
    return method


def token_wise(case, prompt):
    scale = case.parameter("scale", LENGTH, around=1)
    return lambda *_: scale[:, None] * prompt


def affine(case, prompt):
    scale, shift = case.parameter("scale", LENGTH, around=1), case.parameter("shift", case.sites.d)
    return lambda *_: scale[:, None] * prompt + shift


def low_rank(case, prompt):
    left, right = case.parameter("left", LENGTH, 4), case.parameter("right", 4, case.sites.d)
    return lambda *_: (1 + left @ right) * prompt


def layer_norm(case, prompt):
    gain = case.parameter("gain", case.sites.d, around=1)
    return lambda *_: F.layer_norm(prompt, (case.sites.d,), gain, None, 1e-6)


def rms_norm(case, prompt):
    gain = case.parameter("gain", case.sites.d, around=1)
    return lambda *_: F.rms_norm(prompt, (case.sites.d,), gain, 1e-6)


def direction_magnitude(case, prompt):
    magnitude = case.parameter("magnitude", LENGTH, around=2)
    return lambda *_: magnitude[:, None] * F.normalize(prompt, dim=1)


def input_gated(case, prompt):
    weight, bias = case.parameter("weight", LENGTH, case.sites.d), case.parameter("bias", LENGTH)

    def apply(embeds, mask):
        pooled = (embeds * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        scale = 2 * torch.sigmoid(F.linear(F.normalize(pooled, dim=1), weight, bias))
        return scale[..., None] * prompt
    return apply


def residual_prompt_tuning(case):
    d = case.sites.d
    prompt = case.parameter("prompt", LENGTH, d)
    down, up = case.linear("down", WIDTH, d), case.linear("up", d, WIDTH)
    weight, bias = case.parameter("norm.weight", d, around=1), case.parameter("norm.bias", d)
    case.embed = lambda embeds, _mask: prepend(
        prompt + F.layer_norm(up(F.relu(down(prompt))), (d,), weight, bias), embeds)


def dept(case):
    prompt = case.parameter("prompt", LENGTH, case.sites.d)
    a, b = case.parameter("A", MAX_LENGTH, RANK), case.parameter("B", RANK, case.sites.d)

    def embed(embeds, _mask):
        reached = min(MAX_LENGTH, embeds.shape[1])
        return prepend(prompt, embeds + F.pad((a @ b)[:reached], (0, 0, 0, embeds.shape[1] - reached)))
    case.embed = embed


def lora_updates(case):
    for site, module in case.sites.projections("q", "v").items():
        a = case.parameter(f"{site}.A", RANK, module.in_features)
        b = case.parameter(f"{site}.B", module.out_features, RANK)
        yield site, module, lambda x, a=a, b=b: F.linear(F.linear(x, a), b)


def lora(case):
    for _site, module, update in lora_updates(case):
        hook(module, lambda output, x, update=update: output + ALPHA / RANK * update(x))


def ia3(case):
    for site, module in case.sites.projections("k", "v").items():
        factor = case.parameter(site, module.out_features, around=1)
        hook(module, lambda output, _x, factor=factor: output * factor)
    for site, dense in case.sites.dense.items():
        factor = case.parameter(f"{site}.inner", case.sites.ff, around=1)
        dense.wo.register_forward_pre_hook(lambda _m, args, factor=factor: (args[0] * factor,))


def bitfit(case):
    modules = case.sites.projections("q", "k", "v", "o")
    for site, dense in case.sites.dense.items():
        if hasattr(dense, "wi"):
            modules[f"{site}.linear"] = dense.wi
        else:
            modules |= {f"{site}.gate": dense.wi_0, f"{site}.linear": dense.wi_1}
        modules[f"{site}.output"] = dense.wo
    for site, module in modules.items():
        bias = case.parameter(site, module.out_features)
        hook(module, lambda output, _x, bias=bias: output + bias)
    case.layer_norms()


def bottleneck(case, site, width, activation):
    down, up = case.linear(f"{site}.down", width, case.sites.d), case.linear(f"{site}.up", case.sites.d, width)
    return lambda x: up(activation(down(x)))


def houlsby(case):
    for site, module in case.sites.sublayers().items():
        update = bottleneck(case, site, case.sites.d // 4, F.silu)
        hook(module, lambda output, _x, update=update: output + update(output))


def pfeiffer(case):
    for site, block in case.sites.blocks.items():
        update = bottleneck(case, site, case.sites.d // 4, F.relu)
        hook(block, lambda output, _x, update=update: output + update(output))


def compacter(case):
    n, d = PRODUCTS, case.sites.d
    shared = case.parameter("shared.A", n, n, n)

    def linear(name, into, out):
        s = case.parameter(f"{name}.s", n, into // n, 1)
        t = case.parameter(f"{name}.t", n, 1, out // n)
        bias = case.parameter(f"{name}.bias", out)
        return lambda x: x @ sum(torch.kron(shared[i], s[i] @ t[i]) for i in range(n)) + bias

    gelu = lambda x: F.gelu(x, approximate="tanh")
    for site, module in case.sites.sublayers().items():
        down, up = linear(f"{site}.down", d, WIDTH), linear(f"{site}.up", WIDTH, d)
        hook(module, lambda output, _x, down=down, up=up: output + up(gelu(down(output))))
    case.layer_norms()


def prefixes(case, reparametrised, places=("encoder", "decoder", "cross")):
    """Each attention's prefix keys and values, `[length, inner]`, as functions of nothing."""
    for place in places:
        own = {site: attention for site, attention in case.sites.attentions.items()
               if ("cross" in site) == (place == "cross") and (place == "cross" or site.startswith(place))}
        if reparametrised:
            embedding = case.parameter(f"{place}.embedding", LENGTH, case.sites.d, deviation=1)
            first = case.linear(f"{place}.first", MIDDLE, case.sites.d)
            second = case.linear(f"{place}.second", len(own) * 2 * case.sites.inner, MIDDLE)
            parts = lambda e=embedding, f=first, s=second, n=2 * len(own): s(torch.tanh(f(e))).chunk(n, -1)
        for index, (site, attention) in enumerate(own.items()):
            if reparametrised:
                yield site, attention, lambda parts=parts, i=index: parts()[2 * i : 2 * i + 2]
            else:
                pair = tuple(case.parameter(f"{site}.{part}", LENGTH, case.sites.inner) for part in ("key", "value"))
                yield site, attention, lambda pair=pair: pair


def prefix_tuning(case):
    for _site, attention, pair in prefixes(case, True):
        with_prefix(attention, lambda _states, pair=pair: pair())


def decoder_prefix(case):
    """What peft can do: the decoder's self-attention only, its relative bias zero (peft's prefix stands in the cache, as
    earlier tokens), and block j's prefix the one that peft 0.21.2 gives it, number 2 j modulo the number of blocks."""
    case.model.get_parameter(BIAS).data.zero_()
    made = list(prefixes(case, False, ["decoder"]))
    drawn = [[x.detach().clone() for x in pair()] for _site, _attention, pair in made]
    for block, (_site, attention, pair) in enumerate(made):
        for value, own in zip(pair(), drawn[2 * block % len(made)]):
            value.data.copy_(own)
        with_prefix(attention, lambda _states, pair=pair: pair())


def unipelt(case):
    encoded = {}

    def gate(site):
        weight = case.parameter(f"{site}.gate.weight", 1, case.sites.d)
        bias = case.parameter(f"{site}.gate.bias", 1)
        position = lambda x: torch.sigmoid(F.linear(x, weight, bias))

        def over_source(x):
            kept = case.mask[..., None]
            return (position(x) * kept).sum(1, keepdim=True) / kept.sum(1, keepdim=True)
        return position, over_source

    case.model.encoder.final_layer_norm.register_forward_hook(lambda _m, _a, out: encoded.__setitem__("x", out))
    for site, attention, pair in prefixes(case, True):
        _position, over_source = gate(site)
        read = (lambda states: encoded["x"]) if site.startswith("decoder") else (lambda states: states)
        with_prefix(attention, lambda states, pair=pair, g=over_source, read=read:
                    [x * g(read(states)) for x in pair()])
    for site, module, update in list(lora_updates(case)):
        position, over_source = gate(site)
        source = site.startswith("encoder") or site.endswith("crossAttention.value")
        own = over_source if source else position
        hook(module, lambda output, x, update=update, own=own: output + update(x) * own(x))
    for site, block in case.sites.blocks.items():
        update = bottleneck(case, site, case.sites.d // 4, F.relu)
        position, over_source = gate(site)
        own = over_source if site.startswith("encoder") else position
        hook(block, lambda output, _x, update=update, own=own: output + update(output) * own(output))


def spt(scaling):
    return dict(method="scaled-prompt-tuning", length=LENGTH, scaling=scaling)


PREFIX = dict(length=LENGTH, middle=MIDDLE)
CASES = {
    "prompt-tuning": (prompt_tuning, dict(method="prompt-tuning", length=LENGTH)),
    "spt token-wise": (scaled(token_wise), spt("token-wise")),
    "spt affine": (scaled(affine), spt("affine")),
    "spt low-rank": (scaled(low_rank), spt("low-rank")),
    "spt layer-norm": (scaled(layer_norm), spt("layer-norm")),
    "spt rms-norm": (scaled(rms_norm), spt("rms-norm")),
    "spt direction-magnitude": (scaled(direction_magnitude), spt("direction-magnitude")),
    "spt input-gated": (scaled(input_gated), spt("input-gated")),
    "residual-prompt-tuning": (residual_prompt_tuning,
                               dict(method="residual-prompt-tuning", length=LENGTH, bottleneck=WIDTH)),
    "dept": (dept, dict(method="dept", length=LENGTH, rank=RANK, maxLength=MAX_LENGTH)),
    "prefix-tuning": (prefix_tuning, dict(method="prefix-tuning", **PREFIX)),
    "prefix-tuning decoder": (decoder_prefix, dict(method="prefix-tuning", **PREFIX, reparametrised=False,
                                                   places=["decoder"])),
    "adapter houlsby": (houlsby, dict(method="adapter", reduction=4)),
    "adapter pfeiffer": (pfeiffer, dict(method="adapter", placement="pfeiffer", reduction=4, activation="relu")),
    "lora": (lora, dict(method="lora", rank=RANK, alpha=ALPHA)),
    "compacter": (compacter, dict(method="compacter", bottleneck=WIDTH)),
    "ia3": (ia3, dict(method="ia3")),
    "unipelt": (unipelt, dict(method="unipelt", **PREFIX, reduction=4, rank=RANK)),
    "bitfit": (bitfit, dict(method="bitfit")),
}


def module_path(model, module):
    return next(name for name, found in model.named_modules() if found is module)


def peft_logits(name, model, parameters, sources, targets):
    """The same method by peft, from the same parameters; None where peft has none."""
    common = dict(task_type=TaskType.SEQ_2_SEQ_LM)
    sites = Sites(model)
    if name == "prompt-tuning":
        config = peft.PromptTuningConfig(**common, num_virtual_tokens=LENGTH, num_transformer_submodules=1)
    elif name == "prefix-tuning decoder":
        model.get_parameter(BIAS).data.zero_()
        config = peft.PrefixTuningConfig(**common, num_virtual_tokens=LENGTH, token_dim=sites.inner,
                                         num_layers=model.config.num_decoder_layers,
                                         num_attention_heads=model.config.num_heads)
    elif name == "lora":
        config = peft.LoraConfig(**common, r=RANK, lora_alpha=ALPHA, target_modules=["q", "v"])
    elif name == "ia3":
        config = peft.IA3Config(**common)
    else:
        return None
    names = {module_path(model, module): site for site, module in sites.projections("q", "k", "v").items()}
    names |= {module_path(model, dense.wo): f"{site}.inner" for site, dense in sites.dense.items()}
    tuned = peft.get_peft_model(model, config).double().eval()
    used = set()
    with torch.no_grad():
        if name == "prompt-tuning":
            tuned.prompt_encoder["default"].embedding.weight.copy_(parameters["prompt"])
            used.add("prompt")
        elif name == "prefix-tuning decoder":
            values, layers = list(parameters.values()), model.config.num_decoder_layers
            flat = [torch.zeros_like(values[0])] * (2 * layers)
            for block in range(layers):
                place = 2 * (2 * block % layers)
                flat[place : place + 2] = values[2 * block : 2 * block + 2]
            tuned.prompt_encoder["default"].embedding.weight.copy_(torch.cat(flat, 1))
            used |= set(parameters)
        else:
            for path, weight in tuned.base_model.model.named_parameters():
                parts = path.split(".")
                for mark, suffix in (("lora_A", ".A"), ("lora_B", ".B"), ("ia3_l", "")):
                    if mark in parts:
                        own = names[".".join(parts[: parts.index(mark)])] + suffix
                        weight.copy_(parameters[own].view(weight.shape))
                        used.add(own)
        assert used == set(parameters), set(parameters) - used
        return tuned(input_ids=pad(sources, 0), attention_mask=pad([[1] * len(s) for s in sources], 0),
                     labels=pad(targets, -100)).logits


def run(case, method, sources, targets):
    method(case)
    logits, loss = case.logits(sources, targets)
    loss.backward()
    return logits, loss


def float32_deviation(case, frozen, method, sources, targets):
    """How far PyTorch's own float32 gradient is from the float64 one, relative to its norm."""
    torch.set_default_dtype(torch.float32)
    rounded = Case(frozen.float(), case.generator, case.parameters)
    run(rounded, method, sources, targets)
    torch.set_default_dtype(torch.float64)
    whole = lambda of: torch.cat([value.grad.double().flatten() for value in of.parameters.values()])
    return ((whole(rounded) - whole(case)).norm() / whole(case).norm()).item()


def make(model_folder, out, seed):
    expected = json.loads((model_folder / "expected.json").read_text())
    sources, targets = expected["sources"], expected["targets"]
    frozen = T5ForConditionalGeneration.from_pretrained(model_folder, dtype=torch.float64,
                                                        attn_implementation="eager").eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    tensors, cases = {}, {}
    for name, (method, config) in CASES.items():
        for _ in range(50):
            case = Case(copy.deepcopy(frozen), generator)
            logits, loss = run(case, method, sources, targets)
            rounding = float32_deviation(case, copy.deepcopy(frozen), method, sources, targets)
            if rounding < STEADY:
                break
        else:
            raise SystemExit(f"{name}: no parameters whose gradient float32 can hold")
        reference = peft_logits(name, copy.deepcopy(frozen), case.parameters, sources, targets)
        off = None if reference is None else ((reference - logits).abs().max() / logits.abs().max()).item()
        assert off is None or off < 1e-6, f"{name}: peft differs by {off}"
        cases[name] = dict(config=config, peft=off, torchFloat32=rounding, loss=loss.item(), zeroDecoderBias=name == "prefix-tuning decoder")
        tensors[f"{name}/logits"] = logits.detach()
        for key, value in case.parameters.items():
            assert value.grad is not None and math.isfinite(value.grad.norm()), f"{name}: {key} has no gradient"
            tensors[f"{name}/parameter/{key}"] = value.detach()
            tensors[f"{name}/gradient/{key}"] = value.grad
    write_cases(out, "methods", cases, tensors, torch=torch.__version__, peft=peft.__version__, seed=seed)


if __name__ == "__main__":
    main(make)
