#pragma once
#include <mla/descriptor.h>
#include <mla/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

// Questions are the JSON parts of objects with an exchange's query tag. Whoever observes one gets the answer as
// its states.
namespace mla::description {

inline constexpr std::uint32_t kPage = 500;  ///< most rows of an answer

/// Which part of a list. *value*
struct Page {
  std::optional<std::uint64_t> after;  ///< as a former answer's `next`
  std::uint32_t limit = kPage;
};
/// {"$mla":"objects","after":N,"limit":N,"match":TEXT,"all":BOOL}; all but `$mla` may be left out.
struct AskObjects {
  Page page;
  std::string match;  ///< only those whose text `[[tags…],json]` contains this
  bool all = false;   ///< also those that are not live, and reserved ones
};
/// {"$mla":"tags",…} with the same members.
struct AskTags {
  Page page;
  std::string match;
  bool all = false;
};
/// {"$mla":"links","after":N,"limit":N}
struct AskLinks {
  Page page;
};
/// {"$mla":"why","object":{"tags":[…],"json":…}}
struct AskWhy {
  ObjectDescriptor object;
};
using Question = std::variant<AskObjects, AskTags, AskLinks, AskWhy>;

/// What cannot be answered, and why, for people. *value*
struct BadQuestion {
  std::string why;
};
std::variant<Question, BadQuestion> parse_question(const Json& json);

/// The JSON that parse_question() reads; not valid() when the object's descriptor is too large to ask about.
Json to_json(const Question& question);

}  // namespace mla::description
