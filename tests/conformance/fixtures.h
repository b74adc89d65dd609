#pragma once
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "exchange/transport/inproc.h"
#include "exchange/transport/websocket.h"
#include "tests/conformance/loop.h"

// What the conformance suite needs of a transport: a pair of links on one loop. A new transport adds its
// fixture here and its name to kTransports in link_conformance_test.cc.
namespace mla::test {

using LinkPair = std::pair<std::unique_ptr<transport::Link>, std::unique_ptr<transport::Link>>;

struct Inproc {
  Loop loop;
  LinkPair connect(const Limits& limits = {}) {
    return transport::make_inproc_pair(loop.executor(), loop.executor(), {.limits = limits});
  }
};

/// First the dialled end, then the accepted one.
struct WebsocketDialled {
  Loop loop;
  std::unique_ptr<transport::WebsocketAcceptor> acceptor;

  LinkPair connect(const Limits& limits = {}) {
    LinkPair pair;
    std::string why;
    auto listening = transport::WebsocketAcceptor::listen(
        loop.executor(), *transport::parse_url("ws://127.0.0.1:0"), {.limits = limits},
        [&pair](std::unique_ptr<transport::Link> link) { pair.second = std::move(link); }, {}, &why);
    INFO(why);
    REQUIRE(listening.ok());
    acceptor = *std::move(listening);
    std::string detail;
    const auto dial = transport::websocket_connect(
        loop.executor(), acceptor->url(), {.limits = limits},
        [&](Result<std::unique_ptr<transport::Link>> link, const std::string& text) {
          detail = text;
          if (link) pair.first = *std::move(link);
        });
    const bool connected = loop.run_until([&] { return (pair.first && pair.second) || !detail.empty(); });
    INFO(detail);
    REQUIRE(connected);
    REQUIRE(pair.first);
    return pair;
  }
};

/// The same seen from the accepting side.
struct WebsocketAccepted : WebsocketDialled {
  LinkPair connect(const Limits& limits = {}) {
    auto pair = WebsocketDialled::connect(limits);
    return {std::move(pair.second), std::move(pair.first)};
  }
};

}  // namespace mla::test
