/* Contracts that are made and dropped leave memory where it was. Two exchanges in one process, no router; so many contracts a
 * round, each observing and exposing an object of its own until it has had a state. usage: c_memory CONTRACTS */
#include <malloc.h>

#include "check.h"

/* What it may have grown by between the tenth of all contracts, when every table has its size, and the last. */
enum { kMostGrowth = 256 << 10, kRound = 100 };

static size_t in_use(void) {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static void round_of(mla_exchange exchange, long first) {
  static mla_contract observing[kRound], exposing[kRound];
  for (int i = 0; i < kRound; ++i) {
    char json[32];
    snprintf(json, sizeof json, "%ld", first + i);
    OK(mla_contract_new(exchange, MLA_OBJECT_OBSERVE, NULL, 0, json, NULL, &observing[i]));
    OK(mla_contract_new(exchange, MLA_OBJECT_EXPOSE, NULL, 0, json, NULL, &exposing[i]));
  }
  for (int i = 0; i < kRound; ++i) {
    mla_event event = {.size = sizeof event};
    OK(mla_contract_next_event(exposing[i], PATIENCE, &event));
    CHECK(event.kind == MLA_EVENT_ELECTED);
    OK(send_number(event.sink, first + i, NULL));
    OK(mla_event_free(&event));
  }
  for (int i = 0; i < kRound; ++i) {
    mla_stream stream;
    mla_state state;
    OK(mla_contract_next_stream(observing[i], PATIENCE, &stream));
    OK(mla_stream_next(stream, PATIENCE, &state));
    CHECK(number_of(state) == first + i);
    OK(mla_state_free(state));
    OK(mla_stream_free(stream));
  }
  for (int i = 0; i < kRound; ++i) {
    OK(mla_contract_free(observing[i]));
    OK(mla_contract_free(exposing[i]));
  }
  uint64_t node;
  OK(mla_exchange_node(exchange, &node)); /* the loop is through with them */
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  const long contracts = strtol(argv[1], NULL, 10), pairs = contracts / 2;
  CHECK(pairs >= 10 * kRound);
  mallopt(M_ARENA_MAX, 1); /* one heap for all threads: what is counted is everything */
  mla_exchange exchange;
  OK(mla_exchange_new((mla_runtime){0}, NULL, &exchange));
  size_t before = 0, most = 0;
  for (long done = 0; done < pairs; done += kRound) {
    round_of(exchange, done);
    if (done + kRound <= pairs / 10) before = in_use();
    if (in_use() > most) most = in_use();
  }
  const size_t after = in_use();
  printf("memory: %ld contracts; %zu B in use after a tenth of them, %zu B after all, %zu B at most\n", 2 * pairs, before, after,
         most);
  CHECK(after <= before + kMostGrowth);
  OK(mla_exchange_free(exchange));
  return 0;
}
