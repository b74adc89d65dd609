#include "exchange/names/names.h"

#include <catch2/catch.hpp>

namespace names_test {

using namespace mla;
using namespace mla::names;

namespace {
constexpr const char *kA = R"([[],"a"])", *kB = R"([[],"b"])";

Name& acquired(Names& names, const char* text) {
  Name& name = names.of(text);
  names.acquire(name);
  return name;
}
}  // namespace

TEST_CASE("an object has one number, two objects have two") {
  Names names;
  Name &a = acquired(names, kA), &b = acquired(names, kB);
  CHECK(a.handle() != b.handle());
  CHECK(a.canonical() == kA);
  CHECK(b.canonical() == kB);
  CHECK(&names.of(kA) == &a);
  CHECK(names.find(kB) == &b);
  CHECK(names.find("[[],1]") == nullptr);
  CHECK(a.descriptor()->canonical() == kA);
}

TEST_CASE("a released object that comes back while something of it waits keeps its number") {
  Names names;
  Name& a = acquired(names, kA);
  const Handle before = a.handle();
  names.pin(a);
  names.release(a);
  CHECK(names.retire().empty());
  names.acquire(a);
  CHECK(a.handle() == before);
  names.unpin(a);
  CHECK(names.retire().empty());
  CHECK(names.size() == 1);
}

TEST_CASE("a number is never given again once it is retired") {
  Names names;
  const Handle before = acquired(names, kA).handle();
  names.release(*names.find(kA));
  REQUIRE(names.retire().size() == 1);
  CHECK(names.size() == 0);
  CHECK(acquired(names, kA).handle() != before);
}

TEST_CASE("an object that goes and comes back within one event is not retired") {
  Names names;
  Name& a = acquired(names, kA);
  const Handle before = a.handle();
  names.release(a);
  names.acquire(a);
  CHECK(names.retire().empty());
  CHECK(a.handle() == before);
}

TEST_CASE("what peers have a number for stays known, and gets another number of ours") {
  Names names;
  Name& a = acquired(names, kA);
  const Handle before = a.handle();
  names.refer(a);
  names.release(a);
  CHECK(names.retire().size() == 1);
  CHECK(a.handle() == Handle{});
  CHECK(names.size() == 1);
  names.acquire(a);
  CHECK(a.handle() > before);
  names.release(a);
  CHECK(names.retire().size() == 1);
  names.unrefer(a);
  CHECK(names.retire().empty());
  CHECK(names.size() == 0);
}

TEST_CASE("a name that nobody took up goes") {
  Names names;
  names.of(kA);
  CHECK(names.size() == 1);
  CHECK(names.retire().empty());
  CHECK(names.size() == 0);
}

TEST_CASE("a retired name says which links know it, or that many do") {
  Names names;
  Name& a = acquired(names, kA);
  const Handle handle = a.handle();
  names.defined(a, LinkId{1});
  names.defined(a, LinkId{2});
  const bool many = GENERATE(false, true);
  if (many) names.defined(a, LinkId{3});
  names.pin(a);
  names.release(a);
  names.unpin(a);
  const auto retired = names.retire();
  REQUIRE(retired.size() == 1);
  CHECK(retired[0].handle == handle);
  CHECK(retired[0].known_on == std::vector{LinkId{1}, LinkId{2}});
  CHECK(retired[0].known_on_others == many);
  CHECK(names.retire().empty());
}

}  // namespace names_test
