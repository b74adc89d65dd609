/* Every function with handles that are null, freed, or of another kind, and with nothing where something must be; from two
 * threads at once. usage: c_handles (no router is needed)   c_handles --list: the functions it calls */
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

enum { kRuntime, kExchange, kConnector, kListener, kContract, kStream, kSink, kState, kObject, kKinds };

/* Room for whatever a function may write. */
typedef struct room {
  size_t size;
  char bytes[8192];
} room;
#define OUT(type) ((type*)(void*)out)

#define FUNCTIONS(F)                                                                                     \
  F(Runtime, runtime, mla_runtime_poll, (h, 0))                                                          \
  F(Runtime, runtime, mla_runtime_fd, (h, OUT(int)))                                                     \
  F(Exchange, exchange, mla_exchange_node, (h, OUT(uint64_t)))                                           \
  F(Exchange, exchange, mla_exchange_set_limit, (h, "links", 100))                                       \
  F(Exchange, exchange, mla_exchange_on_log, (h, NULL, NULL))                                            \
  F(Exchange, exchange, mla_exchange_close, (h))                                                         \
  F(Exchange, exchange, mla_get, (h, NULL, 0, "1", 0, OUT(mla_state)))                                   \
  F(Exchange, exchange, mla_connector_new, (h, NULL, 0, NULL, OUT(mla_connector)))                       \
  F(Exchange, exchange, mla_listener_new, (h, NULL, 0, NULL, OUT(mla_listener)))                         \
  F(Exchange, exchange, mla_contract_new, (h, MLA_OBJECT_OBSERVE, NULL, 0, "1", NULL, OUT(mla_contract))) \
  F(Connector, connector, mla_connector_set_urls, (h, NULL, 0))                                          \
  F(Connector, connector, mla_connector_get_status, (h, OUT(mla_connector_status)))                      \
  F(Connector, connector, mla_connector_wait_linked, (h, 0))                                             \
  F(Connector, connector, mla_connector_on_status, (h, NULL, NULL))                                      \
  F(Listener, listener, mla_listener_url, (h, 0, NULL, 0, NULL))                                         \
  F(Contract, contract, mla_contract_next_event, (h, 0, OUT(mla_event)))                                 \
  F(Contract, contract, mla_contract_next_events, (h, 0, OUT(mla_event), 1, OUT(size_t)))                \
  F(Contract, contract, mla_contract_on_event, (h, NULL, NULL))                                          \
  F(Contract, contract, mla_contract_fd, (h, OUT(int)))                                                  \
  F(Contract, contract, mla_contract_next_stream, (h, 0, OUT(mla_stream)))                               \
  F(Contract, contract, mla_contract_standing, (h, (mla_object){0}, OUT(mla_standing)))                  \
  F(Contract, contract, mla_contract_set_capacity, (h, 1))                                               \
  F(Contract, contract, mla_contract_set_min_interval, (h, 1))                                           \
  F(Contract, contract, mla_contract_cancel, (h))                                                        \
  F(Contract, contract, mla_contract_end_reason, (h, OUT(uint32_t)))                                     \
  F(Stream, stream, mla_stream_next, (h, 0, OUT(mla_state)))                                             \
  F(Stream, stream, mla_stream_object, (h, OUT(mla_object)))                                             \
  F(Stream, stream, mla_stream_end_reason, (h, OUT(uint32_t)))                                           \
  F(Sink, sink, mla_sink_send, (h, "1", 1, NULL, 0, NULL, 0, NULL))                                      \
  F(Sink, sink, mla_sink_current, (h, OUT(mla_state)))                                                   \
  F(Sink, sink, mla_sink_confirm, (h, NULL, 0, 0, NULL))                                                 \
  F(Sink, sink, mla_sink_observers, (h, OUT(int64_t)))                                                   \
  F(Sink, sink, mla_sink_decline, (h, "", 0))                                                            \
  F(Sink, sink, mla_sink_epoch, (h, OUT(uint64_t), OUT(uint64_t)))                                       \
  F(Sink, sink, mla_sink_object, (h, OUT(mla_object)))                                                   \
  F(Sink, sink, mla_sink_end_reason, (h, OUT(uint32_t)))                                                 \
  F(Sink, sink, mla_sink_wait_end, (h, 0))                                                               \
  F(State, state, mla_state_get, (h, OUT(mla_state_view)))                                               \
  F(Object, object, mla_object_canonical, (h, OUT(const char*)))                                         \
  F(Object, object, mla_object_json, (h, OUT(const char*)))                                              \
  F(Object, object, mla_object_tag_count, (h, OUT(size_t)))                                              \
  F(Object, object, mla_object_tag, (h, 0, OUT(const char*)))                                            \
  F(Runtime, runtime, mla_runtime_free, (h))                                                             \
  F(Exchange, exchange, mla_exchange_free, (h))                                                          \
  F(Connector, connector, mla_connector_free, (h))                                                       \
  F(Listener, listener, mla_listener_free, (h))                                                          \
  F(Contract, contract, mla_contract_free, (h))                                                          \
  F(Stream, stream, mla_stream_free, (h))                                                                \
  F(Sink, sink, mla_sink_free, (h))                                                                      \
  F(State, state, mla_state_free, (h))                                                                   \
  F(Object, object, mla_object_free, (h))

