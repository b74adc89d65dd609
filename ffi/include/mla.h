/* MLA for C, and for every language that can call C: live objects shared between processes.
 *
 * Handles. A handle is a struct of one number; each kind has its own type. {0} is the null handle. A handle is yours to
 *   free, once, with the _free function of its kind; that is all there is to ownership. A null, freed or foreign handle is
 *   answered with MLA_E_HANDLE, always and from any thread; it never names something newer. A handle may be freed while
 *   other threads use it: calls that wait on it return, and what it stood for goes when the last of them has left.
 * Status. A function answers MLA_OK or why it did nothing; mla_error_message() has the sentence. What it hands out through
 *   `out` is null, or untouched, unless the answer is MLA_OK or the function says otherwise. Besides what is said at each
 *   function it may answer MLA_E_HANDLE, MLA_E_ARGUMENT (a pointer that must be there is NULL), MLA_E_NO_MEMORY,
 *   MLA_E_TOO_MANY_HANDLES (four million of one kind) and MLA_E_INTERNAL (a bug of MLA).
 * Threads. Every function may be called from any thread at any time. On one contract, stream, sink or connector one thread
 *   waits at a time; another is answered MLA_E_BUSY. What would wait inside a callback is answered MLA_E_WOULD_DEADLOCK.
 * Text is UTF-8 and ends with 0. What you pass is copied before the function returns.
 * Time is in nanoseconds. As a limit of waiting, 0 does not wait and MLA_FOREVER, or any negative number, has no end.
 * Structs start with their size, so that they can grow: set `size` to sizeof before the call. An option of 0 is the default.
 * Nothing is thrown, and no signal is raised or handled.
 */
#ifndef MLA_H_
#define MLA_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MLA_API __attribute__((visibility("default")))
#else
#define MLA_API
#endif

/* Rises when a function is added; a changed or removed one would be another library (libmla.so.2). */
#define MLA_ABI_VERSION 1
#define MLA_FOREVER (-1)

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status. The numbers are fixed. */

typedef int32_t mla_status;
enum {
  MLA_OK = 0,
  /* the caller must change what it asks */
  MLA_E_JSON_SYNTAX = 100,
  MLA_E_JSON_NUMBER = 101,
  MLA_E_JSON_DUPLICATE_KEY = 102,
  MLA_E_JSON_ENCODING = 103,
  MLA_E_JSON_DEPTH = 104,
  MLA_E_DESCRIPTOR_TOO_LARGE = 105,
  MLA_E_TOO_MANY_TAGS = 106,
  MLA_E_RESERVED_DESCRIPTOR = 107,
  MLA_E_BAD_OPTION = 108,
  MLA_E_BAD_URL = 109,
  MLA_E_BAD_FORMAT = 110,
  MLA_E_WRONG_FORMAT = 111,
  MLA_E_BAD_VERSION = 112,
  MLA_E_WOULD_DEADLOCK = 113,
  MLA_E_BUSY = 114,
  MLA_E_CLOSED = 115,
  MLA_E_BAD_CONFIG = 116,
  MLA_E_HANDLE = 117,
  MLA_E_ARGUMENT = 118,
  /* how the object stands */
  MLA_E_STALE = 200,
  MLA_E_ENDED = 201,
  MLA_E_UNEXPOSED = 202,
  MLA_E_DECLINED = 203,
  MLA_E_TIMED_OUT = 204,
  /* try again, or elsewhere */
  MLA_E_CANNOT_CONNECT = 300,
  MLA_E_ADDRESS_IN_USE = 301,
  MLA_E_LINK_LOST = 302,
  MLA_E_LINK_SILENT = 303,
  MLA_E_HANDSHAKE_TIMEOUT = 304,
  MLA_E_HANDSHAKE_CROWDED = 305,
  MLA_E_DUPLICATE_ID = 306,
  MLA_E_WOULD_LOOP = 307,
  MLA_E_TOO_DEEP = 308,
  MLA_E_REPLACED = 309,
  MLA_E_SHUTTING_DOWN = 310,
  MLA_E_NOT_A_WEBSOCKET_PEER = 311,
  /* denied */
  MLA_E_PERMISSION_DENIED = 400,
  MLA_E_BAD_ORIGIN = 401,
  MLA_E_BAD_HOST = 402,
  MLA_E_INSECURE_LISTENER = 403,
  /* less, or a greater limit */
  MLA_E_STATE_TOO_LARGE = 500,
  MLA_E_TOO_MANY_OBJECTS = 501,
  MLA_E_TOO_MANY_CONTRACTS = 502,
  MLA_E_TOO_MANY_LINKS = 503,
  MLA_E_OUTBOUND_OVERFLOW = 504,
  MLA_E_MESSAGE_TOO_LARGE = 505,
  MLA_E_TOO_MANY_TRANSFERS = 506,
  MLA_E_TOO_MANY_HANDLES = 507,
  MLA_E_NO_MEMORY = 508,
  /* the peer is at fault */
  MLA_E_BAD_FRAME = 600,
  MLA_E_UNEXPECTED_FRAME = 601,
  MLA_E_BAD_SUBPROTOCOL = 602,
  MLA_E_VERSION_MISMATCH = 603,
  MLA_E_BAD_DESCRIPTOR = 604,
  MLA_E_BAD_HANDLE = 605,
  MLA_E_BAD_TRANSFER = 606,
  MLA_E_TEXT_MESSAGE = 607,
  /* a bug in MLA */
  MLA_E_INTERNAL = 900
};

