#pragma once
#include <mla/sink.h>
#include <mla/state.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tools/mla/options.h"
#include "tools/mla/session.h"

namespace mla::cli {

/// Where `expose` takes states from. Told of every election and its end. *loop-confined*
class Producer {
 public:
  virtual ~Producer() = default;
  virtual void elected(const StateSink& sink) = 0;
  virtual void withdrawn(const ObjectDescriptor& object) = 0;
};

/// A state of this text: JSON (checked), or with `raw` text, or bytes without a label when it is not UTF-8.
std::variant<State, UsageError> make_state(std::string_view text, bool raw);

/// Sends and says what went wrong, if something did. True when it was accepted.
bool send(Session& session, const StateSink& sink, State state);

/// --value, --file and --stdin: one current state for every object. Throws Error, with what to tell, when the
/// value is no JSON or the file cannot be read at the start.
std::unique_ptr<Producer> make_held_producer(Session& session, const Source& source, bool raw);

/// --command.
std::unique_ptr<Producer> make_command_producer(Session& session, const FromCommand& from, bool raw);

}  // namespace mla::cli
