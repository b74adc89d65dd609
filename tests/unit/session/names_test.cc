#include <catch2/catch.hpp>

#include "exchange/session/names.h"

using namespace mla;
using namespace mla::session;

namespace {
ObjectPtr object(const char* name) {
  return std::make_shared<const ObjectDescriptor>(std::vector<TagDescriptor>{}, Json(name));
}
}  // namespace

TEST_CASE("an object has one number, two objects have two") {
  Names names;
  const Handle a = names.acquire(object("a")), b = names.acquire(object("b"));
  CHECK(a != b);
  CHECK(names.canonical(a) == "[[],\"a\"]");
  CHECK(names.canonical(b) == "[[],\"b\"]");
}

TEST_CASE("a released object that comes back while something of it waits keeps its number") {
  Names names;
  const Handle a = names.acquire(object("a"));
  names.pin(a);
  names.release(a);
  CHECK(names.retire().empty());
  CHECK(names.acquire(object("a")) == a);
  names.unpin(a);
  CHECK(names.retire().empty());
  CHECK(names.size() == 1);
}

TEST_CASE("a number is never given again once it is retired") {
  Names names;
  const Handle a = names.acquire(object("a"));
  names.release(a);
  REQUIRE(names.retire().size() == 1);
  CHECK(names.size() == 0);
  CHECK(names.acquire(object("a")) != a);
}

TEST_CASE("an object that goes and comes back within one event is not retired") {
  Names names;
  const Handle a = names.acquire(object("a"));
  names.release(a);
  CHECK(names.acquire(object("a")) == a);
  CHECK(names.retire().empty());
  CHECK(names.canonical(a) == "[[],\"a\"]");
}

TEST_CASE("a retired name says which links know it, without those that are gone") {
  Names names;
  const Handle a = names.acquire(object("a"));
  names.defined(a, LinkId{1});
  names.defined(a, LinkId{2});
  names.undefined(a, LinkId{1});
  names.pin(a);
  names.release(a);
  names.unpin(a);
  const auto retired = names.retire();
  REQUIRE(retired.size() == 1);
  CHECK(retired[0].handle == a);
  CHECK(retired[0].known_on == std::vector{LinkId{2}});
  CHECK(names.retire().empty());
}
