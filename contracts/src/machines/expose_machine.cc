#include "contracts/machines/expose_machine.h"

#include <utility>

namespace mla::machines {

void ExposeMachine::line_up(const ObjectPtr& object, Cell& cell) {
  if (!cell.withdrawal && !cell.election && !cell.confirmation) {
    if (cell.turn) turns_.erase(*cell.turn);
    cells_.erase(object);
  } else if (!cell.turn) {
    cell.turn = turns_.insert(turns_.end(), object);
  }
}

bool ExposeMachine::elected(SinkId id, SinkPtr sink) {
  if (end_ != EndReason::none) {
    sink->end(end_);
    return false;
  }
  active_.emplace(id, sink);
  const ObjectPtr object = sink->object();
  Cell& cell = cells_[object];
  cell.election = Event{.kind = Event::Kind::elected, .id = id, .sink = std::move(sink)};
  line_up(object, cell);
  return true;
}

bool ExposeMachine::withdrawn(SinkId id, EndReason reason) {
  auto it = active_.find(id);
  if (it == active_.end()) return false;
  SinkPtr sink = std::move(it->second);
  active_.erase(it);
  sink->end(reason);
  const ObjectPtr object = sink->object();
  Cell& cell = cells_[object];
  const bool untold = cell.election && cell.election->id == id;
  if (untold) {
    cell.election.reset();
    if (cell.confirmation && cell.confirmation->id == id) cell.confirmation.reset();
  } else {
    cell.withdrawal = Event{.kind = Event::Kind::withdrawn, .id = id, .sink = std::move(sink), .reason = reason};
  }
  line_up(object, cell);
  return !untold;
}

bool ExposeMachine::confirmed(SinkId id, const Version& version, std::uint64_t observers) {
  auto it = active_.find(id);
  if (it == active_.end()) return false;
  const ObjectPtr object = it->second->object();
  Cell& cell = cells_[object];
  cell.confirmation = Event{
      .kind = Event::Kind::confirmed, .id = id, .sink = it->second, .version = version, .observers = observers};
  line_up(object, cell);
  return true;
}

void ExposeMachine::close(EndReason reason) {
  if (end_ != EndReason::none) return;
  end_ = reason;
  for (auto& [id, sink] : active_) sink->end(reason);
  active_.clear();
  cells_.clear();
  turns_.clear();
}

std::optional<ExposeMachine::Event> ExposeMachine::next_event() {
  if (turns_.empty()) return std::nullopt;
  const ObjectPtr object = std::move(turns_.front());
  turns_.pop_front();
  Cell& cell = cells_.find(object)->second;
  cell.turn.reset();
  const bool of_former = cell.withdrawal && cell.confirmation && cell.confirmation->id == cell.withdrawal->id;
  std::optional<Event>& next = of_former         ? cell.confirmation
                               : cell.withdrawal ? cell.withdrawal
                               : cell.election   ? cell.election
                                                 : cell.confirmation;
  std::optional<Event> event = std::exchange(next, std::nullopt);
  line_up(object, cell);
  return event;
}

std::optional<ExposeMachine::Event> ExposeMachine::next_sink() {
  while (auto event = next_event())
    if (event->kind == Event::Kind::elected) return event;
  return std::nullopt;
}

SinkPtr ExposeMachine::find(SinkId id) const {
  auto it = active_.find(id);
  return it == active_.end() ? nullptr : it->second;
}

}  // namespace mla::machines
