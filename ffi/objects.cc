// mla_object_…, mla_state_…
#include <mla.h>

#include "ffi/arguments.h"
#include "ffi/handles.h"
#include "ffi/structs.h"

using namespace mla;
using namespace mla::ffi;

namespace {

void view(const StateBox& box, mla_state_view& out) {
  const State& state = box.state;
  const auto version = state.version().items();
  out.data = state.data().data();
  out.data_size = state.data().size();
  out.formats = box.labels;
  out.format_count = box.label_count;
  out.version = version.data();
  out.version_count = version.size();
  out.epoch_counter = state.epoch().counter;
  out.epoch_minter = state.epoch().minter.value;
  out.nth = state.nth();
  out.skipped = state.skipped();
  out.age_ns = std::chrono::nanoseconds(state.age()).count();
  out.synchronized = state.synchronized();
  out.skipped_exact = state.skipped_exact();
}

}  // namespace

extern "C" {

mla_status mla_object_new(const char* const* tags, size_t tag_count, const char* json, mla_object* out) {
  return guard([&]() -> mla_status {
    if (!out) return fail(ErrorCode::argument, "out");
    out->id = 0;
    auto object = object_of(tags, tag_count, json);
    if (!object) return fail(object.error());
    if (const ErrorCode wrong = object->check(); wrong != ErrorCode::ok) return fail(wrong);
    return give(handles.objects, out, std::make_shared<const ObjectDescriptor>(*std::move(object)));
  });
}

mla_status mla_object_canonical(mla_object object, const char** out) {
  return with(handles.objects, object, [&](const ObjectPtr& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = it->canonical().c_str();
    return kOk;
  });
}

mla_status mla_object_json(mla_object object, const char** out) {
  return with(handles.objects, object, [&](const ObjectPtr& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = it->json().text().c_str();
    return kOk;
  });
}

mla_status mla_object_tag_count(mla_object object, size_t* out) {
  return with(handles.objects, object, [&](const ObjectPtr& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    *out = it->tags().size();
    return kOk;
  });
}

mla_status mla_object_tag(mla_object object, size_t index, const char** out) {
  return with(handles.objects, object, [&](const ObjectPtr& it) {
    if (!out) return fail(ErrorCode::argument, "out");
    if (index >= it->tags().size()) return fail(ErrorCode::bad_option, "there is no such tag");
    *out = it->tags()[index].json.text().c_str();
    return kOk;
  });
}

mla_status mla_object_free(mla_object object) { return release(handles.objects, object); }

mla_status mla_state_get(mla_state state, mla_state_view* out) {
  return with(handles.states, state, [&](const StateBox& box) {
    if (!out) return fail(ErrorCode::argument, "out");
    if (out->size == sizeof *out) {  // nearly always
      view(box, *out);
      return kOk;
    }
    mla_state_view ours{};
    view(box, ours);
    return write_struct(ours, out) ? MLA_OK : fail(ErrorCode::argument, "size");
  });
}

mla_status mla_state_free(mla_state state) { return release(handles.states, state); }

}  // extern "C"
