#include "exchange/runtime/inproc_dial.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "exchange/transport/inproc.h"

namespace mla::runtime {
namespace {

/// Its callback is the dialler's as long as that holds it; on the dialler's loop only. *loop-confined*
struct Call {
  transport::ConnectCallback callback;

  void answer(Result<std::unique_ptr<transport::Link>> link, const std::string& detail) {
    if (const auto f = std::exchange(callback, {})) f(std::move(link), detail);
  }
};

class InprocDial final : public transport::Dial {
 public:
  explicit InprocDial(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  ~InprocDial() override { call_->callback = {}; }

 private:
  const std::shared_ptr<Call> call_;
};

void refuse(boost::asio::io_context& loop, const std::shared_ptr<Call>& call) {
  boost::asio::post(loop, [call] { call->answer(ErrorCode::cannot_connect, "the exchange is closed"); });
}

}  // namespace

std::unique_ptr<transport::Dial> dial_inproc(boost::asio::io_context& loop, const std::shared_ptr<Shell>& parent,
                                             const Limits& limits, transport::ConnectCallback callback) {
  auto call = std::make_shared<Call>(Call{std::move(callback)});
  const bool asked = parent->submit(Shell::Task([&loop, parent, limits, call] {
    if (parent->closing()) return refuse(loop, call);
    auto [theirs, ours] = transport::make_inproc_pair(parent->loop().get_executor(), loop.get_executor(),
                                                      {.limits = limits});
    parent->add_link(std::move(theirs), engine::LinkRole::child, {}, {}, nullptr);
    boost::asio::post(loop, [call, link = std::move(ours)]() mutable { call->answer(std::move(link), {}); });
  }));
  if (!asked) refuse(loop, call);
  return std::make_unique<InprocDial>(std::move(call));
}

}  // namespace mla::runtime
