"""Scores corpora with the metrics' peers: one JSON case a line on stdin, one JSON answer a line on stdout.

A case is {"peer": name, "hypotheses": [...], "references": [[text or null, ...] per hypothesis], ...options}. The peers are
sacrebleu's chrF and TER, rouge-score, NLTK's METEOR and NIST, pycocoevalcap's ROUGE-L and CIDEr, PyTER, and, where the
original is a Perl script, its definition written down again here.
"""

import atexit
import json
import logging
import math
import re
import shutil
import sys
from collections import Counter
from itertools import zip_longest

import sacrebleu
from sacrebleu.metrics import CHRF, TER

logging.disable(logging.WARNING)
assert sacrebleu.__version__ == "2.6.0", sacrebleu.__version__


def present(references):
    return [[text for text in item if text is not None] for item in references]


def sacrebleu_score(metric, case):
    streams = [list(stream) for stream in zip_longest(*case["references"])]
    result = metric.corpus_score(case["hypotheses"], streams)
    return {"score": float(result.score), "signature": str(metric.get_signature())}


def chrf(case):
    return sacrebleu_score(
        CHRF(
            char_order=case["charOrder"],
            word_order=case["wordOrder"],
            beta=case["beta"],
            lowercase=case["lowercase"],
            whitespace=case["whitespace"],
            eps_smoothing=case["epsilonSmoothing"],
        ),
        case,
    )


def ter(case):
    return sacrebleu_score(
        TER(
            case_sensitive=case["caseSensitive"],
            normalized=case["normalized"],
            no_punct=case["noPunctuation"],
        ),
        case,
    )


# What Perl's \s is, of Unicode strings; Python's \s also takes U+001C to U+001F.
PERL_SPACE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"