#define DEFINE(kind, type, name, args)           \
  static mla_status call_##name(uint64_t id, room* out) { \
    const mla_##type h = {id};                    \
    (void)out;                                    \
    return name args;                             \
  }
FUNCTIONS(DEFINE)

#define ROW(kind, type, name, args) {k##kind, #name, call_##name},
static const struct {
  int kind;
  const char* name;
  mla_status (*call)(uint64_t id, room* out);
} kFunctions[] = {FUNCTIONS(ROW)};
enum { kFunctionCount = sizeof kFunctions / sizeof kFunctions[0] };

/* One handle of each kind, with an exchange that exposes and observes one object. */
typedef struct set {
  uint64_t id[kKinds];
  mla_contract exposing;
} set;

static set make(void) {
  set all = {0};
  mla_runtime runtime;
  OK(mla_runtime_new(NULL, &runtime));
  mla_exchange exchange;
  OK(mla_exchange_new(runtime, NULL, &exchange));
  const char* any = "ws://127.0.0.1:0";
  mla_listener listener;
  OK(mla_listener_new(exchange, &any, 1, NULL, &listener));
  const char* nobody = "ws://127.0.0.1:1";
  mla_connector connector;
  OK(mla_connector_new(exchange, &nobody, 1, NULL, &connector));
  mla_contract contract;
  OK(mla_contract_new(exchange, MLA_OBJECT_OBSERVE, NULL, 0, "\"x\"", NULL, &contract));
  OK(mla_contract_new(exchange, MLA_OBJECT_EXPOSE, NULL, 0, "\"x\"", NULL, &all.exposing));
  mla_event event = {.size = sizeof event};
  OK(mla_contract_next_event(all.exposing, PATIENCE, &event));
  CHECK(event.kind == MLA_EVENT_ELECTED);
  OK(mla_object_free(event.object));
  OK(send_number(event.sink, 1, NULL));
  mla_stream stream;
  OK(mla_contract_next_stream(contract, PATIENCE, &stream));
  mla_state state;
  OK(mla_stream_next(stream, PATIENCE, &state));
  mla_object object;
  OK(mla_stream_object(stream, &object));
  const uint64_t ids[kKinds] = {runtime.id,  exchange.id,   connector.id, listener.id, contract.id,
                                stream.id, event.sink.id, state.id,     object.id};
  memcpy(all.id, ids, sizeof ids);
  return all;
}

static void drop(const set* all) {
  OK(mla_object_free((mla_object){all->id[kObject]}));
  OK(mla_state_free((mla_state){all->id[kState]}));
  OK(mla_stream_free((mla_stream){all->id[kStream]}));
  OK(mla_sink_free((mla_sink){all->id[kSink]}));
  OK(mla_contract_free((mla_contract){all->id[kContract]}));
  OK(mla_contract_free(all->exposing));
  OK(mla_connector_free((mla_connector){all->id[kConnector]}));
  OK(mla_listener_free((mla_listener){all->id[kListener]}));
  OK(mla_exchange_free((mla_exchange){all->id[kExchange]}));
  OK(mla_runtime_free((mla_runtime){all->id[kRuntime]}));
}

static set alive, dead;
static long calls;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void refuse(int function, uint64_t id, const char* what) {
  room out = {.size = sizeof(mla_event)};
  const mla_status status = kFunctions[function].call(id, &out);
  if (status != MLA_E_HANDLE) {
    fprintf(stderr, "%s of a handle that is %s answers %s\n", kFunctions[function].name, what, mla_status_name(status));
    exit(1);
  }
}

static void* misuse(void* unused) {
  (void)unused;
  long made = 0;
  for (int round = 0; round < 200; ++round)
    for (int function = 0; function < kFunctionCount; ++function) {
      const int kind = kFunctions[function].kind;
      refuse(function, 0, "null");
      refuse(function, dead.id[kind], "freed");
      refuse(function, ~(uint64_t)0, "nonsense");
      refuse(function, alive.id[kind] ^ (uint64_t)1 << 27, "of no slot");
      refuse(function, alive.id[kind] + ((uint64_t)1 << 28), "of a later generation");
      made += 5;
      for (int other = 0; other < kKinds; ++other)
        if (other != kind) {
          refuse(function, alive.id[other], "of another kind");
          ++made;
        }
    }
  pthread_mutex_lock(&mutex);
  calls += made;
  pthread_mutex_unlock(&mutex);
  return NULL;
}

