"""Tiny random T5 checkpoints and what PyTorch with transformers makes of them, for the parity tests.

python test/parity/reference.py --out FOLDER [--seed N] [--case NAME ...] [--training NAME ...]
The committed ones: --out test/fixtures/parity --training v1.0 v1.1 odd-f16

Each case gets a folder: a checkpoint as Hugging Face tools write it, `expected.json` (inputs, token ids, losses) and
`expected.safetensors` (prompt, scale, logits, activations by site, gradients). All numbers come from the model that
`from_pretrained(folder, dtype=float32)` reads back, dropout off; gradients from the same weights in float64.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Adafactor, T5Config, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention
from transformers.utils import logging

torch.set_num_threads(1)
logging.set_verbosity_error()
logging.disable_progress_bar()

PAD, END = 0, 1
PROMPT_LENGTH = 5
MAX_NEW_TOKENS = 10
CURVE_STEPS, WARMUP_STEPS, CURVE_BATCH = 50, 5, 4

SMALL = dict(vocab_size=40, d_model=16, d_kv=8, d_ff=24, num_heads=2, num_layers=2, num_decoder_layers=2)
ODD = dict(vocab_size=37, d_model=20, d_kv=5, d_ff=28, num_heads=3, num_layers=1, num_decoder_layers=3)

# untied: an lm_head of its own. layout: "new" as transformers 5 saves, "old" as the hub's checkpoints are.
CASES = {
    "v1.0": dict(config=SMALL, gated=False, untied=False, scaled=True, dtype="float32", layout="old"),
    "v1.1": dict(config=SMALL, gated=True, untied=True, scaled=False, dtype="float32", layout="new"),
    "flan-bf16": dict(config=SMALL, gated=True, untied=True, scaled=False, dtype="bfloat16", layout="old"),
    "odd-f16": dict(config=ODD, gated=False, untied=False, scaled=True, dtype="float16", layout="new",
                    buckets=(8, 12)),
    "odd-sharded": dict(config=ODD | dict(num_layers=3, num_decoder_layers=1), gated=True, untied=True, scaled=False,
                        dtype="float32", layout="new", shard="12KB"),
    "gated-tied-bf16": dict(config=SMALL | dict(num_heads=1, d_kv=12, vocab_size=33), gated=True, untied=False,
                            scaled=True, dtype="bfloat16", layout="new"),
    "embed-tokens": dict(config=SMALL | dict(num_heads=5, d_kv=3, num_layers=1), gated=False, untied=False,
                         scaled=True, dtype="float32", layout="embed_tokens"),
}

GENERATIONS = [
    dict(numBeams=1),
    dict(numBeams=1, noRepeatNgramSize=2),
    dict(numBeams=1, minNewTokens=7),
    dict(numBeams=4),
    dict(numBeams=4, lengthPenalty=0.6, earlyStopping=True),
    dict(numBeams=4, lengthPenalty=2.0, earlyStopping="never"),
    dict(numBeams=4, lengthPenalty=0.6, earlyStopping="never", noRepeatNgramSize=2),
    dict(numBeams=4, lengthPenalty=2.0, earlyStopping=True, minNewTokens=7),
    dict(numBeams=3, lengthPenalty=1.0, earlyStopping=False, noRepeatNgramSize=3, minNewTokens=4),
]


def lively(case, seed):
    """A random model whose outputs vary: transformers' initial weights give flat attention and near-constant text."""
    torch.manual_seed(seed)
    buckets, distance = case.get("buckets", (32, 128))
    config = T5Config(
        **case["config"], feed_forward_proj="gated-gelu" if case["gated"] else "relu", decoder_start_token_id=PAD,
        pad_token_id=PAD, eos_token_id=END, relative_attention_num_buckets=buckets,
        relative_attention_max_distance=distance, architectures=["T5ForConditionalGeneration"],
    )
    config.scale_decoder_outputs = case["scaled"]
    model = T5ForConditionalGeneration(config).eval()
    if case["untied"]:
        model.lm_head.weight = torch.nn.Parameter(torch.randn(config.vocab_size, config.d_model) * 0.6)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "layer_norm" in name:
                parameter.copy_(0.6 + 0.8 * torch.rand_like(parameter))
            elif name.endswith(".q.weight") or "relative_attention_bias" in name:
                parameter.mul_(3)
            elif name.endswith(("o.weight", "wo.weight")):
                parameter.mul_(1.5)
        model.decoder.final_layer_norm.weight.mul_(2)
        if not case["untied"]:
            # A tied model repeats its last token for ever unless a layer takes that token out of the stream.
            attention = model.decoder.block[-1].layer[0].SelfAttention
            attention.o.weight.sub_(3 * attention.v.weight.T)
            model.decoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight[0] += 3
        # Padding is the start token: never a likely output, so that ids after the end token can be told from text.
        table = model.lm_head.weight
        table[PAD] *= 0.05
        table[END] *= 1.6
    return model.to(getattr(torch, case["dtype"]))