/* MLA_ABI_VERSION of the library that runs; it has at least the functions of the header if it is no lower. */
MLA_API uint32_t mla_abi_version(void);
/* The release, "0.1.0". Static. */
MLA_API const char* mla_version(void);
/* What went wrong at the last call of this thread that did not answer MLA_OK: a sentence, with details where there are some.
 * Valid until this thread's next call that fails. */
MLA_API const char* mla_error_message(void);
/* "bad_url", "the URL cannot be used", "usage". Static. Groups: none, usage, connection, denied, timeout, absent, limit,
 * protocol, internal. */
MLA_API const char* mla_status_name(mla_status status);
MLA_API const char* mla_status_text(mla_status status);
MLA_API const char* mla_status_group(mla_status status);

/* ---- Handles */

typedef struct mla_runtime { uint64_t id; } mla_runtime;
typedef struct mla_exchange { uint64_t id; } mla_exchange;
typedef struct mla_connector { uint64_t id; } mla_connector;
typedef struct mla_listener { uint64_t id; } mla_listener;
typedef struct mla_contract { uint64_t id; } mla_contract;
typedef struct mla_stream { uint64_t id; } mla_stream;
typedef struct mla_sink { uint64_t id; } mla_sink;
typedef struct mla_state { uint64_t id; } mla_state;
typedef struct mla_object { uint64_t id; } mla_object;

/* ---- Runtime: the threads on which exchanges live */

enum { MLA_RUNTIME_MANUAL = 1 }; /* no thread: exchanges move, and callbacks run, inside mla_runtime_poll() and calls that wait */

typedef struct mla_runtime_options {
  size_t size;
  uint32_t flags;
  uint32_t workers; /* threads that carry exchanges, 1 to 256; 0: one */
} mla_runtime_options;

/* `options` may be NULL. Errors: MLA_E_BAD_OPTION. */
MLA_API mla_status mla_runtime_new(const mla_runtime_options* options, mla_runtime* out);
/* Of a manual runtime: does what is due, callbacks included; when that is nothing, waits for it. What comes over the network
 * meanwhile is for the next call. MLA_OK when something was done. Errors: MLA_E_TIMED_OUT, MLA_E_BAD_OPTION (this runtime has
 * threads), MLA_E_WOULD_DEADLOCK. */
MLA_API mla_status mla_runtime_poll(mla_runtime runtime, int64_t timeout_ns);
/* Of a manual runtime: a descriptor that is readable when mla_runtime_poll() has something to do. Wait for it, read nothing,
 * do not close it; it goes with the runtime. Errors: MLA_E_BAD_OPTION. */
MLA_API mla_status mla_runtime_fd(mla_runtime runtime, int* out);
/* The threads end when the runtime and the last exchange made with it are gone. */
MLA_API mla_status mla_runtime_free(mla_runtime runtime);

/* ---- Exchange: the node in this process */

enum { MLA_EXCHANGE_NO_ADMIN = 1 }; /* may not observe or expose what is reserved: `$mla` */

