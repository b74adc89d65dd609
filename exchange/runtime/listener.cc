#include "exchange/runtime/listener.h"

#include <utility>

namespace mla::runtime {

ErrorCode Listener::listen(const std::vector<transport::Url>& urls, const transport::AcceptOptions& options,
                           std::string& why) {
  std::vector<std::unique_ptr<transport::WebsocketAcceptor>> made;
  for (const transport::Url& url : urls) {
    auto on_link = [weak = weak_from_this(),
                    heartbeat = url.heartbeat](std::unique_ptr<transport::Link> link) {
      auto self = weak.lock();
      if (!self || self->shell_->closing()) return;
      self->shell_->add_link(std::move(link), engine::LinkRole::child, heartbeat, {}, nullptr);
    };
    auto acceptor = transport::WebsocketAcceptor::listen(shell_->loop().get_executor(), url, options,
                                                         std::move(on_link), {}, &why);
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

}  // namespace mla::runtime
