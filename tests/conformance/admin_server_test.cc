#include "exchange/http/admin_server.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/loop.h"
#include "tests/conformance/raw_peer.h"

namespace mla::test {
namespace {

using namespace std::chrono_literals;
using http::AdminOptions;
using http::AdminServer;
using http::Respond;
using http::Routes;

struct Server {
  explicit Server(Routes routes, AdminOptions options = {}) {
    std::string why;
    auto listening =
        AdminServer::listen(loop.executor(), "127.0.0.1:0", std::move(routes), std::move(options), {}, &why);
    INFO(why);
    REQUIRE(listening.ok());
    server = *std::move(listening);
    host = server->url().substr(7);
    port = static_cast<std::uint16_t>(std::stoi(host.substr(host.find(':') + 1)));
  }

  /// The whole answer to a request of one line and these headers, on a connection of its own.
  std::string ask(const std::string& line, const std::string& headers = {}) {
    RawPeer peer(loop, port);
    peer.send(line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers + "\r\n");
    REQUIRE(peer.wait_closed());
    return peer.got();
  }

  Loop loop;
  std::unique_ptr<AdminServer> server;
  std::string host;
  std::uint16_t port = 0;
};

bool begins(const std::string& text, const std::string& front) {
  return text.compare(0, front.size(), front) == 0;
}
bool ends(const std::string& text, const std::string& back) {
  return text.size() >= back.size() && text.compare(text.size() - back.size(), back.size(), back) == 0;
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Routes plain_routes() {
  return http::default_routes([](const std::function<void(std::string)>& give) { give(R"({"links":3})"); });
}

}  // namespace

TEST_CASE("the admin listener serves its pages") {
  Server server(plain_routes());
  CHECK(server.port != 0);
  const auto health = server.ask("GET /healthz");
  CHECK(begins(health, "HTTP/1.1 200 OK\r\n"));
  CHECK(ends(health, "\r\n\r\nok\n"));
  const auto varz = server.ask("GET /varz?pretty=1");
  CHECK(has(varz, "Content-Type: application/json\r\n"));
  CHECK(ends(varz, "\r\n\r\n{\"links\":3}"));
  const auto head = server.ask("HEAD /varz");
  CHECK(has(head, "Content-Length: 11\r\n"));
  CHECK(ends(head, "\r\n\r\n"));
}

TEST_CASE("what the admin listener does not have or do is said in HTTP's words") {
  Server server(plain_routes());
  CHECK(begins(server.ask("GET /nothing"), "HTTP/1.1 404 Not Found\r\n"));
  CHECK(begins(server.ask("GET /"), "HTTP/1.1 404 "));  // pages are the router's
  CHECK(begins(server.ask("GET /healthz/x"), "HTTP/1.1 404 "));
  const auto post = server.ask("POST /varz", "Content-Length: 0\r\n");
  CHECK(begins(post, "HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK(has(post, "Allow: GET, HEAD\r\n"));
  CHECK(begins(server.ask("GET /varz", "Content-Length: 1\r\n"), "HTTP/1.1 413 "));
  CHECK(begins(server.ask("GET /varz", "X: " + std::string(20 << 10, 'x') + "\r\n"), "HTTP/1.1 431 "));
  CHECK(server.server->counters().bad_requests == 2);
  RawPeer garbage(server.loop, server.port);
  garbage.send("\x16\x03\x01 what is this\r\n\r\n");
  CHECK(garbage.wait_closed());
  CHECK(begins(garbage.got(), "HTTP/1.1 400 "));
}

TEST_CASE("the admin listener answers to its own names only") {
  Server server(plain_routes());
  for (const std::string host : {"Host: evil.example\r\n", "Host: 127.0.0.1\r\n", ""}) {
    RawPeer peer(server.loop, server.port);
    peer.send("GET /varz HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n");
    REQUIRE(peer.wait_closed());
    CHECK(begins(peer.got(), "HTTP/1.1 403 Forbidden\r\n"));
    CHECK_FALSE(peer.has("links"));
  }
  CHECK(server.server->counters().bad_host == 3);
}

TEST_CASE("a connection may ask many times") {
  Server server(plain_routes());
  RawPeer peer(server.loop, server.port);
  const auto request = "GET /healthz HTTP/1.1\r\nHost: " + server.host + "\r\n\r\n";
  for (int i = 0; i < 3; ++i) {
    peer.forget();
    peer.send(request);
    REQUIRE(peer.wait_for("ok\n"));
  }
  peer.forget();
  peer.send(request + request);
  REQUIRE(server.loop.run_until([&] { return server.server->counters().requests == 5; }));
  CHECK(server.server->counters().connections == 1);
}

TEST_CASE("an answer may come later, from another thread, or never") {
  Respond kept;
  Routes routes;
  routes["/later"] = [&](const http::Request&, Respond respond) { kept = std::move(respond); };
  Server server(std::move(routes), {.request_time = 200ms});
  RawPeer peer(server.loop, server.port);
  peer.send("GET /later HTTP/1.1\r\nHost: " + server.host + "\r\nConnection: close\r\n\r\n");
  REQUIRE(server.loop.run_until([&] { return kept != nullptr; }));
  SECTION("from another thread, and only the first counts") {
    std::thread([&] {
      kept({200, "text/plain", "first"});
      kept({200, "text/plain", "second"});
    }).join();
    REQUIRE(peer.wait_closed());
    CHECK(ends(peer.got(), "\r\n\r\nfirst"));
  }
  SECTION("dropped") {
    kept = nullptr;
    REQUIRE(peer.wait_closed());
    CHECK(begins(peer.got(), "HTTP/1.1 500 "));
  }
  SECTION("too late") {
    REQUIRE(peer.wait_closed());
    CHECK(begins(peer.got(), "HTTP/1.1 504 "));
    CHECK(server.server->counters().timeouts == 1);
    kept({200, "text/plain", "late"});
    server.loop.run_ready();
  }
  SECTION("after the client has gone") {
    peer.hang_up();
    kept({200, "text/plain", "anybody?"});
    REQUIRE(server.loop.run_until([&] { return server.server->counters().connections_now == 0; }));
  }
  SECTION("after the server has gone") {
    server.server.reset();
    kept({200, "text/plain", "anybody?"});
    CHECK(peer.wait_closed());
  }
}

TEST_CASE("a slow request is cut, and more connections than the bound cost the oldest") {
  Server server(plain_routes(), {.connections = 2, .request_time = 100ms});
  RawPeer slow(server.loop, server.port);
  slow.send("GET /heal");
  REQUIRE(slow.wait_closed());
  CHECK(server.server->counters().timeouts == 1);

  RawPeer first(server.loop, server.port);
  RawPeer second(server.loop, server.port);
  RawPeer third(server.loop, server.port);
  REQUIRE(first.wait_closed());
  CHECK(server.server->counters().connections_cut == 1);
  CHECK_FALSE(third.closed());
  CHECK(begins(server.ask("GET /healthz"), "HTTP/1.1 200 "));
}

TEST_CASE("an admin address that cannot be had is an error") {
  Server server(plain_routes());
  std::string why;
  const auto second = AdminServer::listen(server.loop.executor(), server.host, {}, {}, {}, &why);
  CHECK(second.error() == ErrorCode::address_in_use);
  CHECK(why == "cannot listen on " + server.host + ": Address already in use");
  const auto no_port = AdminServer::listen(server.loop.executor(), "127.0.0.1", {}, {}, {}, &why);
  CHECK(no_port.error() == ErrorCode::bad_url);
  CHECK(why == "the admin address '127.0.0.1' is not HOST:PORT");
}

}  // namespace mla::test