typedef struct mla_exchange_options {
  size_t size;
  uint32_t flags;
  const char* name; /* a label that peers show, at most 256 bytes; NULL: none */
} mla_exchange_options;

/* `runtime` null: one of its own, with one thread. `options` may be NULL. Errors: MLA_E_BAD_OPTION. */
MLA_API mla_status mla_exchange_new(mla_runtime runtime, const mla_exchange_options* options, mla_exchange* out);
/* The number by which the tree knows this exchange; another at each start of a process. */
MLA_API mla_status mla_exchange_node(mla_exchange exchange, uint64_t* out);
/* Another limit from now on, by its name in /varz ("state_bytes"); durations in milliseconds. Errors: MLA_E_BAD_CONFIG (none is
 * called so), MLA_E_BAD_OPTION (mla_error_message() says which bound), MLA_E_CLOSED. */
MLA_API mla_status mla_exchange_set_limit(mla_exchange exchange, const char* name, uint64_t value);

enum { MLA_LOG_INFO = 1, MLA_LOG_WARNING = 2 };
typedef struct mla_log {
  size_t size;
  uint32_t level;
  mla_status code;  /* why a link was lost; MLA_OK otherwise */
  uint64_t peer;    /* of whom, as mla_exchange_node() tells there; 0: not known */
  uint64_t missed;  /* so many lines before this one came too fast to be told */
  const char* text; /* one line for people; valid during the call */
} mla_log;
typedef void (*mla_log_fn)(void* ctx, const mla_log* line);

/* `fn` is called for what happens to links from now on, in order, on a callback thread (one at a time per exchange), or inside
 * mla_runtime_poll(). NULL ends it: then no call is under way when this returns, unless this is one. */
MLA_API mla_status mla_exchange_on_log(mla_exchange exchange, mla_log_fn fn, void* ctx);
/* Its contracts end with MLA_END_EXCHANGE_CLOSED; states already sent get up to a second to leave. Again without effect. */
MLA_API mla_status mla_exchange_close(mla_exchange exchange);
/* Closes it. Handles made with it stay to be freed. */
MLA_API mla_status mla_exchange_free(mla_exchange exchange);

/* The newest state of an object, once there is one that is synchronized. For `tags` and `json` see mla_contract_new(). Errors:
 * those of the descriptor, MLA_E_CLOSED, MLA_E_WOULD_DEADLOCK; when the time is up MLA_E_UNEXPOSED or MLA_E_DECLINED if that is how
 * the object stands then, else MLA_E_TIMED_OUT. Free *out. */
MLA_API mla_status mla_get(mla_exchange exchange, const char* const* tags, size_t tag_count, const char* json, int64_t timeout_ns,
                           mla_state* out);

/* ---- Connector: keeps an exchange linked to one parent */

typedef struct mla_connector_options {
  size_t size;
  const char* credentials; /* shown to the parent, at most 4 KiB; NULL: none */
  int64_t backoff_min_ns;  /* first pause between attempts; 0: 250 ms */
  int64_t backoff_max_ns;  /* doubled up to here; 0: 30 s */
} mla_connector_options;

/* Dials the URLs in turn, again after a loss. `ws://host:port/path` or `ws+unix:///file`; `?heartbeat=500ms` sets this side's
 * heartbeat. Never fails because nobody is there now. `options` may be NULL. Errors: MLA_E_BAD_URL, MLA_E_BAD_OPTION, MLA_E_CLOSED. */
MLA_API mla_status mla_connector_new(mla_exchange exchange, const char* const* urls, size_t url_count,
                                     const mla_connector_options* options, mla_connector* out);
/* Another list. A link whose URL is in it stays; else it ends and the first is dialled. Errors: MLA_E_BAD_URL (nothing has
 * changed), MLA_E_CLOSED. */
MLA_API mla_status mla_connector_set_urls(mla_connector connector, const char* const* urls, size_t url_count);

