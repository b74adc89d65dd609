/* The same in C. usage: consumer URL */
#include <mla.h>
#include <stdio.h>

static void on_event(void* ctx, mla_event* event) {
  const char* const json = "JSON";
  (void)ctx;
  if (event->kind == MLA_EVENT_ELECTED) mla_sink_send(event->sink, "42", 2, &json, 1, NULL, 0, NULL);
}

int main(int argc, char** argv) {
  mla_exchange exchange[2];
  mla_connector up[2];
  mla_contract contract;
  mla_state state;
  const char* const tag = "\"consumer\"";
  if (argc != 2) return 2;
  const char* url = argv[1];
  for (int i = 0; i < 2; ++i)
    if (mla_exchange_new((mla_runtime){0}, NULL, &exchange[i]) || mla_connector_new(exchange[i], &url, 1, NULL, &up[i]) ||
        mla_connector_wait_linked(up[i], MLA_FOREVER)) {
      fprintf(stderr, "%s\n", mla_error_message());
      return 1;
    }
  if (mla_contract_new(exchange[0], MLA_TAG_EXPOSE, &tag, 1, NULL, NULL, &contract) || mla_contract_on_event(contract, on_event, NULL) ||
      mla_get(exchange[1], &tag, 1, "\"answer\"", INT64_C(30000000000), &state)) {
    fprintf(stderr, "%s\n", mla_error_message());
    return 1;
  }
  mla_state_view view = {.size = sizeof view};
  mla_state_get(state, &view);
  printf("consumer: %.*s\n", (int)view.data_size, (const char*)view.data);
  mla_state_free(state);
  mla_contract_free(contract);
  for (int i = 0; i < 2; ++i) {
    mla_connector_free(up[i]);
    mla_exchange_free(exchange[i]);
  }
  return 0;
}