def save(model, case, folder):
    if case["layout"] == "new":
        model.save_pretrained(folder, max_shard_size=case.get("shard", "1GB"))
        (folder / "generation_config.json").unlink()
        return
    weights = {name: p.detach().contiguous() for name, p in model.named_parameters()}
    keep = ("d_model", "d_kv", "d_ff", "num_heads", "num_layers", "num_decoder_layers", "vocab_size",
            "feed_forward_proj", "relative_attention_num_buckets", "pad_token_id", "eos_token_id",
            "decoder_start_token_id", "layer_norm_epsilon", "dropout_rate")
    config = {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5", "is_encoder_decoder": True}
    config |= {key: getattr(model.config, key) for key in keep}
    if not case["scaled"]:
        config["tie_word_embeddings"] = False
    if case["layout"] == "embed_tokens":
        shared = weights.pop("shared.weight")
        weights["encoder.embed_tokens.weight"] = shared
        weights["decoder.embed_tokens.weight"] = shared.clone()
        weights["lm_head.weight"] = shared.clone()
        unused = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
        weights[unused] = torch.randn(config["relative_attention_num_buckets"], config["num_heads"])
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def pad(sequences, value):
    length = max(map(len, sequences))
    return torch.tensor([s + [value] * (length - len(s)) for s in sequences])


class Inputs:
    """Padded sources and targets, and a soft prompt set before the input embeddings where there is one."""

    def __init__(self, model, sources, targets, prompt=None):
        ids = pad(sources, PAD)
        mask = pad([[1] * len(s) for s in sources], 0)
        embeds = model.get_input_embeddings()(ids)
        if prompt is not None:
            embeds = torch.cat([prompt.expand(len(sources), -1, -1).to(embeds.dtype), embeds], 1)
            mask = torch.cat([torch.ones(len(sources), len(prompt), dtype=mask.dtype), mask], 1)
        self.encoder = dict(inputs_embeds=embeds, attention_mask=mask)
        self.labels = pad(targets, -100)

    def forward(self, model):
        return model(**self.encoder, labels=self.labels)


def capture(model, inputs):
    """Every named site of the model (src/model/sites.ts), through hooks."""
    seen, handles = {}, []

    def output(site, module, pick=lambda out: out):
        handles.append(module.register_forward_hook(lambda _m, _i, out: seen.__setitem__(site, pick(out))))

    def entering(site, module):
        handles.append(module.register_forward_pre_hook(lambda _m, args: seen.__setitem__(site, args[0])))

    for stack_name, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
        entering(f"{stack_name}.embed", stack.block[0])
        output(f"{stack_name}.final", stack.final_layer_norm)
        for index, block in enumerate(stack.block):
            site = f"{stack_name}.{index}"
            attentions = [("selfAttention", block.layer[0].SelfAttention)]
            if stack_name == "decoder":
                attentions.append(("crossAttention", block.layer[1].EncDecAttention))
            for name, attention in attentions:
                for place, module in zip(("query", "key", "value", "output"),
                                         (attention.q, attention.k, attention.v, attention.o)):
                    output(f"{site}.{name}.{place}", module)
                output(f"{site}.{name}.weights", attention, lambda out: out[2])
            dense = block.layer[-1].DenseReluDense
            entering(f"{site}.feedForward.inner", dense.wo)
            output(f"{site}.feedForward.output", dense.wo)
            output(f"{site}.output", block, lambda out: out[0] if isinstance(out, tuple) else out)
    with torch.no_grad():
        result = inputs.forward(model)
    for handle in handles:
        handle.remove()
    return result, seen


def generate(model, inputs, setting):
    """Token ids by row, up to the end token."""
    names = dict(numBeams="num_beams", lengthPenalty="length_penalty", earlyStopping="early_stopping",
                 noRepeatNgramSize="no_repeat_ngram_size", minNewTokens="min_new_tokens")
    options = {names[key]: value for key, value in setting.items()}
    # transformers 5.23 makes a cache of as many layers as the encoder has.
    options["use_cache"] = model.config.num_decoder_layers <= model.config.num_layers
    with torch.no_grad():
        rows = model.generate(**inputs.encoder, max_new_tokens=MAX_NEW_TOKENS, do_sample=False, **options)[:, 1:].tolist()
    return [row[: row.index(END) + 1] if END in row else row for row in rows]


def lively_enough(ids, prompted_ids):
    """Whether the generated ids can tell a right decoder from a wrong one."""
    everything = [row for group in ids + prompted_ids for row in group]
    greedy = [tuple(row) for row in ids[0]]
    lengths = {len(row) for row in everything}
    return (
        len(set(greedy)) == len(greedy)
        and all(PAD not in row for row in everything)
        and MAX_NEW_TOKENS in lengths
        and sum(row[-1] == END and len(row) < MAX_NEW_TOKENS for row in everything) >= len(everything) // 8
        and ids[0] != ids[3] and ids[0] != ids[1] and ids[0] != ids[2]
        and any(ids[3] != ids[other] for other in (4, 5))
        and ids[0] != prompted_ids[0]
    )


def stable(model, ids_of, ids):
    """Whether float64 and weights off by a few float32 roundings give the same ids: no near-ties."""
    exact = T5ForConditionalGeneration.from_pretrained(model.name_or_path, dtype=torch.float64,
                                                       attn_implementation="eager").eval()
    if ids_of(exact) != ids:
        return False
    generator = torch.Generator().manual_seed(0)
    for _ in range(2):
        noisy = T5ForConditionalGeneration.from_pretrained(model.name_or_path, dtype=torch.float64,
                                                           attn_implementation="eager").eval()
        with torch.no_grad():
            for parameter in noisy.parameters():
                parameter.mul_(1 + 3e-5 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        if ids_of(noisy) != ids:
            return False
    return True


def schedule_factor(step):
    """Linear warm-up and decay, steps counted from 1 (src/training/schedule.ts)."""
    if step < WARMUP_STEPS:
        return step / WARMUP_STEPS
    return (CURVE_STEPS - step) / (CURVE_STEPS - WARMUP_STEPS)


CURVES = [
    dict(method="prompt-tuning", optimizer="adamw", learningRate=0.05, weightDecay=0.01, clipNorm=1.0),
    dict(method="prompt-tuning", optimizer="adafactor", learningRate=0.05, weightDecay=1e-5, clipNorm=1.0),
    dict(method="scaled-prompt-tuning", optimizer="adamw", learningRate=0.05, scaleLearningRate=0.05,
         weightDecay=0.01, clipNorm=1.0),
    dict(method="scaled-prompt-tuning", optimizer="adafactor", learningRate=0.05, scaleLearningRate=0.05,
         weightDecay=1e-5, clipNorm=1.0),
    dict(method="fine-tuning", optimizer="adamw", learningRate=1e-3, weightDecay=0.01, clipNorm=1.0),
    dict(method="fine-tuning", optimizer="adafactor", learningRate=1e-3, weightDecay=0.0, clipNorm=1.0),
]


def curve(folder, setting, start, examples, order, dtype, noise=None):
    """Losses of 50 training steps, each before its update, and the gradients' norms before clipping."""
    model = T5ForConditionalGeneration.from_pretrained(folder, dtype=dtype).eval()
    prompt, scale = (torch.nn.Parameter(start[name].detach().to(dtype, copy=True)) for name in ("prompt", "scale"))
    if noise is not None:
        with torch.no_grad():
            for parameter in [prompt, scale, *model.parameters()]:
                parameter.mul_(1 + 5e-7 * torch.randn(parameter.shape, generator=noise, dtype=dtype))
    groups = [dict(params=[prompt])]
    if setting["method"] == "scaled-prompt-tuning":
        groups.append(dict(params=[scale], lr=setting["scaleLearningRate"]))
    if setting["method"] == "fine-tuning":
        groups = [dict(params=list(model.parameters()))]
    else:
        model.requires_grad_(False)
    parameters = [p for group in groups for p in group["params"]]
    options = dict(lr=setting["learningRate"], weight_decay=setting["weightDecay"])
    if setting["optimizer"] == "adamw":
        optimizer = torch.optim.AdamW(groups, **options)
    else:
        optimizer = Adafactor(groups, relative_step=False, scale_parameter=False, **options)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda index: schedule_factor(index + 1))
    losses, norms = [], []
    for batch in order:
        sources, targets = [examples[i][0] for i in batch], [examples[i][1] for i in batch]
        soft = {"prompt-tuning": prompt, "scaled-prompt-tuning": scale[:, None] * prompt}.get(setting["method"])
        loss = Inputs(model, sources, targets, soft).forward(model).loss
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, setting["clipNorm"]).item())
        optimizer.step()
        rates.step()
        losses.append(loss.item())
    return losses, norms


