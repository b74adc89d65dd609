#include <algorithm>

#include "exchange/codec/compressor.h"
#include "exchange/codec/outgoing.h"

namespace mla::codec {

Codecs Codecs::all() {
  return {.splice = true, .zstd = Compressor::available()};
}

Codecs Codecs::named(const std::vector<std::string>& names) {
  const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  return {.splice = has("splice"), .zstd = has("zstd")};
}

std::vector<std::string> Codecs::names() const {
  std::vector<std::string> names;
  if (splice) names.emplace_back("splice");
  if (zstd) names.emplace_back("zstd");
  return names;
}

}  // namespace mla::codec
