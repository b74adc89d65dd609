#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

// Checks of what flags take, for every verb. CLI11's own ranges print bounds of 300 digits.
namespace mla::cli {

/// `range`: "from 1 on", for the sentence that refuses.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most, const std::string& range);

}  // namespace mla::cli