def steady_curve(folder, setting, start, vocabulary, generator):
    """A curve that rounding does not change: data is drawn, and the rates halved, until float64 from a slightly moved
    start agrees with float32. Otherwise a relu that comes to stand at zero, or Adafactor's growth of a vanishing
    gradient, sends two right implementations different ways."""
    for halvings in range(6):
        tried = setting | {key: value / 2**halvings for key, value in setting.items() if key.endswith("earningRate")}
        for _ in range(5):
            examples = list(zip(random_ids(generator, 8, 3, 9, vocabulary), random_ids(generator, 8, 2, 7, vocabulary)))
            order = [torch.randperm(8, generator=generator)[:CURVE_BATCH].tolist() for _ in range(CURVE_STEPS)]
            losses, norms = curve(folder, tried, start, examples, order, torch.float32)
            deviation = 0
            for seed in range(2):
                noise = torch.Generator().manual_seed(seed)
                exact, _ = curve(folder, tried, start, examples, order, torch.float64, noise)
                deviation = max([deviation] + [abs(a - b) / b for a, b in zip(losses, exact)])
                if deviation > 1e-4:
                    break
            else:
                return dict(tried, examples=[dict(source=s, target=t) for s, t in examples], order=order,
                            warmupSteps=WARMUP_STEPS, losses=losses, gradientNorms=norms, torchDeviation=deviation)
    raise SystemExit(f"{folder.name}: {setting['method']} with {setting['optimizer']} stays unsteady")


