"""Record how PyYAML reads mutated environment files: python3 yaml.py > yaml.jsonl

Each line is [text, value]; value is null if PyYAML refuses the text. Scalars are
strings, "~" and "null" are "".
"""
import json
import pathlib
import random
import re
import sys

sys.path.pop(0)  # this file has the library's name
import yaml

random.seed(1)
cases = pathlib.Path(__file__).parent / "cases"
docs = [(cases / name).read_text().split("--\n", 1)[1].split("\n-- ")[0] for name in ("environment.txtar", "conda-lock.txtar")]
docs.append("a: [1, 'x y', \"q\\n\", {b: c, d: [e, f]}]\nb:\n- x\n-   y: 1\n    z: 2\n- - k\n  - l\nc: it's # c\nd: a#b\n'e: f': g\nh:\n  i: ''\n  j: ~\n  k: a:b\n")
tokens = [" ", "  ", "\n", ":", ": ", "- ", "#", " #", '"', "'", ",", "[", "]", "{", "}", "?", "? ", "|", ">", "&", "*", "!", "%", "@", "`", "a", "-",
          "---\n", "...\n", "\t", "\u00e9", "\\", "==", "~", "null", "\r\n", "0x1"]


def value(n):
    if isinstance(n, yaml.ScalarNode):
        return "" if n.style is None and n.value in ("~", "null") else n.value
    if isinstance(n, yaml.SequenceNode):
        return [value(x) for x in n.value]
    table = {}
    for k, v in n.value:
        if not isinstance(k, yaml.ScalarNode) or value(k) in table:
            raise ValueError("a key that is no text, or stands twice")
        table[value(k)] = value(v)
    return table


for _ in range(1500):
    lines = random.choice(docs).split("\n")
    k = random.randrange(len(lines))
    lines = lines[k:k + random.randrange(1, 8)]
    indent = re.match(" *", lines[0]).group()
    text = "\n".join(s.removeprefix(indent) for s in lines) + "\n"
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(tokens) + text[at + random.choice([0, 0, 0, 1, 2]):]
    try:
        node = yaml.compose(text)
        read = {} if node is None else value(node)
    except (yaml.YAMLError, ValueError):
        read = None
    print(json.dumps([text, read]))
