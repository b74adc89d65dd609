/* First way to wait: blocking, each side in its own thread. usage: c_wait_blocking URL */
#include <pthread.h>

#include "check.h"

enum { kStates = 200 };
static const char* const kTags[] = {"\"demo\""};
static const char* const kJson = "{\"way\": \"blocking\"}";

static void* expose(void* url) {
  linked me = link_to((mla_runtime){0}, url, "exposer");
  mla_contract contract;
  mla_contract_options options = {.size = sizeof options, .flags = MLA_WITH_CONFIRMATION};
  OK(mla_contract_new(me.exchange, MLA_OBJECT_EXPOSE, kTags, 1, kJson, &options, &contract));
  mla_event event = {.size = sizeof event};
  OK(mla_contract_next_event(contract, PATIENCE, &event));
  CHECK(event.kind == MLA_EVENT_ELECTED && event.sink.id && !event.state.id);
  const mla_sink sink = event.sink;
  OK(mla_object_free(event.object));
  mla_send_result result = {.size = sizeof result};
  for (long number = 1; number <= kStates; ++number) {
    OK(send_number(sink, number, &result));
    CHECK(result.version_count == 2);
    uint64_t observers = 0;
    OK(mla_sink_confirm(sink, result.version, result.version_count, PATIENCE, &observers));
    CHECK(observers == 1);
  }
  const int64_t old[] = {0};
  ANSWERS(MLA_E_STALE, mla_sink_send(sink, "0", 1, NULL, 0, old, 1, &result));
  CHECK(result.version_count == 2); /* the one it must exceed */
  /* The observer leaves. */
  OK(mla_sink_wait_end(sink, PATIENCE));
  uint32_t reason = 0;
  OK(mla_sink_end_reason(sink, &reason));
  CHECK(reason == MLA_END_UNOBSERVED);
  ANSWERS(MLA_E_ENDED, send_number(sink, 1, NULL));
  mla_event withdrawn = {.size = sizeof withdrawn};
  do {
    OK(mla_contract_next_event(contract, PATIENCE, &withdrawn));
    OK(mla_event_free(&withdrawn));
  } while (withdrawn.kind == MLA_EVENT_CONFIRMED);
  CHECK(withdrawn.kind == MLA_EVENT_WITHDRAWN && withdrawn.reason == MLA_END_UNOBSERVED);
  CHECK(withdrawn.object_key == event.object_key);
  OK(mla_sink_free(sink));
  OK(mla_contract_free(contract));
  unlink_from(me);
  return NULL;
}

/* The router describes itself by objects like any other. */
static void read_description(mla_exchange exchange) {
  static const char* const kNodes[] = {"{\"$mla\":\"node\"}"};
  mla_contract contract;
  mla_event event = {.size = sizeof event};
  OK(mla_contract_new(exchange, MLA_TAG_OBSERVE, kNodes, 1, NULL, NULL, &contract));
  do {
    OK(mla_event_free(&event));
    OK(mla_contract_next_event(contract, PATIENCE, &event));
  } while (event.kind != MLA_EVENT_STATE);
  mla_state_view view = {.size = sizeof view};
  OK(mla_state_get(event.state, &view));
  CHECK(view.format_count == 1 && strcmp(view.formats[0], "JSON") == 0);
  static char text[1 << 16];
  snprintf(text, sizeof text, "%.*s", (int)view.data_size, (const char*)view.data);
  CHECK(text[0] == '{' && strstr(text, "\"links\":"));
  OK(mla_event_free(&event));
  OK(mla_contract_free(contract));
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  linked me = link_to((mla_runtime){0}, argv[1], "observer");
  read_description(me.exchange);
  mla_contract contract;
  OK(mla_contract_new(me.exchange, MLA_OBJECT_OBSERVE, kTags, 1, kJson, NULL, &contract));
  mla_event event = {.size = sizeof event};
  /* Nobody exposes it. */
  do {
    OK(mla_contract_next_event(contract, PATIENCE, &event));
    OK(mla_event_free(&event));
    CHECK(event.kind == MLA_EVENT_STANDING);
  } while (event.standing != MLA_STANDING_UNEXPOSED);
  mla_state none;
  ANSWERS(MLA_E_UNEXPOSED, mla_get(me.exchange, kTags, 1, kJson, SECONDS(1) / 2, &none));
  CHECK(none.id == 0);

  pthread_t exposer;
  CHECK(pthread_create(&exposer, NULL, expose, argv[1]) == 0);
  long seen = 0, states = 0;
  uint64_t key = 0;
  while (seen < kStates) {
    OK(mla_contract_next_event(contract, PATIENCE, &event));
    const char* canonical = NULL;
    OK(mla_object_canonical(event.object, &canonical));
    CHECK(strcmp(canonical, "[[\"demo\"],{\"way\":\"blocking\"}]") == 0);
    CHECK(!key || key == event.object_key);
    key = event.object_key;
    if (event.kind == MLA_EVENT_STATE) {
      const long number = number_of(event.state);
      mla_state_view view = {.size = sizeof view};
      OK(mla_state_get(event.state, &view));
      CHECK(number > seen || !view.synchronized);
      CHECK(view.version_count == 2 && view.epoch_counter > 0 && view.nth > 0);
      seen = number;
      ++states;
    }
    OK(mla_event_free(&event));
  }
  mla_standing standing = {.size = sizeof standing};
  OK(mla_contract_standing(contract, (mla_object){0}, &standing));
  CHECK(standing.kind == MLA_STANDING_SYNCHRONIZED);
  mla_state state;
  OK(mla_get(me.exchange, kTags, 1, kJson, PATIENCE, &state));
  CHECK(number_of(state) == kStates);
  OK(mla_state_free(state));
  while (mla_contract_next_event(contract, 0, &event) == MLA_OK) OK(mla_event_free(&event));
  ANSWERS(MLA_E_TIMED_OUT, mla_contract_next_event(contract, SECONDS(1) / 100, &event));
  OK(mla_contract_cancel(contract));
  ANSWERS(MLA_E_ENDED, mla_contract_next_event(contract, MLA_FOREVER, &event));
  OK(mla_contract_free(contract));
  CHECK(pthread_join(exposer, NULL) == 0);
  unlink_from(me);
  printf("blocking: %ld states, the newest %ld\n", states, seen);
  return 0;
}
