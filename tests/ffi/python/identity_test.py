#!/usr/bin/python3
"""P12: the identity vectors through Python: the same bytes or the same refusal. usage: identity_test.py VECTORS"""
import json
import sys
from collections import Counter
from pathlib import Path

import mla


def main() -> None:
    counts: Counter[str] = Counter()
    for line in Path(sys.argv[1]).read_text().splitlines():
        vector = json.loads(line)
        kind = vector["kind"]
        if kind == "comment":
            continue
        try:
            if kind.startswith("tags"):  # as values: what users write
                found = mla.Object([json.loads(tag) for tag in vector["tags"]], json.loads(vector["json"])).canonical, "ok"
            else:
                text = bytes.fromhex(vector["input_hex"]) if "input_hex" in vector else vector["input"].encode()
                found = mla.canonical(text), "ok"
                value = json.loads(text)
                if len(vector["canonical"].encode()) <= 4096 - len("[[],]"):
                    as_value = json.loads(mla.Object([], value).canonical)[1]
                    assert as_value == json.loads(vector["canonical"]), line
                    counts["values"] += 1
        except mla.UsageError as error:
            found = "", error.name
        wanted = vector.get("canonical", ""), vector.get("error", "ok")
        assert found == wanted, f"{line[:300]}\nis {found}"
        counts[kind] += 1
    print(f"identity: {dict(counts)}")
    least = {"number": 400, "string": 200, "keys": 50, "value": 60, "tags": 50, "refusal": 240, "tags_refusal": 80}
    assert all(counts[kind] >= n for kind, n in least.items()), counts


if __name__ == "__main__":
    main()
