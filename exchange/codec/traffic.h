#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "exchange/codec/messages.h"

namespace mla::codec {

/// Frames of one kind that went one way on a link, and their bytes. *value*
struct Traffic {
  std::uint64_t frames = 0, bytes = 0;
  void add(std::size_t size) {
    ++frames;
    bytes += size;
  }
};

/// By the place of the frame's kind in Frame; behind these, all that is of an unknown kind. The bytes of all together
/// are those of the messages.
inline constexpr std::size_t kFrameKinds = std::variant_size_v<Frame>;
using TrafficByKind = std::array<Traffic, kFrameKinds + 1>;

template <class T>
constexpr std::size_t kind_of() {
  return Frame(std::in_place_type<T>).index();
}

/// As WIRE.md calls it.
std::string_view kind_name(std::size_t kind);

}  // namespace mla::codec
