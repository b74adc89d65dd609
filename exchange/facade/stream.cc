#include <mla/stream.h>

#include <utility>

#include "exchange/facade/observe_cell.h"

namespace mla {

StateStream::StateStream(std::shared_ptr<facade::StreamHandle> handle) : handle_(std::move(handle)) {}

const ObjectDescriptor& StateStream::object() const {
  return *handle_->object;
}
const ObjectPtr& StateStream::object_ptr() const {
  return handle_->object;
}

std::optional<State> StateStream::next() {
  return handle_->cell->next_state(handle_->id, *handle_->point, std::nullopt).or_throw();
}
Next<State> StateStream::next_for(std::chrono::nanoseconds limit) {
  return handle_->cell->next_state(handle_->id, *handle_->point, limit);
}
Next<State> StateStream::try_next() {
  return handle_->cell->try_state(handle_->id, *handle_->point);
}
detail::AsyncSource<State> StateStream::source() {
  return handle_->cell->state_source(handle_->id, handle_->point);
}
void StateStream::on_ready(std::function<void()> f) {
  handle_->cell->on_ready(handle_->point, std::move(f));
}
EndReason StateStream::end_reason() const {
  return handle_->cell->end_reason(handle_->id);
}

}  // namespace mla
