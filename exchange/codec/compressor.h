#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace mla::codec {

/// zstd (RFC 8878), with or without data that both sides have as a prefix. What is compressed is never less than a third of
/// what comes of it (beyond the prefix): filled up with a skippable frame, since nobody may make us take much more memory
/// than he sent. Memory to expand with is there from prepare() on, so that no peer makes us take it; that to compress with, up to
/// a few megabytes with the largest data, from the first use on. Not in WebAssembly, where nothing is
/// ever compressed and such data is refused. *loop-confined*
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  static bool available();
  void prepare();
  /// In place of what `out` held. False: it would take more than `most` bytes.
  bool compress(std::span<const std::byte> data, std::span<const std::byte> prefix, std::size_t most, std::vector<std::byte>& out);
  /// The other way. False: it is no such data, more than `limit` would come of it, or more than the prefix and three times
  /// its size.
  bool expand(std::span<const std::byte> compressed, std::span<const std::byte> prefix, std::size_t limit, std::vector<std::byte>& out);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace mla::codec
