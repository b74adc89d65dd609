#include <catch2/catch.hpp>

#include "exchange/session/inbound.h"

namespace inbound_test {
using namespace mla;
using namespace mla::session;
using namespace mla::codec;

namespace {
constexpr Handle kOne{1}, kTwo{2};

struct Receiving {
  Receiving() {
    limits.state_bytes = 100;
    limits.transfers_per_link = 2;
    limits.objects_per_link = 3;
  }
  Limits limits;
  names::Names names;
  Inbound in{limits, names};
  std::vector<std::byte> data;  // of the last complete()
  ErrorCode part(Handle h, std::uint64_t offset, std::size_t size) {
    return in.part({h, offset, std::vector<std::byte>(size, std::byte{7})});
  }
  auto complete(Handle h, std::uint64_t parts, std::size_t size) {
    StateFrame m{.handle = h, .parts_bytes = parts, .body = std::vector<std::byte>(size, std::byte{8})};
    data.assign(3, std::byte{1});  // what is in it counts for nothing
    return in.complete(m, data);
  }
};
}  // namespace

TEST_CASE("parts and the rest make the whole state") {
  Receiving r;
  CHECK(r.part(kOne, 0, 40) == ErrorCode::ok);
  CHECK(r.part(kTwo, 0, 5) == ErrorCode::ok);
  CHECK(r.part(kOne, 40, 30) == ErrorCode::ok);
  const auto whole = r.complete(kOne, 70, 10);
  REQUIRE(whole.ok());
  REQUIRE(*whole);
  REQUIRE(r.data.size() == 80);
  CHECK(r.data[69] == std::byte{7});
  CHECK(r.data[70] == std::byte{8});
}

TEST_CASE("parts that do not continue are a fault") {
  Receiving r;
  CHECK(r.part(kOne, 10, 10) == ErrorCode::bad_transfer);
  CHECK(r.part(kOne, 0, 10) == ErrorCode::ok);
  CHECK(r.part(kOne, 11, 10) == ErrorCode::bad_transfer);
  CHECK(r.part(kOne, 10, 0) == ErrorCode::bad_transfer);
}

TEST_CASE("a rest that belongs to other parts is a fault") {
  Receiving r;
  CHECK(r.complete(kOne, 10, 1).error() == ErrorCode::bad_transfer);
  CHECK(r.part(kOne, 0, 10) == ErrorCode::ok);
  CHECK(r.complete(kOne, 11, 1).error() == ErrorCode::bad_transfer);
  CHECK(r.complete(kTwo, 10, 1).error() == ErrorCode::bad_transfer);
}

TEST_CASE("offset 0 starts anew") {
  Receiving r;
  CHECK(r.part(kOne, 0, 50) == ErrorCode::ok);
  CHECK(r.part(kOne, 0, 20) == ErrorCode::ok);
  REQUIRE(r.complete(kOne, 20, 0).ok());
  CHECK(r.data.size() == 20);
}

TEST_CASE("a state that stands alone drops what was gathered") {
  Receiving r;
  CHECK(r.part(kOne, 0, 50) == ErrorCode::ok);
  REQUIRE(r.complete(kOne, 0, 3).ok());
  CHECK(r.part(kOne, 50, 10) == ErrorCode::bad_transfer);
}

TEST_CASE("P13 a state above the limit is left out and counted, in one piece or in many") {
  Receiving r;
  auto whole = r.complete(kOne, 0, 101);
  REQUIRE(whole.ok());
  CHECK_FALSE(*whole);
  for (std::uint64_t at = 0; at < 300; at += 50) CHECK(r.part(kOne, at, 50) == ErrorCode::ok);
  auto parts = r.complete(kOne, 300, 1);
  REQUIRE(parts.ok());
  CHECK_FALSE(*parts);
  CHECK(r.in.oversized() == 2);
}

TEST_CASE("P13 only so many states are gathered at a time") {
  Receiving r;
  for (std::uint64_t h = 1; h <= 4; ++h) CHECK(r.part(Handle{h}, 0, 10) == ErrorCode::ok);
  CHECK(r.part(Handle{5}, 0, 10) == ErrorCode::too_many_transfers);
  REQUIRE(r.complete(kOne, 10, 0).ok());
  CHECK(r.part(Handle{5}, 0, 10) == ErrorCode::ok);
}

TEST_CASE("a name is defined once, by canonical text, and only so many are held") {
  Receiving r;
  CHECK(r.in.define({kOne, R"([["T"],1])"}) == ErrorCode::ok);
  CHECK(r.in.define({kOne, R"([["T"],2])"}) == ErrorCode::bad_handle);
  CHECK(r.in.define({kTwo, R"([["T"], 1])"}) == ErrorCode::bad_descriptor);
  CHECK(r.in.define({kTwo, "[[],2]"}) == ErrorCode::ok);
  CHECK(r.in.define({Handle{3}, "[[],3]"}) == ErrorCode::ok);
  CHECK(r.in.define({Handle{4}, "[[],4]"}) == ErrorCode::too_many_objects);
  CHECK(r.in.release(kTwo) == ErrorCode::ok);
  CHECK(r.in.release(kTwo) == ErrorCode::bad_handle);
  CHECK(r.in.find(kTwo) == nullptr);
  CHECK(r.in.define({Handle{4}, "[[],4]"}) == ErrorCode::ok);
}

}  // namespace inbound_test
