#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "exchange/engine/event.h"

namespace mla::wasm {

/// An action of the engine for JavaScript: `{"do":NAME,…}`, and in `bytes` the message or data that belongs to it, which
/// lives as long as the action. Numbers that may be beyond 2^53 (versions) are strings.
std::string action_json(const engine::Action& action, std::span<const std::byte>& bytes);

}  // namespace mla::wasm
