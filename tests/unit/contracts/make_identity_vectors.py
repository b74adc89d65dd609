#!/usr/bin/python3
"""Writes identity_vectors.jsonl: which texts name what, and which name nothing, told by others than this project.

    python3 tests/unit/contracts/make_identity_vectors.py        (needs Node; the tests need only the committed file)

Node writes canonical texts (make_identity_vectors.mjs); Python's json, decimal and utf-8 modules judge refusals. One JSON
object per line, the first being a comment. Text that is no UTF-8 stands as "input_hex" instead of "input".
"""
import decimal
import json
import pathlib
import random
import subprocess

HERE = pathlib.Path(__file__).parent
GREATEST = decimal.Decimal(2**53)
KINDS = ("json_syntax", "json_number", "json_duplicate_key", "json_encoding", "json_depth", "descriptor_too_large")
rng = random.Random(20240601)


class Found(Exception):
    pass


def defects(raw: bytes) -> set:
    """Everything that is wrong with a text, as far as one can tell after the first of syntax and encoding."""
    found = set()
    try:
        text = raw.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return {"json_encoding"}

    def number(token):
        value = decimal.Decimal(token)
        if value.copy_abs() > GREATEST:
            found.add("json_number")
        return value

    def constant(token):
        raise Found

    def pairs(items):
        if len({key for key, _ in items}) < len(items):
            found.add("json_duplicate_key")
        return dict(items)

    try:
        value = json.loads(text, parse_int=number, parse_float=number, parse_constant=constant, object_pairs_hook=pairs)
    except (Found, ValueError):
        return {"json_syntax"}

    def walk(value, depth):
        children = []
        if isinstance(value, dict):
            children = [*value.keys(), *value.values()]
        elif isinstance(value, list):
            children = value
        elif isinstance(value, str) and any(0xD800 <= ord(c) < 0xE000 for c in value):
            found.add("json_encoding")
        if isinstance(value, (dict, list)) and depth + 1 > 16:
            found.add("json_depth")
        for child in children:
            walk(child, depth + 1)

    walk(value, 0)
    # Only texts of integers and plain strings come near the bound, so this length is exact where it matters.
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "surrogatepass"))
    if size > 4096:
        found.add("descriptor_too_large")
    return found


vectors = []
seen = set()
counts = dict.fromkeys(KINDS, 0)


def refuse(kind, raw):
    if isinstance(raw, str):
        raw = raw.encode("utf-8")
    if raw in seen:
        return
    assert defects(raw) == {kind}, (kind, raw, defects(raw))
    seen.add(raw)
    counts[kind] += 1
    vector = {"kind": "refusal", "error": kind}
    try:
        vector["input"] = raw.decode("utf-8")
    except UnicodeDecodeError:
        vector["input_hex"] = raw.hex()
    vectors.append(vector)


def embeddings(text):
    return [text, f"[{text}]", f'{{"a":{text}}}', f' [1,{{"b":[{text},2]}}] ']


# ---- syntax ----
for text in ["", " ", "\n", "nul", "nulll", "True", "tru", "truefalse", "NaN", "Infinity", "-Infinity", "undefined", "01", "-01", "00", "1.",
             ".5", "-", "+1", "-.5", "1e", "1e+", "1.e1", "0x10", "1_000", "1 2", "1,", ",1", "[", "]", "[1", "1]", "[1,]", "[,1]", "[1,,2]", "[1 2]",
             "{", "}", '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', "{a:1}", "{'a':1}", '{"a" 1}', '{"a":1 "b":2}', '{1:2}', '{null:1}', '{"a":1}}', "[1}", '{"a":1]',
             '"', '"a', "'a'", '"\\"', '"\\x41"', '"\\u12"', '"\\u12G4"', '"\\u-123"', '"\\U0041"', '"\\0"', '"\\\'"', '"a\nb"', '"a\tb"', '"\x00"', '"\x1f"',
             "\ufeff1", "1\x00", "\x001", "\x0b1", "\x0c1", "\u00a01", "// a\n1", "/* a */1", "[1]//", '"a""b"', '["a" "b"]', "[[1]", "[1]]", "12a", "1-2", "1.2.3",
             "1e2e3", "--1", "1e1.5", "\uff11", "[1e]", "9007199254740993x", "1e400x", "01e400"]:
    refuse("json_syntax", text)
documents = ['{"name":"temp","unit":"°C","n":[1,2.5,-3e2]}', '[[],{},"a\\u0041",null,true,false]', '{"a":{"b":{"c":"\\n"}}}', '["x",{"y":[0,-0.5]}]']
while counts["json_syntax"] < 260:
    text = list(rng.choice(documents))
    at = rng.randrange(len(text))
    way = rng.randrange(4)
    if way == 0:
        del text[at]
    elif way == 1:
        text = text[:at]
    elif way == 2:
        text.insert(at, rng.choice('{}[]",:\\0-.e \x01n'))
    else:
        text[at] = rng.choice('{}[]",:\\0-.e \x7fn')
    if defects("".join(text).encode()) == {"json_syntax"}:
        refuse("json_syntax", "".join(text))

# ---- numbers ----
numbers = ["9007199254740993", "9007199254740993.0", "9007199254740992.5", "9007199254740992.0000000000000000001", "9.007199254740993e15",
           "9007199254740992000001e-6", "90071992547409920.1e-1", "9007199254740994", "1e16", "1e17", "10000000000000000", "100000000000000000",
           "295147905179352830000", "9.999999999999997e22", "1e23", "1.0000000000000001e23", "999999999999999700000", "999999999999999900000", "1e21",
           "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "36893488147419103232", "1e308",
           "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "1e400", "1E+400", "1e99999999999999999", "0.1e1000", "1" + "0" * 400,
           "0." + "0" * 100 + "1e200", "123456789012345678901234567890.5"]
