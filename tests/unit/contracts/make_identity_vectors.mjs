// The half of the identity vectors that ECMAScript defines: how numbers and strings are written, how keys are ordered.
// Run by make_identity_vectors.py. Prints one JSON object per line. Nothing of this project is used here.

// mulberry32: the same file on every run.
let seed = 20240601;
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value !== null && typeof value === "object")
    return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

// JSON.stringify with lone surrogates cannot occur here; other characters of the line are made ASCII for readers.
const ascii = (text) => text.replace(/[\u007f-\uffff]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const print = (vector) => console.log(ascii(JSON.stringify(vector)));

// ---- numbers ----
const view = new DataView(new ArrayBuffer(8));
function bits(value) {
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}
function number(input) {
  const value = JSON.parse(input);
  if (!(Math.abs(value) <= 2 ** 53)) throw new Error("not for here: " + input);
  print({ kind: "number", input, bits: bits(value), canonical: canonical(value) });
}
// RFC 8785, appendix B, as far as magnitudes of identities go.
for (const text of ["0", "-0", "5e-324", "-5e-324", "9007199254740992", "-9007199254740992", "9.999999999999997e-7",
  "0.000001", "333333333.3333332", "333333333.33333325", "333333333.3333333", "333333333.3333334", "333333333.33333343",
  "-0.0000033333333333333333", "1424953923781206.2"]) number(text);
// Other spellings of one value.
for (const text of ["1", "1.0", "1.00", "1e0", "1E0", "1e+0", "1E-0", "10e-1", "0.1e1", "0.01E+2", "100e-2", "-1", "-1.0", "-10e-1",
  "0.0", "-0.0", "0e0", "0e1", "-0e-1", "0e400", "0.0e-400", "-0e99999999999999999999", "1e-400", "-1e-400", "2e-324", "3e-324",
  "1e-99999999999999999999", "0.1", "0.10", "0.2", "0.30000000000000004", "0.3", "1.5", "15e-1", "1e15", "1000000000000000",
  "9007199254740991", "9007199254740991.0", "9007199254740992.0", "9.007199254740992e15", "90071992547409920e-1",
  "9007199254740991.4", "9007199254740991.5", "4503599627370497.5", "2.2250738585072014e-308", "2.2250738585072011e-308",
  "2.225073858507201e-308", "4.9406564584124654e-324", "1.7976931348623157e-308", "0.1000000000000000055511151231257827",
  "0.1000000000000000055511151231257827021181583404541015625", "123456789012345678e-3", "1." + "0".repeat(400),
  "1" + "0".repeat(300) + "e-300", "0." + "0".repeat(300) + "1e300", "9007199254740990.9999999999999999999999", "1e-5", "1e-6", "1e-7",
  "123e-7", "123e-8", "123e-9", "1.5e-6", "1.5e-7", "12345.678", "4294967295", "4294967296", "2147483648", "-2147483649"]) number(text);
for (let power = -8; power <= 15; ++power) {
  number("1e" + power);
  number("-1e" + power);
  number((10 ** power).toFixed(Math.max(0, -power)));
  number("1.5e" + power);
}
for (let power = -1074; power <= 53; power += 23) number(String(2 ** power));
for (let i = 0; i < 150;) {
  view.setUint32(0, below(2 ** 32));
  view.setUint32(4, below(2 ** 32));
  const value = view.getFloat64(0);
  if (!(Math.abs(value) <= 2 ** 53)) continue;
  number(value.toExponential());
  ++i;
}
for (let i = 0; i < 150; ++i) {
  const value = (random() - 0.5) * 10 ** (below(24) - 8);
  if (Math.abs(value) <= 2 ** 53) number(pick([String(value), value.toExponential(), value.toPrecision(17), value.toPrecision(21)]));
}
for (let i = 0; i < 60; ++i) number(String(Math.floor((random() - 0.5) * 2 ** (1 + below(54)))));

// ---- strings ----
const characters = ["a", "z", "0", " ", "/", "\\", '"', "\b", "\t", "\n", "\f", "\r", "\u0000", "\u0001", "\u001f", " ", "~",
  "\u007f", "\u0080", "\u009f", "\u00a0", "é", "ß", "\u0300", "€", "\u2028", "\u2029", "\ud7ff", "\ue000", "\ufb33", "\ufeff",
  "\ufffd", "\uffff", "\u{10000}", "\u{1f600}", "\u{10ffff}", "日", "'", "<", "&", "{", "}", "[", "]", ":", ",", "$"];
const short = { '"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };
function unit(code) {
  const hex = code.toString(16).padStart(4, "0");
  return "\\u" + pick([hex, hex.toUpperCase()]);
}
// One of the ways in which JSON text may write a string.
function spell(text) {
  let out = '"';
  for (const c of text) {
    const must = c < " " || c === '"' || c === "\\";
    const way = below(3);
    if (way === 0 && short[c]) out += short[c];
    else if (way === 1 || must) for (let i = 0; i < c.length; ++i) out += unit(c.charCodeAt(i));
    else out += c;
  }
  return out + '"';
}
function string(value, more = {}) {
  const input = spell(value);
  if (JSON.parse(input) !== value) throw new Error(input);
  print({ kind: "string", input, value, canonical: canonical(value), ...more });
}
string("");
for (const c of characters) string(c);
for (let code = 0; code < 32; ++code) string("x" + String.fromCharCode(code));
for (let i = 0; i < 150; ++i) string(Array.from({ length: 1 + below(24) }, () => pick(characters)).join(""));
string("a".repeat(4094));
string("é".repeat(2047));
string("\u0001".repeat(682));

// ---- structures and the order of keys ----
const keys = [...characters, "", "aa", "ab", "a\u{10000}", "a\uffff", "a\ue000", "1", "10", "2", "__proto__", "constructor", "length",
  "\u20ac", "\u{1f600}x", "\ufb33x", "B", "b", "Ä", "ä", "toString", "-1", "1.0", "true"];
function space() {
  return random() < 0.3 ? pick([" ", "\n", "\t", "\r\n", "  "]) : "";
}
function spell_value(value) {
  if (Array.isArray(value)) return "[" + space() + value.map(spell_value).join(space() + "," + space()) + space() + "]";
  if (value !== null && typeof value === "object")
    return "{" + space() + Object.keys(value).sort(() => random() - 0.5)
      .map((key) => spell(key) + space() + ":" + space() + spell_value(value[key])).join("," + space()) + space() + "}";
  return typeof value === "string" ? spell(value) : String(value);
}
function value_of(depth) {
  const kind = below(depth > 0 ? 9 : 6);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return below(1000) - 500;
  if (kind === 3) return (random() - 0.5) * 1000;
  if (kind < 6) return pick(keys);
  if (kind === 6) return Array.from({ length: below(4) }, () => value_of(depth - 1));
  return object_of(below(5), depth - 1);
}
function object_of(size, depth) {
  const object = Object.create(null);
  for (let i = 0; i < size; ++i) object[pick(keys)] = value_of(depth);
  return object;
}
function structure(kind, input) {
  print({ kind, input, canonical: canonical(JSON.parse(input)) });
}
structure("keys", '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
  '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}');  // RFC 8785, 3.2.3
for (let i = 0; i < 80; ++i) structure("keys", space() + spell_value(object_of(2 + below(10), 2)) + space());
for (const text of ["null", "true", "false", "[]", "{}", "[[]]", " [ ] ", '{"a":{}}', "[null,true,false]", "\t\n\r 1 \t\n\r ",
  "[".repeat(16) + "]".repeat(16), '{"a":'.repeat(16) + "1" + "}".repeat(16), '[{"a":'.repeat(8) + '"x"' + "}]".repeat(8)]) structure("value", text);
for (let i = 0; i < 60; ++i) structure("value", spell_value(value_of(4)));
structure("value", " ".repeat(5000) + "1");
structure("value", "[" + "1, ".repeat(2045) + "1000" + "]");

// ---- sets of tags: without order and repetition, written in the order of the bytes of their UTF-8 ----
function tags(values, json) {
  const texts = [...new Set(values.map((text) => canonical(JSON.parse(text))))]
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  print({ kind: "tags", tags: values, json, canonical: "[[" + texts.join(",") + "]," + canonical(JSON.parse(json)) + "]" });
}
tags([], "null");
tags(['"demo"'], '"temp"');
tags(['"b"', '"a"', '"b"'], "1");
tags(["1", "1.0", "10e-1", '"1"'], "1.0");
tags(['"\ue000"', '"\u{10000}"'], "0");
tags(["[]", "{}", "null", "true", "0", '""'], "{}");
tags(Array.from({ length: 16 }, (_, i) => String(i)), "16");
tags(Array.from({ length: 40 }, (_, i) => String(i % 16)), "16");
tags(["[".repeat(16) + "]".repeat(16)], "[".repeat(16) + "]".repeat(16));
tags(['"' + "a".repeat(2000) + '"'], '"' + "b".repeat(4096 - 2000 - 9) + '"');
for (let i = 0; i < 70; ++i) {
  const some = Array.from({ length: below(9) }, () => spell_value(value_of(2)));
  for (let twice = below(3); some.length > 0 && twice > 0; --twice) some.push(pick(some));
  tags(some, spell_value(value_of(2)));
}

// ---- composed and decomposed forms of one text: other strings, other keys, other tags ----
for (const text of ["\u00e9", "\u00c5", "\u00f1", "\u00f6", "\u1e69", "\uac01", "\u1f82", "caf\u00e9", "\u0439", "\u3060", "Vi\u1ec7t", "\u{1109a}"]) {
  const nfc = text.normalize("NFC"), nfd = text.normalize("NFD");
  if (nfc === nfd) throw new Error("one form only: " + text);
  string(nfc, { form: "nfc" });
  string(nfd, { form: "nfd" });
  structure("keys", `{${spell(nfc)}:1,${spell(nfd)}:2}`);
  tags([spell(nfc), spell(nfd), spell(nfc)], spell(nfd));
}
