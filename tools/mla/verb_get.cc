#include <mla/exchange.h>

#include <thread>

#include "tools/mla/lines.h"
#include "tools/mla/session.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

void print(Session& session, const ObjectDescriptor& object, const State& state) {
  if (session.options().form != OutputForm::human) return session.out().line(state_line(object, state));
  session.out().bytes(state.text());
  const bool text =
      !state.format().empty() && (state.format().back() == "JSON" || state.format().back() == "TEXT");
  if (text && !state.text().ends_with('\n')) session.out().bytes("\n");
}

}  // namespace

int run_get(const Options& options, const GetOptions& get) {
  const auto limit = options.timeout.value_or(std::chrono::seconds(5));
  Session session(options, "mla get");
  // The two waits block, so they have a thread; closing the exchange ends them.
  std::thread waiter([&] {
    const auto deadline = Loop::Clock::now() + limit;
    if (!session.connector().wait_linked_for(limit))
      return session.loop().post([&] { session.end(ExitCode::cannot_connect, session.why_not_linked()); });
    auto state = session.exchange().get(get.object, deadline - Loop::Clock::now());
    session.loop().post([&session, &get, state = std::move(state)] {
      if (!state)
        return session.end(exit_code(state.error()),
                           show_object(get.object) + ": " + std::string(describe(state.error())));
      print(session, get.object, *state);
      session.flush();
      session.end(ExitCode::ok);
    });
  });
  const int status = session.run();
  session.connector().close();
  session.exchange().close();
  waiter.join();
  return status;
}

}  // namespace mla::cli
