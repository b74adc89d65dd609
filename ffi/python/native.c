/* Takes all events of a contract that are there in one call, states and all, for Python to unpack in one go: a call from Python for each
 * field of each state would cost many times what the state does. Every field has 8 bytes; what has no fixed size is in `arena`. */
enum { MLAPY_ITEMS = 256 };
typedef struct mlapy_item {
  uint64_t kind, reason, standing, key, object, sink;
  uint64_t data_at, data_size, formats_at, formats_size, version_at, version_count, text_at, text_size;
  uint64_t epoch_counter, epoch_minter, nth, skipped, flags;
  int64_t age_ns;
  uint64_t observers;
} mlapy_item;

typedef struct mlapy_batch {
  mlapy_item items[MLAPY_ITEMS];
  uint64_t count;
  char* arena;
  uint64_t used, capacity;
} mlapy_batch;

static mlapy_batch* mlapy_batch_new(void) { return calloc(1, sizeof(mlapy_batch)); }
static void mlapy_batch_free(mlapy_batch* batch) {
  if (!batch) return;
  free(batch->arena);
  free(batch);
}

/* Where it is in the arena; -1: no memory. */
static int64_t mlapy_put(mlapy_batch* batch, const void* data, size_t size) {
  if (batch->used + size > batch->capacity) {
    uint64_t capacity = batch->capacity ? batch->capacity : 4096;
    while (capacity < batch->used + size) capacity *= 2;
    char* const grown = realloc(batch->arena, capacity);
    if (!grown) return -1;
    batch->arena = grown;
    batch->capacity = capacity;
  }
  if (size) memcpy(batch->arena + batch->used, data, size);
  batch->used += size;
  return (int64_t)(batch->used - size);
}

static int mlapy_put_state(mlapy_batch* batch, mla_state state, mlapy_item* item) {
  mla_state_view view = {.size = sizeof view};
  if (mla_state_get(state, &view) != MLA_OK) return 0;
  const int64_t data = mlapy_put(batch, view.data, view.data_size);
  const int64_t version = mlapy_put(batch, view.version, view.version_count * sizeof view.version[0]);
  const uint64_t formats = batch->used;
  if (data < 0 || version < 0) return 0;
  for (size_t i = 0; i < view.format_count; ++i)
    if ((i && mlapy_put(batch, "\n", 1) < 0) || mlapy_put(batch, view.formats[i], strlen(view.formats[i])) < 0) return 0;
  item->data_at = (uint64_t)data;
  item->data_size = view.data_size;
  item->version_at = (uint64_t)version;
  item->version_count = view.version_count;
  item->formats_at = formats;
  item->formats_size = batch->used - formats;
  item->epoch_counter = view.epoch_counter;
  item->epoch_minter = view.epoch_minter;
  item->nth = view.nth;
  item->skipped = view.skipped;
  item->flags = view.synchronized | view.skipped_exact << 1;
  item->age_ns = view.age_ns;
  return 1;
}

/* A state alone, as the one item. Frees it. */
static mla_status mlapy_unpack(mla_state state, mlapy_batch* batch) {
  memset(&batch->items[0], 0, sizeof batch->items[0]);
  batch->count = 1;
  batch->used = 0;
  const int there = mlapy_put_state(batch, state, &batch->items[0]);
  mla_state_free(state);
  return there ? MLA_OK : MLA_E_NO_MEMORY;
}

/* What is there now. The handles of objects and sinks in it are the caller's. MLA_OK, or what came after the last item. */
static mla_status mlapy_take(mla_contract contract, mlapy_batch* batch) {
  enum { kAtATime = 128 };
  mla_event events[kAtATime];
  batch->count = batch->used = 0;
  while (batch->count + kAtATime <= MLAPY_ITEMS) {
    size_t count = 0;
    events[0].size = sizeof events[0];
    const mla_status status = mla_contract_next_events(contract, 0, events, kAtATime, &count);
    if (status != MLA_OK) return status;
    for (size_t i = 0; i < count; ++i) {
      mla_event* const event = &events[i];
      mlapy_item* const item = &batch->items[batch->count];
      memset(item, 0, sizeof *item);
      item->kind = event->kind;
      item->reason = event->reason;
      item->standing = event->standing;
      item->key = event->object_key;
      item->age_ns = event->age_ns;
      item->observers = event->observers;
      const size_t text_size = strlen(event->text);
      int64_t text = 0, version = 0;
      int there = 1;
      if (event->kind == MLA_EVENT_STATE) there = mlapy_put_state(batch, event->state, item);
      if (text_size) text = mlapy_put(batch, event->text, text_size);
      if (event->version_count) {
        version = mlapy_put(batch, event->version, event->version_count * sizeof event->version[0]);
        item->version_at = (uint64_t)version;
        item->version_count = event->version_count;
      }
      if (!there || text < 0 || version < 0) {
        for (; i < count; ++i) mla_event_free(&events[i]);
        return MLA_E_NO_MEMORY;
      }
      item->text_at = (uint64_t)text;
      item->text_size = text_size;
      item->object = event->object.id;
      item->sink = event->sink.id;
      if (event->state.id) mla_state_free(event->state);
      ++batch->count;
    }
    if (count < kAtATime) continue; /* asks once more, which makes the descriptor unreadable when nothing is left */
  }
  return MLA_OK;
}
