"""Steps of torch.optim.AdamW, transformers' Adafactor and clip_grad_norm_, as JSON on stdout.

Each run of the population is its own set of PyTorch parameters, so the numbers say what one run alone does.
Made with torch 2.13 and transformers 5.23: python test/parity/optimizers.py > test/training/optimizers.json
"""

import json
import sys

import torch
from transformers.optimization import Adafactor

RUNS, STEPS = 3, 6
SHAPES = {"matrix": (4, 3), "vector": (5,), "scalar": (), "cube": (2, 3, 4)}
RATES = {"matrix": 0.05, "vector": 0.05, "scalar": 0.2, "cube": 0.01}

CASES = {
    "adamw": {"name": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01},
    "adamw without decay": {"name": "adamw", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weightDecay": 0},
}
ADAFACTOR = {
    "name": "adafactor",
    "decayRate": -0.8,
    "clipThreshold": 1,
    "beta1": None,
    "epsilon1": 1e-30,
    "epsilon2": 1e-3,
    "weightDecay": 0,
    "scaleParameter": False,
}
CASES["adafactor"] = ADAFACTOR
CASES["adafactor with decay and first moment"] = {**ADAFACTOR, "beta1": 0.9, "weightDecay": 0.1}
CASES["adafactor with scaled parameters"] = {**ADAFACTOR, "scaleParameter": True, "clipThreshold": 0.5, "weightDecay": 0.01}


def optimizer(config, params):
    groups = [{"params": [p], "lr": RATES[name]} for name, p in params.items()]
    if config["name"] == "adamw":
        return torch.optim.AdamW(
            groups,
            betas=(config["beta1"], config["beta2"]),
            eps=config["epsilon"],
            weight_decay=config["weightDecay"],
        )
    return Adafactor(
        groups,
        lr=1.0,
        eps=(config["epsilon1"], config["epsilon2"]),
        clip_threshold=config["clipThreshold"],
        decay_rate=config["decayRate"],
        beta1=config["beta1"],
        weight_decay=config["weightDecay"],
        scale_parameter=config["scaleParameter"],
        relative_step=False,
        warmup_init=False,
    )


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.flatten().tolist()]


def main():
    generator = torch.Generator().manual_seed(7)
    draw = lambda shape: torch.randn(shape, generator=generator)
    # Runs differ in scale by orders of magnitude, so that a statistic taken over all runs would show.
    start = [{n: draw(s) * 10.0**run for n, s in SHAPES.items()} for run in range(RUNS)]
    grads = [
        [{n: draw(s) * 10.0 ** (run - 1) * (step + 1) for n, s in SHAPES.items()} for run in range(RUNS)]
        for step in range(STEPS)
    ]
    cases = {}
    for label, config in CASES.items():
        results = [{} for _ in range(STEPS)]
        for run in range(RUNS):
            params = {n: torch.nn.Parameter(p.clone()) for n, p in start[run].items()}
            opt = optimizer(config, params)
            for step in range(STEPS):
                for n, p in params.items():
                    p.grad = grads[step][run][n].clone()
                opt.step()
                for n, p in params.items():
                    results[step].setdefault(n, []).append(rounded(p.detach()))
        cases[label] = {"config": config, "after": [results[0], results[-1]]}
    clipped = {n: [] for n in SHAPES}
    norms = []
    for run in range(RUNS):
        params = {n: torch.nn.Parameter(p.clone()) for n, p in start[run].items()}
        for n, p in params.items():
            p.grad = grads[0][run][n].clone()
        norms.append(float(torch.nn.utils.clip_grad_norm_(list(params.values()), 2.0)))
        for n, p in params.items():
            clipped[n].append(rounded(p.grad))
    stacked = lambda runs: {n: [rounded(r[n]) for r in runs] for n in SHAPES}
    json.dump(
        {
            "shapes": {n: list(s) for n, s in SHAPES.items()},
            "rates": RATES,
            "start": stacked(start),
            "grads": [stacked(g) for g in grads],
            "cases": cases,
            "clip": {"maxNorm": 2.0, "norms": norms, "grads": clipped},
        },
        sys.stdout,
    )
    print()


main()
