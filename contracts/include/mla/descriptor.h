#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mla/json.h>
#include <mla/result.h>

namespace mla {

/// A tag's identity: one canonical JSON value. *value*
struct TagDescriptor {
  Json json;
  TagDescriptor() = default;
  template <class T>
    requires std::constructible_from<Json, T>
  TagDescriptor(T&& value) : json(std::forward<T>(value)) {}
  ErrorCode check() const;  ///< ok, or why it names no tag
  bool operator==(const TagDescriptor&) const = default;
  std::strong_ordering operator<=>(const TagDescriptor& o) const { return json <=> o.json; }
};

/// An object's identity: a *set* of tags (order and repetition do not matter; kept sorted by canonical text) and one
/// JSON value. {{"demo"}, "temp"} names the object "temp" with the tag "demo". *value*
class ObjectDescriptor {
 public:
  ObjectDescriptor() = default;
  ObjectDescriptor(std::vector<TagDescriptor> tags, Json json);

  /// From JSON texts. Errors as Json::parse, too_many_tags, descriptor_too_large.
  static Result<ObjectDescriptor> parse(const std::vector<std::string>& tags, std::string_view json);
  /// From the wire's canonical text `[[tags…],json]`; anything but the exact canonical text is bad_descriptor.
  static Result<ObjectDescriptor> from_canonical(std::string_view text);

  const std::vector<TagDescriptor>& tags() const { return tags_; }
  const Json& json() const { return json_; }
  /// `[[tag,…],json]`, the whole identity as one canonical JSON text (at most 4096 bytes when check() is ok).
  const std::string& canonical() const { return canonical_; }
  ErrorCode check() const;  ///< ok, or why it names no object
  /// `{"tags":[…],"json":…}`, as the tools print it.
  std::string to_json() const;

  bool operator==(const ObjectDescriptor& o) const { return canonical_ == o.canonical_; }
  std::strong_ordering operator<=>(const ObjectDescriptor& o) const;

 private:
  std::vector<TagDescriptor> tags_;
  Json json_;
  std::string canonical_ = "[[],null]";
};

/// Descriptors are shared, not copied, once they are inside an exchange.
using ObjectPtr = std::shared_ptr<const ObjectDescriptor>;

}  // namespace mla