for token in numbers:
    for sign in ("", "-"):
        for text in embeddings(sign + token)[:: rng.choice((1, 2, 3))]:
            refuse("json_number", text)
for _ in range(40):
    refuse("json_number", str(2**53 + 1 + rng.randrange(2 ** rng.randrange(1, 80))))

# ---- keys ----
for text in ['{"a":1,"a":1}', '{"a":1,"b":2,"a":3}', '{"":1,"":2}', '{"a":1,"\\u0061":2}', '{"\\u0061":1,"\\u0061":2}', '{"/":1,"\\/":2}', '{"\\n":1,"\\u000a":2}', '{"\\u000A":1,"\\u000a":2}',
             '{"é":1,"\\u00e9":2}', '{"\U0001f600":1,"\\ud83d\\ude00":2}', '{"\\uD83D\\uDE00":1,"\\ud83d\\ude00":2}', '{"\\"":1,"\\u0022":2}', '{"\\\\":1,"\\u005c":2}', '{"\\u0000":1,"\\u0000":2}',
             '{"$mla":"node","$mla":"query"}', '{"a":{},"a":[]}', '{"1":1,"1":1}', '{"__proto__":1,"__proto__":2}']:
    for whole in embeddings(text):
        refuse("json_duplicate_key", whole)
for _ in range(30):
    keys = [chr(rng.choice((0x61, 0xE0, 0x20AC, 0xE000, 0xFFFF, 0x10000, 0x1F600)) + rng.randrange(1)) + str(rng.randrange(50)) for _ in range(rng.randrange(2, 12))]
    keys = list(dict.fromkeys(keys))
    keys.insert(rng.randrange(len(keys) + 1), rng.choice(keys))
    refuse("json_duplicate_key", "{" + ",".join(json.dumps(key, ensure_ascii=rng.random() < 0.5) + ":1" for key in keys) + "}")

# ---- encoding ----
broken = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc3\x28", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe2\x82", b"\xe2\x28\xa1", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80",
          b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xef\xbf"]
for sequence in broken:
    for before, after in ((b'"', b'"'), (b'{"a":["x', b'y"]}'), (b'{"', b'":1}')):
        refuse("json_encoding", before + sequence + after)
for escape in ["\\ud800", "\\uDBFF", "\\udc00", "\\uDFFF", "\\ud800\\ud800", "\\udc00\\ud800", "\\udc00\\udc00", "\\ud83d\\u0041", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\\\ude00", "x\\ud83d", "\\ud83d\\ude00\\ude00", "\\ud83d\\ud83d\\ude00",
               "\\\\\\ud800", "\\ud800\\ue000", "\\ud800\\udbff"]:
    for text in (f'"{escape}"', f'["a",{{"k":"{escape}"}}]', f'{{"{escape}":1}}'):
        refuse("json_encoding", text)

# ---- depth ----
for depth in [*range(17, 34), 64, 100, 400]:
    refuse("json_depth", "[" * depth + "]" * depth)
    refuse("json_depth", '{"a":' * depth + "1" + "}" * depth)
    if depth % 2 == 0 and depth <= 64:
        refuse("json_depth", '[{"a":' * (depth // 2) + "null" + "}]" * (depth // 2))
        refuse("json_depth", '[1,{},{"b":2,"a":[' * (depth // 2) + "]}]" * (depth // 2))

# ---- size ----
for extra in (1, 2, 3, 50):
    refuse("descriptor_too_large", '"' + "a" * (4094 + extra) + '"')
    refuse("descriptor_too_large", '["' + "é" * 2046 + "a" * extra + '"]')
    refuse("descriptor_too_large", '{"' + "k" * (4090 + extra) + '":1}')
    refuse("descriptor_too_large", "[" + ",".join(["7"] * (2048 + extra)) + "]")
    refuse("descriptor_too_large", "[" + " , ".join(["null"] * (819 + extra)) + "]")
    refuse("descriptor_too_large", '"' + "\U0001f600" * (1023 + extra) + '"')
    refuse("descriptor_too_large", "[" + ",".join(["[]"] * (1365 + extra)) + "]")
    refuse("descriptor_too_large", '{"a":"' + "b" * 2000 + '","c":"' + "d" * (2081 + extra) + '"}')
    refuse("descriptor_too_large", "[" + ",".join(str(1000 + i) for i in range(819 + extra)) + "]")
    refuse("descriptor_too_large", "{" + ",".join(f'"{i:05}":1' for i in range(410 + extra)) + "}")


def refuse_object(error, tags, value):
    vectors.append({"kind": "tags_refusal", "error": error, "tags": tags, "json": value})


# ---- sets of tags ----
for n in range(17, 58):
    refuse_object("too_many_tags", [str(i) for i in range(n)], "null")
for n in range(40):
    # `[["aa…"],"bb…"]` has 9 bytes beside the letters; n of them beyond the bound.
    refuse_object("descriptor_too_large", ['"' + "a" * (2000 + n) + '"'], '"' + "b" * (4096 - 2000 - 9 + 1) + '"')

assert all(count >= 40 for count in counts.values()), counts
node = subprocess.run(["node", str(HERE / "make_identity_vectors.mjs")], check=True, capture_output=True, text=True).stdout
comment = {"kind": "comment", "text": "Made by make_identity_vectors.py from Node and Python; not from this project's code."}
with open(HERE / "identity_vectors.jsonl", "w", encoding="ascii", newline="\n") as file:
    file.write(json.dumps(comment) + "\n" + node)
    file.writelines(json.dumps(vector) + "\n" for vector in vectors)
print(counts, len(vectors), "refusals,", node.count("\n"), "canonical texts")
