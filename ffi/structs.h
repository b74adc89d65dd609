#pragma once
#include <mla.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "ffi/guard.h"

// Structs that start with their size: those of other releases are shorter or longer than ours.
namespace mla::ffi {

/// Ours from theirs: what theirs has not is the default. False when it claims what we do not know, or has no size.
template <class T>
bool read_struct(const T* theirs, T& ours) {
  std::memset(&ours, 0, sizeof ours);
  if (!theirs) return true;
  if (theirs->size < sizeof theirs->size) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(theirs);
  for (std::size_t i = sizeof ours; i < theirs->size; ++i)
    if (bytes[i] != 0) return false;
  std::memcpy(&ours, theirs, std::min(theirs->size, sizeof ours));
  return true;
}

/// Ours to theirs, as much as theirs has room for; what it has beyond is made 0. False when it has no size.
template <class T>
bool write_struct(const T& ours, T* theirs) {
  const std::size_t size = theirs->size;
  if (size < sizeof size) return false;
  auto* bytes = reinterpret_cast<unsigned char*>(theirs);
  std::memcpy(bytes, &ours, std::min(size, sizeof ours));
  if (size > sizeof ours) std::memset(bytes + sizeof ours, 0, size - sizeof ours);
  theirs->size = size;
  return true;
}

/// Into a fixed place: cut at its end, but not within a character.
template <std::size_t kSize>
void put_text(std::string_view text, char (&place)[kSize]) {
  std::size_t size = std::min(text.size(), kSize - 1);
  if (size < text.size())
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  std::memcpy(place, text.data(), size);
  place[size] = 0;
}

/// Into the caller's buffer, as mla_listener_url() says.
inline mla_status copy_text(std::string_view text, char* buffer, std::size_t capacity, std::size_t* length) {
  if (!buffer && capacity != 0) return fail(ErrorCode::argument, "buffer");
  if (capacity != 0) {
    const std::size_t size = std::min(text.size(), capacity - 1);
    std::memcpy(buffer, text.data(), size);
    buffer[size] = 0;
  }
  if (length) *length = text.size();
  return kOk;
}

}  // namespace mla::ffi
