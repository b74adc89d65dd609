#include "exchange/runtime/listener.h"

#include <utility>

namespace mla::runtime {

ErrorCode Listener::listen(const std::vector<transport::Url>& urls, const transport::AcceptOptions& options,
                           const transport::LogHook& log, std::string& why) {
  std::vector<std::unique_ptr<transport::WebsocketAcceptor>> made;
  for (const transport::Url& url : urls) {
    std::vector<transport::AcceptHand> hands;
    for (const auto& other : others_)
      hands.push_back({other->loop().get_executor(),
                       [weak = std::weak_ptr<Shell>(other),
                        heartbeat = url.heartbeat](std::unique_ptr<transport::Link> link) {
                         auto shell = weak.lock();
                         if (shell && !shell->closing())
                           shell->add_link(std::move(link), engine::LinkRole::child, heartbeat, {}, nullptr);
                       }});
    auto on_link = [weak = weak_from_this(),
                    heartbeat = url.heartbeat](std::unique_ptr<transport::Link> link) {
      auto self = weak.lock();
      if (!self || self->shell_->closing()) return;
      self->shell_->add_link(std::move(link), engine::LinkRole::child, heartbeat, {}, nullptr);
    };
    auto acceptor = transport::WebsocketAcceptor::listen(shell_->loop().get_executor(), url, options,
                                                         std::move(on_link), log, &why, hands);
    if (!acceptor) return acceptor.error();
    made.push_back(*std::move(acceptor));
  }
  acceptors_ = std::move(made);
  return ErrorCode::ok;
}

std::vector<std::string> Listener::urls() const {
  std::vector<std::string> texts;
  for (const auto& acceptor : acceptors_) texts.push_back(to_string(acceptor->url()));
  return texts;
}

transport::AcceptCounters Listener::counters() const {
  transport::AcceptCounters sum;
  for (const auto& acceptor : acceptors_) sum += acceptor->counters();
  return sum;
}

void Listener::set_limits(const Limits& limits) {
  for (const auto& acceptor : acceptors_) acceptor->set_limits(limits);
}

void Listener::set_allowed(const std::vector<std::string>& origins, const std::vector<std::string>& hosts) {
  for (const auto& acceptor : acceptors_) acceptor->set_allowed(origins, hosts);
}

}  // namespace mla::runtime
