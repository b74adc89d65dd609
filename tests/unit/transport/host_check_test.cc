#include "exchange/transport/host_check.h"

#include <catch2/catch.hpp>
#include <string>

namespace mla::transport {

TEST_CASE("an authority is a host with or without a port") {
  CHECK(parse_authority("Host.Example")->host == "host.example");
  CHECK_FALSE(parse_authority("host")->port.has_value());
  CHECK(parse_authority("host:80")->port == 80);
  CHECK(parse_authority("[::1]:3001")->host == "::1");
  CHECK(parse_authority("[::1]:3001")->port == 3001);
  for (const std::string text :
       {"", ":80", "host:", "host:x", "host:65536", "host:123456", "[::1", "[]:1", "[::1]x"}) {
    INFO(text);
    CHECK_FALSE(parse_authority(text).has_value());
  }
}

TEST_CASE("a loopback listener knows its loopback names with its port") {
  const HostCheck check("127.0.0.1", 3001, {"proxy.example"});
  for (const std::string host : {"localhost:3001", "LocalHost:3001", "127.0.0.1:3001", "[::1]:3001",
                                 "proxy.example", "proxy.example:9"}) {
    INFO(host);
    CHECK(check.host_allowed(host));
  }
  for (const std::string host :
       {"", "localhost", "localhost:3002", "127.0.0.2:3001", "evil.example:3001", "10.0.0.1:3001"}) {
    INFO(host);
    CHECK_FALSE(check.host_allowed(host));
  }
  CHECK(HostCheck("127.0.0.1", 80, {}).host_allowed("localhost"));
  CHECK(HostCheck("127.0.0.9", 1, {}).host_allowed("127.0.0.9:1"));
}

TEST_CASE("a listener at one address knows that address on any port") {
  const HostCheck check("192.0.2.1", 3001, {});
  CHECK(check.host_allowed("192.0.2.1:3001"));
  CHECK(check.host_allowed("192.0.2.1"));
  CHECK_FALSE(check.host_allowed("192.0.2.2:3001"));
  CHECK_FALSE(check.host_allowed("localhost:3001"));
  CHECK_FALSE(check.host_allowed("evil.example:3001"));
}

TEST_CASE("a listener at all addresses knows every address but no foreign name") {
  const HostCheck check("::", 3001, {});
  CHECK(check.host_allowed("192.0.2.2:8080"));
  CHECK(check.host_allowed("[2001:db8::1]:3001"));
  CHECK(check.host_allowed("localhost:3001"));
  CHECK_FALSE(check.host_allowed("evil.example:3001"));
}

TEST_CASE("a page may connect to where it came from, and from where the list says") {
  const HostCheck loopback("127.0.0.1", 3001, {});
  CHECK(loopback.origin_allowed("http://127.0.0.1:3001", "127.0.0.1:3001", {}));
  CHECK(loopback.origin_allowed("http://localhost:3001", "127.0.0.1:3001", {}));
  CHECK_FALSE(loopback.origin_allowed("http://localhost:8080", "127.0.0.1:3001", {}));
  CHECK_FALSE(loopback.origin_allowed("http://evil.example:3001", "127.0.0.1:3001", {}));
  CHECK_FALSE(loopback.origin_allowed("null", "127.0.0.1:3001", {}));
  CHECK_FALSE(loopback.origin_allowed("", "127.0.0.1:3001", {}));
  CHECK(loopback.origin_allowed("HTTPS://Example.org", "127.0.0.1:3001", {"https://example.org"}));
  CHECK_FALSE(loopback.origin_allowed("https://example.org.evil", "127.0.0.1:3001", {"https://example.org"}));

  const HostCheck everywhere("0.0.0.0", 3001, {});
  CHECK(everywhere.origin_allowed("http://192.0.2.1:3001", "192.0.2.1:3001", {}));
  CHECK_FALSE(everywhere.origin_allowed("http://198.51.100.1:3001", "192.0.2.1:3001", {}));
  const HostCheck proxied("127.0.0.1", 80, {"router.example"});
  CHECK(proxied.origin_allowed("https://router.example", "router.example", {}));
}

}  // namespace mla::transport
