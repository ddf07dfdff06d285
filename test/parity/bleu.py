"""Scores corpora with sacrebleu: one JSON case a line on stdin, one JSON answer a line on stdout.

A case is {"hypotheses": [...], "references": [[text or null, ...] per hypothesis], "config": {...}} with the config's
names as in src/metrics/bleu.ts.
"""

import json
import logging
import sys
from itertools import zip_longest

import sacrebleu
from sacrebleu.metrics import BLEU

logging.disable(logging.WARNING)
assert sacrebleu.__version__ == "2.6.0", sacrebleu.__version__

for line in sys.stdin:
    case = json.loads(line)
    config = case["config"]
    metric = BLEU(
        tokenize=config["tokenize"],
        lowercase=config["lowercase"],
        effective_order=config["effectiveOrder"],
        smooth_method=config["smoothing"],
        smooth_value=config.get("smoothingValue"),
        force=True,
    )
    streams = [list(stream) for stream in zip_longest(*case["references"])]
    result = metric.corpus_score(case["hypotheses"], streams)
    answer = {
        "score": float(result.score),
        "precisions": [float(p) for p in result.precisions],
        "brevityPenalty": float(result.bp),
        "hypothesisLength": result.sys_len,
        "referenceLength": result.ref_len,
        "signature": str(metric.get_signature()),
    }
    print(json.dumps(answer))
