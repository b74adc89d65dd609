#include "exchange/facade/describer.h"

#include <algorithm>
#include <utility>

#include "exchange/describe/answer.h"
#include "exchange/describe/names.h"
#include "exchange/describe/node_json.h"
#include "exchange/facade/connector_handle.h"
#include "exchange/runtime/listener.h"

namespace mla::facade {
namespace {

constexpr std::chrono::milliseconds kNodePeriod{500};
constexpr std::chrono::milliseconds kAnswerPeriod{1000};
constexpr std::size_t kQuestions = 64;  // at a time
constexpr std::size_t kPerTurn = 4;     // answers between which the loop does other work
constexpr std::chrono::hours kNeverMind{1};

}  // namespace

/// Brings the contracts' notices here. *loop-confined*
class Describer::Cell : public ContractCell {
 public:
  explicit Cell(std::weak_ptr<Describer> describer) : describer_(std::move(describer)) {}
  void on_notice(Instant, engine::Action& notice) override {
    const auto describer = describer_.lock();
    if (!describer) return;
    if (const auto* elected = std::get_if<engine::Elected>(&notice)) describer->elected(*elected);
    if (const auto* withdrawn = std::get_if<engine::Withdrawn>(&notice)) describer->withdrawn(withdrawn->sink);
  }
  void close(EndReason) override {}

 private:
  const std::weak_ptr<Describer> describer_;
};

Describer::Describer(ExchangeCore& core) : core_(core), began_(runtime::Shell::now()) {}

void Describer::start() {
  const engine::Engine* engine = core_.shell().engine();
  if (!engine) return;
  node_ = engine->node();
  engine::OpenContract node;
  node.kind = ContractKind::object_expose;
  node.object = std::make_shared<const ObjectDescriptor>(description::node_object(node_));
  open(std::move(node));
  engine::OpenContract query;
  query.kind = ContractKind::tag_expose;
  query.tag = description::query_tag(node_);
  open(std::move(query));
}

void Describer::open(engine::OpenContract contract) {
  contract.id = core_.next_contract();
  contracts_.push_back(contract.id);
  core_.open_here(std::move(contract), std::make_shared<Cell>(weak_from_this()));
}

void Describer::stop() {
  subjects_.clear();
  for (const ContractId id : std::exchange(contracts_, {})) core_.drop_here(id);
}

void Describer::follow_node_id() {
  const engine::Engine* engine = core_.shell().engine();
  if (!engine || contracts_.empty() || engine->node() == node_) return;
  stop();
  start();
}

// Called in the middle of a step's notices: what is to be sent leaves later, from the timer.
void Describer::elected(const engine::Elected& notice) {
  const Instant now = runtime::Shell::now();
  Subject subject{notice.object->canonical(), {}, {}, now};
  const auto decline = [&](std::string why, std::chrono::milliseconds again) {
    core_.shell().submit(engine::Event(engine::Decline{notice.sink, std::move(why), again}));
  };
  if (*notice.object != description::node_object(node_)) {
    auto question = description::parse_question(notice.object->json());
    if (const auto* bad = std::get_if<description::BadQuestion>(&question)) return decline(bad->why, kNeverMind);
    if (subjects_.size() > kQuestions)
      return decline("more questions at a time than are answered", std::chrono::seconds(1));
    subject.question = std::get<description::Question>(std::move(question));
  }
  // Observed, left and observed again does not make it more often.
  if (const auto it = produced_.find(subject.canonical); it != produced_.end())
    subject.due = std::max(now, it->second + kNodePeriod);
  subjects_.emplace(notice.sink, std::move(subject));
  arm();
}

void Describer::withdrawn(SinkId sink) {
  subjects_.erase(sink);
}

void Describer::arm() {
  if (subjects_.empty()) return;
  const Instant next = std::min_element(subjects_.begin(), subjects_.end(), [](const auto& a, const auto& b) {
                         return a.second.due < b.second.due;
                       })->second.due;
  if (armed_ && *armed_ <= next) return;
  armed_ = next;
  core_.shell().call_at(next, [weak = weak_from_this(), next] {
    if (const auto self = weak.lock()) self->on_due(next);
  });
}

void Describer::on_due(Instant armed) {
  if (armed_ != armed) return;  // an earlier call has taken its place
  armed_.reset();
  const Instant now = runtime::Shell::now();
  std::erase_if(produced_, [&](const auto& p) { return p.second + kNodePeriod <= now; });
  std::vector<SinkId> due;
  for (const auto& [sink, subject] : subjects_)
    if (subject.due <= now && due.size() < kPerTurn) due.push_back(sink);
  for (const SinkId sink : due)  // each may change what is observed
    if (const auto it = subjects_.find(sink); it != subjects_.end()) produce(sink, it->second);
  arm();
}

void Describer::produce(SinkId sink, Subject& subject) {
  const Instant now = runtime::Shell::now();
  subject.due = now + (subject.question ? kAnswerPeriod : kNodePeriod);
  std::string text = text_of(subject);
  if (text == subject.last) return;
  produced_[subject.canonical] = now;
  engine::Publish publish;
  publish.sink = sink;
  publish.payload = State::json(text).payload();
  subject.last = std::move(text);
  core_.shell().step(publish);
}

std::string Describer::text_of(const Subject& subject) {
  if (!subject.question) return node_text();
  return description::answer(*subject.question, core_.info_here(), *core_.shell().engine());
}

std::string Describer::node_text() {
  description::Node node;
  node.version = MLA_VERSION;
  node.uptime = std::chrono::duration_cast<std::chrono::seconds>(runtime::Shell::now() - began_);
  for (const auto& [number, listener] : core_.listeners)
    for (std::string& url : listener->urls()) node.listening.push_back(std::move(url));
  for (const auto& [number, handle] : core_.connector_handles)
    if (const auto connector = handle.lock()) {
      const ConnectorStatus status = connector->status();
      node.parent = {status.url, std::string(to_string(status.status)), status.error, status.detail};
    }
  node.exchange = core_.info_here();
  return description::node_json(node);
}

}  // namespace mla::facade
