/* Second way to wait: callbacks, with a listener instead of a second router in the middle. usage: c_wait_callback URL */
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

enum { kStates = 200, kObjects = 20 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long seen[kObjects];
static int whole, elected, ended, logged, linked_told;
static atomic_int inside; /* callbacks of the observer's exchange under way */

static void wait_until(int* counter, int least, const char* what) {
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += PATIENCE / SECONDS(1);
  pthread_mutex_lock(&mutex);
  while (*counter < least)
    if (pthread_cond_timedwait(&changed, &mutex, &deadline) != 0) {
      fprintf(stderr, "not within %d s: %s (%d)\n", (int)(PATIENCE / SECONDS(1)), what, *counter);
      exit(1);
    }
  pthread_mutex_unlock(&mutex);
}
static void count(int* counter) {
  pthread_mutex_lock(&mutex);
  ++*counter;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
}

static int index_of(mla_object object) {
  const char* json = NULL;
  OK(mla_object_json(object, &json));
  return (int)strtol(json, NULL, 10);
}

static mla_sink sinks[kObjects];

static void on_expose(void* ctx, mla_event* event) {
  CHECK(ctx == sinks);
  if (event->kind != MLA_EVENT_ELECTED) return;
  sinks[index_of(event->object)] = event->sink;
  event->sink.id = 0; /* kept */
  count(&elected);
}

static void on_observe(void* ctx, mla_event* event) {
  const mla_contract* const contract = ctx;
  CHECK(atomic_fetch_add(&inside, 1) == 0);
  if (event->kind == MLA_EVENT_ENDED && !event->object.id) {
    CHECK(event->reason == MLA_END_CONTRACT_DROPPED);
    count(&ended);
  } else if (event->kind == MLA_EVENT_STATE) {
    const int index = index_of(event->object);
    const long number = number_of(event->state);
    CHECK(index >= 0 && index < kObjects && number >= seen[index]);
    const bool last = number == kStates && seen[index] < kStates;
    seen[index] = number;
    /* Blocking calls are refused in here. */
    mla_event other = {.size = sizeof other};
    ANSWERS(MLA_E_WOULD_DEADLOCK, mla_contract_next_event(*contract, PATIENCE, &other));
    if (last) count(&whole);
  }
  atomic_fetch_sub(&inside, 1);
}

static void on_log(void* ctx, const mla_log* line) {
  CHECK(ctx == &logged && line->size == sizeof *line && line->text[0]);
  fprintf(stderr, "log %u %s\n", line->level, line->text);
  count(&logged);
}
static void on_status(void* ctx, const mla_connector_status* status) {
  CHECK(ctx == &linked_told);
  if (status->status == MLA_LINK_LINKED) count(&linked_told);
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  linked middle = link_to((mla_runtime){0}, argv[1], "middle");
  OK(mla_exchange_on_log(middle.exchange, on_log, &logged));
  const char* any = "ws://127.0.0.1:0";
  mla_listener listener;
  OK(mla_listener_new(middle.exchange, &any, 1, NULL, &listener));
  char url[64];
  size_t length = 0;
  OK(mla_listener_url(listener, 0, url, sizeof url, &length));
  CHECK(length == strlen(url) && strncmp(url, "ws://127.0.0.1:", 15) == 0);
  linked exposer = link_to((mla_runtime){0}, argv[1], "exposer");
  linked observer = link_to((mla_runtime){0}, url, "observer");
  wait_until(&logged, 1, "the log tells of the child");
  OK(mla_connector_on_status(observer.connector, on_status, &linked_told));
  wait_until(&linked_told, 1, "the status at first");

  const char* const tag[] = {"\"callback\""};
  mla_contract exposing, observing;
  OK(mla_contract_new(exposer.exchange, MLA_TAG_EXPOSE, tag, 1, NULL, NULL, &exposing));
  OK(mla_contract_on_event(exposing, on_expose, sinks));
  ANSWERS(MLA_E_BUSY, mla_contract_fd(exposing, &(int){0}));
  OK(mla_contract_new(observer.exchange, MLA_TAG_OBSERVE, tag, 1, NULL, NULL, &observing));
  OK(mla_contract_on_event(observing, on_observe, &observing));
  /* A tag is live by objects that somebody observes by name. */
  mla_contract named[kObjects];
  for (int i = 0; i < kObjects; ++i) {
    char json[16];
    snprintf(json, sizeof json, "%d", i);
    OK(mla_contract_new(observer.exchange, MLA_OBJECT_OBSERVE, tag, 1, json, NULL, &named[i]));
  }
  wait_until(&elected, kObjects, "all objects are elected");
  for (long number = 1; number <= kStates; ++number)
    for (int i = 0; i < kObjects; ++i) OK(send_number(sinks[i], number, NULL));
  wait_until(&whole, kObjects, "the newest of each object");
  OK(mla_contract_cancel(observing));
  wait_until(&ended, 1, "the end");
  OK(mla_contract_on_event(observing, NULL, NULL));
  for (int i = 0; i < kObjects; ++i) {
    OK(mla_sink_free(sinks[i]));
    OK(mla_contract_free(named[i]));
  }
  OK(mla_contract_free(observing));
  OK(mla_contract_free(exposing));
  unlink_from(observer);
  unlink_from(exposer);
  OK(mla_listener_free(listener));
  unlink_from(middle);
  printf("callback: the newest of %d objects\n", whole);
  return 0;
}
