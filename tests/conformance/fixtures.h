#pragma once
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "exchange/transport/inproc.h"
#include "exchange/transport/websocket.h"
#include "tests/conformance/loop.h"
#include "tests/conformance/simulated_link.h"

// What the conformance suite needs of a transport: a pair of links on one loop. A new transport adds its
// fixture here and its name to MLA_TRANSPORTS in link_conformance_test.cc.
namespace mla::test {

using LinkPair = std::pair<std::unique_ptr<transport::Link>, std::unique_ptr<transport::Link>>;

struct Inproc {
  Loop loop;
  LinkPair connect(const Limits& limits = {}) {
    return transport::make_inproc_pair(loop.executor(), loop.executor(), {.limits = limits});
  }
};

/// In virtual time.
struct Simulated {
  SimulatedLoop loop;
  LinkPair connect(const Limits& limits = {}) { return make_simulated_pair(loop, {.limits = limits}); }
};

/// First the dialled end, then the accepted one.
struct WebsocketDialled {
  WebsocketDialled() = default;
  explicit WebsocketDialled(std::string at) : url(std::move(at)) {}

  std::string url = "ws://127.0.0.1:0";
  Loop loop;
  std::unique_ptr<transport::WebsocketAcceptor> acceptor;

  LinkPair connect(const Limits& limits = {}) {
    LinkPair pair;
    std::string why;
    auto listening = transport::WebsocketAcceptor::listen(
        loop.executor(), *transport::parse_url(url), {.limits = limits},
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

/// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "mla-XXXXXX") {
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct UnixDialled : private Folder, WebsocketDialled {
  UnixDialled() : WebsocketDialled("ws+unix://" + file("socket")) {}
};

/// The same seen from the accepting side.
template <class Dialled>
struct Accepted : Dialled {
  LinkPair connect(const Limits& limits = {}) {
    auto pair = Dialled::connect(limits);
    return {std::move(pair.second), std::move(pair.first)};
  }
};
using WebsocketAccepted = Accepted<WebsocketDialled>;
using UnixAccepted = Accepted<UnixDialled>;

}  // namespace mla::test
