"""Python's side of the benchmark, with PyTorch, transformers, peft and sacrebleu: one request a line on stdin, one answer a line on stdout.

The requests are those of src/bench/task.ts. Models are in train mode without dropout; only what a method trains has a
gradient.
"""

import json
import os
import resource
import sys
import time

import peft
import torch
import transformers
from sacrebleu.metrics import BLEU, CHRF, TER
from transformers import Adafactor, T5ForConditionalGeneration

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def padded(sequences, value):
    longest = max(map(len, sequences))
    return torch.tensor([list(s) + [value] * (longest - len(s)) for s in sequences])


class ScaledPrompt(torch.nn.Module):
    """Scaled Prompt-Tuning, which peft lacks: s_i p_i before the input embeddings, s one number a token."""

    def __init__(self, model, prompt):
        super().__init__()
        self.model = model.requires_grad_(False)
        self.prompt = torch.nn.Parameter(prompt.clone())
        self.scale = torch.nn.Parameter(torch.ones(len(prompt)))

    def forward(self, input_ids, attention_mask, labels):
        rows = len(input_ids)
        prompt = (self.scale[:, None] * self.prompt).expand(rows, -1, -1)
        embeds = torch.cat([prompt, self.model.get_input_embeddings()(input_ids)], 1)
        mask = torch.cat([attention_mask.new_ones(rows, len(self.prompt)), attention_mask], 1)
        return self.model(inputs_embeds=embeds, attention_mask=mask, labels=labels)


def tuned(model, task):
    """The model as the method trains it."""
    prompt = model.get_input_embeddings().weight.detach()[task["promptTokens"]]
    if task["method"] == "prompt-tuning":
        config = peft.PromptTuningConfig(
            task_type="SEQ_2_SEQ_LM", num_virtual_tokens=len(prompt), num_transformer_submodules=1
        )
        model = peft.get_peft_model(model, config)
        with torch.no_grad():
            model.prompt_encoder["default"].embedding.weight.copy_(prompt)
        return model
    if task["method"] == "scaled-prompt-tuning":
        return ScaledPrompt(model, prompt)
    if task["method"] == "lora":
        config = peft.LoraConfig(
            task_type="SEQ_2_SEQ_LM", r=8, lora_alpha=8, lora_dropout=0.0, target_modules=["q", "v"]
        )
        return peft.get_peft_model(model, config)
    return model


def prepare_training(model, task, now):
    pad = model.config.pad_token_id
    batches = []
    for examples in task["runs"]:
        ids = padded([e["source"] for e in examples], pad)
        lengths = torch.tensor([len(e["source"]) for e in examples])
        mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
        batches.append(dict(input_ids=ids, attention_mask=mask, labels=padded([e["target"] for e in examples], -100)))
    model = tuned(model, task).train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    options = dict(lr=task["learningRate"], weight_decay=task["optimizer"]["weightDecay"])
    if task["optimizer"]["name"] == "adamw":
        optimizer = torch.optim.AdamW(parameters, **options)
    else:
        optimizer = Adafactor(parameters, relative_step=False, scale_parameter=False, **options)

    def step(batch):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        return loss.item()

    def run(count):
        times, check = [], None
        for _ in range(count):
            before = now()
            # Runs of a population take their steps one after the other; what a step costs is no matter of the parameters.
            losses = [step(batch) for batch in batches]
            times.append(1000 * (now() - before))
            check = losses[0] if check is None else check
        return dict(times=times, check=check)

    return run


def prepare_generation(model, task, now):
    model.eval()
    sources, new_tokens = task["sources"], task["newTokens"]

    def run(count):
        times, check = [], 0
        for _ in range(count):
            before = now()
            ids = padded(sources, model.config.pad_token_id)
            mask = (torch.arange(ids.shape[1]) < torch.tensor([len(s) for s in sources])[:, None]).long()
            rows = model.generate(
                input_ids=ids, attention_mask=mask, num_beams=task["numBeams"], do_sample=False,
                max_new_tokens=new_tokens, min_new_tokens=new_tokens,
            )[:, 1:].tolist()
            times.append(1000 * (now() - before))
            check = sum(map(len, rows))
        return dict(times=times, check=check)

    return run


def prepare_scoring(_, task, now):
    hypotheses = task["hypotheses"]
    streams = [list(stream) for stream in zip(*task["references"])]
    few = task["terItems"]

    def run(count):
        times, check = [], None
        for _ in range(count):
            before = now()
            # E2E's script has letters in lower case.
            check = BLEU(lowercase=True).corpus_score(hypotheses, streams).score
            CHRF(word_order=2).corpus_score(hypotheses, streams)
            TER().corpus_score(hypotheses[:few], [stream[:few] for stream in streams])
            times.append(1000 * (now() - before))
        return dict(times=times, check=check)

    return run


PREPARE = dict(train=prepare_training, generate=prepare_generation, score=prepare_scoring)


def peak_bytes():
    """The operating system's count of the largest resident memory. Linux's other one begins with the parent's."""
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main():
    # Whatever a library prints must not stand among the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "peak":
                answer = dict(bytes=peak_bytes())
            elif request["do"] == "run":
                answer = run(request["count"])
            else:
                run = None
                now = time.perf_counter if request["clock"] == "wall" else time.process_time
                task = request["task"]
                # Methods may change the modules, so each task has a model of its own.
                model = T5ForConditionalGeneration.from_pretrained(
                    request["folder"], dtype=torch.float32, dropout_rate=0.0
                )
                run = PREPARE[task["kind"]](model, task, now)
                answer = {}
        except Exception as error:
            answer = dict(error=" ".join(f"{type(error).__name__}: {error}".split()))
        print(json.dumps(answer), file=answers, flush=True)


main()
