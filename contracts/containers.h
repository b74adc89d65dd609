#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#ifdef __EMSCRIPTEN__
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>
#else
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>
#include <absl/hash/hash.h>
#include <absl/strings/string_view.h>
#endif

#include <mla/descriptor.h>
#include <mla/epoch.h>

// The hash tables of the layers below the shell, under one name: Abseil's natively, the standard ones in
// WebAssembly, where Abseil would have to be built from source. Write code that holds for both:
//  * insertion moves the elements (no pointer or reference into a table outlives an insert),
//  * `erase(iterator)` answers nothing one can use: `table.erase(it++)`, or unqualified `erase_if(table, f)`,
//  * no iteration order may reach an output: collect and sort, or keep an ordered container beside it,
//  * of ordered sets, inserting and erasing end all iterators, too.
namespace mla {

/// Hashes what the layers use as keys: text, integers, enums, strong ids (a struct with an integral `value`),
/// epochs and descriptors. Natively seeded by where the program was loaded, so a peer cannot choose keys that collide.
template <class Key>
struct KeyHash;

namespace detail {

inline std::size_t hash_text(std::string_view text) {
#ifdef __EMSCRIPTEN__
  return std::hash<std::string_view>()(text);
#else
  return absl::Hash<absl::string_view>()(absl::string_view(text.data(), text.size()));
#endif
}

inline std::size_t hash_number(std::uint64_t value) {
#ifdef __EMSCRIPTEN__
  value = (value ^ (value >> 32)) * 0x9e3779b97f4a7c15u;
  return static_cast<std::size_t>(value ^ (value >> 29));
#else
  return absl::Hash<std::uint64_t>()(value);
#endif
}

inline std::size_t hash_both(std::uint64_t a, std::uint64_t b) {
  return hash_number(a * 0x9e3779b97f4a7c15u + b);
}

template <class Key>
concept Number = std::is_integral_v<Key> || std::is_enum_v<Key>;
template <class Key>
concept StrongId = std::is_class_v<Key> && requires(const Key& key) {
  requires std::is_integral_v<decltype(key.value)>;
} && sizeof(Key) == sizeof(Key::value);

}  // namespace detail

/// Transparent: a table keyed by std::string is searched with a std::string_view without making a string.
template <>
struct KeyHash<std::string> {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return detail::hash_text(text); }
};
template <detail::Number Key>
struct KeyHash<Key> {
  std::size_t operator()(Key key) const { return detail::hash_number(static_cast<std::uint64_t>(key)); }
};
template <detail::StrongId Key>
struct KeyHash<Key> {
  std::size_t operator()(const Key& key) const {
    return detail::hash_number(static_cast<std::uint64_t>(key.value));
  }
};
template <>
struct KeyHash<Epoch> {
  std::size_t operator()(const Epoch& key) const { return detail::hash_both(key.counter, key.minter.value); }
};
template <>
struct KeyHash<Json> {
  std::size_t operator()(const Json& key) const { return detail::hash_text(key.text()); }
};
template <>
struct KeyHash<TagDescriptor> {
  std::size_t operator()(const TagDescriptor& key) const { return detail::hash_text(key.json.text()); }
};
template <>
struct KeyHash<ObjectDescriptor> {
  std::size_t operator()(const ObjectDescriptor& key) const {
    return detail::hash_text(key.canonical());
  }
};

/// Equality that fits KeyHash: transparent for text only; other keys convert in ways that do not hash alike.
template <class Key>
using KeyEqual = std::conditional_t<std::is_same_v<Key, std::string>, std::equal_to<>, std::equal_to<Key>>;

#ifdef __EMSCRIPTEN__
template <class Key, class Value, class Hash = KeyHash<Key>, class Equal = KeyEqual<Key>>
using FlatMap = std::unordered_map<Key, Value, Hash, Equal>;
template <class Key, class Hash = KeyHash<Key>, class Equal = KeyEqual<Key>>
using FlatSet = std::unordered_set<Key, Hash, Equal>;
template <class Key, class Less = std::less<Key>, class Allocator = std::allocator<Key>>
using OrderedSet = std::set<Key, Less, Allocator>;
template <class T, std::size_t>
using ShortVector = std::vector<T>;
#else
template <class Key, class Value, class Hash = KeyHash<Key>, class Equal = KeyEqual<Key>>
using FlatMap = absl::flat_hash_map<Key, Value, Hash, Equal>;
template <class Key, class Hash = KeyHash<Key>, class Equal = KeyEqual<Key>>
using FlatSet = absl::flat_hash_set<Key, Hash, Equal>;
template <class Key, class Less = std::less<Key>, class Allocator = std::allocator<Key>>
using OrderedSet = absl::btree_set<Key, Less, Allocator>;
/// Up to so many elements lie in the list itself.
template <class T, std::size_t few>
using ShortVector = absl::InlinedVector<T, few>;
#endif

/// What std::erase_if is for lists of the standard library, for a ShortVector too.
template <class List, class Which>
void drop_if(List& list, Which which) {
  list.erase(std::remove_if(list.begin(), list.end(), which), list.end());
}

/// For what now and then holds very much, and then little again: so many are no burden.
inline constexpr std::size_t kRoomKept = 1024;

/// To be called when `list` has run empty.
template <class List>
void give_back_room(List& list) {
  if (list.capacity() > kRoomKept) list = List();
}
template <class Key, class Value>
void give_back_room(FlatMap<Key, Value>& table) {
  if (table.bucket_count() > kRoomKept) table = FlatMap<Key, Value>();
}

}  // namespace mla
