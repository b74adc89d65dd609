#pragma once
#include <mla/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// How objects are named on the command line, and how they are shown to people.
namespace mla::cli {

/// Something wrong with the arguments, for people. *value*
struct UsageError {
  std::string message;
};

/// A JSON value; a word that is no JSON (and does not begin like an object, an array or a string) is taken as
/// a string.
std::variant<Json, UsageError> parse_value(std::string_view text);

/// What a contract is made on: an object, or a tag.
using Target = std::variant<ObjectDescriptor, TagDescriptor>;

/// OBJECT [--tag TAG]…; without OBJECT exactly one tag.
std::variant<Target, UsageError> parse_target(const std::optional<std::string>& object,
                                              const std::vector<std::string>& tags);

/// A JSON value as one would type it: strings that are plain words without their quotes.
std::string show_value(const Json& value);

/// The object's JSON part as one would type it, then its tags but for `known` in brackets: `temp [demo]`.
std::string show_object(const ObjectDescriptor& object, const std::vector<TagDescriptor>& known = {});

}  // namespace mla::cli
