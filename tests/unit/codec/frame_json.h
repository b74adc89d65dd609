#pragma once
#include <string>

#include "exchange/codec/messages.h"

namespace mla::codec::test {

/// A frame as golden.jsonl writes it: {"ping":{"sequence":1}}. Node ids as 16 hex digits, bytes as hex, other
/// integers beyond 2^53 as decimal strings.
std::string to_json(const Frame& frame);

}  // namespace mla::codec::test
