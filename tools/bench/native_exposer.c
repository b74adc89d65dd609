/* Exposes a tag's objects as fast as it goes, in a thread that knows no Python: for python_bench.py, which loads it. */
#include <mla.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { kMost = 10000 };
static pthread_t thread;
static mla_contract contract;
static atomic_int wanted, stopping;
static atomic_ullong sent;

static void* run(void* unused) {
  static mla_sink sinks[kMost];
  static const char* const kFormat = "JSON";
  mla_event event = {.size = sizeof event};
  int count = 0;
  unsigned long long number = 0;
  while (!stopping) {
    while (count < wanted && mla_contract_next_event(contract, 100000000, &event) == MLA_OK) {
      if (event.kind == MLA_EVENT_ELECTED) {
        sinks[count++] = event.sink;
        event.sink.id = 0;
      }
      mla_event_free(&event);
    }
    char text[32];
    for (int i = 0; i < count; ++i) {
      const int size = snprintf(text, sizeof text, "{\"n\":%llu}", ++number);
      mla_sink_send(sinks[i], text, (size_t)size, &kFormat, 1, NULL, 0, NULL);
    }
    sent = number;
  }
  for (int i = 0; i < count; ++i) mla_sink_free(sinks[i]);
  return unused;
}

/* How many states were sent; both answer 0 when it went well. */
__attribute__((visibility("default"))) unsigned long long exposer_sent(void) { return sent; }
__attribute__((visibility("default"))) int exposer_start(uint64_t exchange, const char* tag, int objects) {
  wanted = objects;
  stopping = 0;
  if (objects > kMost || mla_contract_new((mla_exchange){exchange}, MLA_TAG_EXPOSE, &tag, 1, NULL, NULL, &contract)) return 1;
  return pthread_create(&thread, NULL, run, NULL);
}
__attribute__((visibility("default"))) int exposer_stop(void) {
  stopping = 1;
  pthread_join(thread, NULL);
  return mla_contract_free(contract);
}