def mteval_tokens(text, lower):
    """mteval-v13a's tokenization, ASCII in lower case if asked."""
    if lower:
        text = "".join(c.lower() if c.isascii() else c for c in text)
    for old, new in (("<skipped>", ""), ("-\n", ""), ("\n", " ")):
        text = text.replace(old, new)
    for old, new in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(old, new)
    text = f" {text} "
    text = re.sub(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 ", text)
    text = re.sub(r"([^0-9])([\.,])", r"\1 \2 ", text)
    text = re.sub(r"([\.,])([^0-9])", r" \1 \2", text)
    text = re.sub(r"([0-9])(-)", r"\1 \2 ", text)
    return [word for word in re.split(PERL_SPACE, text) if word]


def ngrams(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def multi_bleu(case):
    """Moses' multi-bleu.perl ("none") and multi-bleu-detok.perl ("13a"): every missing reference is an empty line."""
    if case["tokenize"] == "13a":
        split = lambda text: mteval_tokens(text, False)
    else:
        split = lambda text: [word for word in re.split("[\t-\r ]+", text) if word]
    correct, total, hypothesis_length, reference_length = [0] * 4, [0] * 4, 0, 0
    for hypothesis, references in zip(case["hypotheses"], case["references"]):
        words = split(hypothesis)
        split_references = [split(text or "") for text in references]
        hypothesis_length += len(words)
        reference_length += min((abs(len(r) - len(words)), len(r)) for r in split_references)[1]
        for n in range(4):
            most = Counter()
            for reference in split_references:
                most |= ngrams(reference, n + 1)
            own = ngrams(words, n + 1)
            correct[n] += sum((own & most).values())
            total[n] += sum(own.values())
    if reference_length == 0:
        return {"score": 0, "line": "BLEU = 0, 0/0/0/0 (BP=0, ratio=0, hyp_len=0, ref_len=0)"}
    if hypothesis_length == 0:
        return {"score": 0, "line": None}  # The scripts divide by zero here.
    precisions = [c / t if t else 0 for c, t in zip(correct, total)]
    penalty = min(1, math.exp(1 - reference_length / hypothesis_length))
    score = penalty * math.exp(sum(math.log(p) if p else -9999999999 for p in precisions) / 4)
    shown = "/".join("%.1f" % (100 * p) for p in precisions)
    ratio = hypothesis_length / reference_length
    line = "BLEU = %.2f, %s (BP=%.3f, ratio=%.3f, hyp_len=%d, ref_len=%d)" % (
        100 * score,
        shown,
        penalty,
        ratio,
        hypothesis_length,
        reference_length,
    )
    return {"score": 100 * score, "line": line}


def nist(case):
    """NIST of mteval-v13a as the E2E challenge changed it: the number of references is the items' mean."""
    references = [[mteval_tokens(t, True) for t in item] for item in present(case["references"])]
    words = sum(len(r) for item in references for r in item)
    counts = Counter()
    for item in references:
        for reference in item:
            for n in range(1, 6):
                counts.update(ngrams(reference, n))

    def information(ngram):
        prefix = ngram[:-1]
        # An empty string is false in Perl, and so is '0'.
        above = words if prefix in ((), ("0",)) else counts[prefix]
        return math.log(above / counts[ngram]) / math.log(2)

    info, total, filled = [0] * 5, [0] * 5, 0
    for hypothesis, item in zip(case["hypotheses"], references):
        own = mteval_tokens(hypothesis, True)
        filled += sum(1 for r in item if r)
        for n in range(5):
            most = Counter()
            for reference in item:
                most |= ngrams(reference, n + 1)
            found = ngrams(own, n + 1)
            info[n] += sum(count * information(g) for g, count in (found & most).items())
            total[n] += sum(found.values())
    if words == 0:
        return {"score": 0}  # The script divides by zero here.
    ratio = total[0] / (words / (filled / len(references)))
    penalty = 1 if ratio >= 1 else 0
    if 0 < ratio < 1:
        penalty = math.exp(math.log(0.5) / math.log(1.5) ** 2 * math.log(ratio) ** 2)
    return {"score": penalty * sum(i / max(t, 1) for i, t in zip(info, total))}


def nltk_nist(case):
    """NLTK's corpus NIST on mteval's tokens; its brevity penalty takes the closest reference, so it agrees for one."""
    from nltk.translate.nist_score import corpus_nist

    references = [[mteval_tokens(t, True) for t in item] for item in present(case["references"])]
    return {"score": corpus_nist(references, [mteval_tokens(t, True) for t in case["hypotheses"]], n=5)}


def nltk_words(case):
    from nltk.tokenize import NLTKWordTokenizer

    return {"tokens": [NLTKWordTokenizer().tokenize(text) for text in case["hypotheses"]]}


def pyter(case):
    """The edits of each hypothesis, split at white space, against its first reference."""
    from pyter import ter

    pairs = [(h.split(), (r[0] or "").split()) for h, r in zip(case["hypotheses"], case["references"])]
    return {"edits": [round(ter(h, r) * len(r)) if r else None for h, r in pairs]}


def captions(texts):
    return {i: item if isinstance(item, list) else [item] for i, item in enumerate(texts)}


def coco(case):
    """coco-caption's ROUGE-L and CIDEr of texts whose words are found already."""
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    references, hypotheses = captions(present(case["references"])), captions(case["hypotheses"])
    # CIDEr's scorer fails where no reference holds a word.
    has_words = any(text.split() for item in references.values() for text in item)
    return {
        "rougeL": float(Rouge().compute_score(references, hypotheses)[0]),
        "cider": float(Cider().compute_score(references, hypotheses)[0]) if has_words else 0,
    }


def ptb(case):
    """The words that coco-caption finds in each text; its tokenizer runs in Java."""
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    texts = {i: [{"caption": text}] for i, text in enumerate(case["hypotheses"])}
    return {"texts": [item[0] for item in PTBTokenizer().tokenize(texts).values()]}


def rouge(case):
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    items = [scorer.score_multi(r, h) for h, r in zip(case["hypotheses"], present(case["references"]))]
    return {kind: sum(item[kind].fmeasure for item in items) / len(items) for kind in items[0]}


def wordnet():
    """NLTK's reader on the files of Debian's wordnet-base, which lack the list of lexicographer files it asks for."""
    import os
    import tempfile

    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    source = os.environ.get("SPT_WORDNET", "/usr/share/wordnet")
    folder = tempfile.mkdtemp()
    for name in os.listdir(source):
        shutil.copy(os.path.join(source, name), folder)
    with open(os.path.join(folder, "lexnames"), "w") as file:
        file.writelines(f"{i:02d}\tfile{i}\t1\n" for i in range(45))
    nltk.data.path.append(folder)  # NLTK reads nothing outside its folders.

    class Reader(WordNetCorpusReader):
        def map_wn(self, version="wordnet"):
            """Offsets of another version's synsets, for other languages; it would want NLTK's own copy."""

    reader = Reader(folder, None)
    reader.synsets("dog")
    atexit.register(shutil.rmtree, folder)
    return reader


READER = []


def meteor(case):
    from nltk.translate.meteor_score import meteor_score

    if not READER:
        READER.append(wordnet())
    items = zip(case["hypotheses"], present(case["references"]))
    scores = [meteor_score([t.split() for t in r], h.split(), wordnet=READER[0]) for h, r in items]
    return {"score": sum(scores) / len(scores), "items": scores}


PEERS = {
    "rouge": rouge,
    "meteor": meteor,
    "coco": coco,
    "ptb": ptb,
    "chrf": chrf,
    "ter": ter,
    "multi-bleu": multi_bleu,
    "nist": nist,
    "nltk-nist": nltk_nist,
    "nltk-words": nltk_words,
    "pyter": pyter,
}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(PEERS[asked["peer"]](asked)))
