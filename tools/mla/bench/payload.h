#pragma once
#include <mla/state.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace mla::cli::bench {

/// States that carry a sequence number, and otherwise what no compressor shortens: bytes that stay the same
/// from state to state, so that differences are short where they are on; or a JSON object of which one field,
/// in the middle, changes. *value*
class Payload {
 public:
  static constexpr std::size_t kLeastBytes = 16, kLeastJson = 64;

  Payload(std::size_t bytes, bool json);
  State make(std::uint64_t sequence);
  /// None: the state is not one of these, whole and unharmed as far as its size and place tell.
  std::optional<std::uint64_t> sequence_of(const State& state) const;
  std::size_t bytes() const { return text_.size(); }

 private:
  bool json_;
  std::size_t at_ = 0;
  std::string text_;
};

}  // namespace mla::cli::bench
