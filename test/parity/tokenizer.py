"""Ids and decoded texts by Hugging Face's tokenizers, or by transformers from a model's folder, to hold ours to.

usage: tokenizer.py TOKENIZER.json|FOLDER ... < texts
One JSON string a line in; for each argument in turn one {"ids": [...], "text": "..."} a text out.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

texts = [json.loads(line) for line in sys.stdin.buffer]
for file in sys.argv[1:]:
    if Path(file).is_dir():
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(file).backend_tokenizer
    else:
        tokenizer = Tokenizer.from_file(file)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for text in texts:
        ids = tokenizer.encode(text).ids
        print(json.dumps({"ids": ids, "text": tokenizer.decode(ids)}))
