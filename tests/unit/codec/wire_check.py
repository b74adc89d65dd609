#!/usr/bin/env python3
"""Independent check of golden.jsonl: an own CBOR reader and writer and an own table of the layouts in WIRE.md.

    wire_check.py golden.jsonl WIRE.md   check: hex -> fields and fields -> hex, and the page's kinds and example
    wire_check.py --write golden.jsonl   write the hex of every line anew from its fields

Nothing here comes from the C++ code, so that a mistake there is not repeated here.
"""
import json
import re
import struct
import sys

WELL_KNOWN = [[], ["JSON"], ["CBOR"], ["TEXT"], ["BYTES"]]

# kind number, frame, fields as "name:type"; a type ending in '?' may be null. One ending in '~' came later: a
# frame may end before it, and "frames" leave it out when it says nothing (0 or null).
STATE = "handle:u epoch:epoch version:version nth:u base_nth:u? age_us:u? format:format checksum:u? parts_bytes:u body:bytes confirm,zstd:last"
LAYOUTS = {
    name: (kind, fields.split())
    for kind, name, fields in [
        (1, "state", STATE),
        (2, "carry", STATE),
        (3, "part", "handle:u offset:u bytes:bytes"),
        (4, "fresh", "handle:u epoch:epoch version:version age_us:u?"),
        (5, "need", "handle:u"),
        (16, "define_object", "handle:u canonical:text"),
        (17, "release", "handle:u"),
        (24, "hello", "protocol_min:u protocol_max:u node:id connection:u heartbeat_ms:u name:text path:path codecs:texts "
                      "credentials:bytes"),
        (25, "welcome", "protocol:u node:id heartbeat_ms:u name:text path:path codecs:texts"),
        (26, "close", "code:u detail:text"),
        (27, "ping", "sequence:u"),
        (28, "pong", "sequence:u"),
        (29, "path", "ids:path"),
        (40, "tag", "tag:text observes:flags exposes:exposure? interval_us:u~"),
        (41, "interest", "handle:u gone,fresh,observes,holds:flags exposes:exposure? heard:epoch floor:version have:stamp? "
                         "avail:stamp? active:epochs? again:epochs? interval_us:u~ at_work:work~"),
        (42, "giveup", "handle:u epoch:epoch reason:u text:text retry_after_ms:u"),
        (43, "started", "handle:u epoch:epoch version:version"),
        (56, "assign", "handle:u epoch:epoch floor:version want:bool interval_us:u~"),
        (57, "want", "handle:u want:bool interval_us:u~"),
        (58, "floor", "handle:u floor:version"),
        (59, "withdraw", "handle:u epoch:epoch reason:u"),
        (60, "end", "handle:u"),
        (61, "pull", "handle:u"),
        (62, "standing", "handle:u kind:u reason:text"),
        (72, "confirmed", "handle:u epoch:epoch version:version observers:u"),
    ]
}
BY_KIND = {kind: (name, fields) for name, (kind, fields) in LAYOUTS.items()}
FLAGS = {"observes": 1, "fresh": 2, "gone": 4, "holds": 8, "confirm": 1, "zstd": 2}


# ---- CBOR (RFC 8949), the part that frames use ------------------------------------------------------------------------

def cbor_head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        try:
            return bytes([major << 5 | info]) + struct.pack(form, n)
        except struct.error:
            pass
    raise ValueError(n)


def cbor_write(v):
    if v is None:
        return b"\xf6"
    if isinstance(v, bool):
        return b"\xf5" if v else b"\xf4"
    if isinstance(v, int):
        return cbor_head(0, v) if v >= 0 else cbor_head(1, -1 - v)
    if isinstance(v, bytes):
        return cbor_head(2, len(v)) + v
    if isinstance(v, str):
        return cbor_head(3, len(v.encode())) + v.encode()
    return cbor_head(4, len(v)) + b"".join(cbor_write(i) for i in v)


