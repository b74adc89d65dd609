#pragma once
#include <mla/descriptor.h>

#include <cstdint>
#include <string_view>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"

namespace mla::core {
class ObjectRecord;
}

namespace mla::names {

using codec::Handle;

/// One object as an exchange knows it: its identity, once, and what hangs on it. Links refer to it by the numbers that
/// their peers gave, the core keeps its record here, and while either side of the exchange has something to say
/// about it, it has a number of ours. Lives as long as any of them needs it. *loop-confined*
class Name {
 public:
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;

  std::string_view canonical() const { return {text_(), static_cast<std::size_t>(size_)}; }
  /// Made anew from the text.
  ObjectPtr descriptor() const;
  /// Ours on all links, while it has one (Names::acquire); never given twice.
  Handle handle() const { return Handle{handle_}; }

  /// Was the link told our number? False does not mean that it was not: few links are kept here.
  bool is_known_on(LinkId link) const { return known_on_[0] == link || known_on_[1] == link; }

  core::ObjectRecord* record = nullptr;  // the core's

 private:
  friend class Names;
  explicit Name(std::string_view canonical);
  const char* text_() const { return reinterpret_cast<const char*>(this + 1); }

  static constexpr std::uint64_t kGreatestHandle = (std::uint64_t{1} << 48) - 1;  // reached after nine years of a million a second

  // There may be very many: what need not have a word of its own shares one.
  std::uint64_t size_ : 16;
  std::uint64_t handle_ : 48 = 0;
  LinkId known_on_[2]{};           // links that were told our number
  std::uint32_t pins_ = 0;         // lanes that have something about it
  std::uint32_t references_ : 29 = 0;  // peers that have named it
  bool held_ : 1 = false;  // by the core
  bool known_on_more_ : 1 = false;
  bool listed_ : 1 = false;  // among those that may be needed by nobody
};
static_assert(sizeof(Name) <= 32);

}  // namespace mla::names
