#include "exchange/describe/rate_meter.h"

#include <catch2/catch.hpp>

namespace rate_meter_test {

using namespace mla;
using namespace mla::description;
using std::chrono::milliseconds;

namespace {

LinkInfo counted(std::uint32_t id, std::uint64_t bytes) {
  LinkInfo link{.link = id};
  link.bytes_in = bytes;
  return link;
}

std::optional<double> bytes_in(RateMeter& meter, milliseconds at, std::uint64_t bytes, std::uint32_t link = 1) {
  std::vector<LinkInfo> links{counted(link, bytes)};
  meter.measure(Instant(at), links);
  if (!links[0].rates) return std::nullopt;
  return links[0].rates->bytes_in;
}

}  // namespace

TEST_CASE("describe: a rate is what was counted over the time since an earlier look") {
  RateMeter meter;
  CHECK_FALSE(bytes_in(meter, milliseconds(1000), 100));
  CHECK(bytes_in(meter, milliseconds(1500), 200) == 200.0);
  CHECK(bytes_in(meter, milliseconds(3000), 1100) == 500.0);
  // After a long time only the last two seconds or so count.
  CHECK(bytes_in(meter, milliseconds(5500), 1100) == 0.0);
}

TEST_CASE("describe: two looks too close to each other give no rate, one too long ago neither") {
  RateMeter meter;
  CHECK_FALSE(bytes_in(meter, milliseconds(0), 0));
  CHECK_FALSE(bytes_in(meter, milliseconds(199), 100));
  CHECK(bytes_in(meter, milliseconds(9000), 900) == 100.0);
  CHECK_FALSE(bytes_in(meter, milliseconds(30000), 900));
}

TEST_CASE("describe: a link that came after the first look has a rate from the second one on") {
  RateMeter meter;
  CHECK_FALSE(bytes_in(meter, milliseconds(0), 0, 1));
  CHECK_FALSE(bytes_in(meter, milliseconds(500), 50, 2));
  CHECK(bytes_in(meter, milliseconds(1000), 100, 2) == 100.0);
}

}  // namespace rate_meter_test
