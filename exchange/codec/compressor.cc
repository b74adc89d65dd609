#include "exchange/codec/compressor.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace mla::codec {

namespace {

constexpr int kLevel = 3;
constexpr int kLeastWindow = 10, kMostWindow = 27;  // logarithms; what zstd takes and reads without being told
constexpr std::size_t kMostGrowth = 3;
constexpr std::size_t kSkippableHead = 8;  // RFC 8878, 3.1.2: magic number and size, 32 bits each, little-endian

/// What decompresses to `size` bytes takes at least so many.
std::size_t least(std::size_t size, std::size_t prefix) {
  return size <= prefix ? 0 : (size - prefix + kMostGrowth - 1) / kMostGrowth;
}

void append_skippable(std::size_t whole, std::vector<std::byte>& out) {
  const auto number = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(value >> shift));
  };
  number(0x184D2A50);
  number(static_cast<std::uint32_t>(whole - kSkippableHead));
  out.resize(out.size() + whole - kSkippableHead);
}

}  // namespace

struct Compressor::Contexts {
  ZSTD_CCtx* in = nullptr;
  ZSTD_DCtx* out = nullptr;
  ~Contexts() {
    ZSTD_freeCCtx(in);
    ZSTD_freeDCtx(out);
  }
};

Compressor::Compressor() : contexts_(std::make_unique<Contexts>()) {}
Compressor::~Compressor() = default;

bool Compressor::available() {
  return true;
}

void Compressor::prepare() {
  if (!contexts_->out) contexts_->out = ZSTD_createDCtx();
}

bool Compressor::compress(std::span<const std::byte> data, std::span<const std::byte> prefix, std::size_t most,
                          std::vector<std::byte>& out) {
  const std::size_t smallest = least(data.size(), prefix.size());
  if (smallest + kSkippableHead > most) return false;
  if (!contexts_->in) contexts_->in = ZSTD_createCCtx();
  ZSTD_CCtx* const context = contexts_->in;
  if (!context) return false;
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  const int window = static_cast<int>(std::bit_width(data.size() + prefix.size()));
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, std::clamp(window, kLeastWindow, kMostWindow));
  if (!prefix.empty() && ZSTD_isError(ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size()))) return false;
  out.resize(most);
  const std::size_t written = ZSTD_compress2(context, out.data(), out.size(), data.data(), data.size());
  if (ZSTD_isError(written)) return false;
  out.resize(written);
  if (written < smallest) append_skippable(std::max(smallest - written, kSkippableHead), out);
  return out.size() <= most;
}

bool Compressor::expand(std::span<const std::byte> compressed, std::span<const std::byte> prefix, std::size_t limit,
                        std::vector<std::byte>& out) {
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return false;
  if (size > limit || compressed.size() < least(static_cast<std::size_t>(size), prefix.size())) return false;
  prepare();
  ZSTD_DCtx* const context = contexts_->out;
  if (!context) return false;
  ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
  if (!prefix.empty() && ZSTD_isError(ZSTD_DCtx_refPrefix(context, prefix.data(), prefix.size()))) return false;
  out.resize(static_cast<std::size_t>(size));
  const std::size_t written = ZSTD_decompressDCtx(context, out.data(), out.size(), compressed.data(), compressed.size());
  ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);  // what a prefix took is given back
  return !ZSTD_isError(written) && written == size;
}

}  // namespace mla::codec
