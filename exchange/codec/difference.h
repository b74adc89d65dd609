#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mla::codec {

/// Of the rebuilt data of a difference: XXH3, 64 bits (xxHash's specification, version 0.8).
std::uint64_t checksum(std::span<const std::byte> data);

/// Appends what turns `base` into `next`: how much of the beginning and of the end stays, and what comes between. With
/// nothing changed that is three bytes. Layout: WIRE.md "Differences".
void splice(std::span<const std::byte> base, std::span<const std::byte> next, std::vector<std::byte>& out);

/// The other way, into `out`, in place of what that held. False: `change` fits no such base, or more than `limit` bytes would
/// come of it; `out` may then hold anything. Takes no more memory than the base and the change together.
bool unsplice(std::span<const std::byte> base, std::span<const std::byte> change, std::size_t limit, std::vector<std::byte>& out);

}  // namespace mla::codec