/* What must be there and is not. */
static void nothing_there(void) {
  const mla_exchange x = {alive.id[kExchange]};
  const mla_contract c = {alive.id[kContract]};
  const mla_sink s = {alive.id[kSink]};
  const mla_object o = {alive.id[kObject]};
  const char* no_text = NULL;
  mla_event event = {0};
  mla_state_view view = {0};
  mla_contract contract;
  mla_state state;
  ANSWERS(MLA_E_ARGUMENT, mla_runtime_new(NULL, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_exchange_new((mla_runtime){0}, NULL, NULL));
  ANSWERS(MLA_E_HANDLE, mla_exchange_new((mla_runtime){dead.id[kRuntime]}, NULL, &(mla_exchange){0}));
  ANSWERS(MLA_E_ARGUMENT, mla_exchange_node(x, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_exchange_set_limit(x, NULL, 1));
  ANSWERS(MLA_E_BAD_CONFIG, mla_exchange_set_limit(x, "nothing", 1));
  ANSWERS(MLA_E_BAD_OPTION, mla_exchange_set_limit(x, "links", 0));
  ANSWERS(MLA_E_ARGUMENT, mla_get(x, NULL, 0, NULL, 0, &state));
  ANSWERS(MLA_E_ARGUMENT, mla_get(x, NULL, 1, "1", 0, &state));
  ANSWERS(MLA_E_ARGUMENT, mla_get(x, &no_text, 1, "1", 0, &state));
  ANSWERS(MLA_E_ARGUMENT, mla_get(x, NULL, 0, "1", 0, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_connector_new(x, &no_text, 1, NULL, &(mla_connector){0}));
  ANSWERS(MLA_E_BAD_URL, mla_connector_new(x, (const char* const[]){"http://a"}, 1, NULL, &(mla_connector){0}));
  ANSWERS(MLA_E_ARGUMENT, mla_listener_new(x, NULL, (size_t)-1, NULL, &(mla_listener){0}));
  ANSWERS(MLA_E_BAD_OPTION, mla_listener_url((mla_listener){alive.id[kListener]}, 1, NULL, 0, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_listener_url((mla_listener){alive.id[kListener]}, 0, NULL, 1, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_object_new(NULL, 0, NULL, &(mla_object){0}));
  ANSWERS(MLA_E_ARGUMENT, mla_object_new(NULL, 0, "1", NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_object_canonical(o, NULL));
  ANSWERS(MLA_E_BAD_OPTION, mla_object_tag(o, 0, &no_text));
  ANSWERS(MLA_E_ARGUMENT, mla_json_canonical(NULL, 0, NULL, 0, NULL));
  ANSWERS(MLA_E_JSON_SYNTAX, mla_json_canonical("", 0, NULL, 0, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_contract_next_event(c, 0, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_contract_next_event(c, 0, &event)); /* without its size */
  ANSWERS(MLA_E_ARGUMENT, mla_contract_next_events(c, 0, NULL, 1, &(size_t){0}));
  ANSWERS(MLA_E_ARGUMENT, mla_event_free(NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_event_free(&event));
  ANSWERS(MLA_E_ARGUMENT, mla_state_get((mla_state){alive.id[kState]}, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_state_get((mla_state){alive.id[kState]}, &view));
  ANSWERS(MLA_E_ARGUMENT, mla_sink_send(s, NULL, 1, NULL, 0, NULL, 0, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_sink_send(s, "1", 1, NULL, 1, NULL, 0, NULL));
  ANSWERS(MLA_E_BAD_FORMAT, mla_sink_send(s, "1", 1, NULL, 9, NULL, 0, NULL));
  ANSWERS(MLA_E_BAD_FORMAT, mla_sink_send(s, "1", 1, (const char* const[]){"json"}, 1, NULL, 0, NULL));
  ANSWERS(MLA_E_BAD_VERSION, mla_sink_send(s, "1", 1, NULL, 0, NULL, 1, NULL));
  ANSWERS(MLA_E_BAD_VERSION, mla_sink_send(s, "1", 1, NULL, 0, (const int64_t[17]){0}, 17, NULL));
  ANSWERS(MLA_E_ARGUMENT, mla_sink_decline(s, NULL, 0));
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_set_capacity(c, 1)); /* it observes */
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_set_min_interval(alive.exposing, 1));
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_set_capacity(alive.exposing, 1000001));
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_next_stream(alive.exposing, 0, &(mla_stream){0}));
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_new(x, 0, NULL, 0, "1", NULL, &contract));
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_new(x, MLA_TAG_OBSERVE, NULL, 0, NULL, NULL, &contract));
  ANSWERS(MLA_E_ARGUMENT, mla_contract_new(x, MLA_TAG_OBSERVE, NULL, 1, NULL, NULL, &contract));
  ANSWERS(MLA_E_ARGUMENT, mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "1", NULL, NULL));
  mla_contract_options options = {.size = sizeof options, .flags = MLA_HAS_CAPACITY};
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "1", &options, &contract));
  options.flags = 1u << 31;
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_new(x, MLA_OBJECT_EXPOSE, NULL, 0, "1", &options, &contract));
  mla_exchange plain;
  mla_exchange_options no_admin = {.size = sizeof no_admin, .flags = MLA_EXCHANGE_NO_ADMIN};
  OK(mla_exchange_new((mla_runtime){0}, &no_admin, &plain));
  ANSWERS(MLA_E_RESERVED_DESCRIPTOR, mla_contract_new(plain, MLA_OBJECT_OBSERVE, NULL, 0, "{\"$mla\":1}", NULL, &contract));
  OK(mla_exchange_free(plain));
}

/* Structs of other releases: shorter ones have defaults for the rest, longer ones must not say what nobody here knows. */
static void other_sizes(void) {
  const mla_exchange x = {alive.id[kExchange]};
  struct longer {
    mla_contract_options known;
    uint64_t later;
  } options = {{.size = sizeof options}, 0};
  mla_contract contract;
  OK(mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "1", &options.known, &contract));
  OK(mla_contract_free(contract));
  options.later = 1;
  ANSWERS(MLA_E_BAD_OPTION, mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "1", &options.known, &contract));
  mla_contract_options shorter = {.size = offsetof(mla_contract_options, capacity), .capacity = 7};
  OK(mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "1", &shorter, &contract));
  OK(mla_contract_free(contract));
  mla_state_view view = {.size = offsetof(mla_state_view, formats), .formats = (void*)&view};
  OK(mla_state_get((mla_state){alive.id[kState]}, &view));
  CHECK(view.data_size == 1 && view.formats == (void*)&view && view.size == offsetof(mla_state_view, formats));
  struct {
    mla_event known;
    uint64_t later;
  } events[2] = {{{.size = sizeof events[0]}, 7}, {{0}, 7}};
  size_t count = 0;
  mla_contract both;
  OK(mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "\"x\"", NULL, &both));
  OK(mla_contract_next_events(both, PATIENCE, &events[0].known, 2, &count));
  CHECK(count >= 1 && events[0].later == 0 && events[0].known.size == sizeof events[0]);
  for (size_t i = 0; i < count; ++i) OK(mla_event_free(&events[i].known));
  OK(mla_contract_free(both));
}