def cbor_read(data, at):
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        n = info
    elif info < 28:
        size = 1 << (info - 24)
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    else:
        raise ValueError("indefinite or reserved")
    if major == 0:
        return n, at
    if major == 1:
        return -1 - n, at
    if major in (2, 3):
        piece = bytes(data[at:at + n])
        if len(piece) != n:
            raise ValueError("truncated")
        return (piece if major == 2 else piece.decode()), at + n
    if major == 4:
        items = []
        for _ in range(n):
            item, at = cbor_read(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = []
        for _ in range(2 * n):
            item, at = cbor_read(data, at)
            pairs.append(item)
        return ("map", pairs), at
    if major == 6:
        item, at = cbor_read(data, at)
        return ("tag", n, item), at
    return {20: False, 21: True, 22: None}.get(info, ("simple", info, n)), at


# ---- fields as JSON: 64-bit numbers beyond 2^53 as decimal strings, ids as 16 hex digits, bytes as hex -----------------

def number_out(n):
    return n if abs(n) <= 2**53 else str(n)


def out(kind, items):
    """Consumes the items of one field, gives its JSON."""
    if kind.endswith("?"):
        if items[0] is None:
            items.pop(0)
            return None
        return out(kind[:-1], items)
    if kind == "epoch":
        return {"counter": number_out(items.pop(0)), "minter": "%016x" % items.pop(0)}
    item = items.pop(0)
    if kind == "u":
        return number_out(item)
    if kind == "id":
        return "%016x" % item
    if kind == "version":
        return [number_out(i) for i in item]
    if kind == "path":
        return ["%016x" % i for i in item]
    if kind == "format":
        return WELL_KNOWN[item] if isinstance(item, int) else item
    if kind == "bytes":
        return item.hex()
    if kind == "exposure":
        exposure = {"priority": item[0], "capacity": number_out(item[1])}
        if len(item) > 2 and item[2] < item[0]:
            exposure["takes_over"] = item[2]
        return exposure
    if kind == "work":
        return {"priority": item[0], "linger_ms": item[1]}
    if kind == "stamp":
        return {"epoch": out("epoch", item), "version": out("version", item)}
    if kind == "epochs":
        return out("epoch", item)
    assert kind in ("text", "texts", "bool"), kind
    return item


def into(kind, v):
    """The CBOR items of one field."""
    if kind.endswith("?"):
        return [None] if v is None else into(kind[:-1], v)
    if kind == "u":
        return [int(v)]
    if kind == "id":
        return [int(v, 16)]
    if kind == "epoch":
        return [int(v["counter"]), int(v["minter"], 16)]
    if kind == "version":
        return [[int(i) for i in v]]
    if kind == "path":
        return [[int(i, 16) for i in v]]
    if kind == "format":
        return [WELL_KNOWN.index(v) if v in WELL_KNOWN else v]
    if kind == "bytes":
        return [bytes.fromhex(v)]
    if kind == "exposure":
        return [[v["priority"], int(v["capacity"])] + ([v["takes_over"]] if "takes_over" in v else [])]
    if kind == "work":
        return [[v["priority"], v["linger_ms"]]]
    if kind == "stamp":
        return [into("epoch", v["epoch"]) + into("version", v["version"])]
    if kind == "epochs":
        return [into("epoch", v)]
    return [v]


def write_frame(frame):
    (name, values), = frame.items()
    kind, fields = LAYOUTS[name]
    items = [kind]
    for field in fields:
        names, what = field.split(":")
        if what == "flags":
            items.append(sum(FLAGS[n] for n in names.split(",") if values.get(n)))
            if values.get("gone"):
                break
        elif what == "last":  # flags that are left out when none is set
            items += [flags] if (flags := sum(FLAGS[n] for n in names.split(",") if values.get(n))) else []
        elif what.endswith("~"):
            items += into(what[:-1], values[names]) if names in values else [0 if what == "u~" else None]
        else:
            items += into(what, values[names])
    return cbor_write(items)


def read_message(data):
    """The known frames of a message, and how many were of unknown kinds."""
    at, frames, unknown = 0, [], 0
    while at < len(data):
        items, at = cbor_read(data, at)
        kind = items.pop(0)
        if kind not in BY_KIND:
            unknown += 1
            continue
        name, fields = BY_KIND[kind]
        values = {}
        for field in fields:
            names, what = field.split(":")
            if what == "flags":
                flags = items.pop(0)
                for n in names.split(","):
                    values[n] = bool(flags & FLAGS[n])
                if values.get("gone"):
                    values = {"handle": values["handle"], "gone": True}
                    break
            elif what == "last":
                flags = items.pop(0) if items else 0
                values |= {n: True for n in names.split(",") if flags & FLAGS[n]}
            elif not what.endswith("~"):
                values[names] = out(what, items)
            elif items and items[0] not in (0, None):
                values[names] = out(what[:-1], items)
            elif items:
                items.pop(0)
        frames.append({name: values})
    return frames, unknown


def dumps(v):
    return json.dumps(v, separators=(",", ":"), ensure_ascii=False)


def check_page(path, lines):
    """The page's table of kinds is LAYOUTS, and its example is the golden message "state"."""
    page = open(path, encoding="utf-8").read()
    table = page[page.index("## Kinds"):page.index("## Link control")]
    told = {(int(number), name) for name, number in re.findall(r"([A-Z]+) (\d+)", table)}
    known = {(kind, "OBJECT" if name == "define_object" else name.upper()) for name, (kind, _) in LAYOUTS.items()}
    example = re.search(r"^8c [0-9a-f ]+$", page, re.MULTILINE)[0].replace(" ", "")
    state = next(line["hex"] for line in lines if line["name"] == "state")
    failures = [f"{path}: kind {kind}" for kind in sorted(told ^ known)]
    return failures + ([] if example == state else [f"{path}: the example is {example}, the golden message {state}"])


def main():
    write = sys.argv[1] == "--write"
    path = sys.argv[2] if write else sys.argv[1]
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    failures, seen = 0, set()
    for line in lines:
        made = b"".join(write_frame(f) for f in line["frames"])
        if write and line["encodes"]:
            line["hex"] = made.hex()
        frames, unknown = read_message(bytes.fromhex(line["hex"]))
        seen.update(name for f in line["frames"] for name in f)
        for what, have, want in (
            ("fields", frames, line["frames"]),
            ("unknown", unknown, line["unknown"]),
            ("hex", made.hex() == line["hex"], line["encodes"]),
        ):
            if have != want:
                failures += 1
                print(f"{line['name']}: {what}: {dumps(have)} instead of {dumps(want)}")
    for missing in [f"no vector of {name}" for name in sorted(set(LAYOUTS) - seen)] + (
            [] if write else check_page(sys.argv[2], lines)):
        failures += 1
        print(missing)
    if write:
        with open(path, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(dumps({k: line[k] for k in ("name", "hex", "encodes", "unknown", "frames")}) + "\n")
    print(f"{len(lines)} vectors, {failures} failures")
    return 1 if failures or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
