#include "tests/unit/codec/golden.h"

#include <fstream>

#include "exchange/codec/codec.h"

namespace mla::codec::test {
namespace {

/// What stands between `"key":` and `end` in a line whose keys have a fixed order.
std::string between(const std::string& line, const std::string& key, const std::string& end) {
  const std::size_t from = line.find('"' + key + "\":") + key.size() + 3;
  return line.substr(from, end.empty() ? line.size() - 1 - from : line.find(end, from) - from);
}

}  // namespace

std::vector<Golden> load_golden(const char* path) {
  std::vector<Golden> golden;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    Golden g;
    const std::string name = between(line, "name", ",\"hex\""), hex = between(line, "hex", ",\"encodes\"");
    g.name = name.substr(1, name.size() - 2);
    g.message = from_hex(std::string_view(hex).substr(1, hex.size() - 2));
    g.encodes = between(line, "encodes", ",") == "true";
    g.unknown = std::stoull(between(line, "unknown", ","));
    g.frames = between(line, "frames", "");
    golden.push_back(std::move(g));
  }
  return golden;
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string hex;
  for (const std::byte b : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned>(b) & 15];
  }
  return hex;
}

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

Decoded decode_all(std::span<const std::byte> message) {
  Decoded decoded;
  Decoder decoder(message);
  Frame frame;
  Decoder::Outcome outcome;
  while ((outcome = decoder.next(frame)) == Decoder::Outcome::frame) decoded.frames.push_back(frame);
  decoded.malformed = outcome == Decoder::Outcome::malformed;
  decoded.skipped = decoder.skipped();
  return decoded;
}

}  // namespace mla::codec::test
