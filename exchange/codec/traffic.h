#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
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

namespace detail {
template <class T, class... Kinds>
consteval std::size_t place_in(const std::variant<Kinds...>*) {
  std::size_t place = 0;
  static_cast<void>(((std::is_same_v<T, Kinds> || (++place, false)) || ...));
  return place;
}
}  // namespace detail

template <class T>
consteval std::size_t kind_of() {
  return detail::place_in<T>(static_cast<const Frame*>(nullptr));
}

/// As WIRE.md calls it.
std::string_view kind_name(std::size_t kind);

}  // namespace mla::codec