enum {
  MLA_LINK_CONNECTING = 0,
  MLA_LINK_LINKED = 1,
  MLA_LINK_STALE = 2,   /* was linked and lost it; dials again */
  MLA_LINK_REFUSED = 3, /* the peer said no; dials again, slower */
  MLA_LINK_CLOSED = 4
};
typedef struct mla_connector_status {
  size_t size;
  uint32_t status;  /* MLA_LINK_… */
  mla_status error; /* of the last failure; MLA_OK while linked */
  uint64_t links;   /* how many it has had, the present one included */
  char url[256];    /* linked to, or tried last; cut at the end if longer */
  char detail[256]; /* of the last failure, for people; cut at the end if longer */
} mla_connector_status;
MLA_API mla_status mla_connector_get_status(mla_connector connector, mla_connector_status* out);
/* MLA_OK when linked. Errors: MLA_E_TIMED_OUT, MLA_E_CLOSED, MLA_E_WOULD_DEADLOCK. */
MLA_API mla_status mla_connector_wait_linked(mla_connector connector, int64_t timeout_ns);
typedef void (*mla_connector_fn)(void* ctx, const mla_connector_status* status);
/* `fn` is called at each change, once at first, with the newest status. Threads and NULL as mla_exchange_on_log(). */
MLA_API mla_status mla_connector_on_status(mla_connector connector, mla_connector_fn fn, void* ctx);
/* Ends the link. */
MLA_API mla_status mla_connector_free(mla_connector connector);

/* ---- Listener: makes an exchange a parent */

enum {
  MLA_LISTENER_INSECURE = 1,   /* allow an address beyond loopback without TLS and credentials */
  MLA_LISTENER_UNDESCRIBED = 2 /* do not describe the exchange by `$mla` objects */
};
typedef struct mla_listener_options {
  size_t size;
  uint32_t flags;
  const char* const* allowed_origins; /* of web pages, beside none and the listener's own host */
  size_t allowed_origin_count;
  const char* const* allowed_hosts; /* names under which a proxy or DNS makes it known */
  size_t allowed_host_count;
} mla_listener_options;

/* Listens when it returns, on all URLs or none. `ws://host:port`, port 0 takes a free one, or `ws+unix:///file`. `options` may be
 * NULL. Errors: MLA_E_BAD_URL, MLA_E_ADDRESS_IN_USE, MLA_E_INSECURE_LISTENER, MLA_E_BAD_OPTION, MLA_E_CLOSED. */
MLA_API mla_status mla_listener_new(mla_exchange exchange, const char* const* urls, size_t url_count,
                                    const mla_listener_options* options, mla_listener* out);
/* The URL of that number, with the real port: at most `capacity` bytes of it with the 0, and always its whole *length without.
 * `length` may be NULL, and so may `buffer` when capacity is 0. Errors: MLA_E_BAD_OPTION (there is no such number). */
MLA_API mla_status mla_listener_url(mla_listener listener, size_t index, char* buffer, size_t capacity, size_t* length);
/* Takes no further links; those that are up stay. */
MLA_API mla_status mla_listener_free(mla_listener listener);

/* ---- Objects: identities. A set of tags and one JSON value, all in canonical text */

/* From JSON texts; the order of the tags does not matter. Errors: MLA_E_JSON_…, MLA_E_DESCRIPTOR_TOO_LARGE, MLA_E_TOO_MANY_TAGS. */
MLA_API mla_status mla_object_new(const char* const* tags, size_t tag_count, const char* json, mla_object* out);
/* Canonical JSON texts; they are valid as long as any handle of the object is held. `[[tag,…],json]` is the whole identity: two
 * objects are the same when it is, byte for byte. */
MLA_API mla_status mla_object_canonical(mla_object object, const char** out);
MLA_API mla_status mla_object_json(mla_object object, const char** out);
MLA_API mla_status mla_object_tag_count(mla_object object, size_t* out);
/* In canonical order. Errors: MLA_E_BAD_OPTION (there is no such number). */
MLA_API mla_status mla_object_tag(mla_object object, size_t index, const char** out);
MLA_API mla_status mla_object_free(mla_object object);
/* The canonical text of a JSON value, `size` bytes of it; buffer as mla_listener_url(). Errors: MLA_E_JSON_…,
 * MLA_E_DESCRIPTOR_TOO_LARGE. */
MLA_API mla_status mla_json_canonical(const char* json, size_t size, char* buffer, size_t capacity, size_t* length);

/* ---- States */

enum { MLA_VERSION_ITEMS = 16, MLA_FORMAT_LABELS = 8 };

