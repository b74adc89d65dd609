#include "exchange/codec/compressor.h"

// Where zstd is not to be had (WebAssembly): nothing is compressed, and nobody is told that we could read it.
namespace mla::codec {

struct Compressor::Contexts {};

Compressor::Compressor() = default;
Compressor::~Compressor() = default;

bool Compressor::available() {
  return false;
}

void Compressor::prepare() {}

bool Compressor::compress(std::span<const std::byte>, std::span<const std::byte>, std::size_t, std::vector<std::byte>&) {
  return false;
}

bool Compressor::expand(std::span<const std::byte>, std::span<const std::byte>, std::size_t, std::vector<std::byte>&) {
  return false;
}

}  // namespace mla::codec
