#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace mla::codec {

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);

/// What people wrote (names, reasons), made fit for the wire: at most `max` bytes, cut between characters,
/// every byte that is no UTF-8 replaced by '?'. A text the far side would refuse must not cost the link.
std::string clean_text(std::string_view text, std::size_t max);

}  // namespace mla::codec