/* All of a state. What it points to is valid until the state's handle is freed. */
typedef struct mla_state_view {
  size_t size;
  const void* data;
  size_t data_size;
  const char* const* formats; /* stack of labels, last applied last: {"JSON"}, {"CBOR", "ZSTD"} */
  size_t format_count;
  const int64_t* version; /* compared item by item, a shorter prefix being older */
  size_t version_count;
  uint64_t epoch_counter; /* of the election: it, then the minter, never falls */
  uint64_t epoch_minter;
  uint64_t nth;          /* number within its epoch, from 1, counted at the exposer */
  uint64_t skipped;      /* states of this object left out before this one */
  int64_t age_ns;        /* since it was last synchronized; 0 while it is */
  uint32_t synchronized; /* 1: an unbroken path to its exposer; 0: it is aged */
  uint32_t skipped_exact; /* 0: `skipped` is a lower bound */
} mla_state_view;
MLA_API mla_status mla_state_get(mla_state state, mla_state_view* out);
MLA_API mla_status mla_state_free(mla_state state);

/* ---- Contracts */

enum { MLA_OBJECT_OBSERVE = 1, MLA_OBJECT_EXPOSE = 2, MLA_TAG_OBSERVE = 3, MLA_TAG_EXPOSE = 4 };

enum { /* of contract options; those of exposing are MLA_E_BAD_OPTION when observing */
  MLA_HAS_CAPACITY = 1,       /* `capacity` is set; else it is 1 */
  MLA_HAS_LIMIT = 2,          /* `limit` is set; else there is none */
  MLA_WITHOUT_PREEMPTION = 4, /* waits while one of lower priority is at work */
  MLA_WITH_CURRENT = 8,       /* mla_sink_current() from the election on */
  MLA_WITH_CONFIRMATION = 16  /* mla_sink_confirm() and MLA_EVENT_CONFIRMED; costs a small frame a state and link */
};
typedef struct mla_contract_options {
  size_t size;
  uint32_t flags;
  uint32_t capacity;       /* exposing: a weight, 0 to 1 000 000; 0: nothing new, and hand over what this contract has */
  uint32_t limit;          /* exposing: at most so many objects at a time; beyond it objects wait */
  int32_t priority;        /* exposing: higher goes first, and takes over */
  int64_t linger_ns;       /* exposing: an election goes on for so long after the last observer left; at most an hour */
  int64_t min_interval_ns; /* observing: least time between two states of one object */
} mla_contract_options;

/* `tags` are JSON texts, `json` is one. For the kinds of tags, tag_count is 1 and `json` is NULL. `options` may be NULL. It ends
 * when it is freed, when cancelled, or with its exchange. Errors: MLA_E_JSON_…, MLA_E_DESCRIPTOR_TOO_LARGE, MLA_E_TOO_MANY_TAGS,
 * MLA_E_RESERVED_DESCRIPTOR, MLA_E_PERMISSION_DENIED, MLA_E_BAD_OPTION, MLA_E_CLOSED. */
MLA_API mla_status mla_contract_new(mla_exchange exchange, uint32_t kind, const char* const* tags, size_t tag_count,
                                    const char* json, const mla_contract_options* options, mla_contract* out);

enum {
  MLA_EVENT_STATE = 1,     /* observing: `object`, `state` */
  MLA_EVENT_STANDING = 2,  /* observing: `object`, `standing`, `age_ns`, `text` */
  MLA_EVENT_ENDED = 3,     /* observing: `object`, `reason`. Without object, in callbacks only: the contract has ended */
  MLA_EVENT_ELECTED = 4,   /* exposing: `object`, `sink` */
  MLA_EVENT_WITHDRAWN = 5, /* exposing: `object`, `sink` (another handle of the one that ended), `reason` */
  MLA_EVENT_CONFIRMED = 6  /* exposing: `object`, `sink`, `version`, `observers` */
};
enum {
  MLA_END_NONE = 0,
  MLA_END_UNOBSERVED = 1,
  MLA_END_HANDED_OVER = 2,
  MLA_END_DECLINED = 3,
  MLA_END_GONE = 4, /* the object is no longer live (tags) */
  MLA_END_CONTRACT_DROPPED = 5,
  MLA_END_EXCHANGE_CLOSED = 6
};
enum {
  MLA_STANDING_UNEXPOSED = 1,    /* nobody can expose it */
  MLA_STANDING_DECLINED = 2,     /* those who could have declined it; `text` says why */
  MLA_STANDING_WAITING = 3,      /* somebody is elected or will be, no state has come yet */
  MLA_STANDING_SYNCHRONIZED = 4, /* the newest state is held, with an unbroken path to its exposer */
  MLA_STANDING_STALE = 5         /* a state is held, but its exposer cannot be heard; `age_ns` */
};
typedef struct mla_event {
  size_t size;
  uint32_t kind;   /* MLA_EVENT_… */
  uint32_t reason; /* MLA_END_… */
  mla_object object;
  mla_state state;
  mla_sink sink;
  uint64_t object_key; /* the same number for the same object as long as any handle of it is held: to look it up faster */
  int64_t age_ns;
  uint64_t observers; /* exchanges that observe the object and hold the state, this process's own being one */
  int64_t version[16];
  uint32_t version_count;
  uint32_t standing; /* MLA_STANDING_… */
  char text[264];
} mla_event;

