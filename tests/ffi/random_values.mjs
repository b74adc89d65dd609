// Random JSON values, each in a random spelling, and the canonical text that JavaScript itself gives: an oracle that knows nothing of
// the project. Prints TEXT <tab> CANONICAL, or TEXT <tab> ! for numbers that are refused. usage: node random_values.mjs COUNT [SEED]
const count = Number(process.argv[2]);
let seed = BigInt(process.argv[3] ?? Math.floor(Math.random() * 2 ** 52));
process.stderr.write(`seed ${seed}\n`);
const kMask = (1n << 64n) - 1n;
function draw() {  // splitmix64
  seed = (seed + 0x9e3779b97f4a7c15n) & kMask;
  let z = seed;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & kMask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & kMask;
  return z ^ (z >> 31n);
}
let pool = 0n, left = 0;
function below(n) {  // small numbers from the bits of one draw
  if (left < 16) [pool, left] = [draw(), 64];
  const value = Number(pool & 0xffffn);
  pool >>= 16n;
  left -= 16;
  return value % n;
}
const view = new DataView(new ArrayBuffer(8));
function number() {
  switch (below(5)) {
    case 0: return below(3) - 1;
    case 1: return Number(draw() >> 11n) * (below(2) ? 1 : -1);
    case 2: return Number(draw() >> 11n) / 2 ** below(80);
    case 3: return below(1000) / 10 ** below(12);
    default:
      view.setBigUint64(0, draw());
      return view.getFloat64(0);
  }
}
const kPieces = ["a", "Z", "0", " ", "\"", "\\", "/", "\b", "\f", "\n", "\r", "\t", "\u0000", "\u001f", "\u007f", "\u0080", "ß", "\u2028", "\u2029",
  "ﬀ", "\uffff", "\ue000", "😀", "\u{10ffff}", "é", "e\u0301"];
function string() {
  let text = "";
  for (let i = below(8); i > 0; --i) text += kPieces[below(kPieces.length)];
  return text;
}
function value(depth) {
  const kind = below(depth > 3 ? 4 : 6);
  if (kind === 0) return [null, true, false][below(3)];
  if (kind === 1) return string();
  if (kind < 4) return number();
  if (kind === 4) return Array.from({ length: below(4) }, () => value(depth + 1));
  const object = Object.create(null);
  for (let i = below(4); i > 0; --i) object[string()] = value(depth + 1);
  return object;
}
let refused;
function canonical(it) {
  if (Array.isArray(it)) return `[${it.map(canonical).join(",")}]`;
  if (it !== null && typeof it === "object")
    return `{${Object.keys(it).sort().map((key) => `${JSON.stringify(key)}:${canonical(it[key])}`).join(",")}}`;
  if (typeof it === "number" && Math.abs(it) > 2 ** 53) refused = true;
  return JSON.stringify(it);
}
const space = () => " ".repeat(below(8) === 0 ? below(3) : 0);
function spell(it) {
  if (Array.isArray(it)) return `[${space()}${it.map(spell).join(`${space()},${space()}`)}${space()}]`;
  if (it !== null && typeof it === "object")
    return `{${space()}${Object.keys(it).map((key) => `${spell(key)}${space()}:${space()}${spell(it[key])}`).join(",")}${space()}}`;
  if (typeof it === "string")
    return `"${[...it].map((c) => {
      if (below(3) === 0) return [...Array(c.length).keys()].map((i) => {
        const hex = c.charCodeAt(i).toString(16).padStart(4, "0");
        return `\\u${below(2) ? hex : hex.toUpperCase()}`;
      }).join("");
      return c === "/" && below(2) ? "\\/" : JSON.stringify(c).slice(1, -1);
    }).join("")}"`;
  if (typeof it === "number") {
    if (below(3) === 0) return it.toExponential().replace("e", below(2) ? "e" : "E").replace(below(2) ? "+" : "", "");
    if (Number.isInteger(it) && Math.abs(it) < 2 ** 53 && below(3) === 0) return `${Object.is(it, -0) ? "-0" : it}.${"0".repeat(1 + below(3))}`;
    return Object.is(it, -0) ? "-0" : String(it);
  }
  return JSON.stringify(it);
}
let out = "";
for (let made = 0; made < count; ) {
  const it = value(0);
  refused = false;
  const text = JSON.stringify(it) && canonical(it);
  if (text.includes("null") && /NaN|Infinity/.test(spell(it))) continue;  // such numbers have no text
  out += `${spell(it)}\t${refused ? "!" : text}\n`;
  ++made;
  if (out.length > 1 << 20) {
    if (!process.stdout.write(out)) await new Promise((done) => process.stdout.once("drain", done));
    out = "";
  }
}
process.stdout.write(out);
