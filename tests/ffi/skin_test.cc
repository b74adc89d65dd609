// mla.hpp, all of it, over a real router. usage: c_skin URL
#include <mla.hpp>

#include <cstdio>
#include <cstdlib>

namespace {

using namespace std::chrono_literals;

#define CHECK(truth)                                                                \
  do {                                                                              \
    if (!(truth)) {                                                                 \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #truth);    \
      std::exit(1);                                                                 \
    }                                                                               \
  } while (0)

mla_c::Event next_of_kind(mla_c::Contract& contract, std::uint32_t kind) {
  for (;;) {
    auto event = contract.next(30s);
    CHECK(event);
    if (event->kind == kind) return std::move(*event);
  }
}

void run(const char* url) {
  mla_c::Exchange exposer(url), observer(url);
  CHECK(exposer.wait_linked(30s) && observer.wait_linked(30s));
  auto exposing = exposer.expose({"\"skin\""}, "{\"b\":1,\"a\":2.0}");
  auto by_tag = observer.observe_tag("\"skin\"");
  auto observing = observer.observe({"\"skin\""}, "{\"a\":2,\"b\":1}");
  auto elected = next_of_kind(exposing, MLA_EVENT_ELECTED);
  CHECK(elected.object.canonical() == "[[\"skin\"],{\"a\":2,\"b\":1}]" && elected.object.json() == "{\"a\":2,\"b\":1}");
  CHECK(elected.sink.end_reason() == MLA_END_NONE && !elected.sink.wait_end(1ms));
  const auto sent = elected.sink.send("abc", {"TEXT"}, {7, 1});
  CHECK(sent.outcome == mla_c::Sent::accepted && (sent.version == std::vector<std::int64_t>{7, 1}));
  const auto again = elected.sink.send("abd", {"TEXT"}, {7});
  CHECK(again.outcome == mla_c::Sent::stale && again.version == sent.version);
  for (auto* contract : {&observing, &by_tag}) {
    const auto state = next_of_kind(*contract, MLA_EVENT_STATE);
    CHECK(state.state.data() == "abc" && state.state.view().version_count == 2);
  }
  CHECK(observer.get_state({"\"skin\""}, "{\"a\":2,\"b\":1}", 30s).data() == "abc");
  mla_c::Contract moved = std::move(observing);
  CHECK(!observing && moved && !moved.ended());
  while (moved.next(0s)) {
  }
  CHECK(elected.sink.json("1").outcome == mla_c::Sent::accepted);
  moved = {};  // the only one who wants it by name
  by_tag.reset();
  CHECK(elected.sink.wait_end(30s) && elected.sink.end_reason() == MLA_END_UNOBSERVED);
  CHECK(elected.sink.json("2").outcome == mla_c::Sent::ended);
  try {
    observer.observe({"no json"}, "1");
    CHECK(!"refused");
  } catch (const mla_c::Error& error) {
    CHECK(error.code() == MLA_E_JSON_SYNTAX && error.what()[0]);
  }
  auto answering = exposer.expose_tag("\"other\"");
  auto asking = observer.observe({"\"other\""}, "1");
  next_of_kind(answering, MLA_EVENT_ELECTED).sink.decline("not this one", 1min);
  mla_c::Event told;
  while (told.standing != MLA_STANDING_DECLINED) told = next_of_kind(asking, MLA_EVENT_STANDING);
  CHECK(told.text == "not this one");
  mla_contract_cancel(asking.get());
  while (asking.next(30s)) {
  }
  CHECK(asking.ended());
}

}  // namespace

int main(int argc, char** argv) {
  CHECK(argc == 2);
  run(argv[1]);
  std::puts("skin: done");
  return 0;
}