/* First way to wait: blocks. The next event; objects take turns, each gives its newest state only. Set out->size. The handles in it
 * are yours: mla_event_free(), or one by one. Errors: MLA_E_TIMED_OUT, MLA_E_ENDED (nothing comes any more), MLA_E_BUSY,
 * MLA_E_WOULD_DEADLOCK (not with a timeout of 0). */
MLA_API mla_status mla_contract_next_event(mla_contract contract, int64_t timeout_ns, mla_event* out);
/* The same for up to `capacity` events: waits for the first, takes those that are there beside it. All have the size that
 * out[0].size tells. */
MLA_API mla_status mla_contract_next_events(mla_contract contract, int64_t timeout_ns, mla_event* out, size_t capacity,
                                            size_t* count);
/* Frees the handles in it that are not null, and makes them null. */
MLA_API mla_status mla_event_free(mla_event* event);

/* Second way: `fn` is called with each event, on a callback thread, one call at a time per exchange, or inside
 * mla_runtime_poll(). Handles in the event are freed after the call; to keep one, copy it and make it null there. Any function may
 * be called inside; those that would wait are refused. The last event is MLA_EVENT_ENDED without object, unless the contract is
 * freed. Another `fn` takes the place of the former; NULL ends it: then no call is under way when this returns, unless this is
 * one. The same holds for mla_contract_free(). Errors: MLA_E_BUSY (mla_contract_fd() is in use). */
typedef void (*mla_event_fn)(void* ctx, mla_event* event);
MLA_API mla_status mla_contract_on_event(mla_contract contract, mla_event_fn fn, void* ctx);

/* Third way: a descriptor to wait for with poll(), epoll or any loop; readable while there may be an event, or the contract has
 * ended. Then take events with a timeout of 0 until MLA_E_TIMED_OUT. Read nothing from it, do not close it; it goes with the
 * contract. With a manual runtime wait for mla_runtime_fd(), poll the runtime, and take events then: this one is told there only.
 * Errors: MLA_E_BUSY (mla_contract_on_event() is in use), MLA_E_NO_MEMORY (no descriptor is left). */
MLA_API mla_status mla_contract_fd(mla_contract contract, int* out);

/* Observing: the next object's stream, handed out with its first state; its states come there and not as events any more. Errors
 * as mla_contract_next_event(), and MLA_E_BAD_OPTION (not observing). */
MLA_API mla_status mla_contract_next_stream(mla_contract contract, int64_t timeout_ns, mla_stream* out);

typedef struct mla_standing {
  size_t size;
  uint32_t kind; /* MLA_STANDING_…; 0: not known here */
  int64_t age_ns;
  char text[264];
} mla_standing;
/* Observing: how an object stands; the null handle is the contract's own object. Errors: MLA_E_BAD_OPTION (not observing). */
MLA_API mla_status mla_contract_standing(mla_contract contract, mla_object object, mla_standing* out);
/* Exposing. Errors: MLA_E_BAD_OPTION. */
MLA_API mla_status mla_contract_set_capacity(mla_contract contract, uint32_t capacity);
/* Observing. Errors: MLA_E_BAD_OPTION. */
MLA_API mla_status mla_contract_set_min_interval(mla_contract contract, int64_t interval_ns);
/* Ends the contract and all it gave out; waits return MLA_E_ENDED. Again without effect. */
MLA_API mla_status mla_contract_cancel(mla_contract contract);
/* MLA_END_NONE while it lasts. */
MLA_API mla_status mla_contract_end_reason(mla_contract contract, uint32_t* out);
/* Ends the contract and all it gave out. */
MLA_API mla_status mla_contract_free(mla_contract contract);

