"""Ids and decoded texts by Hugging Face's tokenizers, to hold ours to.

usage: tokenizer.py TOKENIZER.json [TOKENIZER.json ...] < texts
One JSON string a line in; for each file in turn one {"ids": [...], "text": "..."} a text out.
"""

import json
import sys

from tokenizers import Tokenizer

texts = [json.loads(line) for line in sys.stdin.buffer]
for file in sys.argv[1:]:
    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for text in texts:
        ids = tokenizer.encode(text).ids
        print(json.dumps({"ids": ids, "text": tokenizer.decode(ids)}))
