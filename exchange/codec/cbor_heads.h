#pragma once

// How the heads of CBOR items are read and written: by libcbor natively, by hand in WebAssembly, for which Debian
// has no libcbor. Both offer the same functions, each in its namespace, and a test holds them equal
// (cbor_heads_test.cc). For cbor_reader.cc and cbor_writer.cc only, which do what states mostly consist of on the spot
// (unsigned numbers, arrays, byte strings, null), everywhere alike; the same test holds that equal, too.
#ifdef __EMSCRIPTEN__
#include "exchange/codec/cbor_heads_plain.h"
namespace mla::codec {
namespace heads = plain;
}
#else
#include "exchange/codec/cbor_heads_libcbor.h"
namespace mla::codec {
namespace heads = libcbor;
}
#endif