/* ---- Streams: the states of one object of an observe contract */

/* The next state that was not seen yet. Free *out. Errors: MLA_E_TIMED_OUT, MLA_E_ENDED, MLA_E_BUSY, MLA_E_WOULD_DEADLOCK. */
MLA_API mla_status mla_stream_next(mla_stream stream, int64_t timeout_ns, mla_state* out);
/* Free *out. */
MLA_API mla_status mla_stream_object(mla_stream stream, mla_object* out);
MLA_API mla_status mla_stream_end_reason(mla_stream stream, uint32_t* out);
/* The object is muted for the contract until it ends. */
MLA_API mla_status mla_stream_free(mla_stream stream);

/* ---- Sinks: where an elected exposer puts the states of one object */

typedef struct mla_send_result {
  size_t size;
  int64_t version[16]; /* MLA_OK: the state's; MLA_E_STALE: what it must exceed */
  size_t version_count;
} mla_send_result;
/* Answers at once and never blocks: a newer state takes the place of one that has not left yet. `formats` is a stack of labels,
 * upper-case ASCII, at most 8; the bytes are copied. version_count 0: the default version is made. `out` may be NULL; it is filled
 * for MLA_OK and MLA_E_STALE. Errors: MLA_E_STALE (not newer than what is known), MLA_E_ENDED, MLA_E_STATE_TOO_LARGE, MLA_E_BAD_FORMAT,
 * MLA_E_BAD_VERSION. */
MLA_API mla_status mla_sink_send(mla_sink sink, const void* data, size_t size, const char* const* formats, size_t format_count,
                                 const int64_t* version, size_t version_count, mla_send_result* out);
/* The newest state known, of this or another exposer; null when there is none. Free *out. What was known at the election only with
 * MLA_WITH_CURRENT. */
MLA_API mla_status mla_sink_current(mla_sink sink, mla_state* out);
/* Waits until all who observe and are linked hold the state that was sent with that version, or a newer one. *observers (may be
 * NULL): exchanges that do. Errors: MLA_E_TIMED_OUT, MLA_E_STALE (it never will be), MLA_E_ENDED, MLA_E_BAD_OPTION (made without
 * MLA_WITH_CONFIRMATION), MLA_E_BAD_VERSION (never sent by this sink), MLA_E_BUSY, MLA_E_WOULD_DEADLOCK. */
MLA_API mla_status mla_sink_confirm(mla_sink sink, const int64_t* version, size_t version_count, int64_t timeout_ns,
                                    uint64_t* observers);
/* How many exchanges hold the newest confirmed state; -1: none is confirmed. */
MLA_API mla_status mla_sink_observers(mla_sink sink, int64_t* out);
/* Gives the object back: others are tried, this contract is left out for it for `retry_after_ns` (0: a second). The sink ends at
 * once. `reason` is for people, at most 256 bytes are kept. */
MLA_API mla_status mla_sink_decline(mla_sink sink, const char* reason, int64_t retry_after_ns);
/* The present term; may rise while the sink goes on. */
MLA_API mla_status mla_sink_epoch(mla_sink sink, uint64_t* counter, uint64_t* minter);
/* Free *out. */
MLA_API mla_status mla_sink_object(mla_sink sink, mla_object* out);
/* MLA_END_NONE while it lasts. */
MLA_API mla_status mla_sink_end_reason(mla_sink sink, uint32_t* out);
/* MLA_OK when it has ended. Errors: MLA_E_TIMED_OUT, MLA_E_BUSY, MLA_E_WOULD_DEADLOCK. */
MLA_API mla_status mla_sink_wait_end(mla_sink sink, int64_t timeout_ns);
/* Lets go of the handle only: the election goes on, and its last state stays. */
MLA_API mla_status mla_sink_free(mla_sink sink);

#ifdef __cplusplus
}
#endif

#endif /* MLA_H_ */
