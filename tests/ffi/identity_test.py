#!/usr/bin/python3
"""P12: the identity vectors through the C interface, called without any glue.

usage: identity_test.py --library libmla.so --vectors identity_vectors.jsonl
"""
import argparse
import ctypes
import json
from collections import Counter
from pathlib import Path


class Object(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint64)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    options = parser.parse_args()
    mla = ctypes.CDLL(str(options.library))
    mla.mla_status_name.restype = ctypes.c_char_p
    mla.mla_object_free.argtypes = [Object]
    mla.mla_object_canonical.argtypes = [Object, ctypes.POINTER(ctypes.c_char_p)]
    mla.mla_json_canonical.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
                                       ctypes.POINTER(ctypes.c_size_t)]
    mla.mla_object_new.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_size_t, ctypes.c_char_p, ctypes.POINTER(Object)]
    buffer = ctypes.create_string_buffer(8192)

    def canonical(text: bytes) -> tuple[str, bytes]:
        length = ctypes.c_size_t()
        status = mla.mla_json_canonical(text, len(text), buffer, len(buffer), ctypes.byref(length))
        return mla.mla_status_name(status).decode(), buffer.raw[: length.value] if status == 0 else b""

    def named(tags: list[str], text: str) -> tuple[str, bytes]:
        made = Object()
        array = (ctypes.c_char_p * len(tags))(*(tag.encode() for tag in tags))
        status = mla.mla_object_new(array, len(tags), text.encode(), ctypes.byref(made))
        name = mla.mla_status_name(status).decode()
        if status != 0:
            assert made.id == 0
            return name, b""
        found = ctypes.c_char_p()
        assert mla.mla_object_canonical(made, ctypes.byref(found)) == 0 and found.value is not None
        whole = bytes(found.value)
        assert mla.mla_object_free(made) == 0
        return name, whole

    counts: Counter[str] = Counter()
    for line in options.vectors.read_text().splitlines():
        vector = json.loads(line)
        kind = vector["kind"]
        if kind == "comment":
            continue
        if kind.startswith("tags"):
            found = named(vector["tags"], vector["json"])
        else:
            found = canonical(bytes.fromhex(vector["input_hex"]) if "input_hex" in vector else vector["input"].encode())
        wanted = (vector.get("error", "ok"), vector.get("canonical", "").encode())
        assert found == wanted, f"{line[:300]}\nis {found[0]} {found[1][:200]!r}"
        counts[kind] += 1
    print(f"identity: {dict(counts)}")
    least = {"number": 400, "string": 200, "keys": 50, "value": 60, "tags": 50, "refusal": 240, "tags_refusal": 80}
    assert all(counts[kind] >= n for kind, n in least.items()), counts
    return 0


if __name__ == "__main__":
    main()