/* A contract that is freed while another thread waits on it, over and over. */
static _Atomic uint64_t shared;
static atomic_bool stop;
static void* wait_on_shared(void* unused) {
  (void)unused;
  long ends = 0;
  while (!atomic_load(&stop)) {
    mla_event event = {.size = sizeof event};
    const mla_status status = mla_contract_next_event((mla_contract){atomic_load(&shared)}, SECONDS(1), &event);
    if (status == MLA_OK) OK(mla_event_free(&event));
    CHECK(status == MLA_OK || status == MLA_E_ENDED || status == MLA_E_HANDLE || status == MLA_E_TIMED_OUT);
    ends += status == MLA_E_ENDED;
  }
  return (void*)ends;
}
static void freed_under_a_waiter(void) {
  const mla_exchange x = {alive.id[kExchange]};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_on_shared, NULL) == 0);
  for (int i = 0; i < 500; ++i) {
    mla_contract contract;
    OK(mla_contract_new(x, MLA_OBJECT_OBSERVE, NULL, 0, "\"y\"", NULL, &contract));
    atomic_store(&shared, contract.id);
    uint64_t node;
    OK(mla_exchange_node(x, &node)); /* a turn of the loop: the waiter is in, often */
    OK(mla_contract_free(contract));
  }
  atomic_store(&stop, true);
  void* ends = NULL;
  CHECK(pthread_join(thread, &ends) == 0);
  CHECK((long)ends > 0);
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "--list") == 0) {
    for (int i = 0; i < kFunctionCount; ++i) puts(kFunctions[i].name);
    return 0;
  }
  CHECK(mla_abi_version() == MLA_ABI_VERSION && mla_version()[0]);
  CHECK(strcmp(mla_status_name(MLA_E_BAD_URL), "bad_url") == 0 && strcmp(mla_status_group(MLA_E_BAD_URL), "usage") == 0);
  dead = make();
  drop(&dead);
  alive = make();
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, misuse, NULL) == 0);
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  nothing_there();
  other_sizes();
  freed_under_a_waiter();
  drop(&alive);
  printf("handles: %d functions, %ld calls refused\n", kFunctionCount, calls);
  return 0;
}
