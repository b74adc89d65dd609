/* Third way to wait: descriptors and poll(), one thread for all: of contracts, and of a runtime without threads.
 * usage: c_wait_fd URL */
#include <poll.h>

#include "check.h"

enum { kStates = 200 };
static const char* const kTags[] = {"\"demo\"", "\"fd\""};

typedef struct loop {
  mla_runtime runtime; /* null: contracts tell by their own descriptors */
  mla_contract exposing, observing;
  mla_sink sink;
  long sent, seen;
} loop;

static void take(loop* it, mla_contract contract) {
  mla_event events[8];
  events[0].size = sizeof events[0];
  size_t count = 0;
  mla_status status;
  while ((status = mla_contract_next_events(contract, 0, events, 8, &count)) == MLA_OK)
    for (size_t i = 0; i < count; ++i) {
      if (events[i].kind == MLA_EVENT_ELECTED) {
        it->sink = events[i].sink;
        events[i].sink.id = 0;
      } else if (events[i].kind == MLA_EVENT_STATE) {
        const long number = number_of(events[i].state);
        CHECK(number >= it->seen);
        it->seen = number;
      }
      OK(mla_event_free(&events[i]));
    }
  CHECK(status == MLA_E_TIMED_OUT);
}

/* Sends the next state when the last was seen, until all were. */
static void run(loop* it) {
  const int64_t deadline = now_ns() + PATIENCE;
  struct pollfd wait[2] = {{.events = POLLIN}, {.events = POLLIN}};
  nfds_t count = 1;
  if (it->runtime.id) {
    OK(mla_runtime_fd(it->runtime, &wait[0].fd));
  } else {
    OK(mla_contract_fd(it->exposing, &wait[0].fd));
    OK(mla_contract_fd(it->observing, &wait[1].fd));
    ANSWERS(MLA_E_BUSY, mla_contract_on_event(it->exposing, NULL, NULL));
    count = 2;
  }
  while (it->seen < kStates) {
    const int64_t left = deadline - now_ns();
    CHECK(left > 0 && poll(wait, count, (int)(left / 1000000) + 1) >= 0);
    if (it->runtime.id) {
      const mla_status polled = mla_runtime_poll(it->runtime, 0);
      CHECK(polled == MLA_OK || polled == MLA_E_TIMED_OUT);
    }
    take(it, it->exposing);
    take(it, it->observing);
    if (it->sink.id && it->sent == it->seen) OK(send_number(it->sink, ++it->sent, NULL));
  }
}

static void test(const char* url, mla_runtime runtime, const char* what) {
  linked exposer = link_to(runtime, url, "exposer"), observer = link_to(runtime, url, "observer");
  loop it = {.runtime = runtime};
  OK(mla_contract_new(exposer.exchange, MLA_OBJECT_EXPOSE, kTags, 2, "1.0", NULL, &it.exposing));
  OK(mla_contract_new(observer.exchange, MLA_OBJECT_OBSERVE, kTags, 2, "1", NULL, &it.observing));
  run(&it);
  OK(mla_sink_free(it.sink));
  OK(mla_contract_free(it.observing));
  OK(mla_contract_free(it.exposing));
  unlink_from(observer);
  unlink_from(exposer);
  printf("fd, %s: %ld states\n", what, it.seen);
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  test(argv[1], (mla_runtime){0}, "of contracts");
  mla_runtime runtime;
  mla_runtime_options options = {.size = sizeof options, .flags = MLA_RUNTIME_MANUAL};
  OK(mla_runtime_new(&options, &runtime));
  test(argv[1], runtime, "of a runtime without threads");
  OK(mla_runtime_free(runtime));
  return 0;
}
