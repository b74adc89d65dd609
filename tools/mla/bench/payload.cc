#include "tools/mla/bench/payload.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <span>

namespace mla::cli::bench {
namespace {

constexpr std::size_t kDigits = 16;

void write_hex(std::uint64_t number, char* to) {
  for (std::size_t i = kDigits; i-- > 0; number >>= 4) to[i] = "0123456789abcdef"[number & 15];
}

}  // namespace

Payload::Payload(std::size_t bytes, bool json) : json_(json) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937_64 random(1);  // the same for every run
  const auto letters = [&](std::size_t n) {
    for (; n > 0; --n) text_ += kLetters[random() % kLetters.size()];
  };
  if (!json) {
    text_.assign(kDigits, '0');
    letters(bytes - std::min(bytes, kDigits));
    return;
  }
  constexpr std::size_t kField = 64;
  text_ = "{";
  const auto fields_until = [&](std::size_t size) {
    while (text_.size() + kField < size) {
      text_ += "\"f" + std::to_string(text_.size()) + "\":\"";
      letters(48);
      text_ += "\",";
    }
  };
  fields_until(bytes / 2);
  text_ += "\"sequence\":\"";
  at_ = text_.size();
  text_ += std::string(kDigits, '0') + "\",";
  fields_until(bytes - 8);
  text_ += "\"end\":\"";
  letters(bytes - std::min(bytes, text_.size() + 2));
  text_ += "\"}";
}

State Payload::make(std::uint64_t sequence) {
  write_hex(sequence, text_.data() + at_);
  return json_ ? State::json(text_) : State::bytes(std::as_bytes(std::span(text_)), {"BYTES"});
}

std::optional<std::uint64_t> Payload::sequence_of(const State& state) const {
  const std::string_view text = state.text();
  if (text.size() != text_.size() || text.substr(0, at_) != std::string_view(text_).substr(0, at_)) return {};
  std::uint64_t number = 0;
  const char* const from = text.data() + at_;
  const auto read = std::from_chars(from, from + kDigits, number, 16);
  if (read.ec != std::errc{} || read.ptr != from + kDigits) return {};
  return number;
}

}  // namespace mla::cli::bench
