#include "exchange/transport/url.h"

#include <catch2/catch.hpp>
#include <string>

namespace mla::transport {
namespace {

using namespace std::chrono_literals;

Url good(const std::string& text) {
  std::string why;
  const auto url = parse_url(text, &why);
  INFO(text << ": " << why);
  REQUIRE(url.ok());
  return *url;
}

std::string fault(const std::string& text) {
  std::string why;
  const auto url = parse_url(text, &why);
  INFO(text);
  REQUIRE_FALSE(url.ok());
  CHECK(url.error() == ErrorCode::bad_url);
  const std::string front = "'" + text + "': ";
  REQUIRE(why.compare(0, front.size(), front) == 0);
  return why.substr(front.size());
}

}  // namespace

TEST_CASE("a URL names host, port, path and heartbeat") {
  CHECK(good("ws://router") == Url{"router", 3001, "/", {}});
  CHECK(good("WS://127.0.0.1:80") == Url{"127.0.0.1", 80, "/", {}});
  CHECK(good("ws://a_b-c.example:0/x/y?heartbeat=500ms") == Url{"a_b-c.example", 0, "/x/y", 500ms});
  CHECK(good("ws://[::1]:3002") == Url{"::1", 3002, "/", {}});
  CHECK(good("ws://[fe80::1%eth0]") == Url{"fe80::1%eth0", 3001, "/", {}});
  CHECK(good("ws://*:3001?heartbeat=2s") == Url{"*", 3001, "/", 2000ms});
  CHECK(good("ws://h?") == Url{"h", 3001, "/", {}});
  CHECK(good("ws://h:65535/") == Url{"h", 65535, "/", {}});
}

TEST_CASE("a URL may name a socket file") {
  CHECK(good("ws+unix:///run/mla.sock") == Url{.socket = "/run/mla.sock"});
  CHECK(good("WS+UNIX:///a?heartbeat=2s") == Url{.heartbeat = 2000ms, .socket = "/a"});
  CHECK(good("ws+unix:///tmp/jos\xc3\xa9:1/x") == Url{.socket = "/tmp/jos\xc3\xa9:1/x"});
  CHECK(good("ws+unix:///" + std::string(106, 'x')).socket.size() == 107);
  CHECK(fault("ws+unix:///" + std::string(107, 'x')) == "the socket's path has more than 107 bytes");
  CHECK(fault("ws+unix://run/mla.sock") == "the socket's path does not begin with /");
  CHECK(fault("ws+unix://") == "the socket's path does not begin with /");
  CHECK(fault("ws+unix:///") == "the socket's path names no file");
  CHECK(fault("ws+unix:///run/") == "the socket's path names no file");
  CHECK(fault("ws+unix:///a b") == "the socket's path has a blank or another character that it may not have");
  CHECK(fault("ws+unix:///a%20b") ==
        "the socket's path has a blank or another character that it may not have");
}

TEST_CASE("a URL is written as it is read") {
  for (const std::string text :
       {"ws://router:3001", "ws://[::1]:1/x", "ws://h:0?heartbeat=500ms", "ws://h:5/p?heartbeat=1500ms",
        "ws+unix:///run/mla.sock", "ws+unix:///a?heartbeat=10ms"}) {
    CHECK(to_string(good(text)) == text);
  }
}

TEST_CASE("a URL that cannot be used is told why") {
  CHECK(fault("") == "it does not begin with ws:// or ws+unix://");
  CHECK(fault("router:3001") == "it does not begin with ws:// or ws+unix://");
  CHECK(fault("http://router") == "the scheme 'http' is not known, only ws and ws+unix are");
  CHECK(fault("wss://router") == "the scheme 'wss' is not known, only ws and ws+unix are");
  CHECK(fault("ws://") == "the host is missing");
  CHECK(fault("ws://:3001") == "the host is missing");
  CHECK(fault("ws://user@host") == "'user@host' is no host name");
  CHECK(fault("ws://a b") == "'a b' is no host name");
  CHECK(fault("ws://*.example") == "'*.example' is no host name");
  CHECK(fault("ws://h:") == "the port '' is no number from 0 to 65535");
  CHECK(fault("ws://h:65536") == "the port '65536' is no number from 0 to 65535");
  CHECK(fault("ws://h:-1") == "the port '-1' is no number from 0 to 65535");
  CHECK(fault("ws://h:12x/y") == "the port '12x' is no number from 0 to 65535");
  CHECK(fault("ws://::1") == "the host is missing");
  CHECK(fault("ws://fe80::1:3001") ==
        "the port ':1:3001' is no number from 0 to 65535 (an IPv6 address needs brackets)");
  CHECK(fault("ws://[::1") == "the ] after the IPv6 address is missing");
  CHECK(fault("ws://[host]") == "'host' is no IPv6 address");
  CHECK(fault("ws://[::1]x") == "'x' after the host has no meaning");
  CHECK(fault("ws://h/a b") == "the path has a character that must be percent-encoded");
  CHECK(fault("ws://h/a\r\nX: y") == "the path has a character that must be percent-encoded");
  CHECK(fault("ws://h/a#b") == "the path has a character that must be percent-encoded");
  CHECK(fault("ws://h?hartbeat=1s") == "the option 'hartbeat' is not known, only heartbeat is");
  CHECK(fault("ws://h?heartbeat") == "heartbeat= is no duration from 10ms to 1h");
  CHECK(fault("ws://h?heartbeat=5") == "heartbeat=5 is no duration from 10ms to 1h");
  CHECK(fault("ws://h?heartbeat=9ms") == "heartbeat=9ms is no duration from 10ms to 1h");
  CHECK(fault("ws://h?heartbeat=61m") == "heartbeat=61m is no duration from 10ms to 1h");
}

TEST_CASE("a duration is a whole number and a unit") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("10s") == 10s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("24h") == 24h);
  for (const std::string text :
       {"", "s", "10", "1.5s", "-1s", "25h", "10 s", "1d", "99999999999999999999ms"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

}  // namespace mla::transport
