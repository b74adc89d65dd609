/* What the C programs of this folder share: checks that end the program, and two exchanges linked through a router. C11. */
#ifndef MLA_TESTS_CHECK_H_
#define MLA_TESTS_CHECK_H_

#include <mla.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS(n) ((int64_t)(n)*1000000000)
#define PATIENCE SECONDS(30)

#define CHECK(truth)                                                                                       \
  do {                                                                                                     \
    if (!(truth)) {                                                                                        \
      fprintf(stderr, "%s:%d: not true: %s (%s)\n", __FILE__, __LINE__, #truth, mla_error_message());       \
      exit(1);                                                                                             \
    }                                                                                                      \
  } while (0)

/* That a call answers what it should. */
#define ANSWERS(wanted, call)                                                                                    \
  do {                                                                                                           \
    const mla_status got_ = (call);                                                                              \
    if (got_ != (wanted)) {                                                                                      \
      fprintf(stderr, "%s:%d: %s answers %s instead of %s: %s\n", __FILE__, __LINE__, #call, mla_status_name(got_), \
              mla_status_name(wanted), mla_error_message());                                                      \
      exit(1);                                                                                                   \
    }                                                                                                            \
  } while (0)
#define OK(call) ANSWERS(MLA_OK, call)

static inline int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* An exchange of its own that is linked to the router. */
typedef struct linked {
  mla_exchange exchange;
  mla_connector connector;
} linked;

static inline linked link_to(mla_runtime runtime, const char* url, const char* name) {
  linked made;
  mla_exchange_options options = {.size = sizeof options, .name = name};
  OK(mla_exchange_new(runtime, &options, &made.exchange));
  OK(mla_connector_new(made.exchange, &url, 1, NULL, &made.connector));
  OK(mla_connector_wait_linked(made.connector, PATIENCE));
  return made;
}
static inline void unlink_from(linked it) {
  OK(mla_connector_free(it.connector));
  OK(mla_exchange_free(it.exchange));
}

/* The number that a state of format JSON holds. */
static inline long number_of(mla_state state) {
  mla_state_view view = {.size = sizeof view};
  OK(mla_state_get(state, &view));
  CHECK(view.format_count == 1 && strcmp(view.formats[0], "JSON") == 0);
  char text[32] = {0};
  CHECK(view.data_size < sizeof text);
  memcpy(text, view.data, view.data_size);
  return strtol(text, NULL, 10);
}

static inline mla_status send_number(mla_sink sink, long number, mla_send_result* result) {
  static const char* const kJson[] = {"JSON"};
  char text[32];
  const int size = snprintf(text, sizeof text, "%ld", number);
  return mla_sink_send(sink, text, (size_t)size, kJson, 1, NULL, 0, result);
}

#endif