def gradients(folder, dtype, start, sources, targets, method):
    """Gradients of the mean token loss, by parameter name."""
    model = T5ForConditionalGeneration.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()
    prompt, scale = (start[name].detach().to(dtype, copy=True).requires_grad_() for name in ("prompt", "scale"))
    soft = {"prompt-tuning": prompt, "scaled-prompt-tuning": scale[:, None] * prompt}.get(method)
    Inputs(model, sources, targets, soft).forward(model).loss.backward()
    if method == "fine-tuning":
        return {name: parameter.grad for name, parameter in model.named_parameters()}
    return {"prompt": prompt.grad, "scale": scale.grad} if method == "scaled-prompt-tuning" else {"prompt": prompt.grad}


def random_ids(generator, count, shortest, longest, vocabulary):
    lengths = torch.randint(shortest, longest + 1, (count,), generator=generator).tolist()
    return [torch.randint(2, vocabulary, (n - 1,), generator=generator).tolist() + [END] for n in lengths]


def relative(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


def make_case(name, folder, seed, with_training):
    case = CASES[name]
    vocabulary, d_model = case["config"]["vocab_size"], case["config"]["d_model"]
    for attempt in range(200):
        own_seed = seed * 1000 + attempt
        generator = torch.Generator().manual_seed(own_seed)
        shutil.rmtree(folder, ignore_errors=True)
        save(lively(case, own_seed), case, folder)
        model = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        model.eval()
        sources = random_ids(generator, 4, 3, 11, vocabulary)
        targets = random_ids(generator, 4, 2, 8, vocabulary)
        start = {
            "prompt": torch.randn(PROMPT_LENGTH, d_model, generator=generator) * 0.7,
            "scale": 1 + 0.3 * torch.randn(PROMPT_LENGTH, generator=generator),
        }
        soft = start["scale"][:, None] * start["prompt"]

        def ids_of(of):
            plain, prompted = Inputs(of, sources, targets), Inputs(of, sources, targets, soft)
            return [[generate(of, inputs, setting) for setting in GENERATIONS] for inputs in (plain, prompted)]

        greedy = generate(model, Inputs(model, sources, targets), GENERATIONS[0])
        if len({token for row in greedy for token in row}) < 8:
            continue
        ids, prompted_ids = ids_of(model)
        if lively_enough(ids, prompted_ids) and stable(model, ids_of, [ids, prompted_ids]):
            break
    else:
        raise SystemExit(f"{name}: no lively random model among 200 seeds")
    assert (model.lm_head.weight is not model.shared.weight) == case["untied"]
    assert model.config.scale_decoder_outputs == case["scaled"]

    plain, prompted = Inputs(model, sources, targets), Inputs(model, sources, targets, soft)
    result, seen = capture(model, plain)
    prompted_result, prompted_seen = capture(model, prompted)
    tensors = dict(start) | {"logits": result.logits, "logits.prompted": prompted_result.logits}
    tensors |= {f"plain.{site}": value for site, value in seen.items()}
    tensors |= {f"prompted.{site}": prompted_seen[site] for site in ("encoder.embed", "encoder.final", "decoder.final")}
    float32_deviation = {}
    for method in ("prompt-tuning", "scaled-prompt-tuning", "fine-tuning"):
        exact = gradients(folder, torch.float64, start, sources, targets, method)
        rounded = gradients(folder, torch.float32, start, sources, targets, method)
        float32_deviation[method] = max(relative(rounded[key].double(), value) for key, value in exact.items())
        if method != "fine-tuning" or with_training:
            tensors |= {f"gradient.{method}.{key}": value.float() for key, value in exact.items()}

    expected = dict(
        provenance=dict(torch=torch.__version__, seed=own_seed),
        sources=sources, targets=targets, maxNewTokens=MAX_NEW_TOKENS,
        loss=result.loss.item(), promptedLoss=prompted_result.loss.item(),
        torchFloat32GradientDeviation=float32_deviation,
        generations=[dict(setting, ids=a, promptedIds=b) for setting, a, b in zip(GENERATIONS, ids, prompted_ids)],
    )
    if with_training:
        expected["curves"] = [steady_curve(folder, setting, start, vocabulary, generator) for setting in CURVES]
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    save_file({key: value.detach().contiguous().float() for key, value in tensors.items()},
              folder / "expected.safetensors")
    print(f"{name}: seed {own_seed}, greedy {ids[0]}, float32 against float64: gradients {float32_deviation}")
    for c in expected.get("curves", []):
        print(f"  {c['method']}/{c['optimizer']} at {c['learningRate']:g}: {c['losses'][0]:.3f} -> "
              f"{c['losses'][-1]:.3f}, moves by {c['torchDeviation']:.1e}", flush=True)


def position_buckets():
    """Buckets of the distances -300..300, two-sided (encoder) and one-sided (decoder)."""
    distances = torch.arange(-300, 301)
    bucket = T5Attention._relative_position_bucket
    return [
        dict(numBuckets=buckets, maxDistance=distance, twoSided=two_sided, first=-300,
             buckets=bucket(distances, two_sided, buckets, distance).tolist())
        for buckets, distance in ((32, 128), (8, 12), (16, 200), (64, 256), (12, 100))
        for two_sided in (True, False)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", nargs="*", default=list(CASES))
    parser.add_argument("--training", nargs="*", default=list(CASES), help="cases with loss curves, weight gradients")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "positionBuckets.json").write_text(json.dumps(position_buckets()) + "\n")
    for name in arguments.case:
        make_case(name, arguments.out / name, arguments.seed, name in arguments.training)


if __name__ == "__main__":
    main()
