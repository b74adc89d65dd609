/** 50 values that languages write differently, no two of them the same. Used in pages too. */
export function awkward() {
  return [
    null, true, false, "", " ", "null", "1", 0, 1, -1, 0.1, -0.5, 1e-7, 1e-6, 123456789012345680000 / 1e10, 1e15, 2 ** 53, -(2 ** 53),
    5e-324, 2.2250738585072014e-308, 0.30000000000000004, 1.7976931348623157e-300, 333333333.33333329, 4.35, 1e15 + 0.5, [], {}, [[]],
    [null], [0, [1, [2, [3]]]], { "": "" }, { a: 1, b: 2 }, { b: { d: 1, c: [true] }, a: null }, { "€": 1, "\r": 2, "1": 3, "😀": 4, "\u0080": 5, ö: 6, "דּ": 7 },
    { "10": 1, "9": 2 }, JSON.parse('{"__proto__":1,"constructor":2,"toString":3}'), { length: 0 }, "é", "e\u0301", "\u0000", "\u001f\u007f\u0080",
    '"\\/\b\f\n\r\t', "\u2028\u2029", "😀", "\ufffe\uffff", "ﬀ", "<script>&amp;</script>", "$HOME `id` '\"", "%s%n\\x00", "x".repeat(3000),
  ];
}
