// The one function that the pure part imports: writes a number as ECMAScript does, at `out`, and answers the length.
mergeInto(LibraryManager.library, {
  mla_number_to_string: function (value, out) {
    const text = String(value);
    for (let i = 0; i < text.length; ++i) HEAP8[out + i] = text.charCodeAt(i);
    return text.length;
  },
});
