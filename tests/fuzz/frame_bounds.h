#pragma once
#include "exchange/codec/messages.h"

namespace mla::codec::test {

/// Every field is within what WIRE.md allows. Written from that page, not from the reader.
bool within_bounds(const Frame& frame);

}  // namespace mla::codec::test
