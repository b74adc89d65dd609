#pragma once
#include <string>

#include "exchange/core/explain.h"
#include "exchange/describe/node_json.h"
#include "exchange/describe/question.h"
#include "exchange/engine/engine.h"

namespace mla::description {

/// The answer as one JSON object of at most kAnswerBytes. A list that did not fit, or took too long to look
/// through, ends early and says in `next` where to go on.
std::string answer(const Question& question, const ExchangeInfo& info, const engine::Engine& engine);

/// The answer to AskWhy from an explanation. `info` names the links.
std::string why_json(const ObjectDescriptor& object, const core::Explanation& e, const ExchangeInfo& info);

// Shared by the answers.
inline constexpr std::size_t kNameBytes = 80;  ///< shown of a peer's name
/// {"where":"local"} or {"where":"link","link":2,"peer":"…","name":"…"}, without its braces.
void write_target(JsonWriter& w, const core::Target& target, const ExchangeInfo& info);
void write_version(JsonWriter& w, const Version& version);
void write_epoch(JsonWriter& w, const Epoch& epoch);

}  // namespace mla::description
