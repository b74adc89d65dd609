/* Exposes objects of one tag as fast as it goes, in a thread that knows no Python: for python_bench.py, which loads it. */
#include <mla.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { kMost = 10000 };
static pthread_t thread;
static mla_contract contracts[kMost];
static mla_sink sinks[kMost];
static int count;
static atomic_int stopping;
static atomic_ullong sent;

static void* run(void* unused) {
  static const char* const kFormat = "JSON";
  unsigned long long number = 0;
  char text[32];
  while (!stopping) {
    for (int i = 0; i < count; ++i) {
      const int size = snprintf(text, sizeof text, "{\"n\":%llu}", ++number);
      mla_sink_send(sinks[i], text, (size_t)size, &kFormat, 1, NULL, 0, NULL);
    }
    sent = number;
  }
  return unused;
}

/* How many states were sent. */
__attribute__((visibility("default"))) unsigned long long exposer_sent(void) { return sent; }
/* Somebody must observe the tag already. Both answer 0 when it went well. */
__attribute__((visibility("default"))) int exposer_start(uint64_t exchange, const char* tag, int objects) {
  if (objects > kMost) return 1;
  for (count = 0; count < objects; ++count) {
    char json[16];
    mla_event event = {.size = sizeof event};
    snprintf(json, sizeof json, "%d", count);
    if (mla_contract_new((mla_exchange){exchange}, MLA_OBJECT_EXPOSE, &tag, 1, json, NULL, &contracts[count])) return 2;
    if (mla_contract_next_event(contracts[count], INT64_C(10000000000), &event) || event.kind != MLA_EVENT_ELECTED) return 3;
    sinks[count] = event.sink;
    mla_object_free(event.object);
  }
  stopping = 0;
  return pthread_create(&thread, NULL, run, NULL);
}
__attribute__((visibility("default"))) int exposer_stop(void) {
  stopping = 1;
  pthread_join(thread, NULL);
  for (int i = 0; i < count; ++i)
    if (mla_sink_free(sinks[i]) || mla_contract_free(contracts[i])) return 1;
  return 0;
}
