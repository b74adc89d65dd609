#include <mla/sink.h>
#include <mla/wait.h>

#include <utility>

#include "exchange/facade/expose_cell.h"

namespace mla {

StateSink::StateSink(std::shared_ptr<facade::SinkHandle> handle) : handle_(std::move(handle)) {}

const ObjectDescriptor& StateSink::object() const {
  return *handle_->object();
}
const ObjectPtr& StateSink::object_ptr() const {
  return handle_->object();
}
Epoch StateSink::epoch() const {
  return handle_->epoch_now();
}
SendResult StateSink::send(State state) {
  return handle_->send(state);
}
std::optional<State> StateSink::current() const {
  return handle_->current_now();
}
ConfirmResult StateSink::confirm(const Version& version, std::chrono::nanoseconds limit) {
  return handle_->confirm(version, limit);
}
std::optional<std::uint64_t> StateSink::observers() const {
  return handle_->observers_now();
}
void StateSink::decline(std::string_view reason, std::chrono::milliseconds retry_after) {
  handle_->decline(reason, retry_after);
}
EndReason StateSink::end_reason() const {
  return handle_->end_reason_now();
}
detail::AsyncSource<EndReason> StateSink::source() {
  return handle_->end_source();
}
bool StateSink::wait_end_for(std::chrono::nanoseconds limit) const {
  return handle_->wait_end(limit).or_throw().has_value();
}

}  // namespace mla
