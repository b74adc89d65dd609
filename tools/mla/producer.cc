#include "tools/mla/producer.h"

#include "contracts/json_writer.h"
#include "tools/mla/json_text.h"
#include "tools/mla/lines.h"

namespace mla::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

std::variant<State, UsageError> make_state(std::string_view text, bool raw) {
  if (raw) return is_utf8(text) ? State::text(text) : State::bytes(std::as_bytes(std::span(text)), {});
  const auto json = trimmed(text);
  if (compact_json(json)) return State::json(json);
  std::string shown;
  append_json_string(json.substr(0, 60), shown);
  return UsageError{shown + (json.size() > 60 ? " and so on" : "") +
                    " is not JSON; --raw takes text as it is"};
}

bool send(Session& session, const StateSink& sink, State state) {
  const auto result = StateSink(sink).send(std::move(state));
  if (result.outcome == SendOutcome::refused)
    session.say(show_object(sink.object()) + ": not sent: " + std::string(describe(result.error)));
  return result.outcome == SendOutcome::accepted;
}

}  // namespace mla::cli
